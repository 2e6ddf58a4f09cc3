/** One SHA-256 under way. */
export interface Hash {
  update(bytes: Uint8Array): void;
  /** 32 bytes. Once, at the end. */
  digest(): Uint8Array;
}

/** What judging something signed needs of a board. */
export interface SignatureCheck {
  sha256(): Hash;
  /**
   * ES256 (RFC 7518, 3.4): ECDSA over P-256 and the SHA-256 of `message`. `key`: the uncompressed point, 65 bytes;
   * `signature`: r and s, 64 bytes. Never throws: what is no key or no signature is false.
   */
  verifyEs256(key: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean;
}
