import type { X509Certificate } from "node:crypto";
import type { TLSSocket } from "node:tls";
import { isIpv4 } from "../../modules/names/ipv4";
import type { TlsFailure } from "../../modules/network/socket";

/**
 * What our own eyes say of the server's certificate; OpenSSL's verdict is asked as well and both must agree.
 * The order of the checks is the order of the reasons in modules/socket.ts.
 */
export interface PeerRules {
  readonly host: string;
  readonly anchors: readonly X509Certificate[];
  /** Unix milliseconds. */
  now(): number;
}

const SERVER_AUTH = "1.3.6.1.5.5.7.3.1";
/** Longest chain that is looked at, anchor included. */
const MAX_CHAIN = 8;
/** DER of the signature algorithms that are strong enough: RSA PKCS#1 v1.5 and ECDSA with SHA-256, -384, -512. */
const STRONG_SIGNATURES = [
  "2a864886f70d01010b",
  "2a864886f70d01010c",
  "2a864886f70d01010d",
  "2a8648ce3d040302",
  "2a8648ce3d040303",
  "2a8648ce3d040304",
];
const STRONG_CURVES = ["prime256v1", "secp384r1", "secp521r1"];
/** OpenSSL's own clock is the host's; ours is the machine's. */
const DATE_VERDICTS = ["CERT_HAS_EXPIRED", "CERT_NOT_YET_VALID"];
/** OpenSSL's words for faults that come after the chain in our order. */
const OPENSSL_REASONS: Record<string, TlsFailure> = {
  CERT_HAS_EXPIRED: "expired",
  CERT_NOT_YET_VALID: "not-yet-valid",
  HOSTNAME_MISMATCH: "wrong-name",
  INVALID_PURPOSE: "wrong-usage",
  EE_KEY_TOO_SMALL: "weak-certificate",
  CA_KEY_TOO_SMALL: "weak-certificate",
  CA_MD_TOO_WEAK: "weak-certificate",
};

/** The first fault of the peer's certificate, or `undefined` when it may be trusted. */
export function checkPeer(socket: TLSSocket, rules: PeerRules): TlsFailure | undefined {
  const sent = sentCertificates(socket);
  const chain = sent[0] && chainToAnchor(sent[0], sent.slice(1), rules.anchors);
  if (!chain) return "unknown-ca";
  const now = rules.now();
  if (chain.some((certificate) => now > Date.parse(certificate.validTo))) return "expired";
  if (chain.some((certificate) => now < Date.parse(certificate.validFrom))) return "not-yet-valid";
  const leaf = chain[0]!;
  if (!namesHost(leaf, rules.host)) return "wrong-name";
  // `keyUsage` is node's word for the extended key usage; without one, any use is allowed (RFC 5280, 4.2.1.12).
  const usages = leaf.keyUsage as string[] | undefined;
  if (usages && !usages.includes(SERVER_AUTH)) return "wrong-usage";
  if (!chain.every(hasStrongKey) || !chain.slice(0, -1).every(hasStrongSignature)) return "weak-certificate";
  const verdict = socket.authorizationError as unknown as string | undefined;
  if (verdict && !DATE_VERDICTS.includes(verdict)) return OPENSSL_REASONS[verdict] ?? "unknown-ca";
  return undefined;
}

/** The certificates as the peer sent them, leaf first. */
function sentCertificates(socket: TLSSocket): X509Certificate[] {
  const sent: X509Certificate[] = [];
  for (
    let next = socket.getPeerX509Certificate();
    next && sent.length < MAX_CHAIN;
    next = next.issuerCertificate
  )
    sent.push(next);
  return sent;
}

/** A chain whose every signature holds, from the leaf to one of our anchors, through authorities only. */
function chainToAnchor(
  leaf: X509Certificate,
  intermediates: readonly X509Certificate[],
  anchors: readonly X509Certificate[],
): X509Certificate[] | undefined {
  const signed = (child: X509Certificate, parent: X509Certificate) =>
    parent.ca && child.checkIssued(parent) && child.verify(parent.publicKey);
  const chain = [leaf];
  while (chain.length < MAX_CHAIN) {
    const child = chain.at(-1)!;
    const anchor = anchors.find((candidate) => signed(child, candidate));
    if (anchor) return [...chain, anchor];
    const parent = intermediates.find((candidate) => !chain.includes(candidate) && signed(child, candidate));
    if (!parent) return undefined;
    chain.push(parent);
  }
  return undefined;
}

/** RFC 9525: dNSName with at most one whole left-most wildcard label, or iPAddress; never the common name. */
function namesHost(certificate: X509Certificate, host: string): boolean {
  if (isIpv4(host)) return certificate.checkIP(host) !== undefined;
  return certificate.checkHost(host, { subject: "never", partialWildcards: false }) !== undefined;
}

function hasStrongKey(certificate: X509Certificate): boolean {
  const { asymmetricKeyType: type, asymmetricKeyDetails: details } = certificate.publicKey;
  if (type === "rsa") return (details?.modulusLength ?? 0) >= 2048;
  return type === "ec" && STRONG_CURVES.includes(details?.namedCurve ?? "");
}

/** Certificate ::= SEQUENCE { tbs SEQUENCE, signatureAlgorithm SEQUENCE { OID, … }, … } (RFC 5280, 4.1). */
function hasStrongSignature(certificate: X509Certificate): boolean {
  const { raw } = certificate;
  const outer = derContent(raw, 0);
  const algorithm = derContent(raw, derContent(raw, outer.start).end);
  const oid = derContent(raw, algorithm.start);
  return STRONG_SIGNATURES.includes(raw.toString("hex", oid.start, oid.end));
}

/** Bounds of a DER value's content. OpenSSL has parsed these bytes, so their lengths hold. */
function derContent(der: Buffer, at: number): { start: number; end: number } {
  const first = der[at + 1]!;
  const more = first < 0x80 ? 0 : first & 0x7f;
  const length = more === 0 ? first : der.readUIntBE(at + 2, more);
  const start = at + 2 + more;
  return { start, end: start + length };
}
