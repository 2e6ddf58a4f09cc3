import { execFileSync } from "node:child_process";
import { X509Certificate } from "node:crypto";
import { createServer, type RequestOptions, request } from "node:https";
import type { AddressInfo } from "node:net";
import { afterEach, beforeAll, expect, test } from "vitest";
import { EstSigner } from "../../../tools/authority/est-client";
import { EstServer } from "../../../tools/authority/est-server";
import { chainOf, formatCertificates, parseCertificates } from "../../../tools/authority/pkcs7";
import { readRequest } from "../../../tools/authority/request";
import { certifyKey, createAuthority, issueCertificate } from "../../../tools/pki/certificates";
import { createKey } from "../../../tools/pki/keys";
import { formatPem } from "../../../tools/pki/pem";
import { type Issued, issue, pem } from "../../support/test-pki";
import { findTool } from "../../support/tools";
import { know, makeIssuer, requestOf, spkiOf } from "./support";

let host: Issued;
const closing: (() => unknown)[] = [];

beforeAll(async () => {
  host = await issue({ commonName: "est.test", ip: ["127.0.0.1"] });
});

afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

async function serve(over: Parameters<typeof makeIssuer>[0] = {}) {
  const made = await makeIssuer({ now: Date.now, ...over });
  const server = await EstServer.start({
    key: pem(host.key, "PRIVATE KEY"),
    certificateChain: pem(host.der, "CERTIFICATE"),
    deviceAuthorities: formatPem("CERTIFICATE", made.authority.certificate),
    authorities: [made.authority.certificate],
    issuer: made.issuer,
  });
  closing.push(() => server.close());
  const client = async (device: string, issuer = made.authority) => {
    const key = await createKey();
    const leaf = await issueCertificate(issuer, key, { commonName: device, usage: "client" });
    return { cert: formatPem("CERTIFICATE", leaf), key: formatPem("PRIVATE KEY", key) };
  };
  return { ...made, server, client };
}

function ask(
  { port }: EstServer,
  path: string,
  options: RequestOptions = {},
  body?: string | Buffer,
): Promise<{ status: number; headers: Record<string, unknown>; body: string }> {
  return new Promise((resolve, reject) => {
    const asked = request(
      {
        ...{ host: "127.0.0.1", port, path, ca: pem(host.der, "CERTIFICATE"), agent: false },
        ...{ method: body === undefined ? "GET" : "POST" },
        ...options,
        headers: { ...(body !== undefined && { "content-type": "application/pkcs10" }), ...options.headers },
      },
      (response) => {
        let text = "";
        response.on("data", (part) => {
          text += String(part);
        });
        response.on("end", () =>
          resolve({ status: response.statusCode!, headers: response.headers, body: text }),
        );
      },
    );
    asked.on("error", reject);
    asked.end(body);
  });
}

const REENROLL = "/.well-known/est/simplereenroll";

test("A device renews over EST with what RFC 7030 names, and openssl reads the answer", async () => {
  const { server, register, authority, client } = await serve();
  await know(register, authority, "aerolink-1");
  const key = await createKey();
  const csr = Buffer.from(await requestOf("aerolink-1", key)).toString("base64");
  const folded = csr.replace(/(.{64})/g, "$1\r\n");
  const answer = await ask(server, REENROLL, await client("aerolink-1"), folded);
  expect(answer.status).toBe(200);
  expect(answer.headers["content-type"]).toBe("application/pkcs7-mime; smime-type=certs-only");
  expect(answer.headers["content-transfer-encoding"]).toBe("base64");
  const der = Buffer.from(answer.body, "base64");
  const [leaf] = chainOf(parseCertificates(der), spkiOf(key));
  expect(new X509Certificate(leaf!).subject).toBe("CN=aerolink-1");
  const openssl = findTool("openssl");
  if (openssl)
    expect(
      execFileSync(openssl, ["pkcs7", "-inform", "DER", "-print_certs", "-noout"], {
        input: der,
        encoding: "utf8",
      }),
    ).toContain("aerolink-1");
});

test("Whoever shows no certificate of a device sees the authorities, and nothing else", async () => {
  const { server, authority, client, register } = await serve();
  await know(register, authority, "aerolink-1");
  const csr = Buffer.from(await requestOf("aerolink-1")).toString("base64");
  const all = await ask(server, "/.well-known/est/cacerts");
  expect(parseCertificates(Buffer.from(all.body, "base64")).map((der) => Buffer.from(der))).toEqual([
    Buffer.from(authority.certificate),
  ]);
  expect((await ask(server, REENROLL, {}, csr)).status).toBe(403);
  const strangers = await createAuthority("Devices", { usage: "client" });
  expect((await ask(server, REENROLL, await client("aerolink-1", strangers), csr)).status).toBe(403);
  expect((await ask(server, REENROLL, await client("aerolink-2"), csr)).status).toBe(403);
  expect(register.get("aerolink-1").issued).toEqual([]);
});

