import { X509Certificate } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import tls from "node:tls";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { type Identity, parseIdentity } from "../../../modules/identity/identity";
import { createAuthority } from "../../../tools/pki/certificates";
import { type DevelopmentPki, ensureDevelopmentPki } from "../../../tools/pki/development";
import { formatPem } from "../../../tools/pki/pem";

const MAC = "02:00:5e:10:20:30";
const DAY_MS = 86_400_000;
let dir: string;
const ensure = (over = {}) => ensureDevelopmentPki(dir, { mac: MAC, ...over });
const identityOf = (pki: DevelopmentPki) => parseIdentity(pki.identity) as Identity;
const leafOf = (pki: DevelopmentPki) => new X509Certificate(identityOf(pki).certificateChain[0]!);

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "aerolink-pki-"));
});

afterEach(() => {
  vi.useRealTimers();
  rmSync(dir, { recursive: true });
});

test("made in under a second of this process's own time, and the same ever after", async () => {
  const before = process.cpuUsage();
  const first = await ensure();
  const { user, system } = process.cpuUsage(before);
  expect((user + system) / 1000).toBeLessThan(1000);
  expect(await ensure()).toEqual(first);
});

test("every file is its owner's alone", async () => {
  await ensure();
  const files = readdirSync(dir, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  expect(files.length).toBe(2 * 7 + 5);
  for (const file of files) expect(statSync(join(file.parentPath, file.name)).mode & 0o077).toBe(0);
});

test("the device's identity names it and trusts the authority", async () => {
  const pki = await ensure();
  const identity = identityOf(pki);
  expect(identity).toMatchObject({ deviceId: "aerolink-02005e102030", mac: MAC });
  expect(formatPem("CERTIFICATE", identity.certificateAuthorities[0]!)).toBe(pki.authorityPem);
  expect(leafOf(pki).subject).toBe("CN=aerolink-02005e102030");
});

describe("in a TLS handshake on both sides", () => {
  function shake(pki: DevelopmentPki, server: "broker" | "stranger", host: string): Promise<string> {
    const { keyPem, certificatePem } = pki[server];
    const identity = identityOf(pki);
    return new Promise((resolve) => {
      const listener = tls.createServer(
        {
          key: keyPem,
          cert: certificatePem,
          ca: pki.deviceAuthorityPem,
          requestCert: true,
          rejectUnauthorized: true,
        },
        (socket) => {
          const { subject } = socket.getPeerCertificate();
          socket.end();
          listener.close();
          resolve(`${subject.CN}`);
        },
      );
      listener.listen(0, "127.0.0.1", () => {
        const { port } = listener.address() as { port: number };
        const client = tls.connect({
          port,
          host: "127.0.0.1",
          servername: host === "127.0.0.1" ? "" : host,
          checkServerIdentity: (_, certificate) => tls.checkServerIdentity(host, certificate),
          ca: identity.certificateAuthorities.map((der) => formatPem("CERTIFICATE", der)),
          cert: identity.certificateChain.map((der) => formatPem("CERTIFICATE", der)).join(""),
          key: formatPem("PRIVATE KEY", identity.privateKey),
        });
        client.on("error", (error: NodeJS.ErrnoException) => {
          listener.close();
          resolve(error.code ?? error.message);
        });
        client.resume();
      });
    });
  }

  test.each(["broker.aerolink.test", "localhost", "127.0.0.1"])(
    "device and broker take each other as %s",
    async (host) => {
      expect(await shake(await ensure(), "broker", host)).toBe("aerolink-02005e102030");
    },
  );

  test("the broker is nobody else", async () => {
    expect(await shake(await ensure(), "broker", "example.org")).toBe("ERR_TLS_CERT_ALTNAME_INVALID");
  });

  test("the device refuses the stranger, who bears the broker's name", async () => {
    expect(await shake(await ensure(), "stranger", "localhost")).toBe("UNABLE_TO_VERIFY_LEAF_SIGNATURE");
  });
});

describe("what expires is made anew", () => {
  function later(days: number): void {
    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + days * DAY_MS });
  }

  test("the broker's certificate, with the same key", async () => {
    const first = await ensure();
    later(790);
    const before = await ensure();
    expect(before.broker).toEqual(first.broker);
    later(10);
    const second = await ensure();
    expect(second.broker.keyPem).toBe(first.broker.keyPem);
    expect(second.broker.certificatePem).not.toBe(first.broker.certificatePem);
    expect(second.identity).toEqual(before.identity);
  });

  test("the device's certificate after a year, with the same key and password", async () => {
    const first = await ensure();
    later(360);
    expect((await ensure()).identity).toEqual(first.identity);
    later(10);
    const second = identityOf(await ensure());
    expect(second.certificateChain).not.toEqual(identityOf(first).certificateChain);
    expect(second.privateKey).toEqual(identityOf(first).privateKey);
    expect(second.setupPassword).toBe(identityOf(first).setupPassword);
  });

  test("authority and all below it, keeping the device's key and password", async () => {
    const first = await ensure();
    later(30 * 365.25);
    const second = await ensure();
    expect(second.authorityPem).not.toBe(first.authorityPem);
    expect(identityOf(second).privateKey).toEqual(identityOf(first).privateKey);
    expect(identityOf(second).setupPassword).toBe(identityOf(first).setupPassword);
    expect(formatPem("CERTIFICATE", identityOf(second).certificateAuthorities[0]!)).toBe(second.authorityPem);
    expect(leafOf(second).verify(new X509Certificate(second.deviceAuthorityPem).publicKey)).toBe(true);
  });
});

