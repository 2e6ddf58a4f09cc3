import type { CredentialTools } from "../../../modules/credentials/credential-tools";
import type { OpenTlsSocket, TlsIdentity } from "../../../modules/network/socket";
import type { SignatureCheck } from "../../../modules/signed/crypto";
import type { Link } from "./link";

/** TLS and what else of a board takes cryptography: the device's own in C (own-crypto.ts), or the helper's (carried-crypto.ts). */
export interface BoardCrypto {
  readonly openTlsSocket: OpenTlsSocket;
  canUse(identity: TlsIdentity): boolean;
  trustedUntil(identity: TlsIdentity): number;
  readonly signatures: SignatureCheck;
  readonly credentials: CredentialTools;
  /** Takes a message that is for it; false: somebody else's. */
  take(message: { readonly t: string }): boolean;
}

export declare function openCrypto(link: Link, life: number): BoardCrypto;
