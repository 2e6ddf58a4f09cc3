import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { silentLogger } from "../../../modules/base/logger";
import { Clock, LATEST_UNIX_MS } from "../../../modules/time/clock";
import { TimeKeeper } from "../../../modules/time/time-keeper";

const BUILD = Date.UTC(2026, 10, 22);
const NOW = Date.UTC(2029, 5, 1);
const CEILING = Date.UTC(2056, 0, 1);
const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const BOOT = 9;

let memory: Record<string, number>;
let calls: string[];
let qualities: string[];
let online: boolean;
let keeper: TimeKeeper;
let clock: Clock;

/** A boot of a device that remembers `kept`. */
function boot({
  boot = BOOT,
  trustedUntilMs = CEILING,
  redates = false,
  ...kept
}: { boot?: number; trustedUntilMs?: number; redates?: boolean } & Record<string, unknown> = {}): void {
  Object.assign(memory, kept);
  clock?.close();
  const parts = {
    buildUnixMs: BUILD,
    trustedUntilMs,
    boot,
    settings: {
      get: (key: string) => memory[key]!,
      set: (key: string, value: number) => {
        memory[key] = value;
      },
    },
    get clock() {
      return clock;
    },
    journal: {
      date: (of: number, unixSeconds: number) => {
        calls.push(`date ${of} ${new Date(unixSeconds * 1000).toISOString().slice(0, 10)}`);
        return redates;
      },
      undate: (first: number, last: number) => calls.push(`undate ${first}-${last}`),
    },
  };
  keeper = new TimeKeeper(parts, {
    log: silentLogger,
    isOnline: () => online,
    onDisputed: () => calls.push("disputed"),
    onRedated: () => calls.push("redated"),
    onQuality: () => qualities.push(clock.quality),
  });
  clock = new Clock(keeper);
}

const told = (): string[] => calls.splice(0);
const wait = (ms: number): void => void vi.advanceTimersByTime(ms);

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
  memory = { timeFloor: 0, lastKnownUnixSeconds: 0, disputedBoot: 0 };
  calls = [];
  qualities = [];
  online = false;
  boot();
});
afterEach(() => {
  clock.close();
  vi.useRealTimers();
});

describe("The floor", () => {
  it("is the build, until signed evidence raises it, and outlasts a restart", () => {
    expect(keeper.floorUnixMs).toBe(BUILD);
    keeper.evidence(NOW);
    keeper.evidence(NOW - DAY);
    expect(keeper.floorUnixMs).toBe(NOW);
    boot();
    expect(keeper.floorUnixMs).toBe(NOW);
    expect(clock.set(NOW - 1, "synced")).toBe(false);
  });

  it("is not raised by evidence from after the ceiling, nor lowered by any", () => {
    keeper.evidence(CEILING + 1);
    keeper.evidence(BUILD - DAY);
    expect(keeper.floorUnixMs).toBe(BUILD);
  });

  it("takes a clock with it that shows an earlier time, which then was wrong", () => {
    clock.set(NOW, "synced");
    told();
    keeper.evidence(NOW + DAY);
    expect([clock.quality, clock.unixMs]).toEqual(["estimated", NOW + DAY]);
    expect(told()).toEqual([`undate ${BOOT}-${BOOT}`]);
  });

  it("is lowered by a person at the device alone, down to the build, with all that followed from it", () => {
    boot({ timeFloor: NOW / 1000, lastKnownUnixSeconds: NOW / 1000, disputedBoot: 3 });
    clock.set(NOW + DAY, "synced");
    keeper.forget();
    expect(keeper.floorUnixMs).toBe(BUILD);
    expect(memory).toEqual({ timeFloor: 0, lastKnownUnixSeconds: 0, disputedBoot: 0 });
    expect([clock.quality, clock.unixMs]).toEqual(["estimated", BUILD]);
    expect(clock.set(BUILD + DAY, "synced")).toBe(true);
    expect(told()).not.toContain("disputed");
  });
});

describe("The ceiling", () => {
  it.each([
    [CEILING, CEILING],
    [0, LATEST_UNIX_MS - 1],
    [BUILD, LATEST_UNIX_MS - 1],
    [LATEST_UNIX_MS + DAY, LATEST_UNIX_MS - 1],
  ])("with authorities until %d is %d", (trustedUntilMs, ceiling) => {
    boot({ trustedUntilMs });
    expect(keeper.ceilingUnixMs).toBe(ceiling);
  });
});

