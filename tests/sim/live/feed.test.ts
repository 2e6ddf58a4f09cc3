import { deflateSync } from "node:zlib";
import { expect, test } from "vitest";
import { TELEMETRY_DICTIONARY } from "../../../cloud/payload/telemetry-dictionary";
import { Feed } from "../../../sim/live/feed";
import { KEPT, type PageEvent } from "../../../sim/live/protocol";

const TOPIC = "aerolink/v1/aerolink-1/telemetry";

function batch(seq: number, count = 1, epoch = "00000001"): Uint8Array {
  const time = Array.from({ length: count }, (_, i) => (i === 0 ? 1_782_900_000 + 60 * seq : 60));
  return new Uint8Array(deflateSync(JSON.stringify({ epoch, seq, time, co2: time.map(() => 1) })));
}

function feed() {
  const events: PageEvent[] = [];
  return { events, feed: new Feed((event) => events.push(event)) };
}

test("A message has its bytes, the text that they inflate to, and the readings in it", () => {
  const { feed: each, events } = feed();
  const payload = batch(7, 2);
  const message = each.message(1, TOPIC, payload);
  expect(message).toMatchObject({ topic: "telemetry", from: "device", bytes: payload.length });
  expect(message.inflatedBytes).toBe(message.text.length);
  expect(message.readings?.map(({ seq }) => seq)).toEqual([7, 8]);
  expect(events).toHaveLength(1);
});

test("A message with the preset dictionary is read like any other", () => {
  const json = JSON.stringify({ epoch: "00000001", seq: 7, time: [1_782_900_000], co2: [612] });
  const payload = new Uint8Array(deflateSync(json, { dictionary: TELEMETRY_DICTIONARY }));
  const message = feed().feed.message(1, `${TOPIC}/zd1`, payload);
  expect(message).toMatchObject({ topic: "telemetry/zd1", from: "device", text: json });
  expect(message.readings?.map(({ seq }) => seq)).toEqual([7]);
});

test("What is no batch is shown with its fault", () => {
  const message = feed().feed.message(1, TOPIC, new Uint8Array([1, 2, 3]));
  expect(message.fault).toBeTruthy();
  expect(message.hex).toBe("010203");
});

test("A reading that comes twice counts once, and a number that stays out is missing", () => {
  const { feed: each } = feed();
  each.message(1, TOPIC, batch(1, 3));
  each.message(2, TOPIC, batch(2, 3));
  expect(each.counts).toEqual({ messages: 2, readings: 4, missing: 0 });
  each.message(3, TOPIC, batch(9));
  expect(each.counts).toEqual({ messages: 3, readings: 5, missing: 4 });
  each.message(4, TOPIC, batch(1, 1, "00000002"));
  expect(each.counts.missing).toBe(4);
});

test("Of a reading that comes again the newest repetition is kept, in its place", () => {
  const { feed: each } = feed();
  each.message(1, TOPIC, batch(1, 3));
  const wrong = { epoch: "00000001", seq: 2, time: [1_990_000_000], co2: [1] };
  each.message(2, TOPIC, new Uint8Array(deflateSync(JSON.stringify(wrong))));
  expect(each.readings.map(({ seq, unixSeconds }) => [seq, unixSeconds])).toEqual([
    [1, 1_782_900_060],
    [2, 1_990_000_000],
    [3, 1_782_900_180],
  ]);
});

test("A month of messages and log lines keeps no more than the page is to hold", () => {
  const { feed: each } = feed();
  for (let i = 0; i < 10_000; i++) {
    each.message(i, TOPIC, batch(1 + i));
    each.log(i, "info", "room", "text");
  }
  expect(each.messages.length).toBeLessThanOrEqual(KEPT.messages * 1.1 + 1);
  expect(each.readings.length).toBeLessThanOrEqual(KEPT.readings * 1.1 + 1);
  expect(each.logs.length).toBeLessThanOrEqual(KEPT.logs * 1.1 + 1);
  expect(each.counts).toEqual({ messages: 10_000, readings: 10_000, missing: 0 });
});
