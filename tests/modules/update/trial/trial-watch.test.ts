import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { silentLogger } from "../../../../modules/base/logger";
import { formatTrial, parseTrial, type TrialRecord } from "../../../../modules/update/trial/trial";
import { HOLD_MS, LIMIT_MS, TrialWatch } from "../../../../modules/update/trial/trial-watch";
import { MemorySlots } from "../../../support/memory-slots";

const MINUTE_MS = 60_000;
const TRIAL: TrialRecord = {
  state: "running",
  release: 12,
  image: "abcd1234",
  from: 9,
  floor: 7,
  trials: 1,
  failures: 0,
};

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "setInterval", "clearInterval", "performance"] });
});
afterEach(() => void vi.useRealTimers());

class Rig {
  readonly values: Record<string, string | number>;
  readonly slots = new MemorySlots();
  readonly moves: (string | undefined)[] = [];
  setup = false;
  stores = true;
  watch!: TrialWatch;

  constructor(
    record: Partial<TrialRecord> | undefined,
    options: { readonly release?: number; readonly pending?: boolean } = {},
  ) {
    const { release = 12 } = options;
    const { pending = release === 12 } = options;
    this.values = {
      updateTrial: record ? formatTrial({ ...TRIAL, ...record }) : "",
      updateAttempts: "",
      confirmedRelease: 9,
      releaseFloor: 3,
    };
    this.slots.running = pending ? "pending" : "valid";
    this.boot(release, "restart");
  }

  boot(release: number, resetReason: string): void {
    this.watch?.close();
    const bootedAt = performance.now();
    this.watch = new TrialWatch({
      log: silentLogger,
      slots: this.slots,
      memory: {
        get: (key: string) => this.values[key] as never,
        set: (key, value) => {
          if (this.stores) this.values[key] = value;
          return { ok: this.stores };
        },
      },
      release,
      resetReason,
      uptimeMs: () => performance.now() - bootedAt,
      inSetup: () => this.setup,
      onTrial: () => this.moves.push(this.watch.record?.state),
    });
  }

  get record(): TrialRecord | undefined {
    return parseTrial(this.values.updateTrial as string);
  }

  online(): void {
    this.watch.sessionUp();
    this.watch.statusTold();
  }
}

const pass = (ms: number) => vi.advanceTimersByTime(ms);

describe("The new image", () => {
  test("is confirmed when its status was acknowledged and the session then held for a minute", () => {
    const rig = new Rig({});
    expect(rig.watch.isOnTrial).toBe(true);
    pass(3 * MINUTE_MS);
    rig.watch.sessionUp();
    pass(2 * MINUTE_MS);
    expect(rig.slots.calls).toEqual([]);
    rig.watch.statusTold();
    pass(HOLD_MS - 5_001);
    expect(rig.slots.calls).toEqual([]);
    pass(10_002);
    expect(rig.slots.calls).toEqual(["confirm"]);
    expect(rig.record).toMatchObject({ state: "confirmed" });
    expect(rig.values).toMatchObject({ confirmedRelease: 12, releaseFloor: 7 });
    expect(rig.moves).toEqual(["confirmed"]);
    expect(vi.getTimerCount()).toBe(0);
  });

  test("begins its minute anew with each session", () => {
    const rig = new Rig({});
    for (let i = 0; i < 10; i++) {
      rig.online();
      pass(40_000);
      rig.watch.sessionDown();
    }
    expect(rig.slots.calls).toEqual([]);
  });

  test("does not take an acknowledgement that comes after its session for one of the next", () => {
    const rig = new Rig({});
    rig.watch.sessionUp();
    rig.watch.sessionDown();
    rig.watch.statusTold();
    rig.watch.sessionUp();
    pass(2 * MINUTE_MS);
    expect(rig.slots.calls).toEqual([]);
  });

  test("gives itself up after a quarter of an hour, and says so before", () => {
    const rig = new Rig({});
    const reject = vi.spyOn(rig.slots, "reject").mockImplementation(() => {
      expect(rig.record).toMatchObject({ state: "gave-up" });
      return true;
    });
    pass(LIMIT_MS - 10_000);
    expect(reject).not.toHaveBeenCalled();
    pass(20_000);
    expect(reject).toHaveBeenCalledOnce();
  });

  test("is given time while a person is in setup mode", () => {
    const rig = new Rig({});
    rig.setup = true;
    pass(60 * MINUTE_MS);
    expect(rig.slots.calls).toEqual([]);
    rig.setup = false;
    pass(LIMIT_MS + 10_000);
    expect(rig.slots.calls).toContain("reject");
  });

  test("goes on where there is no image to go back to, and may still prove good", () => {
    const rig = new Rig({});
    rig.slots.works = false;
    pass(LIMIT_MS + 10_000);
    expect(rig.slots.calls).toEqual(["reject"]);
    rig.slots.works = true;
    rig.online();
    pass(2 * MINUTE_MS);
    expect(rig.record).toMatchObject({ state: "confirmed" });
  });

  test("tries again to be confirmed where the flash refuses", () => {
    const rig = new Rig({});
    rig.slots.works = false;
    rig.online();
    pass(2 * MINUTE_MS);
    expect(rig.record).toMatchObject({ state: "running" });
    rig.slots.works = true;
    pass(10_000);
    expect(rig.record).toMatchObject({ state: "confirmed" });
  });

  test("writes down when it restarts for a reason of its own", () => {
    const rig = new Rig({});
    rig.watch.leaving();
    expect(rig.record).toMatchObject({ state: "left" });
    rig.boot(9, "restart");
    expect(rig.record).toMatchObject({ state: "again" });
  });

  test("is on trial also when its record was lost, and confirmed like any", () => {
    const rig = new Rig(undefined);
    expect(rig.watch.isOnTrial).toBe(true);
    rig.online();
    pass(2 * MINUTE_MS);
    expect(rig.slots.calls).toEqual(["confirm"]);
    expect(rig.values.confirmedRelease).toBe(12);
  });

  test("is confirmed in NVS by the next boot where the power went in between", () => {
    const rig = new Rig({}, { pending: false });
    expect(rig.record).toMatchObject({ state: "confirmed" });
    rig.online();
    pass(2 * MINUTE_MS);
    expect(rig.values.confirmedRelease).toBe(12);
    expect(rig.slots.calls).toEqual([]);
  });
});

