// What every driver on I²C owes, at its simulated twin.
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { PolledSensor } from "../../../modules/sensor/polled-sensor";
import { onBus } from "../../../sim/sensors/sensirion-twin";
import { seeded } from "../../support/journal-rig";
import { AIR, I2C_RIGS, type I2cRig, impossible, MEASURES } from "../../support/sensor-rigs";
import { FUZZ_CASES, LONG, SEED } from "../../support/volume";

const NAMES = Object.keys(I2C_RIGS) as (keyof typeof I2C_RIGS)[];
const FAMILIES = ["SEN55", "SEN66", "SPS30", "SCD41", "SHT4x", "SGP41"] as const;

let rig: I2cRig;
let sensor: PolledSensor;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
});
afterEach(() => {
  sensor.close();
  vi.useRealTimers();
});

const open = (name: keyof typeof I2C_RIGS) => {
  rig = I2C_RIGS[name]();
  sensor = rig.open();
};
const pass = (seconds: number) => vi.advanceTimersByTime(seconds * 1000);
const expectAll = (name: keyof typeof I2C_RIGS) => {
  const values = sensor.sample()!;
  expect(Object.keys(values).sort()).toEqual([...MEASURES[name]].sort());
  for (const quantity of MEASURES[name])
    expect(Math.abs(values[quantity]! - AIR[quantity]) / AIR[quantity]).toBeLessThan(0.002);
  expect(sensor.fault).toBeUndefined();
};

describe.each(NAMES)("%s", (name) => {
  test("is found, and gives what it measures, no older than it is polled", () => {
    open(name);
    expect(sensor.fault).toBe("starting");
    expect(sensor.sample()).toBeUndefined();
    pass(45);
    expectAll(name);
    expect(sensor.model).toBe(name);
    expect(sensor.serialNumber).toMatch(/^[0-9A-F]{8,16}$/);
    expect(sensor.ageMs).toBeLessThan(6_000);
  });

  test("is looked for every minute while it is not there", () => {
    open(name);
    rig.twin.setFault("unplugged", true);
    pass(59);
    expect(sensor.fault).toBe("not found");
    expect(sensor.ageMs).toBeUndefined();
    rig.twin.setFault("unplugged", false);
    pass(45);
    expectAll(name);
  });

  test("pulled out, is a lost connection within 16 s, and comes back", () => {
    open(name);
    pass(45);
    rig.twin.setFault("unplugged", true);
    pass(16);
    expect(sensor.fault).toBe("connection lost");
    expect(sensor.sample()).toBeUndefined();
    rig.twin.setFault("unplugged", false);
    pass(105);
    expectAll(name);
  });

  test("on a line that disturbs every answer, is a lost connection too, and never a value", () => {
    open(name);
    pass(45);
    rig.twin.setFault("wrong-crc", true);
    pass(16);
    expect(sensor.fault).toBe("connection lost");
    expect(sensor.sample()).toBeUndefined();
    rig.twin.setFault("wrong-crc", false);
    pass(105);
    expectAll(name);
  });

  test("keeps no turn longer than 3 ms with the bus, and a bus that hangs no longer than 5", () => {
    open(name);
    pass(60);
    const times = rig.bus.transfers.map(({ ms }) => ms);
    expect(times.length).toBeGreaterThan(10);
    expect(Math.max(...times)).toBeLessThan(3);
    expect(rig.bus.opened).toMatchObject({ hz: 100_000, timeout: 5 });
  });

  test("closed, twice, leaves the bus alone", () => {
    open(name);
    pass(45);
    sensor.close();
    sensor.close();
    const before = rig.bus.transfers.length;
    pass(200);
    expect(rig.bus.transfers.length).toBe(before);
    expect(rig.bus.isClosed).toBe(true);
    expect(sensor.sample()).toBeUndefined();
  });
});

describe.each(FAMILIES)("%s", (name) => {
  /** Answers from the first command to the second poll, as long as they are read. */
  const ANSWERS = (() => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
    const { twin, open: openIt } = I2C_RIGS[name]();
    const lengths: number[] = [];
    const read = twin.read.bind(twin);
    twin.read = (bytes) => {
      const count = read(bytes);
      lengths.push(bytes.length);
      return count;
    };
    const probe = openIt();
    vi.advanceTimersByTime(14_000);
    probe.close();
    vi.useRealTimers();
    return lengths;
  })();

  test("pulled out at any byte of any answer of its start and first polls, and put back, gives its values", () => {
    // A step that is prime to the lengths of answers: each byte of a word has its turn.
    const step = LONG ? 1 : 7;
    const bytes = ANSWERS.flatMap((length, answer) =>
      Array.from({ length }, (_, byte) => [answer, byte] as const),
    );
    expect(bytes.length).toBeGreaterThan(15);
    for (let i = 0; i < bytes.length; i += step) {
      const [cutAnswer, cutByte] = bytes[i]!;
      open(name);
      let seen = 0;
      rig.twin.disturb = (answer) => {
        if (seen++ !== cutAnswer) return answer;
        rig.twin.setFault("unplugged", true);
        // The line goes high in the midst of it.
        return answer.slice(0, cutByte);
      };
      pass(14 + 20);
      expect(sensor.sample() && impossible(sensor.sample()!)).toBeUndefined();
      rig.twin.disturb = undefined;
      rig.twin.setFault("unplugged", false);
      pass(105);
      expectAll(name);
      sensor.close();
    }
  });

  test(`of ${FUZZ_CASES} mutated answers, none makes a value out of its range, and the sensor is found again`, () => {
    const random = seeded(SEED);
    open(name);
    let mutated = 0;
    rig.twin.disturb = (answer) => {
      const kind = Math.floor(random() * 6);
      if (kind === 0) return answer;
      mutated++;
      if (kind === 1) return answer.slice(0, random() * answer.length);
      if (kind === 2) return answer.map(() => random() * 256);
      const at = Math.floor(random() * answer.length);
      if (kind === 3) return answer.with(at, answer[at]! ^ (1 << Math.floor(random() * 8)));
      // With CRCs that are right: what a sensor says that is not as its data sheet has it.
      const bytes = answer.map((byte) => (random() < 0.3 ? Math.floor(random() * 256) : byte));
      return kind === 4 ? withCrcs(bytes) : withCrcs(answer.map(() => (random() < 0.5 ? 0xff : 0)));
    };
    while (mutated < FUZZ_CASES) {
      pass(5);
      const values = sensor.sample();
      if (values && impossible(values)) expect.fail(`seed ${SEED}: ${impossible(values)}`);
    }
    rig.twin.disturb = undefined;
    pass(110);
    expectAll(name);
  });
});

/** The same words with CRCs that are right. */
function withCrcs(answer: number[]): number[] {
  return answer.flatMap((byte, at) => (at % 3 === 0 ? onBus((byte << 8) | answer[at + 1]!) : []));
}
