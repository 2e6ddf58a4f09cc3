import { FlashJournal } from "../../modules/journal/flash-journal";
import type { Measurement, Reading, Stamp } from "../../modules/telemetry/reading";
import { NorFlash } from "../../sim/device/nor-flash";
import { Flash } from "../../sim/sdk/flash";

/** A small seeded random number generator (mulberry32), 0 to 1. */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

export function chipOf(sectors: number, sectorLength: number, random?: () => number): NorFlash {
  return new NorFlash({ byteLength: sectors * sectorLength, sectorLength, ...(random && { random }) });
}

/** The partition of the device (design 10). */
export const fullChip = (random?: () => number): NorFlash => chipOf(144, 4096, random);

export const openJournal = (chip: NorFlash, epoch = 0xabcdef): FlashJournal =>
  new FlashJournal({ flash: new Flash(chip), newEpoch: () => epoch });

/** A dated reading number `n` of a device that reads once a minute, all nine quantities, in usual ranges. */
export function sample(n: number): { values: Measurement; stamp: Stamp } {
  const uptimeSeconds = 20 + 60 * n;
  return {
    values: {
      pm1: (30 + (n % 70)) / 10,
      pm2_5: (50 + (n % 90)) / 10,
      pm4: (60 + (n % 110)) / 10,
      pm10: (70 + (n % 130)) / 10,
      co2: 420 + (n % 800),
      temperature: (1900 + (n % 700)) / 100,
      humidity: (3500 + (n % 2000)) / 100,
      voc: 40 + (n % 200),
      nox: 1 + (n % 3),
    },
    stamp: { boot: 12, uptimeSeconds, unixSeconds: 1_790_000_000 + uptimeSeconds },
  };
}

export function appendSample(journal: FlashJournal, n: number): number {
  const { values, stamp } = sample(n);
  return journal.append(values, stamp);
}

/** All pending readings. */
export function drain(journal: FlashJournal, batch = 20): Reading[] {
  const all: Reading[] = [];
  for (let from = 1; ; ) {
    const readings = journal.read(from, batch);
    if (readings.length === 0) return all;
    all.push(...readings);
    from = readings.at(-1)!.seq + 1;
  }
}

export const seqs = (readings: readonly Reading[]): number[] => readings.map(({ seq }) => seq);