test("Each refusal has its status, and says when to come back where that helps", async () => {
  const { server, authority, client, register } = await serve({ policy: { aDay: 1 } });
  await know(register, authority, "aerolink-1");
  const device = await client("aerolink-1");
  const post = async (body: string | Buffer, more: RequestOptions = {}) =>
    (await ask(server, REENROLL, { ...device, ...more }, body)).status;
  const csrOf = async (name: string) => Buffer.from(await requestOf(name)).toString("base64");
  expect(await post(await csrOf("aerolink-2"))).toBe(400);
  expect(await post("!!!!")).toBe(403);
  expect(await post("A".repeat(5_000))).toBe(413);
  expect(await post(await csrOf("aerolink-1"), { headers: { "content-type": "text/plain" } })).toBe(415);
  expect(await post(await csrOf("aerolink-1"))).toBe(200);
  const late = await ask(server, REENROLL, device, await csrOf("aerolink-1"));
  expect(late.status).toBe(429);
  expect(Number(late.headers["retry-after"])).toBeGreaterThan(86_000);
  expect((await ask(server, REENROLL, device)).status).toBe(405);
  expect((await ask(server, "/.well-known/est/simpleenroll", device, "")).status).toBe(404);
  expect((await ask(server, "/", device)).status).toBe(404);
});

/** A customer's server, which lets a registration authority ask for others. */
async function customersEst(answer?: { readonly status: number }) {
  const root = await createAuthority("Customer root");
  const asked: string[] = [];
  const ra = await issue({ commonName: "Aerolink RA", usage: "client" });
  const server = createServer(
    {
      key: pem(host.key, "PRIVATE KEY"),
      cert: pem(host.der, "CERTIFICATE"),
      ca: pem(ra.der, "CERTIFICATE"),
      requestCert: true,
      rejectUnauthorized: true,
    },
    (request, response) => {
      let text = "";
      request.on("data", (part) => {
        text += String(part);
      });
      request.on("end", async () => {
        asked.push(`${request.method} ${request.url} ${request.headers["content-type"]}`);
        const send = (...list: Uint8Array[]): void => {
          response
            .writeHead(200, { "content-type": "application/pkcs7-mime; smime-type=certs-only" })
            .end(Buffer.from(formatCertificates(list)).toString("base64"));
        };
        if (request.url?.endsWith("/cacerts")) return send(root.certificate);
        if (answer) {
          response.writeHead(answer.status).end();
          return;
        }
        const facts = readRequest(Buffer.from(text, "base64"));
        if (typeof facts === "string") throw new Error(facts);
        const leaf = await certifyKey(root, facts.publicKey, {
          commonName: facts.commonName,
          usage: "client",
        });
        send(leaf);
      });
    },
  );
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  closing.push(() => server.close());
  const { port } = server.address() as AddressInfo;
  const signer = new EstSigner({
    url: `https://127.0.0.1:${port}`,
    ca: pem(host.der, "CERTIFICATE"),
    cert: pem(ra.der, "CERTIFICATE"),
    key: pem(ra.key, "PRIVATE KEY"),
  });
  return { signer, asked, root };
}

test("A customer's authority behind EST signs what our policy lets through, and nothing else reaches it", async () => {
  const { signer, asked, root } = await customersEst();
  const ours = await makeIssuer({ signer });
  await know(ours.register, ours.authority, "aerolink-1");
  expect(await ours.issuer.renew("aerolink-2", await requestOf("aerolink-2"), "mqtt")).toEqual({
    error: "unknown-device",
  });
  const answer = await ours.issuer.renew("aerolink-1", await requestOf("aerolink-1"), "mqtt");
  if (!("certificates" in answer)) throw new Error(answer.error);
  expect(answer.certificates.map((der) => Buffer.from(der))[1]).toEqual(Buffer.from(root.certificate));
  const leaf = new X509Certificate(answer.certificates[0]!);
  expect(leaf.verify(new X509Certificate(root.certificate).publicKey)).toBe(true);
  expect(asked).toEqual([
    "POST /.well-known/est/simpleenroll application/pkcs10",
    "GET /.well-known/est/cacerts undefined",
  ]);
});

test("What a customer's authority refuses or has to think about is worth waiting for", async () => {
  for (const status of [202, 400, 503]) {
    const { signer } = await customersEst({ status });
    const ours = await makeIssuer({ signer });
    await know(ours.register, ours.authority, "aerolink-1");
    expect(await ours.issuer.renew("aerolink-1", await requestOf("aerolink-1"), "mqtt")).toEqual({
      error: "busy",
      retryAfterSeconds: 3_600,
    });
    expect(ours.events).toEqual([`aerolink-1: busy (the authority answers ${status})`]);
  }
});

test("Of the certificates of an EST answer a chain is made, leaf first, in whatever order they lie", async () => {
  const root = await issue({ commonName: "root", authority: true });
  const middle = await issue({ commonName: "middle", authority: true, issuer: root });
  const leaf = await issue({ commonName: "leaf", issuer: middle, usage: "client" });
  const spki = spkiOf(leaf.key);
  for (const list of [
    [root, middle, leaf],
    [leaf, middle, root],
  ])
    expect(
      chainOf(
        list.map(({ der }) => der),
        spki,
      ).map((der) => new X509Certificate(der).subject),
    ).toEqual(["CN=leaf", "CN=middle", "CN=root"]);
  expect(chainOf([root.der, middle.der], spki)).toEqual([]);
});
