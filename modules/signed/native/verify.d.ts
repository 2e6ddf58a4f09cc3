import type { Hash } from "../crypto";

/** SHA-256 by mbedTLS, a chip's accelerator included. Used after its digest it throws. */
export declare class Sha256 implements Hash {
  /** Throws when memory is short. */
  constructor();
  update(bytes: Uint8Array): void;
  digest(): Uint8Array;
}

/** As `SignatureCheck.verifyEs256`. One long step: as much as the longest of a TLS handshake. */
export declare function verifyEs256(key: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean;
