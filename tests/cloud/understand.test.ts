import { readFileSync } from "node:fs";
import { deflateSync } from "node:zlib";
import fc from "fast-check";
import { expect, test } from "vitest";
import { understand } from "../../cloud/ingest/understand";
import { identityStateText, updateStateText } from "../support/offers";
import { fuzz } from "../support/volume";

const TOPIC = "aerolink/v1/dev/telemetry";
const batch = (over: object): Uint8Array =>
  deflateSync(JSON.stringify({ epoch: "5c0ffee1", seq: 1, time: [1_782_900_000], co2: [612], ...over }), {
    windowBits: 10,
  });
const text = (value: string): Uint8Array => new TextEncoder().encode(value);
const reasonOf = (topic: string, payload: Uint8Array): string | undefined => {
  const arrival = understand({ topic, payload }, 7);
  return arrival?.kind === "aside" ? arrival.reason : arrival?.kind;
};

test("The example of docs/payload.md becomes three readings in steps", () => {
  const [, hex] = /```hex\n([0-9a-f\n]+)```/.exec(readFileSync("docs/payload.md", "utf8"))!;
  const arrival = understand({ topic: TOPIC, payload: Buffer.from(hex!.replaceAll("\n", ""), "hex") }, 7);
  expect(arrival).toMatchObject({
    kind: "readings",
    device: "dev",
    readings: [
      { epoch: "5c0ffee1", seq: 4711, boot: 12, uptimeSeconds: 21 },
      { seq: 4712, unixSeconds: 1_782_900_060 },
      { seq: 4713, steps: [null, 83, null, null, 618, 2139, ...Array(12).fill(null)] },
    ],
  });
});

test.each([
  ["what inflates to nothing of ours", TOPIC, text("hello"), "not-telemetry"],
  ["a number that no table takes", TOPIC, batch({ co2: [2 ** 40] }), "out-of-range"],
  ["a seq that no table takes", TOPIC, batch({ seq: 2 ** 40 }), "out-of-range"],
  ["a time before 1970", TOPIC, batch({ time: [-1] }), "out-of-range"],
  ["a time after 2106", TOPIC, batch({ time: [2 ** 32] }), "out-of-range"],
  ["what is longer than a device sends", TOPIC, new Uint8Array(5_000), "too-long"],
  ["a name that no certificate has", `aerolink/v1/${"x".repeat(65)}/telemetry`, batch({}), "no-device"],
  ["a topic of nobody", "elsewhere", batch({}), "no-device"],
  ["a NUL in the topic", "aerolink/v1/a\0b/telemetry", batch({}), "no-device"],
  ["a status that is no JSON", "aerolink/v1/dev/status", text("{"), "not-status"],
  ["a status that does not say whether it is online", "aerolink/v1/dev/status", text("{}"), "not-status"],
  [
    "a status that PostgreSQL reads as no JSON",
    "aerolink/v1/dev/status",
    text('{"v":1,"online":true,"firmware":"\\ud800"}'),
    "not-status",
  ],
  ["a status", "aerolink/v1/dev/status", text('{"v":1,"online":false}'), "status"],
  ["a status that is no longer retained", "aerolink/v1/dev/status", text(""), undefined],
  ["readings", TOPIC, batch({}), "readings"],
  ["readings with another dictionary's name", `${TOPIC}/zd1`, batch({}), "readings"],
  ["what it says of updates", "aerolink/v1/dev/update/state", text(updateStateText()), "state"],
  ["what it says of its certificate", "aerolink/v1/dev/identity/state", text(identityStateText()), "state"],
  [
    "a state that is none",
    "aerolink/v1/dev/update/state",
    text(updateStateText({ state: "flying" })),
    "not-state",
  ],
  [
    "a state with a NUL",
    "aerolink/v1/dev/update/state",
    text(updateStateText({ reason: "\0" })),
    "not-state",
  ],
  ["a state that is no longer retained", "aerolink/v1/dev/identity/state", text(""), undefined],
  ["what is not for us", "aerolink/v1/dev/state", text("{}"), undefined],
])("Of %s it makes what is kept: %s", (_what, topic, payload, kept) => {
  expect(reasonOf(topic, payload)).toBe(kept);
});

test("What is put aside fits the store: no NUL, no more than 4 KB and 256 characters", () => {
  const arrival = understand({ topic: `\0${"t".repeat(999)}`, payload: new Uint8Array(9_000) }, 7);
  expect(arrival).toMatchObject({ kind: "aside", device: null, topic: "t".repeat(256) });
  expect(arrival?.kind === "aside" && arrival.payload.length).toBe(4_096);
});

test("Any bytes on any topic are readings, a status, something put aside or nothing, and never an error", () => {
  const name = fc.constantFrom("telemetry", "telemetry/zd1", "status", "x");
  const json = fc.json().map((value) => new Uint8Array(deflateSync(value)));
  fc.assert(
    fc.property(fc.oneof(fc.uint8Array(), json), name, fc.string(), (payload, what, id) => {
      understand({ topic: `aerolink/v1/${id}/${what}`, payload }, 7);
    }),
    fuzz(),
  );
});
