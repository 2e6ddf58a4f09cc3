import "reflect-metadata"; // first: @peculiar/x509 decorates with it as it loads
import { webcrypto } from "node:crypto";
import * as x509 from "@peculiar/x509";
import { createKey, importKeys, keyMatches, P256 } from "./keys";

/** A certificate (DER) and its private key (PKCS#8 DER) that may sign others. */
export interface Authority {
  readonly certificate: Uint8Array;
  readonly privateKey: Uint8Array;
}

/** What a certificate is to say. */
export interface CertificateTemplate {
  readonly commonName: string;
  /** Extended key usage: what the peer may be in TLS. */
  readonly usage: "server" | "client";
  /** DNS names and IPv4 or IPv6 literals of a server. */
  readonly hosts?: readonly string[];
  readonly notBefore?: Date;
  readonly notAfter?: Date;
}

const DAY_MS = 86_400_000;
const YEAR_MS = 365.25 * DAY_MS;
/** Certificates are valid from a day ago: clocks of a workshop and of a device differ. */
const SKEW_MS = DAY_MS;
/** A device's certificate outlives it; its authority outlives both. */
const LIFETIME_MS = { authority: 30 * YEAR_MS, client: 20 * YEAR_MS, server: 825 * DAY_MS } as const;

const EXTENDED_KEY_USAGE = {
  server: x509.ExtendedKeyUsage.serverAuth,
  client: x509.ExtendedKeyUsage.clientAuth,
};

x509.cryptoProvider.set(webcrypto);

/** What a new authority is to say. */
export interface AuthorityTemplate extends Validity {
  /** Extended key usage: what those may be whom it signs; any when not given. */
  readonly usage?: CertificateTemplate["usage"];
}

/** A new self-signed authority that issues leaves only (path length 0). */
export async function createAuthority(
  commonName: string,
  template: AuthorityTemplate = {},
): Promise<Authority> {
  const privateKey = await createKey();
  const keys = await importKeys(privateKey);
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: randomSerial(),
    subject: nameOf(commonName),
    issuer: nameOf(commonName),
    ...validity(template, LIFETIME_MS.authority),
    publicKey: keys.publicKey,
    signingKey: keys.privateKey,
    signingAlgorithm: P256,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      ...(template.usage ? [new x509.ExtendedKeyUsageExtension([EXTENDED_KEY_USAGE[template.usage]])] : []),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
      await x509.AuthorityKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return { certificate: new Uint8Array(certificate.rawData), privateKey };
}

/**
 * A leaf for the holder of `privateKey` (PKCS#8 DER), signed by `issuer`; DER. Its validity is cut to the issuer's.
 * @throws RangeError when `issuer` may not sign, or its key is not that of its certificate
 */
export async function issueCertificate(
  issuer: Authority,
  privateKey: Uint8Array,
  template: CertificateTemplate,
): Promise<Uint8Array> {
  return sign(issuer, (await importKeys(privateKey)).publicKey, template);
}

/**
 * The same for the holder of a key of P-256 of which only the public half (SPKI DER) is known.
 * @throws RangeError as above; Error for any other key
 */
export async function certifyKey(
  issuer: Authority,
  publicKey: Uint8Array,
  template: CertificateTemplate,
): Promise<Uint8Array> {
  const key = await webcrypto.subtle.importKey("spki", Buffer.from(publicKey), P256, true, ["verify"]);
  return sign(issuer, key, template);
}

async function sign(
  issuer: Authority,
  publicKey: webcrypto.CryptoKey,
  template: CertificateTemplate,
): Promise<Uint8Array> {
  const authority = new x509.X509Certificate(issuer.certificate);
  if (!authority.getExtension(x509.BasicConstraintsExtension)?.ca) {
    throw new RangeError(`"${authority.subject}" is not a certificate authority`);
  }
  if (!keyMatches(issuer.privateKey, new Uint8Array(authority.publicKey.rawData))) {
    throw new RangeError(`the key is not that of the authority "${authority.subject}"`);
  }
  const signer = await importKeys(issuer.privateKey);
  const dates = validity(template, LIFETIME_MS[template.usage]);
  const hosts = (template.hosts ?? []).map(
    (host) => new x509.GeneralName(isAddress(host) ? "ip" : "dns", host),
  );
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: randomSerial(),
    subject: nameOf(template.commonName),
    issuer: authority.subjectName,
    notBefore: new Date(Math.max(+dates.notBefore, +authority.notBefore)),
    notAfter: new Date(Math.min(+dates.notAfter, +authority.notAfter)),
    publicKey,
    signingKey: signer.privateKey,
    signingAlgorithm: signer.algorithm,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([EXTENDED_KEY_USAGE[template.usage]]),
      await x509.SubjectKeyIdentifierExtension.create(publicKey),
      await authorityKeyIdentifier(authority),
      ...(hosts.length ? [new x509.SubjectAlternativeNameExtension(hosts)] : []),
    ],
  });
  return new Uint8Array(certificate.rawData);
}

/** A certificate request (PKCS#10, DER) of a device for an authority that is not ours. */
export async function createRequest(commonName: string, privateKey: Uint8Array): Promise<Uint8Array> {
  const request = await x509.Pkcs10CertificateRequestGenerator.create({
    name: nameOf(commonName),
    keys: await importKeys(privateKey),
    signingAlgorithm: P256,
    extensions: [
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([EXTENDED_KEY_USAGE.client]),
    ],
  });
  return new Uint8Array(request.rawData);
}

interface Validity {
  readonly notBefore?: Date;
  readonly notAfter?: Date;
}

function validity(asked: Validity, lifetimeMs: number): Required<Validity> {
  const notBefore = asked.notBefore ?? new Date(Date.now() - SKEW_MS);
  return { notBefore, notAfter: asked.notAfter ?? new Date(Date.now() + lifetimeMs) };
}

/** The common name as typed data: as text, commas and quotes in it would be syntax. */
function nameOf(commonName: string): x509.Name {
  return new x509.Name([{ CN: [{ utf8String: commonName }] }]);
}

/** 126 random bits, positive and never short (RFC 5280, 4.1.2.2: at most 20 octets). */
function randomSerial(): string {
  const serial = webcrypto.getRandomValues(new Uint8Array(16));
  serial[0] = (serial[0]! & 0x3f) | 0x40;
  return Buffer.from(serial).toString("hex");
}

function isAddress(host: string): boolean {
  return /^\d{1,3}(\.\d{1,3}){3}$/.test(host) || host.includes(":");
}

/** The issuer's own subject key identifier where it has one: authorities choose it as they like. */
async function authorityKeyIdentifier(authority: x509.X509Certificate): Promise<x509.Extension> {
  const subjectKey = authority.getExtension(x509.SubjectKeyIdentifierExtension);
  if (subjectKey) return new x509.AuthorityKeyIdentifierExtension(subjectKey.keyId);
  return x509.AuthorityKeyIdentifierExtension.create(authority);
}
