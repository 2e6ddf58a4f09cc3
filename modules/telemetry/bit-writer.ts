/** Packs bits into bytes from the lowest bit up (RFC 1951, 3.1.1). Bytes past the end of `bytes` are lost. */
export class BitWriter {
  #bytes: Uint8Array;
  #at: number;
  #pending = 0;
  #pendingBits = 0;

  constructor(bytes: Uint8Array, at: number) {
    this.#bytes = bytes;
    this.#at = at;
  }

  /** Appends the lowest `count` bits of `value`, which has no others; count 0–16. */
  put(value: number, count: number): void {
    let pending = this.#pending | (value << this.#pendingBits);
    let bits = this.#pendingBits + count;
    for (; bits >= 8; bits -= 8) {
      this.#bytes[this.#at++] = pending & 0xff;
      pending >>>= 8;
    }
    this.#pending = pending;
    this.#pendingBits = bits;
  }

  /** Fills the last byte with zero bits. */
  flush(): void {
    if (this.#pendingBits) this.put(0, 8 - this.#pendingBits);
  }
}
