// What every driver on a serial line owes, at its simulated twin, over the SDK's Serial as it is on ESP32.
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { PolledSensor } from "../../../modules/sensor/polled-sensor";
import Serial from "../../../sim/sdk/serial";
import { crc16 } from "../../../sim/sensors/serial-twins";
import { seeded } from "../../support/journal-rig";
import { AIR, impossible, MEASURES, SERIAL_RIGS, type SerialRig } from "../../support/sensor-rigs";
import { FUZZ_CASES, LONG, SEED } from "../../support/volume";

const NAMES = Object.keys(SERIAL_RIGS) as (keyof typeof SERIAL_RIGS)[];

let rig: SerialRig;
let sensor: PolledSensor;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
  vi.spyOn(Serial.prototype, "write");
});
afterEach(() => {
  sensor.close();
  Serial.plugged.clear();
  vi.restoreAllMocks();
  vi.useRealTimers();
});

const open = (name: keyof typeof SERIAL_RIGS) => {
  rig = SERIAL_RIGS[name]();
  sensor = rig.open();
};
const pass = (seconds: number) => vi.advanceTimersByTime(seconds * 1000);
const expectAll = (name: keyof typeof SERIAL_RIGS) => {
  const values = sensor.sample()!;
  expect(Object.keys(values).sort()).toEqual([...MEASURES[name]].sort());
  // Counts of particles scatter, as they do.
  for (const quantity of MEASURES[name])
    expect(Math.abs(values[quantity]! - AIR[quantity]) / AIR[quantity]).toBeLessThan(0.03);
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
    expect(sensor.ageMs).toBeLessThan(6_000);
    expect(Serial.opened.at(-1)!.options).toMatchObject({ receive: 20, transmit: 21, port: 0, baud: 9600 });
  });

  test("is looked for every minute while it is not there", () => {
    open(name);
    rig.twin.setFault("unplugged", true);
    pass(59);
    expect(sensor.fault).toBe("not found");
    rig.twin.setFault("unplugged", false);
    pass(45);
    expectAll(name);
  });

  test("pulled out, is a lost connection within 20 s, and comes back", () => {
    open(name);
    pass(45);
    rig.twin.setFault("unplugged", true);
    pass(20);
    expect(sensor.fault).toBe("connection lost");
    expect(sensor.sample()).toBeUndefined();
    rig.twin.setFault("unplugged", false);
    pass(105);
    expectAll(name);
  });

  test("on a line that disturbs everything, is a lost connection too, and never a value", () => {
    open(name);
    pass(45);
    rig.twin.setFault("wrong-crc", true);
    pass(20);
    expect(sensor.fault).toBe("connection lost");
    expect(sensor.sample()).toBeUndefined();
    rig.twin.setFault("wrong-crc", false);
    pass(105);
    expectAll(name);
  });

  test("waits for nothing: what it writes goes into the FIFO, and it reads what is there", () => {
    open(name);
    pass(120);
    const writes = vi.mocked(Serial.prototype.write).mock.calls.map(([bytes]) => bytes as ArrayBuffer);
    expect(writes.length).toBeGreaterThan(1);
    for (const bytes of writes) expect(bytes.byteLength).toBeLessThanOrEqual(8);
  });

  test("closed, twice, leaves the line alone", () => {
    open(name);
    pass(45);
    sensor.close();
    sensor.close();
    const before = vi.mocked(Serial.prototype.write).mock.calls.length;
    pass(200);
    expect(vi.mocked(Serial.prototype.write).mock.calls.length).toBe(before);
    expect(sensor.sample()).toBeUndefined();
    // The pins are free again.
    sensor = rig.open();
    pass(45);
    expectAll(name);
  });

  test("pulled out at any byte of what it says, and put back, gives its values", () => {
    const step = LONG ? 1 : 7;
    const length = name === "S8" ? 13 : 32;
    for (let said = 0; said < 6; said++)
      for (let cut = said % step; cut < length; cut += step) {
        open(name);
        let seen = 0;
        rig.twin.disturb = (bytes) => {
          if (seen++ !== said) return bytes;
          rig.twin.setFault("unplugged", true);
          return bytes.slice(0, cut);
        };
        pass(30);
        expect(sensor.sample() && impossible(sensor.sample()!)).toBeUndefined();
        rig.twin.disturb = undefined;
        rig.twin.setFault("unplugged", false);
        pass(105);
        expectAll(name);
        sensor.close();
      }
  });

  test(`of ${FUZZ_CASES} mutated frames, none makes a value out of its range, and the sensor is found again`, () => {
    const chance = seeded(SEED);
    open(name);
    let mutated = 0;
    rig.twin.disturb = (bytes) => {
      const kind = Math.floor(chance() * 6);
      if (kind === 0) return bytes;
      mutated++;
      if (kind === 1) return bytes.slice(0, chance() * bytes.length);
      if (kind === 2) return bytes.map(() => chance() * 256);
      const at = Math.floor(chance() * bytes.length);
      if (kind === 3) return bytes.with(at, bytes[at]! ^ (1 << Math.floor(chance() * 8)));
      // Noise before it, which may look like a beginning.
      if (kind === 4) return Uint8Array.from([...bytes.slice(0, chance() * 8), ...bytes]);
      // Whole by its sum: what no data sheet has.
      return sealed(
        name,
        bytes.map((byte, i) => (i > 3 && chance() < 0.5 ? chance() * 256 : byte)),
      );
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

function sealed(name: string, bytes: Uint8Array): Uint8Array {
  const body = bytes.subarray(0, -2);
  const sum = name === "S8" ? crc16(body) : body.reduce((all, byte) => all + byte, 0);
  bytes[bytes.length - 2] = name === "S8" ? sum : sum >> 8;
  bytes[bytes.length - 1] = name === "S8" ? sum >> 8 : sum;
  return bytes;
}
