import fc from "fast-check";
import { expect, it } from "vitest";
import type { FlashJournal } from "../../../modules/journal/flash-journal";
import type { Measurement, Stamp } from "../../../modules/telemetry/reading";
import type { NorFlash } from "../../../sim/device/nor-flash";
import { chipOf, openJournal, seqs } from "../../support/journal-rig";
import { MemoryJournal } from "../../support/memory-journal";
import { fuzz, LONG } from "../../support/volume";

/** The journal in flash, and how often the device has started. */
interface Real {
  readonly chip: NorFlash;
  journal: FlashJournal;
}

interface Model {
  journal: MemoryJournal;
  boot: number;
  /** What the clock says of this boot's beginning; undefined: nothing. */
  atBoot: number | undefined;
}

type Command = fc.Command<Model, Real>;

/** After each command: the same counts, and the same answer to any question. */
function same(model: Model, real: Real, from: number, max: number): void {
  expect(real.journal.counts).toEqual(model.journal.counts);
  expect(real.journal.read(from, max)).toEqual(model.journal.read(from, max));
}

class Append implements Command {
  readonly values: Measurement;
  readonly uptimeSeconds: number;
  readonly times: number;
  constructor(values: Measurement, uptimeSeconds: number, times: number) {
    this.values = values;
    this.uptimeSeconds = uptimeSeconds;
    this.times = times;
  }
  check = (): boolean => true;
  run(model: Model, real: Real): void {
    for (let i = 0; i < this.times; i++) {
      const uptimeSeconds = this.uptimeSeconds + i;
      const stamp: Stamp =
        model.atBoot !== undefined
          ? { boot: model.boot, uptimeSeconds, unixSeconds: model.atBoot + uptimeSeconds }
          : { boot: model.boot, uptimeSeconds };
      expect(real.journal.append(this.values, stamp)).toBe(model.journal.append(this.values, stamp));
    }
    same(model, real, 1, 3);
  }
  toString = (): string => `append ${this.times}`;
}

class Read implements Command {
  readonly from: number;
  readonly max: number;
  constructor(from: number, max: number) {
    this.from = from;
    this.max = max;
  }
  check = (): boolean => true;
  run = (model: Model, real: Real): void => same(model, real, this.from, this.max);
  toString = (): string => `read ${this.from} ${this.max}`;
}

class Mark implements Command {
  readonly from: number;
  readonly count: number;
  constructor(from: number, count: number) {
    this.from = from;
    this.count = count;
  }
  check = (model: Readonly<Model>): boolean => model.journal.counts.written > 0;
  run(model: Model, real: Real): void {
    const { written } = model.journal.counts;
    const first = 1 + (this.from % written);
    const last = Math.min(written, first + this.count);
    expect(real.journal.mark(first, last)).toBe(model.journal.mark(first, last));
    same(model, real, first, 5);
  }
  toString = (): string => `mark ${this.from}+${this.count}`;
}

/** The clock is set: rightly, or by somebody who lies by fifteen years. */
class SetClock implements Command {
  readonly lie: number;
  constructor(lie: number) {
    this.lie = lie;
  }
  check = (): boolean => true;
  run(model: Model, real: Real): void {
    model.atBoot = unixAtBoot(model.boot) + this.lie;
    expect(real.journal.date(model.boot, model.atBoot)).toBe(model.journal.date(model.boot, model.atBoot));
    same(model, real, 1, 100);
  }
  toString = (): string => `date ${this.lie}`;
}

/** The clock has lost the time. */
class LoseClock implements Command {
  check = (model: Readonly<Model>): boolean => model.atBoot !== undefined;
  run(model: Model, real: Real): void {
    model.atBoot = undefined;
    real.journal.undate(model.boot, model.boot);
    model.journal.undate(model.boot, model.boot);
    same(model, real, 1, 100);
  }
  toString = (): string => "undate";
}

class Restart implements Command {
  check = (): boolean => true;
  run(model: Model, real: Real): void {
    model.journal = model.journal.reopen();
    model.boot++;
    model.atBoot = undefined;
    real.journal = openJournal(real.chip, 0xbad);
    expect(real.journal.formatted).toBeUndefined();
    same(model, real, 1, 100);
  }
  toString = (): string => "restart";
}

const unixAtBoot = (boot: number): number => 1_790_000_000 + boot * 2_000_000;
const tenths = (max: number) => fc.integer({ min: 0, max }).map((steps) => steps / 10);
const values = fc.record(
  { pm2_5: tenths(5000), co2: fc.nat(5000), humidity: tenths(1000) },
  { requiredKeys: [] },
);

// Few boots and few islands a run: within what a sector of 1 KB remembers (8 dates, 16 islands). What happens beyond
// those bounds, and when the ring is full, has tests of its own.
it("answers like a journal in memory, whatever is done with it in whatever order", () => {
  const commands = [
    fc.tuple(values, fc.nat(1_000_000), fc.integer({ min: 1, max: 12 })).map((args) => new Append(...args)),
    fc.tuple(fc.integer({ min: -2, max: 300 }), fc.nat(30)).map((args) => new Read(...args)),
    fc.tuple(fc.nat(), fc.nat(15)).map((args) => new Mark(...args)),
    fc.constantFrom(0, 0, 500_000_000, -500_000_000).map((lie) => new SetClock(lie)),
    fc.constant(new LoseClock()),
    fc.constant(new Restart()),
  ];
  fc.assert(
    fc.property(fc.commands(commands, { maxCommands: 40, size: "max" }), (sequence) => {
      const chip = chipOf(16, 1024);
      const journal = openJournal(chip);
      fc.modelRun(
        () => ({
          model: { journal: new MemoryJournal({ rangeLimit: 16 }), boot: 1, atBoot: undefined },
          real: { chip, journal },
        }),
        sequence,
      );
      expect(chip.counts.unclearedBits).toBe(0);
    }),
    fuzz(LONG ? 2_000 : 100),
  );
});

it("drops whole sectors from the oldest end only, whatever is marked", () => {
  const step = fc.record({
    appends: fc.integer({ min: 1, max: 9 }),
    markFrom: fc.nat(),
    markCount: fc.nat(6),
  });
  fc.assert(
    fc.property(fc.array(step, { minLength: 20, maxLength: 60 }), (steps) => {
      const chip = chipOf(4, 512);
      let journal = openJournal(chip);
      const marked = new Set<number>();
      for (const { appends, markFrom, markCount } of steps) {
        for (let i = 0; i < appends; i++) journal.append({ co2: 400 }, { boot: 1, uptimeSeconds: i });
        const { written } = journal.counts;
        const first = Math.max(1, written - (markFrom % 60));
        const last = Math.min(written, first + markCount);
        if (journal.mark(first, last)) for (let seq = first; seq <= last; seq++) marked.add(seq);
        if (markFrom % 5 === 0) journal = openJournal(chip);
      }
      const { written, acknowledged, dropped, pending, torn } = journal.counts;
      const found: number[] = [];
      for (let from = 1; ; from = found.at(-1)! + 1) {
        const batch = seqs(journal.read(from, 50));
        if (batch.length === 0) break;
        found.push(...batch);
      }
      const oldest = found[0] ?? written + 1;
      const expected: number[] = [];
      for (let seq = oldest; seq <= written; seq++) if (!marked.has(seq)) expected.push(seq);
      expect(found).toEqual(expected);
      expect(torn).toBe(0);
      expect(pending).toBe(found.length);
      expect(written).toBe(acknowledged + dropped + pending);
    }),
    fuzz(LONG ? 2_000 : 100),
  );
});
