import { crc32 } from "../base/crc32";
import { QUANTITY_NAMES, STEPS } from "../telemetry/quantities";
import type { Measurement, Reading, Stamp } from "../telemetry/reading";
import { ByteCursor } from "./byte-cursor";

/**
 * A record of the journal, one write each:
 *
 *     length (1)  kind and flags (1)  body (varints)  CRC-32 (4)
 *
 * `length` counts the whole record, so it is never FF, the erased byte. The CRC starts from the sector's generation:
 * what an earlier lap of the ring left never counts. 32 bits, since after a torn write the search for the next record
 * tries each byte: with 16 bits one torn write in about 2,000 would bring up a reading that never was.
 *
 * In a reading, a mask of nine bits says which of the first {@link FIRST} quantities have a value; behind those values
 * may stand a second mask, a varint, and the values of later quantities, in their order. Readers that know nine pass over
 * all of that, readers that know fewer than the writer over what comes last.
 */
export type JournalRecord =
  | { readonly kind: "reading"; readonly reading: Reading }
  /** The readings `first`…`last` are acknowledged. */
  | { readonly kind: "mark"; readonly first: number; readonly last: number }
  /** Unix time at uptime zero of a boot; {@link NO_DATE}: it is not known, whatever was said of it before. */
  | { readonly kind: "date"; readonly boot: number; readonly unixSecondsAtBoot: number }
  /** The readings from `first` on are to be delivered again. */
  | { readonly kind: "reopen"; readonly first: number };

/** In place of a boot's date. */
export const NO_DATE = 0;

/** What a sector's header says once, so that its records need not: numbers are kept as distances from it. */
export interface SectorBase {
  readonly generation: number;
  readonly firstSeq: number;
  readonly boot: number;
  readonly unixSecondsAtBoot: number;
}

/**
 * length, kind, nine values and four numbers of five bytes, presence, CRC. Firmware that knows nine quantities takes
 * nothing longer for a record; so later ones have a place where that many bytes are not needed, and they never are.
 */
export const MAX_RECORD_BYTES = 1 + 2 + 13 * 5 + 4;
/** In every format: how many numbers a sector can have given follows from it. */
export const MIN_RECORD_BYTES = 7;
const CRC_BYTES = 4;

const KINDS = Object.freeze(
  { reading: 0, mark: 1, date: 2, reopen: 3 } as const satisfies Record<JournalRecord["kind"], number>,
  true,
);
/** In the kind byte: two bits of kind, then the flags of a reading. */
const KIND_SCALE = 64;
const HAS_UNIX = 2;

/** Quantities whose presence stands in the kind byte and the one behind it; the rest of the kind byte is flags. */
const FIRST = 9;

const MAX_SCALED = 0x7fffffff;

/**
 * Writes a reading at the start of `into`; returns its length. Left out is what is not finite or does not fit 32 bits,
 * and of the later quantities what would make the record longer than {@link MAX_RECORD_BYTES}.
 */
export function encodeReading(
  into: Uint8Array,
  base: SectorBase,
  seq: number,
  values: Measurement,
  stamp: Stamp,
  most = QUANTITY_NAMES.length,
): number {
  const cursor = new ByteCursor(into, 3);
  const uptime = Math.floor(stamp.uptimeSeconds);
  cursor.putVarint(seq - base.firstSeq);
  cursor.putSigned(stamp.boot - base.boot);
  cursor.putVarint(uptime);
  if (stamp.unixSeconds !== undefined)
    cursor.putSigned(Math.floor(stamp.unixSeconds) - uptime - base.unixSecondsAtBoot);
  let present = 0;
  for (let i = 0; i < most; i++) if (isKept(scaledOf(values, i))) present |= 1 << i;
  for (let i = 0; i < most; i++) {
    if (i === FIRST && present >> FIRST) cursor.putVarint(present >> FIRST);
    if (present & (1 << i)) cursor.putSigned(scaledOf(values, i));
  }
  if (cursor.at > MAX_RECORD_BYTES - CRC_BYTES || cursor.overrun)
    return encodeReading(into, base, seq, values, stamp, most - 1);
  into[1] =
    KINDS.reading * KIND_SCALE + (stamp.unixSeconds === undefined ? 0 : HAS_UNIX) + ((present >> 8) & 1);
  into[2] = present & 0xff;
  return seal(cursor, base);
}

