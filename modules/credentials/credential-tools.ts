import type { TlsIdentity } from "../network/socket";

/** Why what was issued is not tried, by number of credential_fault (native/credential.h). The first that holds. */
export const CREDENTIAL_FAULTS = Object.freeze([
  undefined,
  /** A certificate that the board's TLS cannot read. */
  "unreadable",
  /** The chain is longer than the board's TLS can send. */
  "too-long",
  /** It is for another key than the one that was asked for. */
  "wrong-key",
  /** In another name than the certificate that it is to replace. */
  "wrong-name",
  /** Not for TLS clients: the certificate, or an authority above it. */
  "wrong-usage",
  /** By nobody whom this device trusts, and not by who issued its present certificate. */
  "unknown-authority",
  "expired",
  "not-yet-valid",
  /** A key or signature too weak: SHA-1, RSA below 2048 bits. */
  "weak-certificate",
  "no-memory",
] as const);

export type CredentialFault = Exclude<(typeof CREDENTIAL_FAULTS)[number], undefined>;

/** Unix milliseconds. */
export interface Validity {
  readonly fromMs: number;
  readonly untilMs: number;
}

/** A key with the chain that is for it, leaf first. */
export type Credential = Required<Pick<TlsIdentity, "certificateChain" | "privateKey">>;

/** What renewing a certificate needs of a board. */
export interface CredentialTools {
  /** PKCS#8 DER of a new P-256 key, 138 bytes; `undefined`: memory or entropy is short. As long as a handshake's step. */
  newKey(): Uint8Array | undefined;
  /** A request (PKCS#10 DER) for the key in the name of `certificate`, signed by the key. `undefined`: not possible. */
  requestFor(key: Uint8Array, certificate: Uint8Array): Uint8Array | undefined;
  /**
   * Whether `candidate` may stand in the place of what the device is at present. Its chain must end at an authority of
   * `present`, or at one in itself that has signed a certificate of `present`. `dated`: the clock is good enough to judge
   * dates.
   */
  judge(candidate: Credential, present: TlsIdentity, dated: boolean): CredentialFault | undefined;
  /** `undefined`: it cannot be read. */
  validity(certificate: Uint8Array): Validity | undefined;
}
