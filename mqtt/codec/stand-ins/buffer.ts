import TextDecoder from "text/decoder";
import TextEncoder from "text/encoder";

/**
 * The part of Node's Buffer that mqtt-packet uses, on a plain typed array. Reading past the end throws
 * RangeError; ill-formed UTF-8 throws TypeError [MQTT-1.5.3-1], a byte order mark is kept [MQTT-1.5.3-3].
 */
export class Buffer extends Uint8Array {
  static alloc(length: number): Buffer {
    return new Buffer(length);
  }

  static allocUnsafe(length: number): Buffer {
    return new Buffer(length);
  }

  /** Any bytes pass, so that payloads need no copy into this class. */
  static isBuffer(value: unknown): boolean {
    return value instanceof Uint8Array;
  }

  static byteLength(value: string | Uint8Array): number {
    return typeof value === "string" ? new TextEncoder().encode(value).length : value.length;
  }

  writeUInt8(value: number, offset: number): void {
    this[offset] = value;
  }

  writeUInt32BE(value: number, offset: number): void {
    this[offset] = value >>> 24;
    this[offset + 1] = value >>> 16;
    this[offset + 2] = value >>> 8;
    this[offset + 3] = value;
  }

  readUInt8(offset: number): number {
    const byte = this[offset];
    if (byte === undefined) throw new RangeError("read past the end");
    return byte;
  }

  readUInt16BE(offset: number): number {
    return (this.readUInt8(offset) << 8) | this.readUInt8(offset + 1);
  }

  readUInt32BE(offset: number): number {
    return this.readUInt16BE(offset) * 0x10000 + this.readUInt16BE(offset + 2);
  }

  utf8(start: number, end: number): string {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(
      new Uint8Array(this.buffer, this.byteOffset + start, end - start),
    );
  }
}
