import type { Logger } from "../base/logger";
import type { TlsIdentity } from "../network/socket";
import type { SignatureCheck } from "../signed/crypto";
import type { CredentialTools } from "./credential-tools";
import type { Credentials } from "./credentials";
import type { IdentityWait } from "./identity-report";

/** What renewing the certificate and changing the authorities ask of the device. */
export interface RenewalOptions {
  readonly credentials: Credentials;
  readonly tools: CredentialTools;
  readonly signatures: SignatureCheck;
  /** Whose trust lists are taken. */
  readonly trustKeys: readonly string[];
  uptimeMs(): number;
  unixMs(): number | undefined;
  isSynced(): boolean;
  /** 0 ≤ random < 1. */
  random(): number;
  randomUint32(): number;
  /** Hands a request to the session; false: not now. */
  publishRequest(payload: string): boolean;
  /** What speaks against it now. */
  speaksAgainst(): IdentityWait | undefined;
  canUse(identity: TlsIdentity): boolean;
  /** When the last of the authorities expires, Unix milliseconds; 0: unknown. */
  trustedUntil(identity: TlsIdentity): number;
  /** Something signed says that it is later than this. */
  evidence(unixMs: number): void;
  /** What `identity/state` says has changed. */
  onState(): void;
  readonly log?: Logger;
}
