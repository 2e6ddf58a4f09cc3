import type { TlsIdentity } from "../network/socket";
import type { SignatureCheck } from "../signed/crypto";
import type { CredentialTools } from "./credential-tools";
import type { Credentials } from "./credentials";
import type { IdentityWait } from "./identity-report";

/** The parts of the device that renewing a certificate and changing authorities work with, read when something happens. */
export interface RenewalParts {
  readonly board: {
    readonly credentials: CredentialTools;
    readonly signatures: SignatureCheck;
    canUse(identity: TlsIdentity): boolean;
    trustedUntil(identity: TlsIdentity): number;
    randomBytes(count: number): Uint8Array;
  };
  readonly clock: {
    readonly uptimeMs: number;
    readonly unixMs: number | undefined;
    readonly quality: string;
  };
  readonly credentials: Credentials;
  readonly build: { readonly updateKeys: readonly string[] };
  readonly timeKeeper: { evidence(unixMs: number): void };
  readonly logs: { room(name: string): { info(text: string): void; warn(text: string): void } };
}

export interface RenewalOptions {
  /** Hands a request to the session; false: not now. */
  publishRequest(payload: string): boolean;
  /** What speaks against it now. */
  speaksAgainst(): IdentityWait | undefined;
  /** What `identity/state` says has changed. */
  onState(): void;
}
