import { afterEach, beforeEach, expect, test, vi } from "vitest";
import {
  type ErasablePartition,
  FactoryReset,
  type FactoryResetOptions,
  RESET_MARK,
} from "../../../modules/device/factory-reset";
import { NorFlash } from "../../../sim/device/nor-flash";
import { Flash } from "../../../sim/sdk/flash";
import { MemoryStore } from "../../support/memory-store";

beforeEach(() => vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] }));
afterEach(() => vi.useRealTimers());

const SECTOR = 512;
const SECRET = "correct horse";

/** What outlives power cuts, with an owner's things in it, and a reset that may run on it. */
class Device {
  readonly settings = new MemoryStore();
  readonly commands = new MemoryStore();
  readonly journal = new NorFlash({ byteLength: 4 * SECTOR, sectorLength: SECTOR, random: () => 0.5 });
  readonly dump = new NorFlash({ byteLength: 2 * SECTOR, sectorLength: SECTOR, random: () => 0.5 });
  readonly lines: string[] = [];
  restarts = 0;
  partitions: ErasablePartition[] = [new Flash(this.journal), new Flash(this.dump)];

  constructor() {
    this.settings.write("networks", SECRET);
    this.settings.write("bootCount", "7");
    this.settings.write("ofAnotherRelease", SECRET);
    this.commands.write("3", "3 owed read-now a ");
    this.commands.write("99", "of another release");
    for (const chip of [this.journal, this.dump])
      for (let sector = 0; sector < 2; sector++)
        chip.program(sector * SECTOR + 7, new TextEncoder().encode(SECRET));
  }

  options(): FactoryResetOptions {
    const write = (text: string) => this.lines.push(text);
    return {
      stores: [this.settings, this.commands],
      survivors: ["bootCount"],
      partitions: this.partitions,
      board: { restart: () => this.restarts++ },
      log: { error: write, warn: write, info: write, debug: write },
    };
  }

  /** What of the owner's is left. */
  get left(): string[] {
    const keys = [...this.settings, ...this.commands].filter(
      (key) => ![RESET_MARK, "bootCount"].includes(key),
    );
    const chips = { journal: this.journal, dump: this.dump };
    const dirty = Object.entries(chips).filter(([, { cells }]) => Buffer.from(cells).includes(SECRET));
    return [...keys, ...dirty.map(([name]) => name)];
  }

  get isDue(): boolean {
    return this.settings.values.has(RESET_MARK);
  }

  /** As the device at work, and as the boot that finds the mark. */
  run(ms = 1_000): void {
    new FactoryReset(this.options()).run();
    vi.advanceTimersByTime(ms);
  }
}

test("What begins is only marked, and the device restarts; that boot erases all but what survives, and restarts", () => {
  const device = new Device();
  const before = device.left;
  expect(before).toHaveLength(6);
  device.run();
  expect([device.left, device.restarts, device.isDue]).toEqual([before, 1, true]);
  device.run();
  expect([device.left, device.restarts, device.isDue]).toEqual([[], 2, false]);
  expect(Object.fromEntries(device.settings.values)).toEqual({ bootCount: "7" });
  expect(device.journal.cells.every((cell) => cell === 0xff)).toBe(true);
});

test("What is blank is not erased again: a flash block wears", () => {
  const device = new Device();
  device.run();
  device.run();
  device.run();
  expect([...device.journal.erases, ...device.dump.erases]).toEqual([1, 1, 0, 0, 1, 1]);
});

test("One block of flash a turn, so that the watchdog is fed", () => {
  const device = new Device();
  device.run();
  let most = 0;
  const erase = device.journal.erase.bind(device.journal);
  let inTurn = 0;
  device.journal.erase = (sector) => {
    most = Math.max(most, ++inTurn);
    erase(sector);
  };
  new FactoryReset(device.options()).run();
  while (device.restarts < 2) {
    inTurn = 0;
    vi.advanceTimersToNextTimer();
  }
  expect(most).toBe(1);
});

test.each([
  ["networks", (device: Device) => device.settings.broken.add("networks")],
  ["3", (device: Device) => device.commands.broken.add("3")],
] as const)(
  "A key that the flash does not let go (%s) is told and tried again until it is gone",
  (key, refuse) => {
    const device = new Device();
    device.run();
    refuse(device);
    device.run(60_000);
    expect([device.restarts, device.isDue]).toEqual([1, true]);
    expect(device.left).toContain(key);
    expect(device.lines.filter((line) => line.includes("trying again")).length).toBeGreaterThan(50);
    expect(device.lines.join()).not.toContain(SECRET);
    device.settings.broken.clear();
    device.commands.broken.clear();
    vi.advanceTimersByTime(2_000);
    expect([device.left, device.restarts]).toEqual([[], 2]);
  },
);

