import type { Credential, CredentialFault } from "../../modules/credentials/credential-tools";
import type { TlsIdentity } from "../../modules/network/socket";
import { type Certificate, readCertificate } from "./certificate";
import { DerReader, TAG } from "./der";
import { chainLength, LONGEST_CHAIN, whyUnusable } from "./identity";
import { allows, buildChain, DIGITAL_SIGNATURE, readAnchors } from "./judge";

/** PKCS#8 of a P-256 key with its point. */
const KEY_BYTES = 138;

/**
 * Whether `candidate` may stand in the place of what a device is at `present`, as the device judges it
 * (modules/credentials/native/credential.c), and the first fault. `now`: Unix milliseconds; `undefined`: dates do not count.
 */
export function judgeCredential(
  candidate: Credential,
  present: TlsIdentity,
  now: number | undefined,
): CredentialFault | undefined {
  const { certificateChain } = candidate;
  const chain = certificateChain.map((der) => readCertificate(der));
  const before = present.certificateChain.map((der) => readCertificate(der));
  const leaf = chain[0];
  if (typeof leaf !== "object" || typeof before[0] !== "object" || !areRead(chain)) return "unreadable";
  if (chainLength(certificateChain) > LONGEST_CHAIN) return "too-long";
  const isPair = !whyUnusable({ ...candidate, certificateAuthorities: [] });
  if (!isPair || candidate.privateKey.length !== KEY_BYTES) return "wrong-key";
  if (!subjectOf(certificateChain[0]!).equals(subjectOf(present.certificateChain[0]!))) return "wrong-name";
  if (!allows(leaf, DIGITAL_SIGNATURE) || !chain.every(({ mayConnect }) => mayConnect)) return "wrong-usage";
  const above = certificateChain.slice(1).filter((der) => hasSigned(der, before.filter(isRead)));
  const anchors = readAnchors([...present.certificateAuthorities, ...above]);
  const { faults } = buildChain(leaf, chain.slice(1), anchors, now ?? leaf.notBefore);
  if (faults.has("unknown-ca")) return "unknown-authority";
  if (now !== undefined && faults.has("expired")) return "expired";
  if (now !== undefined && faults.has("not-yet-valid")) return "not-yet-valid";
  return faults.has("weak-certificate") ? "weak-certificate" : undefined;
}

const isRead = (reading: ReturnType<typeof readCertificate>): reading is Certificate =>
  typeof reading === "object";

const areRead = (readings: readonly ReturnType<typeof readCertificate>[]): readings is Certificate[] =>
  readings.every(isRead);

function hasSigned(authority: Uint8Array, certificates: readonly Certificate[]): boolean {
  const anchors = readAnchors([authority]);
  return certificates.some((each) => !buildChain(each, [], anchors, each.notBefore).faults.has("unknown-ca"));
}

/** Name of the subject, DER. */
export function subjectOf(certificate: Uint8Array): Buffer {
  const body = new DerReader(certificate).enter(TAG.sequence).enter(TAG.sequence);
  body.takeIf(0xa0);
  // Serial number, algorithm, issuer, validity.
  for (let i = 0; i < 4; i++) body.take();
  return body.take().whole;
}
