import type { FlashJournal } from "../../modules/journal/flash-journal";
import type { Reading } from "../../modules/telemetry/reading";
import { ReadingBlock } from "../../modules/telemetry/reading-block";

/** One a minute of boot 3, dated, each with other values. */
export function reading(seq: number): Reading {
  return {
    seq,
    boot: 3,
    uptimeSeconds: seq * 60,
    unixSeconds: 1_790_000_000 + seq * 60,
    values: { pm2_5: (seq % 300) / 10, co2: 400 + seq, temperature: (2000 - seq * 7) / 100 },
  };
}

/** As many as are consecutive, from the first on. */
export function blockOf(readings: readonly Reading[]): ReadingBlock {
  const block = new ReadingBlock(2 * readings.length);
  for (const each of readings) if (!block.push(each)) break;
  return block;
}

/** Appends `reading(seq)`; returns the number that the journal gave it. */
export function append(journal: FlashJournal, seq: number): number {
  const { values, ...stamp } = reading(seq);
  return journal.append(values, stamp);
}
