import { constants, verify } from "node:crypto";
import type { TlsFailure } from "../../modules/network/socket";
import { type Certificate, isSameName, readCertificate } from "./certificate";
import { namesHost, permits } from "./names";

/** Faults of a server's certificates, in the order in which they count (modules/network/socket.ts). */
const ORDER = [
  "unknown-ca",
  "expired",
  "not-yet-valid",
  "wrong-name",
  "wrong-usage",
  "weak-certificate",
] as const satisfies readonly TlsFailure[];

export type Fault = (typeof ORDER)[number];

export interface Trial {
  /** DER, as the server sent them: its own first. */
  readonly sent: readonly Uint8Array[];
  /** DER. */
  readonly anchors: readonly Uint8Array[];
  readonly host: string;
  /** Unix milliseconds. */
  readonly now: number;
}

/** mbedTLS follows so many authorities between a server and an anchor (MBEDTLS_X509_MAX_INTERMEDIATE_CA). */
const MAX_INTERMEDIATES = 8;
const STRONG_HASHES = ["sha256", "sha384", "sha512"];
/** KeyUsage (RFC 5280, 4.2.1.3). */
export const DIGITAL_SIGNATURE = 0x80;
const KEY_CERT_SIGN = 0x04;
/** encipherOnly and decipherOnly: no other use is allowed beside them. */
const ONLY = 0x8001;
/** Netscape's certificate type: a TLS server, and an authority of TLS peers. */
const NETSCAPE_SERVER = 0x40;
const NETSCAPE_AUTHORITY = 0x04;

export interface Chain {
  /** The server's own first, the anchor last; without an anchor as far as it goes. */
  readonly certificates: Certificate[];
  readonly faults: Set<Fault>;
}

/**
 * The device's judgement of a server, step by step as mbedTLS and modules/tls make it: which certificates can be read,
 * which chain is built, and the first fault. `undefined`: it may be trusted.
 */
export function judgeServer({ sent, anchors, host, now }: Trial): Fault | undefined {
  const read = sent.map((der) => readCertificate(der)).filter((reading) => reading !== "passed-over");
  const readable = read.filter((reading) => typeof reading === "object");
  const [leaf, ...others] = readable;
  if (!leaf || readable.length < read.length) return "unknown-ca";
  const { certificates, faults } = buildChain(leaf, others, readAnchors(anchors), now);
  const authorities = certificates.slice(1);
  const permitted = authorities.every(
    ({ nameConstraints }) => !nameConstraints || permits(nameConstraints, leaf.names, host),
  );
  if (!permitted) faults.add("unknown-ca");
  if (!namesHost(leaf.names, host)) faults.add("wrong-name");
  if (!mayServe(leaf, NETSCAPE_SERVER) || !allows(leaf, DIGITAL_SIGNATURE)) faults.add("wrong-usage");
  if (!authorities.every((authority) => mayServe(authority, NETSCAPE_AUTHORITY))) faults.add("wrong-usage");
  if (!leaf.hasStrongKey) faults.add("weak-certificate");
  return ORDER.find((fault) => faults.has(fault));
}

export const readAnchors = (anchors: readonly Uint8Array[]): Certificate[] =>
  anchors.map((der) => readCertificate(der, true)).filter((reading) => typeof reading === "object");

/** mbedTLS jumps to an anchor as early as it can; it never goes back to try another way (x509_crt_verify_chain). */
export function buildChain(
  leaf: Certificate,
  others: readonly Certificate[],
  anchors: readonly Certificate[],
  now: number,
): Chain {
  const sent = [leaf, ...others];
  const certificates: Certificate[] = [];
  const faults = new Set<Fault>();
  const end = (fault?: Fault): Chain => ({ certificates, faults: fault ? faults.add(fault) : faults });
  let child = leaf;
  let selfIssued = 0;
  for (let isAnchor = false; ; ) {
    certificates.push(child);
    if (now >= child.notAfter + 1_000) faults.add("expired");
    if (now < child.notBefore) faults.add("not-yet-valid");
    if (isAnchor) return end();
    if (!STRONG_HASHES.includes(child.signature.hash)) faults.add("weak-certificate");
    // A server's certificate is never its own anchor.
    if (child === leaf && isSelfIssued(leaf) && anchors.some(({ der }) => der.equals(leaf.der)))
      return end("unknown-ca");
    const above = certificates.length - 1;
    const path = { child, below: above - selfIssued, now };
    const anchor = findParent(path, anchors, true);
    const parent = anchor ?? findParent(path, sent.slice(sent.indexOf(child) + 1), false);
    if (!parent) return end("unknown-ca");
    if (child !== leaf && isSelfIssued(child)) selfIssued += 1;
    if (!anchor && certificates.length > MAX_INTERMEDIATES) return end("unknown-ca");
    if (!isSignedBy(child, parent)) faults.add("unknown-ca");
    if (!parent.hasStrongKey) faults.add("weak-certificate");
    child = parent;
    isAnchor = anchor !== undefined;
  }
}

interface Path {
  readonly child: Certificate;
  /** Authorities below the parent that its path length counts. */
  readonly below: number;
  readonly now: number;
}

/** The first that may be the parent and is valid now, or else the first; an anchor's signature must hold. */
function findParent(
  { child, below, now }: Path,
  candidates: readonly Certificate[],
  areAnchors: boolean,
): Certificate | undefined {
  const able = candidates.filter(
    (parent) =>
      isSameName(child.issuer, parent.subject) &&
      ((areAnchors && parent.version < 3) || (parent.isAuthority && allows(parent, KEY_CERT_SIGN))) &&
      below <= (parent.pathLength ?? below) &&
      (!areAnchors || isSignedBy(child, parent)),
  );
  return able.find((parent) => now >= parent.notBefore && now < parent.notAfter + 1_000) ?? able[0];
}

function isSignedBy({ signed, signature }: Certificate, { key, keyKind }: Certificate): boolean {
  const { kind, hash, saltLength, value } = signature;
  if (kind !== keyKind.replace("ec", "ecdsa")) return false;
  const padding = saltLength === undefined ? {} : { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength };
  try {
    return verify(hash, signed, { key, ...padding }, value);
  } catch {
    return false;
  }
}

const isSelfIssued = ({ issuer, subject }: Certificate): boolean => isSameName(issuer, subject);

export const allows = ({ keyUsage }: Certificate, use: number): boolean =>
  keyUsage === undefined || ((keyUsage & use) !== 0 && (keyUsage & ONLY) === 0);

const mayServe = ({ mayServe, netscapeType }: Certificate, bit: number): boolean =>
  mayServe && (netscapeType === undefined || (netscapeType & bit) !== 0);
