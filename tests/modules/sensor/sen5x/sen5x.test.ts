import * as fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { silentLogger } from "../../../../modules/base/logger";
import { Sen5x } from "../../../../modules/sensor/sen5x/sen5x";
import type { SensirionOptions } from "../../../../modules/sensor/sensirion/sensirion-sensor";
import { FakeSen5x, onBus } from "../../../support/fake-sen5x";
import { FUZZ_CASES, fuzz } from "../../../support/volume";

let bus: FakeSen5x;
let sensor: Sen5x;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
  bus = new FakeSen5x();
});

afterEach(() => {
  sensor.close();
  vi.useRealTimers();
});

const open = (options: Partial<SensirionOptions> = {}) => {
  sensor = new Sen5x({ sensor: { io: bus.io, data: 21, clock: 22 }, log: silentLogger, ...options });
  return sensor;
};
const pass = (seconds: number) => vi.advanceTimersByTime(seconds * 1000);
const ALL = { pm1: 10.1, pm2_5: 12, pm4: 13, pm10: 14, humidity: 45, temperature: 22.5, voc: 100, nox: 1 };

describe("a sensor that is there", () => {
  test("is reset, identified and started, each command in its time", () => {
    open();
    expect(bus.opened).toEqual({ data: 21, clock: 22, hz: 100_000, address: 0x69, timeout: 5 });
    expect(sensor.fault).toBe("starting");
    pass(1);
    expect(bus.commands).toEqual([0xd304, 0xd014, 0xd033, 0xd100, 0x0021]);
    expect(sensor).toMatchObject({ model: "SEN55", serialNumber: "A1B2C3D4E5F60718", firmware: "2.0" });
  });

  test("gives all its values once it is warm", () => {
    open();
    pass(40);
    expect(sensor.sample()).toEqual(ALL);
    expect(sensor.fault).toBeUndefined();
  });

  test("gives no particle values while it warms up, and says so", () => {
    open();
    pass(10);
    expect(sensor.fault).toBe("warming up");
    expect(sensor.sample()).toEqual({ humidity: 45, temperature: 22.5, voc: 100, nox: 1 });
    pass(20);
    expect(sensor.fault).toBe("warming up");
    pass(5);
    expect(sensor.fault).toBeUndefined();
  });

  test("follows the sensor", () => {
    open();
    pass(40);
    bus.values = bus.values.with(1, 0x0100);
    pass(6);
    expect(sensor.sample()).toEqual({ ...ALL, pm2_5: 25.6 });
  });

  test.each(["SEN50", "SEN54"])("as %s gives what that has", (product) => {
    bus.product = product;
    const absent = product === "SEN50" ? [4, 5, 6, 7] : [7];
    for (const at of absent) bus.values[at] = 0x7fff;
    open();
    pass(40);
    expect(sensor.model).toBe(product);
    expect(Object.keys(sensor.sample()!)).toHaveLength(8 - absent.length);
    expect(sensor.fault).toBeUndefined();
  });

  test("a SEN50 has no values at all while it warms up", () => {
    bus.product = "SEN50";
    bus.values.fill(0x7fff, 4);
    open();
    pass(20);
    expect(sensor.sample()).toBeUndefined();
    expect(sensor.fault).toBe("warming up");
  });
});

describe("a sensor that is not there", () => {
  test("is looked for every minute", () => {
    bus.plugged = false;
    open();
    pass(59);
    expect(sensor.sample()).toBeUndefined();
    expect(sensor.fault).toBe("not found");
    bus.plugged = true;
    pass(2);
    expect(sensor.fault).toBe("warming up");
    pass(40);
    expect(sensor.sample()).toEqual(ALL);
  });

  test("nor is another product of the address taken for one", () => {
    bus.product = "SEN66";
    open();
    pass(10);
    expect(sensor.fault).toBe("unsupported model");
    expect(bus.measuring).toBe(false);
    bus.plugged = false;
    pass(60);
    expect(sensor.fault).toBe("not found");
  });

  test("pulled out, its values are gone within 15 s, and put back, they return", () => {
    open();
    pass(40);
    bus.plugged = false;
    pass(16);
    expect(sensor.sample()).toBeUndefined();
    expect(sensor.fault).toBe("connection lost");
    bus.plugged = true;
    bus.measuring = false;
    pass(61);
    expect(sensor.fault).toBe("warming up");
    pass(35);
    expect(sensor.sample()).toEqual(ALL);
  });

  test("pulled out while it starts, it is found again", () => {
    open();
    pass(0.22);
    bus.plugged = false;
    pass(1);
    expect(sensor.fault).toBe("not found");
    bus.plugged = true;
    pass(61);
    expect(sensor.fault).toBe("warming up");
  });

  test("two disturbed answers in a row cost nothing but their values", () => {
    open();
    pass(40);
    let left = 2;
    bus.disturb = (answer) => (left-- > 0 ? answer.with(0, answer[0]! ^ 0x40) : answer);
    pass(14);
    expect(left).toBeLessThan(0);
    expect(sensor.fault).toBeUndefined();
    expect(sensor.sample()).toEqual(ALL);
    expect(bus.resets).toBe(1);
  });
});

