import type { FlashReader } from "./record-scanner";
import { type FoundHeader, HEADER_BYTES, type NoHeader, parseHeader } from "./sector-header";

/** Why a partition was formatted: there was nothing of ours, of whatever format. */
export type FormatReason =
  /** Erased: the first start. */
  | "blank"
  /** It held something else. */
  | "foreign"
  /** It held a journal of which no sector is whole. */
  | "corrupt"
  /** It held a journal of a partition of another size. */
  | "geometry";

export interface Survey {
  /** The sector written to last, or why there is none. */
  readonly newest: { readonly sector: number; readonly header: FoundHeader } | FormatReason;
  /** By sector: `seq` of the first reading that it can hold; 0: not part of the ring. */
  readonly firstSeqs: Uint32Array;
  /** Sectors of the ring that a newer firmware wrote and this one cannot read. */
  readonly newer: readonly number[];
}

/** How much a reason says, the most telling last. */
const WEIGHT = Object.freeze(
  {
    blank: 0,
    foreign: 1,
    corrupt: 2,
    geometry: 3,
  } as const satisfies Record<FormatReason, number>,
  true,
);

/** Finds the ring from one header per sector. */
export function surveySectors(flash: FlashReader, sectors: number, sectorLength: number): Survey {
  const bytes = new Uint8Array(HEADER_BYTES);
  const generations = new Uint32Array(sectors);
  const epochs = new Uint32Array(sectors);
  const firstSeqs = new Uint32Array(sectors);
  const newer: number[] = [];
  let newest: { sector: number; header: FoundHeader } | undefined;
  let reason: FormatReason = "blank";

  for (let sector = 0; sector < sectors; sector++) {
    flash.read(bytes, sector * sectorLength);
    const header = fitting(parseHeader(bytes), sectors, sectorLength);
    if (typeof header === "string") {
      if (WEIGHT[header] > WEIGHT[reason]) reason = header;
      continue;
    }
    generations[sector] = header.generation;
    epochs[sector] = header.epoch;
    firstSeqs[sector] = header.firstSeq;
    if (header.isNewer) newer.push(sector);
    if (!newest || header.generation > newest.header.generation) newest = { sector, header };
  }
  if (!newest) return { newest: reason, firstSeqs, newer };

  // Generations count up by one around the ring: what does not fit is left from another life.
  for (let sector = 0; sector < sectors; sector++) {
    const behind = (newest.sector - sector + sectors) % sectors;
    if (epochs[sector] !== newest.header.epoch || generations[sector] !== newest.header.generation - behind)
      firstSeqs[sector] = 0;
  }
  return { newest, firstSeqs, newer: newer.filter((sector) => firstSeqs[sector] !== 0) };
}

function fitting(
  header: FoundHeader | NoHeader,
  sectors: number,
  sectorLength: number,
): FoundHeader | FormatReason {
  if (typeof header === "string") return header;
  return header.sectors === sectors && header.sectorLength === sectorLength ? header : "geometry";
}
