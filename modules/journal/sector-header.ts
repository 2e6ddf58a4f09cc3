import { crc32 } from "../base/crc32";
import { ByteCursor } from "./byte-cursor";
import type { SectorBase } from "./record";

/**
 * The start of a sector: what the records need as a base, and a checkpoint of all that happened before, so that
 * recovery replays one sector and not the ring.
 *
 *     header (52)   numbers, CRC-32                             written last: it is what makes the sector count
 *     details (n)   settled islands, dates of boots, CRC-32     written first; absent when there are none
 */
export interface SectorHeader extends SectorBase {
  /** Identifies the numbering; the same in all sectors that belong together. */
  readonly epoch: number;
  /** Geometry of the partition that the sector belongs to. */
  readonly sectors: number;
  readonly sectorLength: number;
  /** First reading not settled. */
  readonly frontier: number;
  readonly acknowledged: number;
  readonly dropped: number;
  readonly torn: number;
  readonly detailsLength: number;
}

/** The parts of the checkpoint whose number varies. */
export interface SectorDetails {
  /** Pairs of first and last, above the frontier. */
  readonly islands: readonly number[];
  readonly dates: readonly BootDate[];
}

/** Unix time at uptime zero of a boot; no reading after `untilSeq` waits for it. */
export interface BootDate {
  readonly boot: number;
  readonly unixSecondsAtBoot: number;
  readonly untilSeq: number;
}

/** A header as it was found. */
export interface FoundHeader extends SectorHeader {
  /** Records and details are of a newer firmware's format, which this one cannot read. */
  readonly isNewer: boolean;
}

/** Why a sector holds no records of ours. */
export type NoHeader =
  /** Erased. */
  | "blank"
  /** Something else was written there. */
  | "foreign"
  /** Ours, but damaged: a cut while it was opened or erased. */
  | "corrupt";

/**
 * What this firmware writes. In a header the format's number stands in one byte, and after it the lowest format whose
 * readers understand the sector as well (0: no lower one). A firmware that comes back after a newer one reads what it
 * may and keeps the rest; so in every format that ever comes
 *
 * - the header stays as it is here: place, meaning and CRC of its numbers;
 * - a record takes at least {@link MIN_RECORD_BYTES}, so that a sector's first number says where its last one ends;
 * - the first release that knows it writes its predecessor's until it is confirmed.
 */
export const FORMAT_VERSION = 1;
export const HEADER_BYTES = 52;
const CRC_AT = HEADER_BYTES - 4;
/** "AJ" */
const MAGIC = Object.freeze([0x41, 0x4a] as const, true);

export function encodeHeader(header: SectorHeader): Uint8Array {
  const cursor = new ByteCursor(new Uint8Array(HEADER_BYTES));
  for (const byte of MAGIC) cursor.putByte(byte);
  cursor.putFixed(FORMAT_VERSION, 1);
  cursor.putFixed(0, 1);
  cursor.putFixed(header.sectors, 2);
  cursor.putFixed(header.detailsLength, 2);
  for (const value of [
    header.sectorLength,
    header.epoch,
    header.generation,
    header.firstSeq,
    header.frontier,
    header.acknowledged,
    header.dropped,
    header.torn,
    header.boot,
    header.unixSecondsAtBoot,
  ])
    cursor.putFixed(value, 4);
  cursor.putFixed(crc32(cursor.bytes, 0, CRC_AT), 4);
  return cursor.bytes;
}

/** Parses the first {@link HEADER_BYTES} of a sector. */
export function parseHeader(bytes: Uint8Array): FoundHeader | NoHeader {
  let blank = true;
  for (let i = 0; i < HEADER_BYTES && blank; i++) blank = bytes[i] === 0xff;
  if (blank) return "blank";
  if (bytes[0] !== MAGIC[0] || bytes[1] !== MAGIC[1]) return "foreign";
  const cursor = new ByteCursor(bytes, CRC_AT);
  if (cursor.takeFixed(4) !== crc32(bytes, 0, CRC_AT)) return "corrupt";
  cursor.at = MAGIC.length;
  const format = cursor.takeByte();
  const readers = cursor.takeByte();
  if (format === 0) return "corrupt";
  return {
    isNewer: format > FORMAT_VERSION && !(readers > 0 && readers <= FORMAT_VERSION),
    sectors: cursor.takeFixed(2),
    detailsLength: cursor.takeFixed(2),
    sectorLength: cursor.takeFixed(4),
    epoch: cursor.takeFixed(4),
    generation: cursor.takeFixed(4),
    firstSeq: cursor.takeFixed(4),
    frontier: cursor.takeFixed(4),
    acknowledged: cursor.takeFixed(4),
    dropped: cursor.takeFixed(4),
    torn: cursor.takeFixed(4),
    boot: cursor.takeFixed(4),
    unixSecondsAtBoot: cursor.takeFixed(4),
  };
}

/** The most that {@link encodeDetails} takes for so many islands and dates. */
export function maxDetailsBytes(islands: number, dates: number): number {
  return 4 + 4 + islands * 10 + dates * 15;
}

/** Empty when there is nothing to say. */
export function encodeDetails({ islands, dates }: SectorDetails, header: DetailsBase): Uint8Array {
  if (islands.length === 0 && dates.length === 0) return new Uint8Array(0);
  const cursor = new ByteCursor(new Uint8Array(maxDetailsBytes(islands.length / 2, dates.length)));
  cursor.putVarint(islands.length / 2);
  let previous = header.frontier;
  for (const seq of islands) {
    cursor.putVarint(seq - previous);
    previous = seq;
  }
  cursor.putVarint(dates.length);
  for (const date of dates) {
    cursor.putVarint(date.boot);
    cursor.putVarint(date.unixSecondsAtBoot);
    cursor.putVarint(date.untilSeq);
  }
  cursor.putFixed(crc32(cursor.bytes, 0, cursor.at, header.generation), 4);
  return cursor.bytes.subarray(0, cursor.at);
}

/** Parses what {@link encodeDetails} wrote; `undefined` when it is damaged. */
export function parseDetails(bytes: Uint8Array, header: DetailsBase): SectorDetails | undefined {
  if (bytes.length === 0) return { islands: [], dates: [] };
  const end = bytes.length - 4;
  if (end < 0 || new ByteCursor(bytes, end).takeFixed(4) !== crc32(bytes, 0, end, header.generation))
    return undefined;
  const cursor = new ByteCursor(bytes, 0, end);
  const islands: number[] = [];
  let previous = header.frontier;
  for (let count = 2 * cursor.takeVarint(); count > 0 && !cursor.overrun; count--) {
    previous += cursor.takeVarint();
    islands.push(previous);
  }
  const dates: BootDate[] = [];
  for (let count = cursor.takeVarint(); count > 0 && !cursor.overrun; count--)
    dates.push({
      boot: cursor.takeVarint(),
      unixSecondsAtBoot: cursor.takeVarint(),
      untilSeq: cursor.takeVarint(),
    });
  return cursor.overrun ? undefined : { islands, dates };
}

type DetailsBase = Pick<SectorHeader, "frontier" | "generation">;