test("A key that is still there after its deletion is not taken for gone", () => {
  const device = new Device();
  device.run();
  const remove = device.settings.delete.bind(device.settings);
  device.settings.delete = () => {};
  device.run(5_000);
  expect(device.restarts).toBe(1);
  device.settings.delete = remove;
  vi.advanceTimersByTime(2_000);
  expect([device.left, device.restarts]).toEqual([[], 2]);
});

test("Flash that throws is tried again; a block that no longer erases is overwritten; one that keeps everything never passes", () => {
  const device = new Device();
  device.run();
  const { journal } = device;
  const erase = journal.erase.bind(journal);
  let mode: "throws" | "nothing" | "works" = "throws";
  journal.erase = (sector) => {
    if (mode === "throws") throw new Error("flash");
    if (mode === "works") erase(sector);
  };
  device.run(5_000);
  expect(device.restarts).toBe(1);
  const program = journal.program.bind(journal);
  mode = "nothing";
  journal.program = () => {};
  vi.advanceTimersByTime(5_000);
  expect([device.restarts, device.left]).toEqual([1, ["journal", "dump"]]);
  journal.program = program;
  vi.advanceTimersByTime(2_000);
  expect([device.restarts, device.left]).toEqual([2, []]);
  expect(journal.cells.subarray(0, SECTOR).every((cell) => cell === 0)).toBe(true);
});

test("A storage that does not tell its keys is not taken for an empty one", () => {
  const device = new Device();
  device.run();
  const keys = device.settings[Symbol.iterator].bind(device.settings);
  device.settings[Symbol.iterator] = () => [].values();
  device.run(5_000);
  expect([device.restarts, device.isDue]).toEqual([1, true]);
  device.settings[Symbol.iterator] = keys;
  vi.advanceTimersByTime(2_000);
  expect([device.left, device.restarts]).toEqual([[], 2]);
});

test("A mark that is not kept begins nothing, and is tried again", () => {
  const device = new Device();
  device.settings.broken.add(RESET_MARK);
  device.run();
  vi.advanceTimersByTime(3_000);
  expect([device.restarts, device.left.length]).toEqual([0, 6]);
  device.settings.broken.clear();
  vi.advanceTimersByTime(1_000);
  expect([device.restarts, device.isDue]).toEqual([1, true]);
});

/** Cuts the power in front of the `cut`th change of anything, or in the middle of it where it is flash. */
function withCut(device: Device, cut: number, tear: boolean): { changes: number; dead: boolean } {
  const power = { changes: 0, dead: false };
  const change = (act: () => void, torn?: () => void): void => {
    if (power.dead) throw new Error("no power");
    if (power.changes++ === cut) {
      power.dead = true;
      if (tear) torn?.();
      throw new Error("power cut");
    }
    act();
  };
  for (const store of [device.settings, device.commands]) {
    const write = store.write.bind(store);
    const remove = store.delete.bind(store);
    store.write = (key, value) => change(() => write(key, value));
    store.delete = (key) => change(() => remove(key));
  }
  device.partitions = [device.journal, device.dump].map((chip) => {
    const flash = new Flash(chip);
    return {
      read: (bytes, at) => flash.read(bytes, at),
      status: () => flash.status(),
      write: (bytes, at) => change(() => flash.write(bytes, at)),
      eraseBlock: (block) =>
        change(
          () => flash.eraseBlock(block),
          () => {
            chip.cutAfter(SECTOR / 2, "scattered");
            expect(() => flash.eraseBlock(block)).toThrow("power cut");
            chip.powerOn();
          },
        ),
    };
  });
  return power;
}

test.each([false, true])(
  "A power cut at any change of a reset (in its middle: %s): all or nothing",
  (tear) => {
    /** A reset to its end, or to the cut. */
    const run = (cut: number) => {
      const device = new Device();
      const power = withCut(device, cut, tear);
      device.run();
      for (let boots = 0; !power.dead && boots < 2; boots++) if (device.isDue) device.run();
      vi.clearAllTimers();
      return { device, power };
    };
    const { changes } = run(Number.POSITIVE_INFINITY).power;
    expect(changes).toBe(10);
    for (let cut = 0; cut < changes; cut++) {
      const { device, power } = run(cut);
      expect(power.dead, `cut at ${cut}`).toBe(true);
      // The next boot.
      power.dead = false;
      const due = device.isDue;
      expect(due).toBe(cut > 0);
      if (due) device.run();
      expect(device.left, `cut at ${cut}`).toEqual(due ? [] : new Device().left);
      expect(device.isDue).toBe(false);
    }
  },
);
