import "reflect-metadata";
import { createPrivateKey, createPublicKey, generateKeyPairSync, X509Certificate } from "node:crypto";
import * as x509 from "@peculiar/x509";
import { beforeAll, describe, expect, test } from "vitest";
import {
  type Authority,
  createAuthority,
  createRequest,
  issueCertificate,
} from "../../../tools/pki/certificates";
import { createKey, importKeys, keyMatches, readPrivateKey } from "../../../tools/pki/keys";
import { formatPem, readCertificates } from "../../../tools/pki/pem";

const YEAR_MS = 365.25 * 86_400_000;
let ca: Authority;
let key: Uint8Array;
const parsed = (der: Uint8Array) => new X509Certificate(der);

beforeAll(async () => {
  ca = await createAuthority('Aerolink "test", CA');
  key = await createKey();
});

describe("an authority", () => {
  test("signs itself, names itself verbatim and may issue leaves only", () => {
    const certificate = parsed(ca.certificate);
    expect(certificate.ca).toBe(true);
    expect(certificate.verify(certificate.publicKey)).toBe(true);
    expect(certificate.subject).toBe('CN=Aerolink \\"test\\"\\, CA');
    // basicConstraints: critical, cA TRUE, pathLenConstraint 0; keyUsage: critical, keyCertSign and cRLSign.
    const hex = Buffer.from(ca.certificate).toString("hex");
    expect(hex).toContain("0603551d130101ff040830060101ff020100");
    expect(hex).toContain("0603551d0f0101ff040403020106");
  });

  test("is valid from before now, for decades", () => {
    const { validFrom, validTo } = parsed(ca.certificate);
    expect(Date.parse(validFrom)).toBeLessThan(Date.now() - 23 * 3_600_000);
    expect(Date.parse(validTo)).toBeGreaterThan(Date.now() + 29 * YEAR_MS);
  });
});

describe("a broker's certificate", () => {
  test("names its hosts and addresses, for a TLS server only", async () => {
    const hosts = ["broker.aerolink.test", "localhost", "127.0.0.1", "::1"];
    const der = await issueCertificate(ca, key, { commonName: "broker", usage: "server", hosts });
    const certificate = parsed(der);
    expect(certificate.checkIssued(parsed(ca.certificate))).toBe(true);
    expect(certificate.verify(parsed(ca.certificate).publicKey)).toBe(true);
    expect(certificate.subjectAltName).toBe(
      "DNS:broker.aerolink.test, DNS:localhost, IP Address:127.0.0.1, IP Address:0:0:0:0:0:0:0:1",
    );
    expect(certificate.checkHost("broker.aerolink.test")).toBeDefined();
    expect(certificate.checkHost("broker", { subject: "never" })).toBeUndefined();
    expect(certificate.checkIP("127.0.0.1")).toBeDefined();
    expect(certificate.keyUsage).toEqual(["1.3.6.1.5.5.7.3.1"]);
    expect(certificate.ca).toBe(false);
  });
});

describe("a device's certificate", () => {
  test("names the device, for a TLS client only, and outlives it", async () => {
    const certificate = parsed(
      await issueCertificate(ca, key, { commonName: "aerolink-1", usage: "client" }),
    );
    expect(certificate.subject).toBe("CN=aerolink-1");
    expect(certificate.keyUsage).toEqual(["1.3.6.1.5.5.7.3.2"]);
    expect(Date.parse(certificate.validTo)).toBeGreaterThan(Date.now() + 19 * YEAR_MS);
    expect(certificate.checkPrivateKey(keyObjectOf(key))).toBe(true);
  });

  test("points at its authority's key and carries a serial of its own", async () => {
    const [first, second] = await Promise.all(
      [0, 1].map(() => issueCertificate(ca, key, { commonName: "d", usage: "client" })),
    );
    expect(parsed(first!).serialNumber).toMatch(/^[4-7][0-9A-F]{31}$/);
    expect(parsed(first!).serialNumber).not.toBe(parsed(second!).serialNumber);
    const subjectKey = /0603551d0e04160414([0-9a-f]{40})/.exec(
      Buffer.from(ca.certificate).toString("hex"),
    )![1];
    expect(Buffer.from(first!).toString("hex")).toContain(`0603551d23041830168014${subjectKey}`);
  });

  test("is not valid beyond its authority", async () => {
    const notAfter = new Date(Math.floor(Date.now() / 1000) * 1000 + YEAR_MS);
    const short = await createAuthority("short", { notAfter });
    const certificate = parsed(await issueCertificate(short, key, { commonName: "d", usage: "client" }));
    expect(Date.parse(certificate.validTo)).toBe(+notAfter);
  });
});

