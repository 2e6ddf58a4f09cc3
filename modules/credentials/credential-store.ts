import { crc32 } from "../base/crc32";
import { uint16, uint32 } from "../identity/fields";

/** The partition, as `embedded:storage/flash` has it. */
export interface CredentialFlash {
  read(bytes: Uint8Array, byteOffset: number): unknown;
  write(bytes: Uint8Array, byteOffset: number): void;
  eraseBlock(block: number): void;
}

/** A key with its certificate chain; the authorities of a trust list. */
export type RecordKind = "certificate" | "authorities";

/** A record that is whole. */
export interface StoredRecord {
  readonly sector: number;
  readonly kind: RecordKind;
  readonly sequence: number;
  /** A copy. */
  readonly fields: Uint8Array;
  /** It has worked. */
  readonly isConfirmed: boolean;
}

const SECTORS = 3;
const SECTOR_BYTES = 4_096;
const HEADER_BYTES = 16;
const CRC_BYTES = 4;
const MARK_BYTES = 16;
/** Offset and number of the marks of boots that tried a record, and of those that it has worked. */
export const TRIED = Object.freeze([4_016, 3, 0x54] as const);
export const CONFIRMED = Object.freeze([4_064, 2, 0x43] as const);
export const MOST_FIELD_BYTES = TRIED[0] - HEADER_BYTES - CRC_BYTES;
/** "ALCR" */
const MAGIC = 0x52434c41;
const VERSION = 1;

/**
 * What is renewed over the identity, in three sectors (docs/formats.md): what is in force of each kind, and a candidate, or
 * the one that was in force before.
 *
 * - In force is the newest record of its kind that has worked. Its sector is not erased as long as it is that: a power cut
 *   at any byte leaves it.
 * - A candidate becomes that by one mark. Only then may the one before make room.
 * - Each boot that is to try a candidate takes a mark; without one left it is given up, whatever ended the boots.
 *
 * Nothing is kept in RAM. Flash that fails is false, never an exception.
 */
export class CredentialStore {
  #flash: CredentialFlash;

  constructor(flash: CredentialFlash) {
    this.#flash = flash;
  }

  /** The newest that has worked of its kind; without a kind: what has not worked yet, where nothing is newer. */
  find(kind?: RecordKind): StoredRecord | undefined {
    let newest: StoredRecord | undefined;
    for (let sector = 0; sector < SECTORS; sector++) {
      const record = this.load(sector);
      if (!record || (kind && !(record.isConfirmed && record.kind === kind))) continue;
      if (!newest || record.sequence > newest.sequence) newest = record;
    }
    return kind || !newest?.isConfirmed ? newest : undefined;
  }

  /** Lays a candidate down, in the place of one that is there. False: it does not fit, or the flash refuses it. */
  put(kind: RecordKind, fields: Uint8Array): boolean {
    if (fields.length > MOST_FIELD_BYTES) return false;
    const inForce = [this.find("certificate")?.sector, this.find("authorities")?.sector];
    let free = 0;
    let age = Number.POSITIVE_INFINITY;
    let newest = 0;
    for (let sector = 0; sector < SECTORS; sector++) {
      const record = this.load(sector);
      const sequence = record?.sequence ?? 0;
      newest = Math.max(newest, sequence);
      // A candidate is the first to go.
      const rank = record?.isConfirmed ? sequence : 0;
      if (inForce.includes(sector) || rank >= age) continue;
      free = sector;
      age = rank;
    }
    const end = HEADER_BYTES + fields.length;
    const image = new Uint8Array((end + CRC_BYTES + MARK_BYTES - 1) & -MARK_BYTES).fill(0xff);
    const view = new DataView(image.buffer);
    view.setUint32(0, MAGIC, true);
    view.setUint16(4, VERSION, true);
    view.setUint8(6, kind === "certificate" ? 1 : 2);
    view.setUint32(8, newest + 1, true);
    view.setUint16(12, fields.length, true);
    image.set(fields, HEADER_BYTES);
    view.setUint32(end, crc32(image, 0, end), true);
    try {
      const before = this.find();
      if (before) this.#flash.eraseBlock(before.sector);
      this.#flash.eraseBlock(free);
      this.#flash.write(image, free * SECTOR_BYTES);
    } catch {
      return false;
    }
    return this.find()?.sector === free;
  }

  /** Marks the candidate. False: there is none, its marks are used up, or the flash refuses it. */
  mark([offset, count, what]: typeof TRIED | typeof CONFIRMED): boolean {
    const candidate = this.find();
    if (!candidate) return false;
    const mark = markOf(what, candidate.sequence);
    for (let i = 0; i < count; i++) {
      const at = candidate.sector * SECTOR_BYTES + offset + i * MARK_BYTES;
      if (this.isAt(at, mark.slice().fill(0xff))) {
        try {
          this.#flash.write(mark, at);
        } catch {
          return false;
        }
        return this.isAt(at, mark);
      }
    }
    return false;
  }

  /** Gives the candidate up. What the flash refuses stays one for the next boot, whose marks run out. */
  drop(): void {
    const candidate = this.find();
    try {
      if (candidate) this.#flash.eraseBlock(candidate.sector);
    } catch {
      return;
    }
  }

  /** The one parser of records. `undefined`: none is whole there. */
  private load(sector: number): StoredRecord | undefined {
    const start = sector * SECTOR_BYTES;
    const header = new Uint8Array(HEADER_BYTES);
    try {
      this.#flash.read(header, start);
      const length = uint16(header, 12);
      const kind = header[6] === 1 ? "certificate" : header[6] === 2 ? "authorities" : undefined;
      if (uint32(header, 0) !== MAGIC || uint16(header, 4) !== VERSION || length > MOST_FIELD_BYTES || !kind)
        return undefined;
      const end = HEADER_BYTES + length;
      const image = new Uint8Array(end + CRC_BYTES);
      this.#flash.read(image, start);
      if (uint32(image, end) !== crc32(image, 0, end)) return undefined;
      const sequence = uint32(image, 8);
      const [offset, , what] = CONFIRMED;
      const mark = markOf(what, sequence);
      const isConfirmed = this.isAt(start + offset, mark) || this.isAt(start + offset + MARK_BYTES, mark);
      return { sector, kind, sequence, isConfirmed, fields: image.subarray(HEADER_BYTES, end) };
    } catch {
      return undefined;
    }
  }

  private isAt(at: number, bytes: Uint8Array): boolean {
    const found = new Uint8Array(bytes.length);
    this.#flash.read(found, at);
    return bytes.every((byte, i) => byte === found[i]);
  }
}

/** Written once, to a place of its own: so it can be in encrypted flash too. */
function markOf(what: number, sequence: number): Uint8Array {
  const mark = new Uint8Array(MARK_BYTES).fill(0xff);
  const view = new DataView(mark.buffer);
  view.setUint32(0, what, true);
  view.setUint32(4, sequence, true);
  view.setUint32(8, crc32(mark, 0, 8), true);
  return mark;
}