test("another host of the broker makes a new certificate", async () => {
  await ensure();
  const { broker } = await ensure({ hosts: ["localhost", "192.168.7.7"] });
  const { subjectAltName } = new X509Certificate(broker.certificatePem);
  expect(subjectAltName).toBe("DNS:localhost, IP Address:192.168.7.7");
});

test("a damaged identity image is made anew with the same key", async () => {
  const first = await ensure();
  const path = join(dir, "devices/aerolink-02005e102030/identity.bin");
  const damaged = readFileSync(path);
  damaged[50] = damaged[50]! ^ 1;
  writeFileSync(path, damaged);
  expect(identityOf(await ensure()).privateKey).toEqual(identityOf(first).privateKey);
});

test("devices, broker and operators have an authority each, and none stands in for another", async () => {
  const pki = await ensure();
  const signers = [pki.deviceAuthorityPem, pki.authorityPem, pki.operatorAuthorityPem];
  const signed = [
    leafOf(pki),
    new X509Certificate(pki.broker.certificatePem),
    new X509Certificate(pki.cloud.certificatePem),
  ];
  const table = signed.map((leaf) =>
    signers.map((signer) => leaf.verify(new X509Certificate(signer).publicKey)),
  );
  expect(table).toEqual([
    [true, false, false],
    [false, true, false],
    [false, false, true],
  ]);
});

test("a folder of the time when there was one authority goes on with it, and gives operators their own", async () => {
  const one = await createAuthority("Aerolink CA");
  writeFileSync(join(dir, "ca.key.pem"), formatPem("PRIVATE KEY", one.privateKey));
  writeFileSync(join(dir, "ca.cert.pem"), formatPem("CERTIFICATE", one.certificate));
  const pki = await ensure();
  const old = formatPem("CERTIFICATE", one.certificate);
  expect([pki.authorityPem, pki.deviceAuthorityPem]).toEqual([old, old]);
  expect(pki.operatorAuthorityPem).not.toBe(old);
  expect(identityOf(pki).certificateAuthorities).toEqual([one.certificate]);
  expect((await ensure()).identity).toEqual(pki.identity);
});

test("half an authority is not mended in silence", async () => {
  await ensure();
  rmSync(join(dir, "devices-ca.key.pem"));
  await expect(ensure()).rejects.toThrow(/devices-ca\.key\.pem: cannot be read \(ENOENT\)/);
});