test("disturbances that are not in a row do not add up", () => {
  open();
  pass(40);
  let polls = 0;
  bus.disturb = (answer) =>
    answer.length === 24 && polls++ % 2 ? answer.with(0, answer[0]! ^ 0x40) : answer;
  pass(60);
  expect(polls).toBeGreaterThan(10);
  expect(bus.resets).toBe(1);
  expect(sensor.sample()).toEqual(ALL);
});

test("a line that disturbs every answer is a lost connection", () => {
  open();
  pass(40);
  bus.disturb = (answer) => answer.with(2, answer[2]! ^ 1);
  pass(16);
  expect(sensor.sample()).toBeUndefined();
  expect(sensor.fault).toBe("connection lost");
});

test("a sensor that measures no longer has nothing to say after 30 s, and is reset", () => {
  open();
  pass(40);
  bus.stuck = true;
  pass(24);
  expect(sensor.sample()).toEqual(ALL);
  pass(13);
  expect(sensor.sample()).toBeUndefined();
  expect(bus.resets).toBe(2);
  bus.stuck = false;
  pass(40);
  expect(sensor.sample()).toEqual(ALL);
});

describe("what the sensor says of itself", () => {
  test.each<[number, string | undefined, string[]]>([
    [0x10, "fan failure", ["pm1", "pm2_5", "pm4", "pm10"]],
    [0x20, "laser failure", ["pm1", "pm2_5", "pm4", "pm10"]],
    [0x40, "humidity sensor failure", ["temperature", "humidity"]],
    [0x80, "gas sensor failure", ["voc", "nox"]],
    [0x200000, "fan speed out of range", []],
    [0x080000, undefined, []],
  ])("status %i is %s, and spoils %j", (flags, fault, spoiled) => {
    open();
    pass(40);
    bus.status = flags;
    pass(6);
    expect(sensor.fault).toBe(fault);
    expect(sensor.sample()).toEqual(
      Object.fromEntries(Object.entries(ALL).filter(([name]) => !spoiled.includes(name))),
    );
    bus.status = 0;
    pass(6);
    expect(sensor.fault).toBeUndefined();
    expect(sensor.sample()).toEqual(ALL);
  });

  test("of two faults the worse is told, and both spoil", () => {
    open();
    pass(40);
    bus.status = 0x90;
    pass(6);
    expect(sensor.fault).toBe("fan failure");
    expect(sensor.sample()).toEqual({ humidity: 45, temperature: 22.5 });
  });
});

test("closed, it leaves the bus alone", () => {
  open();
  pass(40);
  sensor.close();
  sensor.close();
  const before = bus.commands.length;
  pass(200);
  expect(bus.commands.length).toBe(before);
  expect(bus.closed).toBe(true);
  expect(sensor.sample()).toBeUndefined();
});

test("whatever comes over the bus, no value is out of its range and the sensor is found again", () => {
  const noise = fc.record({ bytes: fc.uint8Array({ minLength: 48, maxLength: 48 }), sealed: fc.boolean() });
  fc.assert(
    fc.property(
      fc.array(fc.option(noise), { minLength: 4, maxLength: 12 }),
      fc.boolean(),
      (noises, unplugged) => {
        bus = new FakeSen5x();
        open();
        const queue = [...noises];
        bus.disturb = (answer) => {
          const next = queue.shift();
          if (!next) return answer;
          const bytes = answer.map((byte, at) => byte ^ next.bytes[at]!);
          return next.sealed ? withCrcs(bytes) : bytes;
        };
        pass(35);
        if (unplugged) bus.plugged = false;
        pass(20);
        const { humidity = 0, voc = 1, nox = 1, ...others } = sensor.sample() ?? {};
        for (const value of Object.values(others)) expect(Number.isFinite(value)).toBe(true);
        expect(humidity >= 0 && humidity <= 100 && voc >= 1 && voc <= 500 && nox >= 1 && nox <= 500).toBe(
          true,
        );
        bus.plugged = true;
        bus.disturb = (answer) => answer;
        pass(110);
        expect(sensor.sample()).toEqual(ALL);
        sensor.close();
      },
    ),
    // Four answers and more a case.
    fuzz(FUZZ_CASES / 4),
  );
});

/** The same words with CRCs that are right. */
function withCrcs(answer: number[]): number[] {
  return answer.flatMap((byte, at) => (at % 3 === 0 ? onBus((byte << 8) | answer[at + 1]!) : []));
}
