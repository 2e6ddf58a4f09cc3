import type { X509Certificate } from "node:crypto";
import type { TlsFailure } from "../../modules/network/socket";
import { judgeServer } from "../../tools/x509/judge";

export interface PeerRules {
  readonly host: string;
  /** DER. */
  readonly anchors: readonly Uint8Array[];
  /** Unix milliseconds. */
  now(): number;
}

/** More certificates than this are not looked at. */
const SENT_LIMIT = 32;

/** The first fault of the peer's certificates, by the device's rules, or `undefined` when it may be trusted. */
export function checkPeer(
  peer: X509Certificate | undefined,
  { host, anchors, now }: PeerRules,
): TlsFailure | undefined {
  return judgeServer({ sent: sentCertificates(peer), anchors, host, now: now() });
}

/** DER, as the peer sent them, its own first. */
function sentCertificates(peer: X509Certificate | undefined): Uint8Array[] {
  const sent: Uint8Array[] = [];
  for (let next = peer; next && sent.length < SENT_LIMIT; next = next.issuerCertificate) sent.push(next.raw);
  return sent;
}