describe("signing", () => {
  test.each([
    ["P-384", generateKeyPairSync("ec", { namedCurve: "P-384" })],
    ["RSA", generateKeyPairSync("rsa", { modulusLength: 2048 })],
  ])("works with a customer's %s authority", async (_, pair) => {
    const privateKey = new Uint8Array(pair.privateKey.export({ type: "pkcs8", format: "der" }));
    const keys = await importKeys(privateKey);
    const certificate = await x509.X509CertificateGenerator.createSelfSigned({
      name: "CN=customer",
      keys,
      signingAlgorithm: keys.algorithm,
      extensions: [new x509.BasicConstraintsExtension(true)],
    });
    const authority = { certificate: new Uint8Array(certificate.rawData), privateKey };
    const leaf = parsed(await issueCertificate(authority, key, { commonName: "d", usage: "client" }));
    expect(leaf.checkIssued(parsed(authority.certificate))).toBe(true);
    expect(leaf.verify(parsed(authority.certificate).publicKey)).toBe(true);
  });

  test("a leaf signs nothing", async () => {
    const leaf = await issueCertificate(ca, key, { commonName: "d", usage: "client" });
    await expect(
      issueCertificate({ certificate: leaf, privateKey: key }, key, { commonName: "e", usage: "client" }),
    ).rejects.toThrow('"CN=d" is not a certificate authority');
  });

  test("the wrong key signs nothing", async () => {
    await expect(
      issueCertificate({ ...ca, privateKey: key }, key, { commonName: "e", usage: "client" }),
    ).rejects.toThrow("the key is not that of the authority");
  });
});

test("a request carries the device's name and proves its key", async () => {
  const request = new x509.Pkcs10CertificateRequest(await createRequest("aerolink-1", key));
  expect(request.subject).toBe("CN=aerolink-1");
  expect(await request.verify()).toBe(true);
  expect(keyMatches(key, new Uint8Array(request.publicKey.rawData))).toBe(true);
});

describe("files", () => {
  test("certificates are read from PEM with text around, from several, and from DER", () => {
    const pem = formatPem("CERTIFICATE", ca.certificate);
    const file = Buffer.from(`subject=…\n${pem}\r\n${pem.replaceAll("\n", "\r\n")}`);
    expect(readCertificates(file)).toEqual([ca.certificate, ca.certificate]);
    expect(readCertificates(ca.certificate)).toEqual([ca.certificate]);
    expect(readCertificates(Buffer.from(formatPem("PRIVATE KEY", key)))).toEqual([]);
  });

  test("private keys are read from PKCS#8 and SEC 1", () => {
    expect(readPrivateKey(key)).toEqual(key);
    expect(readPrivateKey(Buffer.from(formatPem("PRIVATE KEY", key)))).toEqual(key);
    const sec1 = keyObjectOf(key).export({ type: "sec1", format: "pem" });
    expect(keyMatches(readPrivateKey(Buffer.from(sec1)), spkiOf(key))).toBe(true);
    expect(() => readPrivateKey(Buffer.from("nothing"))).toThrow();
  });
});

function keyObjectOf(pkcs8: Uint8Array) {
  return createPrivateKey({ key: Buffer.from(pkcs8), format: "der", type: "pkcs8" });
}

function spkiOf(pkcs8: Uint8Array): Uint8Array {
  return createPublicKey(keyObjectOf(pkcs8)).export({ type: "spki", format: "der" });
}
