import { crc32 } from "../base/crc32";
import { startsWith, uint16, uint32 } from "../identity/fields";

/**
 * What is renewed over the identity, one record a sector of the partition `credentials`. Integers little-endian:
 *
 * | offset | bytes | |
 * |---|---|---|
 * | 0 | 4 | "ALCR" |
 * | 4 | 2 | version, 1 |
 * | 6 | 1 | kind, {@link KINDS} |
 * | 7 | 1 | FF |
 * | 8 | 4 | sequence: counts up over the partition |
 * | 12 | 2 | length of the fields |
 * | 14 | 2 | FF |
 * | 16 | length | fields, as in an identity (modules/identity/fields.ts) |
 * | 16 + length | 4 | CRC-32 of all before it |
 * | {@link TRY_OFFSET} | 3 × 16 | marks of boots that tried it |
 * | {@link CONFIRMED_OFFSET} | 2 × 16 | marks that it has worked; one of them is enough |
 *
 * A mark is written once, to a place of its own of 16 bytes: so it can be in encrypted flash too.
 */
export interface CredentialRecord {
  readonly kind: RecordKind;
  readonly sequence: number;
  readonly fields: Uint8Array;
}

export type RecordKind = (typeof KINDS)[number];

/** A key with its certificate chain; the authorities of a trust list. */
export const KINDS = Object.freeze(["certificate", "authorities"] as const);

export const RECORD_VERSION = 1;
export const RECORD_HEADER = 16;
export const MARK_BYTES = 16;
export const TRY_OFFSET = 4_016;
export const MOST_TRIES = 3;
export const CONFIRMED_OFFSET = TRY_OFFSET + MOST_TRIES * MARK_BYTES;
export const CONFIRMED_MARKS = 2;
const CRC_BYTES = 4;
const LENGTH_OFFSET = 12;
export const MOST_FIELD_BYTES = TRY_OFFSET - RECORD_HEADER - CRC_BYTES;

/** "ALCR" */
const MAGIC: readonly number[] = Object.freeze([0x41, 0x4c, 0x43, 0x52]);
const TRIED = 0x54;
const CONFIRMED = 0x43;

/** Whole multiples of 16 bytes. */
export function formatRecord({ kind, sequence, fields }: CredentialRecord): Uint8Array {
  const end = RECORD_HEADER + fields.length;
  const image = new Uint8Array((end + CRC_BYTES + MARK_BYTES - 1) & ~(MARK_BYTES - 1)).fill(0xff);
  const view = new DataView(image.buffer);
  image.set(MAGIC);
  view.setUint16(4, RECORD_VERSION, true);
  view.setUint8(6, KINDS.indexOf(kind) + 1);
  view.setUint32(8, sequence, true);
  view.setUint16(LENGTH_OFFSET, fields.length, true);
  image.set(fields, RECORD_HEADER);
  view.setUint32(end, crc32(image, 0, end), true);
  return image;
}

/** Bytes of the record by its header; `undefined`: it is none, or of another version. */
export function recordLength(header: Uint8Array): number | undefined {
  if (!startsWith(header, 0, MAGIC) || uint16(header, 4) !== RECORD_VERSION) return undefined;
  const length = uint16(header, LENGTH_OFFSET);
  return length <= MOST_FIELD_BYTES ? RECORD_HEADER + length + CRC_BYTES : undefined;
}

/** The one parser of records, of exactly {@link recordLength} bytes. `undefined`: it is not whole. `fields` is a view. */
export function parseRecord(image: Uint8Array): CredentialRecord | undefined {
  const end = image.length - CRC_BYTES;
  const kind = KINDS[image[6]! - 1];
  if (kind === undefined || uint32(image, end) !== crc32(image, 0, end)) return undefined;
  return { kind, sequence: uint32(image, 8), fields: image.subarray(RECORD_HEADER, end) };
}

/** That a boot has tried the record of this sequence, or that it has worked. */
export function formatMark(what: "tried" | "confirmed", sequence: number): Uint8Array {
  const mark = new Uint8Array(MARK_BYTES).fill(0xff);
  const view = new DataView(mark.buffer);
  view.setUint32(0, what === "tried" ? TRIED : CONFIRMED, true);
  view.setUint32(4, sequence, true);
  view.setUint32(8, crc32(mark, 0, 8), true);
  return mark;
}
