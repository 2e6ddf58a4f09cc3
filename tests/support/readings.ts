import fc from "fast-check";
import type { Measurement, Quantity, Reading } from "../../modules/telemetry/reading";
import { SimulatedSensor } from "../../sim/air/simulated-sensor";
import { RESOLUTION } from "./quantities";

/** 2026-07-01T00:00:00Z */
export const MIDNIGHT = 1_782_864_000;

/** Readings of the simulated home, one a minute, from `hour` of its second day on. */
export function homeReadings(count: number, hour = 0, seed = 1): Reading[] {
  let now = 0;
  const sensor = new SimulatedSensor({ seed, now: () => now });
  return Array.from({ length: count }, (_, i) => {
    const sinceMidnight = hour * 3600 + i * 60;
    now = (86_400 + sinceMidnight) * 1000;
    return {
      seq: i + 1,
      boot: 1,
      uptimeSeconds: i * 60,
      unixSeconds: MIDNIGHT + sinceMidnight,
      values: sensor.sample()!,
    };
  });
}

const QUANTITIES = Object.keys(RESOLUTION) as Quantity[];

/** Any steps of a quantity, as a value; small ones likelier. */
const anyValue = (quantity: Quantity) =>
  fc
    .oneof(fc.integer({ min: -100, max: 5000 }), fc.integer({ min: -100_000, max: 1_000_000 }))
    .map((steps) => steps / Math.round(1 / RESOLUTION[quantity]));

const measurement: fc.Arbitrary<Measurement> = fc.record(
  Object.fromEntries(QUANTITIES.map((quantity) => [quantity, anyValue(quantity)])) as Record<
    Quantity,
    fc.Arbitrary<number>
  >,
  { requiredKeys: [] },
);

const stamp = fc.record(
  {
    boot: fc.nat({ max: 100_000 }),
    uptimeSeconds: fc.nat({ max: 0x7fffffff }),
    unixSeconds: fc.integer({ min: 1_700_000_000, max: 0xffffffff }),
  },
  { requiredKeys: ["boot", "uptimeSeconds"] },
);

/** Consecutive readings with any gaps in values, dates and boots. */
export const anyReadings = (maxLength: number): fc.Arbitrary<Reading[]> =>
  fc
    .tuple(
      fc.integer({ min: 1, max: 0xffffff }),
      fc.array(fc.tuple(stamp, measurement), { minLength: 1, maxLength }),
    )
    .map(([seq, rows]) => rows.map(([stamp, values], i) => ({ ...stamp, seq: seq + i, values })));

export const anyEpoch: fc.Arbitrary<string> = fc
  .integer({ min: 0, max: 0xffffffff })
  .map((number) => number.toString(16).padStart(8, "0"));
