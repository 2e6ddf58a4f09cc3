import "reflect-metadata";
import { webcrypto } from "node:crypto";
import * as x509 from "@peculiar/x509";
import { type Identity, parseIdentity } from "../../modules/identity/identity";
import { VIRTUAL_MAC } from "../../sim/virtual/virtual-world";
import { formatIdentity } from "../../tools/identity/format";
import { type Authority, createAuthority, issueCertificate } from "../../tools/pki/certificates";
import { createKey, importKeys } from "../../tools/pki/keys";

x509.cryptoProvider.set(webcrypto);

export const DAY_MS = 86_400_000;
export const NAME = "aerolink-02005e102030";

export interface Validity {
  readonly fromMs: number;
  readonly untilMs: number;
}

/** What a request comes to: the chain, leaf first, as `identity/renew` has it. */
export async function issueFor(
  csr: string,
  authority: Authority,
  { fromMs, untilMs }: Validity,
  subject?: string,
): Promise<string[]> {
  const request = new x509.Pkcs10CertificateRequest(Buffer.from(csr, "base64url"));
  if (!(await request.verify())) throw new Error("the request is not signed by its key");
  const issuer = new x509.X509Certificate(authority.certificate);
  const leaf = await x509.X509CertificateGenerator.create({
    serialNumber: Buffer.from(webcrypto.getRandomValues(new Uint8Array(8))).toString("hex"),
    subject: subject === undefined ? request.subjectName : subject,
    issuer: issuer.subjectName,
    notBefore: new Date(fromMs),
    notAfter: new Date(untilMs),
    publicKey: await request.publicKey.export(),
    signingKey: (await importKeys(authority.privateKey)).privateKey,
    signingAlgorithm: { name: "ECDSA", hash: "SHA-256" },
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.clientAuth]),
    ],
  });
  return [new Uint8Array(leaf.rawData), authority.certificate].map((der) =>
    Buffer.from(der).toString("base64url"),
  );
}

/** A device of the factory with a renewal service, and who made it. */
export async function renewableDevice(
  validity: Validity,
  over: Partial<Identity> = {},
): Promise<{ image: Uint8Array; identity: Identity; devices: Authority; broker: Authority }> {
  const notBefore = new Date(validity.fromMs - DAY_MS);
  const devices = await createAuthority("Devices CA", { usage: "client", notBefore });
  const broker = await createAuthority("Broker CA", { usage: "server", notBefore });
  const privateKey = await createKey();
  const certificate = await issueCertificate(devices, privateKey, {
    commonName: NAME,
    usage: "client",
    notBefore: new Date(validity.fromMs),
    notAfter: new Date(validity.untilMs),
  });
  const image = formatIdentity({
    deviceId: NAME,
    mac: VIRTUAL_MAC,
    setupPassword: "K7MW-4QXN-2RHD",
    renewal: "mqtt",
    privateKey,
    certificateChain: [certificate],
    certificateAuthorities: [broker.certificate],
    ...over,
  });
  return { image, identity: parseIdentity(image) as Identity, devices, broker };
}
