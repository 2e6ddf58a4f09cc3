import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { FULL, fuzz, LONG } from "../../support/volume";
import { AttackedDevice, BUILD, CEILING, DAY, HOUR, MINUTE, type Server } from "./attacker-rig";

const CASES = FULL ? 20_000 : LONG ? 8_000 : 400;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "setInterval", "clearInterval", "performance"] });
});
afterEach(() => vi.useRealTimers());

/** Whatever a time server, or who answers in its place, may say. */
const server: fc.Arbitrary<Server> = fc.oneof(
  { weight: 3, arbitrary: fc.constant({}) },
  fc.constant({ fault: "silent" as const }),
  fc.constant({ fault: "unsynchronised" as const }),
  fc.constantFrom("DENY", "RSTR", "RATE").map((kiss) => ({ kiss })),
  fc
    .constantFrom(900, 4 * MINUTE, 6 * MINUTE, HOUR, 60 * DAY, 400 * DAY, 900 * DAY, 9_000 * DAY)
    .chain((ms) => fc.constantFrom({ lieMs: ms }, { lieMs: -ms })),
  fc
    .constantFrom(0, BUILD - DAY, BUILD, BUILD + DAY, CEILING, CEILING + DAY, Date.UTC(2099, 11, 30))
    .map((atMs) => ({ atMs })),
);
/** Servers each on its own, or all in one hand. */
const servers = fc.oneof(
  fc.tuple(server, server, server),
  server.map((each) => [each, each, each] as const),
);

type Step = (device: AttackedDevice) => void;
const step: fc.Arbitrary<[string, Step]> = fc.oneof(
  {
    weight: 4,
    arbitrary: servers.map((each): [string, Step] => [
      `servers ${JSON.stringify(each)}`,
      (device) => {
        device.servers = each;
      },
    ]),
  },
  {
    weight: 4,
    arbitrary: fc
      .constantFrom(MINUTE, 20 * MINUTE, 70 * MINUTE, 3 * HOUR, 30 * HOUR)
      .map((ms): [string, Step] => [`wait ${ms / MINUTE} min`, () => vi.advanceTimersByTime(ms)]),
  },
  {
    weight: 2,
    arbitrary: fc.constantFrom(0, MINUTE, 3 * DAY, 100 * DAY).map((ms): [string, Step] => [
      `restart after ${ms / MINUTE} min`,
      (device) => {
        device.cutPower();
        vi.advanceTimersByTime(ms);
        device.powerOn();
      },
    ]),
  },
  fc.boolean().map((on): [string, Step] => [`network ${on}`, (device) => device.connect(on)]),
  fc.constant<[string, Step]>(["deliver", (device) => device.deliver()]),
  fc.constant<[string, Step]>(["new certificate", (device) => device.renewCertificate()]),
  // What it takes to make the clock wrong before anything has proved it right, and to leave it alone then.
  fc
    .tuple(fc.constantFrom(-100 * DAY, 20 * DAY, 900 * DAY), fc.boolean())
    .map(([lieMs, isBlocked]): [string, Step] => [
      `a lie of ${lieMs / DAY} days to a device that starts${isBlocked ? ", then silence" : ""}`,
      (device) => {
        device.connect(true);
        device.servers = [{ lieMs }, { lieMs }, { lieMs }];
        device.cutPower();
        device.powerOn();
        vi.advanceTimersByTime(30 * MINUTE);
        if (!isBlocked) return;
        device.servers = [{ fault: "silent" }, { fault: "silent" }, { fault: "silent" }];
        vi.advanceTimersByTime(70 * MINUTE);
      },
    ]),
  fc.constant<[string, Step]>(["factory reset", (device) => device.factoryReset()]),
);
const script = fc.array(step, { maxLength: 14 });

/** The first two promises, which hold at every moment. */
function expectBounded(device: AttackedDevice): void {
  const { clock } = device.life;
  if (clock.unixMs === undefined) return;
  expect(clock.unixMs).toBeGreaterThanOrEqual(device.evidenceMs - 1_000);
  expect(clock.unixMs).toBeGreaterThanOrEqual(BUILD);
}

function play(steps: readonly [string, Step][]): AttackedDevice {
  const device = new AttackedDevice();
  device.powerOn();
  for (const [, act] of steps) {
    act(device);
    expectBounded(device);
    expect(device.disproved()).toEqual([]);
  }
  return device;
}

/** Each case from a fresh beginning: what one leaves behind is no matter of the next. */
function attacked(check: (steps: readonly [string, Step][], last: Server) => void): void {
  const named = script.map((steps) =>
    Object.assign(steps, { toString: () => steps.map(([name]) => name).join("; ") }),
  );
  fc.assert(
    fc.property(named, server, (steps, last) => {
      vi.clearAllTimers();
      check(steps, last);
    }),
    fuzz(CASES),
  );
}

describe("Whatever time servers say, whenever, with restarts and blocks in between", () => {
  it("the clock is never below the floor, so nothing that expired before the newest signed evidence is accepted, and no reading is dated by a disproved time; an honest majority sets it right within 70 minutes", () => {
    attacked((steps, last) => {
      const device = play(steps);
      device.servers = [{}, {}, {}];
      device.servers = device.servers.map((each, i) => (i === steps.length % 3 ? last : each));
      device.connect(true);
      vi.advanceTimersByTime(70 * MINUTE);
      const { clock } = device.life;
      expect(clock.quality).toBe("synced");
      expect(Math.abs(clock.unixMs! - device.trueMs)).toBeLessThanOrEqual(1_000);
      expectBounded(device);
      expect(device.disproved()).toEqual([]);
      device.cutPower();
    });
  });

  it("one liar is outvoted by honest servers that were silenced in their name before they had said anything", () => {
    const device = new AttackedDevice();
    device.powerOn();
    device.servers = [{ kiss: "DENY" }, { kiss: "DENY" }, { fault: "unsynchronised" }];
    vi.advanceTimersByTime(MINUTE);
    device.servers = [{}, {}, { lieMs: 900 * DAY }];
    vi.advanceTimersByTime(70 * MINUTE);
    expect(Math.abs(device.life.clock.unixMs! - device.trueMs)).toBeLessThanOrEqual(1_000);
    device.cutPower();
  });

  it("once SNTP is blocked for good, the device finds a time under which the broker is reached, without a person", () => {
    attacked((steps) => {
      const device = new AttackedDevice();
      device.powerOn();
      vi.advanceTimersByTime(2 * HOUR);
      for (const [, act] of steps) act(device);
      device.servers = [{ fault: "silent" }, { fault: "silent" }, { fault: "silent" }];
      device.connect(true);
      device.cutPower();
      device.powerOn();
      vi.advanceTimersByTime(70 * MINUTE);
      const { clock, keeper } = device.life;
      expectBounded(device);
      // It may have been away for longer than a certificate: then only its beginning could be in doubt.
      if (device.evidenceMs === device.certificate.from) {
        expect(clock.unixMs!).toBeGreaterThanOrEqual(device.certificate.from);
        expect(clock.unixMs!).toBeLessThanOrEqual(device.certificate.until);
      }
      expect(keeper.floorUnixMs).toBeLessThanOrEqual(device.trueMs);
      device.cutPower();
    });
  });
});
