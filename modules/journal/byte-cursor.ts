/**
 * Reads or writes numbers along a byte array. Writing past the end is lost and reading past it gives 0; both set
 * `overrun`.
 */
export class ByteCursor {
  readonly bytes: Uint8Array;
  at: number;
  overrun = false;
  #end: number;

  constructor(bytes: Uint8Array, at = 0, end = bytes.length) {
    this.bytes = bytes;
    this.at = at;
    this.#end = end;
  }

  get isAtEnd(): boolean {
    return this.at >= this.#end;
  }

  putByte(value: number): void {
    if (this.at < this.#end) this.bytes[this.at++] = value;
    else this.overrun = true;
  }

  takeByte(): number {
    if (this.at < this.#end) return this.bytes[this.at++]!;
    this.overrun = true;
    return 0;
  }

  /** Little-endian, `size` bytes. */
  putFixed(value: number, size: number): void {
    for (let i = 0; i < size; i++) {
      this.putByte(value % 256);
      value = Math.floor(value / 256);
    }
  }

  takeFixed(size: number): number {
    let value = 0;
    for (let i = 0, scale = 1; i < size; i++, scale *= 256) value += this.takeByte() * scale;
    return value;
  }

  /** Seven bits a byte, low ones first; integers from 0 to 2^35 - 1, at most five bytes. */
  putVarint(value: number): void {
    while (value >= 128) {
      this.putByte((value % 128) + 128);
      value = Math.floor(value / 128);
    }
    this.putByte(value);
  }

  takeVarint(): number {
    let value = 0;
    for (let i = 0, scale = 1; i < 5; i++, scale *= 128) {
      const byte = this.takeByte();
      value += (byte % 128) * scale;
      if (byte < 128) return value;
    }
    this.overrun = true;
    return 0;
  }

  /** A signed integer: small magnitudes are short. */
  putSigned(value: number): void {
    this.putVarint(value >= 0 ? value * 2 : value * -2 - 1);
  }

  takeSigned(): number {
    const value = this.takeVarint();
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
  }
}