/** Writes a mark at the start of `into`; returns its length. */
export function encodeMark(into: Uint8Array, base: SectorBase, first: number, last: number): number {
  const cursor = new ByteCursor(into, 2);
  into[1] = KINDS.mark * KIND_SCALE;
  cursor.putSigned(first - base.firstSeq);
  cursor.putVarint(last - first);
  return seal(cursor, base);
}

/** Writes a date at the start of `into`; returns its length. */
export function encodeDate(
  into: Uint8Array,
  base: SectorBase,
  boot: number,
  unixSecondsAtBoot: number,
): number {
  const cursor = new ByteCursor(into, 2);
  into[1] = KINDS.date * KIND_SCALE;
  cursor.putSigned(boot - base.boot);
  cursor.putSigned(unixSecondsAtBoot - base.unixSecondsAtBoot);
  return seal(cursor, base);
}

/** Writes a reopening at the start of `into`; returns its length. */
export function encodeReopen(into: Uint8Array, base: SectorBase, first: number): number {
  const cursor = new ByteCursor(into, 2);
  into[1] = KINDS.reopen * KIND_SCALE;
  cursor.putSigned(first - base.firstSeq);
  return seal(cursor, base);
}

/** The length of the record at `at`, or 0 when there is none: too long for `end`, or its CRC is wrong. */
export function recordLength(bytes: Uint8Array, at: number, end: number, generation: number): number {
  const length = bytes[at]!;
  if (length < MIN_RECORD_BYTES || length > MAX_RECORD_BYTES || at + length > end) return 0;
  const crcAt = at + length - CRC_BYTES;
  const crc = new ByteCursor(bytes, crcAt).takeFixed(CRC_BYTES);
  return crc === crc32(bytes, at, crcAt, generation) ? length : 0;
}

/** The record of `length` bytes at `at`; `undefined` when its content makes no sense in spite of a good CRC. */
export function decodeRecord(
  bytes: Uint8Array,
  at: number,
  length: number,
  base: SectorBase,
): JournalRecord | undefined {
  const cursor = new ByteCursor(bytes, at + 1, at + length - CRC_BYTES);
  const flags = cursor.takeByte();
  const kind = Math.floor(flags / KIND_SCALE);
  let record: JournalRecord | undefined;
  if (kind === KINDS.reading) record = { kind: "reading", reading: takeReading(cursor, flags, base) };
  else if (kind === KINDS.mark) {
    const first = base.firstSeq + cursor.takeSigned();
    record = { kind: "mark", first, last: first + cursor.takeVarint() };
  } else if (kind === KINDS.date) {
    const boot = base.boot + cursor.takeSigned();
    record = { kind: "date", boot, unixSecondsAtBoot: base.unixSecondsAtBoot + cursor.takeSigned() };
  } else if (kind === KINDS.reopen) record = { kind: "reopen", first: base.firstSeq + cursor.takeSigned() };
  return cursor.overrun ? undefined : record;
}

function takeReading(cursor: ByteCursor, flags: number, base: SectorBase): Reading {
  let present = ((flags & 1) << 8) + cursor.takeByte();
  const seq = base.firstSeq + cursor.takeVarint();
  const boot = base.boot + cursor.takeSigned();
  const uptimeSeconds = cursor.takeVarint();
  const unixAtBoot = flags & HAS_UNIX ? base.unixSecondsAtBoot + cursor.takeSigned() : undefined;
  const values: Measurement = {};
  for (let i = 0; i < QUANTITY_NAMES.length; i++) {
    if (i === FIRST && !cursor.isAtEnd) present |= cursor.takeVarint() << FIRST;
    const quantity = QUANTITY_NAMES[i]!;
    // By a division, so that it is the decimal that was meant: 123 / 10 is 12.3, 123 * 0.1 is not.
    if (present & (1 << i)) values[quantity] = cursor.takeSigned() / STEPS[quantity];
  }
  const reading = { seq, boot, uptimeSeconds, values };
  return unixAtBoot === undefined ? reading : { ...reading, unixSeconds: unixAtBoot + uptimeSeconds };
}

/** The value of quantity `i` in steps; not a number: it has none. */
function scaledOf(values: Measurement, i: number): number {
  const quantity = QUANTITY_NAMES[i]!;
  return Math.round((values[quantity] ?? Number.NaN) * STEPS[quantity]);
}

const isKept = (scaled: number): boolean => Math.abs(scaled) <= MAX_SCALED;

function seal(cursor: ByteCursor, base: SectorBase): number {
  const length = cursor.at + CRC_BYTES;
  cursor.bytes[0] = length;
  cursor.putFixed(crc32(cursor.bytes, 0, cursor.at, base.generation), CRC_BYTES);
  return length;
}