describe("An image that nobody put on trial", () => {
  test("counts as confirmed once it was online for a minute, so that none below it is taken", () => {
    const rig = new Rig(undefined, { release: 10 });
    rig.online();
    pass(2 * MINUTE_MS);
    expect(rig.values.confirmedRelease).toBe(10);
    expect(rig.watch.record).toBeUndefined();
    expect(vi.getTimerCount()).toBe(0);
  });

  test("runs no timer where that is known already", () => {
    const rig = new Rig(undefined, { release: 9 });
    rig.online();
    expect(vi.getTimerCount()).toBe(0);
  });

  test("is not confirmed by a session that was lost", () => {
    const rig = new Rig(undefined, { release: 10 });
    rig.online();
    pass(30_000);
    rig.watch.sessionDown();
    pass(10 * MINUTE_MS);
    expect(rig.values.confirmedRelease).toBe(9);
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe("The old image as the control", () => {
  const back = (record: Partial<TrialRecord> = {}) =>
    new Rig({ state: "gave-up", ...record }, { release: 9 });

  test("that is online in its time blames the trial, which may be repeated an hour later", () => {
    const rig = back();
    expect(rig.watch.waitFor("abcd1234")).toBe("trial-pause");
    pass(14 * MINUTE_MS);
    rig.watch.sessionUp();
    expect(rig.record).toMatchObject({ state: "failed-once", failures: 1 });
    expect(rig.moves).toEqual(["failed-once"]);
    pass(59 * MINUTE_MS);
    expect(rig.watch.waitFor("abcd1234")).toBe("trial-pause");
    pass(2 * MINUTE_MS);
    expect(rig.watch.waitFor("abcd1234")).toBeUndefined();
  });

  test("that is online after a second trial condemns the image", () => {
    const rig = back({ failures: 1, trials: 2 });
    rig.watch.sessionUp();
    expect(rig.record).toMatchObject({ state: "rolled-back", reason: "not-online" });
  });

  test("that is not online either decides nothing: the image may start again after ten minutes online", () => {
    const rig = back();
    pass(LIMIT_MS + 10_000);
    expect(rig.record).toMatchObject({ state: "undecided", failures: 0 });
    rig.watch.sessionUp();
    pass(9 * MINUTE_MS);
    rig.watch.sessionDown();
    rig.watch.sessionUp();
    pass(9 * MINUTE_MS);
    expect(rig.watch.waitFor("abcd1234")).toBe("trial-pause");
    pass(2 * MINUTE_MS);
    expect(rig.watch.waitFor("abcd1234")).toBeUndefined();
  });

  test("is given time while a person is in setup mode", () => {
    const rig = back();
    rig.setup = true;
    pass(60 * MINUTE_MS);
    expect(rig.record).toMatchObject({ state: "gave-up" });
    rig.setup = false;
    pass(10 * MINUTE_MS);
    rig.watch.sessionUp();
    expect(rig.record).toMatchObject({ state: "failed-once" });
  });

  test("begins anew after a power cut, and keeps the hour after one", () => {
    const rig = back();
    pass(10 * MINUTE_MS);
    rig.boot(9, "power-on");
    pass(10 * MINUTE_MS);
    expect(rig.record).toMatchObject({ state: "gave-up" });
    rig.watch.sessionUp();
    rig.boot(9, "power-on");
    pass(59 * MINUTE_MS);
    expect(rig.watch.waitFor("abcd1234")).toBe("trial-pause");
  });

  test("keeps no other image waiting", () => {
    expect(back().watch.waitFor("00000000")).toBeUndefined();
  });
});

test("An outage that ends at minute 16 of the trial condemns nothing: the control is online, one trial has failed, the next is good", () => {
  const rig = new Rig({ trials: 0 });
  pass(LIMIT_MS + 10_000);
  rig.slots.running = "valid";
  rig.boot(9, "restart");
  pass(MINUTE_MS);
  rig.watch.sessionUp();
  expect(rig.record).toMatchObject({ state: "failed-once" });
  pass(61 * MINUTE_MS);
  expect(rig.watch.begin({ release: 12, image: "abcd1234", floor: 7 })).toBe(true);
  expect(rig.record).toMatchObject({ trials: 1, failures: 1, from: 9 });
  rig.slots.running = "pending";
  rig.boot(12, "restart");
  rig.online();
  pass(2 * MINUTE_MS);
  expect(rig.record).toMatchObject({ state: "confirmed" });
});

test("What NVS refuses is said", () => {
  const rig = new Rig(undefined, { release: 9 });
  rig.stores = false;
  expect(rig.watch.begin({ release: 12, image: "abcd1234", floor: 7 })).toBe(false);
});
