import { type Issued, issue } from "../../support/test-pki";

/** The certificates that the cases are about. One name, `broker.example.test`, unless said. */
export type Pki = Awaited<ReturnType<typeof makePki>>;

/** RSA keys take seconds, and many on a busy machine. */
export const PKI_LIMIT_MS = 120_000;

export const HOST = "broker.example.test";
const dns = [HOST];

export async function makePki() {
  const ca = await issue({ commonName: "Test CA", authority: true });
  const rsaCa = await issue({ commonName: "Test RSA CA", authority: true, key: "RSA-2048" });
  const weakCa = await issue({ commonName: "Test weak CA", authority: true, key: "RSA-1024" });
  const otherCa = await issue({ commonName: "Other CA", authority: true });
  const impostorCa = await issue({ commonName: "Test CA", authority: true });
  const intermediate = await issue({ commonName: "Test intermediate", authority: true, issuer: ca });
  const past = { validFromDays: -30, validForDays: 20 };
  const oldIntermediate = await issue({
    commonName: "Old intermediate",
    authority: true,
    issuer: ca,
    ...past,
  });
  const server = (recipe: object = {}): Promise<Issued> =>
    issue({ commonName: "server", issuer: ca, dns, ...recipe });
  const client = (recipe: object = {}): Promise<Issued> =>
    issue({ commonName: "device", issuer: ca, usage: "client", ...recipe });
  const leaf = await server();
  return {
    ca,
    rsaCa,
    weakCa,
    otherCa,
    intermediate,
    oldIntermediate,
    leaf,
    rsaLeaf: await server({ key: "RSA-2048" }),
    leafOfRsaCa: await server({ issuer: rsaCa, key: "RSA-2048" }),
    leafOfWeakCa: await server({ issuer: weakCa }),
    leafOfOtherCa: await server({ issuer: otherCa }),
    leafOfImpostor: await server({ issuer: impostorCa }),
    leafOfIntermediate: await server({ issuer: intermediate }),
    leafOfOldIntermediate: await server({ issuer: oldIntermediate }),
    leafOfLeaf: await server({ issuer: leaf }),
    selfSigned: await server({ issuer: undefined }),
    wildcard: await server({ dns: ["*.example.test"] }),
    upperCase: await server({ dns: ["BROKER.Example.TEST"] }),
    partialWildcard: await server({ dns: ["brok*.example.test"] }),
    wideWildcard: await server({ dns: ["*.test"] }),
    wildcardOfAll: await server({ dns: ["*"] }),
    secondName: await server({ dns: ["one.example.test", "two.example.test", HOST] }),
    ipv4: await server({ dns: ["x.example.test"], ip: ["127.0.0.1"] }),
    ipv4AsDns: await server({ dns: ["127.0.0.1"] }),
    otherIpv4: await server({ dns: [], ip: ["127.0.0.2"] }),
    ipv6: await server({ dns: [], ip: ["7f00:1::1"] }),
    otherName: await server({ dns: ["other.example.test"] }),
    withNul: await server({ dns: [`${HOST}\0.evil.test`] }),
    commonNameOnly: await server({ commonName: HOST, dns: [] }),
    forClients: await server({ usage: "client" }),
    forAny: await server({ usage: "any" }),
    forUnsaid: await server({ usage: "none" }),
    sha1: await server({ issuer: rsaCa, hash: "SHA-1" }),
    rsa1024: await server({ key: "RSA-1024" }),
    expired: await server(past),
    expiredAndMisnamed: await server({ ...past, dns: ["other.example.test"] }),
    misnamedForClients: await server({ dns: ["other.example.test"], usage: "client" }),
    future: await server({ validFromDays: 5 }),
    client: await client(),
    rsaClient: await client({ key: "RSA-2048" }),
    clientOfIntermediate: await client({ issuer: intermediate }),
    oldClient: await client(past),
    clientOfOtherCa: await client({ issuer: otherCa }),
  };
}