describe("A time that proved good", () => {
  it("is kept once the broker has accepted us under it, at once or later, and not before", () => {
    clock.set(NOW, "synced");
    expect(memory.lastKnownUnixSeconds).toBe(0);
    online = true;
    keeper.online();
    expect(memory.lastKnownUnixSeconds).toBe(NOW / 1000);
    wait(HOUR);
    clock.set(NOW + HOUR, "synced");
    expect(memory.lastKnownUnixSeconds).toBe((NOW + HOUR) / 1000);
  });

  it("is no estimate", () => {
    clock.estimate(NOW);
    keeper.online();
    expect(memory.lastKnownUnixSeconds).toBe(0);
  });

  it("is not overwritten by a lower one before that has stood for a day", () => {
    boot({ lastKnownUnixSeconds: NOW / 1000 });
    online = true;
    clock.set(NOW - 60 * DAY, "synced");
    expect(told()).toEqual(["disputed", `date ${BOOT} 2029-04-02`]);
    expect(memory).toMatchObject({ lastKnownUnixSeconds: NOW / 1000, disputedBoot: BOOT });
    expect(keeper.isDisputed).toBe(true);
    for (let hour = 1; hour < 24; hour++) {
      wait(HOUR);
      clock.set(clock.unixMs!, "synced");
    }
    expect(memory.lastKnownUnixSeconds).toBe(NOW / 1000);
    expect(told()).not.toContain("disputed");
    wait(HOUR);
    clock.set(clock.unixMs!, "synced");
    expect(memory).toMatchObject({ lastKnownUnixSeconds: (NOW - 59 * DAY) / 1000, disputedBoot: 0 });
    expect(keeper.isDisputed).toBe(false);
  });

  it("that is reached again takes the time of all boots from between", () => {
    boot({ lastKnownUnixSeconds: NOW / 1000 });
    clock.set(NOW - 60 * DAY, "synced");
    boot({ boot: BOOT + 1 });
    clock.set(NOW - 59 * DAY, "synced");
    expect(memory.disputedBoot).toBe(BOOT);
    boot({ boot: BOOT + 2 });
    told();
    clock.set(NOW + HOUR, "synced");
    expect(told()).toEqual([`undate ${BOOT}-${BOOT + 1}`, `date ${BOOT + 2} 2029-06-01`]);
    expect(memory.disputedBoot).toBe(0);
  });
});

describe("A step of more than five minutes of a synced clock", () => {
  it("is told, and the readings that were delivered go again where their time is another", () => {
    boot({ redates: true });
    clock.set(NOW, "synced");
    told();
    clock.set(NOW + 300_000, "synced");
    expect(told()).toEqual([`date ${BOOT} 2029-06-01`, "redated"]);
    clock.set(NOW - 30 * DAY, "synced");
    expect(told()).toEqual(["disputed", `date ${BOOT} 2029-05-02`, "redated"]);
  });

  it("from an estimate is none", () => {
    clock.estimate(NOW);
    clock.set(NOW + 30 * DAY, "synced");
    expect(told()).toEqual([`date ${BOOT} 2029-07-01`]);
  });
});

describe("The quality of the clock", () => {
  it("is told when it becomes synced, or is that no more, and not at each resync or estimate", () => {
    clock.estimate(NOW);
    expect(qualities).toEqual([]);
    clock.set(NOW, "synced");
    clock.set(NOW + 5, "synced");
    expect(qualities).toEqual(["synced"]);
    keeper.forget();
    keeper.forget();
    expect(qualities).toEqual(["synced", "estimated"]);
  });
});

describe("Without a time from servers", () => {
  it("the clock goes on from the proven time, by as much as the device has run since its start", () => {
    boot({ lastKnownUnixSeconds: NOW / 1000 });
    wait(10_000);
    keeper.blocked();
    expect([clock.quality, clock.unixMs]).toEqual(["estimated", NOW + 10_000]);
  });

  it.each([
    ["before the floor", BUILD - DAY],
    ["after the ceiling", CEILING + DAY],
  ])("a proven time %s is not used", (_what, unixMs) => {
    boot({ lastKnownUnixSeconds: unixMs / 1000 });
    keeper.blocked();
    expect(clock.unixMs).toBe(BUILD);
    expect(keeper.provenMsAtBoot).toBeUndefined();
  });

  it("a time under which the certificate has expired gives way to the proven time, then to the floor", () => {
    boot({ lastKnownUnixSeconds: (NOW + 600 * DAY) / 1000, timeFloor: NOW / 1000 });
    clock.set(NOW + 900 * DAY, "synced");
    told();
    keeper.refused("expired");
    expect(clock.quality).toBe("synced");
    keeper.blocked();
    expect([clock.quality, clock.unixMs]).toEqual(["estimated", NOW + 600 * DAY]);
    expect(told()).toEqual([`undate ${BOOT}-${BOOT}`]);
    keeper.blocked();
    expect(clock.unixMs).toBe(NOW + 600 * DAY);
    keeper.refused("expired");
    expect(clock.unixMs).toBe(NOW);
    keeper.refused("expired");
    expect(clock.unixMs).toBe(NOW);
  });

  it("a certificate that is not valid yet leads to the proven time, and no further back", () => {
    boot({ lastKnownUnixSeconds: NOW / 1000 });
    clock.set(NOW - 100 * DAY, "synced");
    keeper.blocked();
    keeper.refused("not-yet-valid");
    expect(clock.unixMs).toBe(NOW);
    keeper.refused("not-yet-valid");
    expect(clock.unixMs).toBe(NOW);
  });

  it("a clock that proved good within a day is not doubted: what has expired has expired", () => {
    clock.set(NOW, "synced");
    keeper.online();
    keeper.blocked();
    wait(23 * HOUR);
    keeper.refused("expired");
    expect(clock.quality).toBe("synced");
    wait(2 * HOUR);
    keeper.refused("expired");
    expect([clock.quality, clock.unixMs]).toEqual(["estimated", BUILD]);
  });

  it("a server's time ends the doubt", () => {
    clock.set(NOW, "synced");
    keeper.refused("expired");
    clock.set(NOW + 10, "synced");
    keeper.blocked();
    expect(clock.quality).toBe("synced");
  });
});
