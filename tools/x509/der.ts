/** Tags of what certificates are made of (X.690). */
export const TAG = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  null: 0x05,
  oid: 0x06,
  utcTime: 0x17,
  generalizedTime: 0x18,
  sequence: 0x30,
  set: 0x31,
} as const;

/** Thrown for bytes that mbedTLS does not read. */
export class Unreadable extends Error {}

export interface Value {
  readonly tag: number;
  readonly content: Buffer;
  /** With tag and length. */
  readonly whole: Buffer;
}

/** Reads DER values in order, as loosely as mbedTLS does: lengths may be longer than need be. */
export class DerReader {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  }

  get isAtEnd(): boolean {
    return this.#at === this.#bytes.length;
  }

  /** Tag of the next value; `undefined` at the end. */
  get nextTag(): number | undefined {
    return this.#bytes[this.#at];
  }

  take(tag?: number): Value {
    const start = this.#at;
    const found = this.#byte();
    if (tag !== undefined && found !== tag) throw new Unreadable();
    const length = this.#length();
    if (length > this.#bytes.length - this.#at) throw new Unreadable();
    const content = this.#bytes.subarray(this.#at, this.#at + length);
    this.#at += length;
    return { tag: found, content, whole: this.#bytes.subarray(start, this.#at) };
  }

  /** The next value where it has this tag. */
  takeIf(tag: number): Value | undefined {
    return this.nextTag === tag ? this.take(tag) : undefined;
  }

  /** Steps over tag and length of the next value, whose content is read here: mbedTLS does not always look at its end. */
  open(tag: number): void {
    const { content } = this.take(tag);
    this.#at -= content.length;
  }

  /** A reader of the next value's content. */
  enter(tag: number): DerReader {
    return new DerReader(this.take(tag).content);
  }

  end(): void {
    if (!this.isAtEnd) throw new Unreadable();
  }

  #byte(): number {
    const byte = this.#bytes[this.#at];
    if (byte === undefined) throw new Unreadable();
    this.#at += 1;
    return byte;
  }

  #length(): number {
    const first = this.#byte();
    if (first < 0x80) return first;
    const more = first & 0x7f;
    if (more === 0 || more > 4) throw new Unreadable();
    let length = 0;
    for (let i = 0; i < more; i++) length = length * 256 + this.#byte();
    return length;
  }
}

/** A number that is not negative and fits 31 bits, which is what mbedTLS takes. */
export function readInteger({ content }: Value): number {
  if (content.length === 0 || content[0]! >= 0x80) throw new Unreadable();
  const digits = content.toString("hex").replace(/^(00)+/, "");
  const value = Number.parseInt(digits || "0", 16);
  if (value > 0x7fffffff) throw new Unreadable();
  return value;
}

/** The bytes of a BIT STRING, without the count of unused bits. */
export function readBits({ content }: Value): Buffer {
  if (content.length === 0 || content[0]! > 7) throw new Unreadable();
  return content.subarray(1);
}

/** The bytes of a BIT STRING of whole bytes, as a signature is (RFC 5480, 2.2; RFC 3279, 2.2.3). */
export function readOctets({ content }: Value): Buffer {
  if (content[0] !== 0) throw new Unreadable();
  return content.subarray(1);
}

export const oidOf = ({ content }: Value): string => content.toString("hex");

/** As text, ASCII letters in lower case. */
export const lowerText = (content: Buffer): string =>
  content.toString("latin1").replace(/[A-Z]/g, (letter) => letter.toLowerCase());
