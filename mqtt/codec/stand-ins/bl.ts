import { Buffer } from "./buffer";

/**
 * The part of `bl` that mqtt-packet's parser uses, for one buffer at a time: our framer hands over whole
 * packets, so that nothing is ever appended to bytes that wait. Offsets count from the first unconsumed byte.
 */
class ByteList {
  length = 0;
  #bytes = Buffer.alloc(0);
  #start = 0;

  append(bytes: Uint8Array): void {
    if (this.length > 0) throw new Error("bytes are left of the packet before");
    this.#bytes = new Buffer(bytes.buffer as ArrayBuffer, bytes.byteOffset, bytes.length);
    this.#start = 0;
    this.length = bytes.length;
  }

  consume(count: number): void {
    const taken = Math.min(count, this.length);
    this.#start += taken;
    this.length -= taken;
  }

  readUInt8(offset: number): number {
    return this.#bytes.readUInt8(this.#start + offset);
  }

  readUInt16BE(offset: number): number {
    return this.#bytes.readUInt16BE(this.#start + offset);
  }

  readUInt32BE(offset: number): number {
    return this.#bytes.readUInt32BE(this.#start + offset);
  }

  toString(_encoding: string, start: number, end: number): string {
    return this.#bytes.utf8(this.#start + start, this.#start + end);
  }

  /** A view, not a copy. */
  slice(start: number, end: number): Uint8Array {
    return this.#bytes.subarray(this.#start + start, this.#start + Math.max(start, end));
  }
}

export default function bl(): ByteList {
  return new ByteList();
}
