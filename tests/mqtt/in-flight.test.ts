import fc from "fast-check";
import { expect, it } from "vitest";
import { encodeAnew, encodePublish } from "../../mqtt/encode";
import { InFlight } from "../../mqtt/in-flight";
import { SEED } from "../support/volume";

const packet = (id: number, bytes = Uint8Array.of(0x32, 0)) =>
  ({ id, topic: "t", kind: "reading", bytes, version: 4, strikes: undefined, onSettled: undefined }) as const;

it("gives ids 1 to 65535 in turn and passes over those in flight and the one taken", () => {
  const inFlight = new InFlight(4, 1000);
  const ids: number[] = [];
  for (let i = 0; i < 4; i++) inFlight.add(packet(inFlight.nextId()));
  for (let i = 0; i < 65_530; i++) ids.push(inFlight.nextId(100));
  expect(ids).toEqual(Array.from({ length: 65_531 }, (_, i) => i + 5).filter((id) => id !== 100));
  expect(inFlight.nextId(100)).toBe(5);
});

it("bounds packets and bytes, and gives the room back", () => {
  const inFlight = new InFlight(2, 10);
  expect(inFlight.add(packet(1, new Uint8Array(8)))).toBe(true);
  expect(inFlight.add(packet(2, new Uint8Array(3)))).toBe(false);
  expect(inFlight.add(packet(2, new Uint8Array(2)))).toBe(true);
  expect([inFlight.size, inFlight.hasRoom]).toEqual([2, false]);
  const first = inFlight.next(1)!;
  first.progress = "sent";
  expect(inFlight.next(1)).toBeUndefined();
  expect(inFlight.acknowledge(1)).toBeUndefined();
  first.finished = true;
  expect(inFlight.acknowledge(1)).toBe(first);
  expect([inFlight.size, inFlight.hasRoom]).toEqual([1, true]);
  expect(inFlight.next(1)?.id).toBe(2);
});

const version = fc.constantFrom(4 as const, 5 as const);

it("a message that is published anew is the same under another id, in either version", () => {
  fc.assert(
    fc.property(
      version,
      version,
      fc.string({ unit: "grapheme", minLength: 1, maxLength: 40 }),
      fc.uint8Array({ maxLength: 300 }),
      fc.boolean(),
      fc.integer({ min: 1, max: 65_535 }),
      (from, to, topic, payload, retain, id) => {
        const message = { topic, payload, qos: 1, retain } as const;
        const bytes = encodePublish(message, 4711, from);
        expect(encodeAnew({ topic, bytes }, id, from, to)).toEqual(encodePublish(message, id, to));
      },
    ),
    { seed: SEED, numRuns: 200 },
  );
});
