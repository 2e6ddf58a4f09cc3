import { deflateRawSync, deflateSync, gzipSync } from "node:zlib";
import fc from "fast-check";
import { expect, test } from "vitest";
import { decodeTelemetry, isTelemetry, TelemetryError } from "../../cloud/payload/decode-telemetry";
import { TELEMETRY_DICTIONARY } from "../../cloud/payload/telemetry-dictionary";
import { formatBatch } from "../../modules/telemetry/batch";
import { QUANTITY_NAMES, STEPS } from "../../modules/telemetry/quantities";
import { zlibEncode } from "../../modules/telemetry/zlib-encoder";
import { decodeTelemetry as decodeNine } from "../fixtures/nine-quantities/decode-telemetry.mjs";
import { fuzz } from "../support/volume";
import { blockOf } from "../xs/sample-readings";

const BATCH = { epoch: "0badcafe", seq: 41, time: [1000, 60], co2: [420, -3], humidity: [null, 4545] };
const packed = (value: unknown) => deflateSync(JSON.stringify(value));

test("differences are summed and steps become units", () => {
  expect(decodeTelemetry(packed(BATCH))).toEqual([
    { epoch: "0badcafe", seq: 41, unixSeconds: 1000, values: { co2: 420 } },
    { epoch: "0badcafe", seq: 42, unixSeconds: 1060, values: { co2: 417, humidity: 45.45 } },
  ]);
});

test("the preset dictionary is no difference, and another one is refused", () => {
  const json = JSON.stringify(BATCH);
  const short = deflateSync(json, { dictionary: TELEMETRY_DICTIONARY });
  expect(short.length).toBeLessThan(packed(BATCH).length);
  expect(decodeTelemetry(short)).toEqual(decodeTelemetry(packed(BATCH)));
  const other = deflateSync(json, { dictionary: TELEMETRY_DICTIONARY.subarray(1) });
  expect(() => decodeTelemetry(other)).toThrow(/zlib.*Bad dictionary/);
});

test("readings are on `telemetry` and `telemetry/zd1`, under any prefix", () => {
  for (const topic of ["telemetry", "telemetry/zd1", "aerolink/v1/a/telemetry", "x/telemetry/zd1"])
    expect(isTelemetry(topic), topic).toBe(true);
  for (const topic of ["status", "telemetry/zd2", "telemetry/", "mytelemetry", "telemetry/zd1/x"])
    expect(isTelemetry(topic), topic).toBe(false);
});

test("columns that a later firmware may add are passed over", () => {
  expect(decodeTelemetry(packed({ ...BATCH, ozone: [1, 2] }))).toEqual(decodeTelemetry(packed(BATCH)));
});

const refused: [string, Uint8Array, RegExp][] = [
  ["nothing", new Uint8Array(0), /zlib/],
  ["plain JSON", Buffer.from(JSON.stringify(BATCH)), /zlib/],
  ["gzip", gzipSync("{}"), /zlib|JSON|epoch/],
  ["raw deflate", deflateRawSync("{}"), /zlib/],
  ["a stream cut short", packed(BATCH).subarray(0, -3), /zlib/],
  ["bytes behind the stream", Buffer.concat([packed(BATCH), Buffer.of(0)]), /bytes follow/],
  ["a zip bomb", deflateSync(Buffer.alloc(50_000_000, 32)), /at most 4096/],
  ["text that is not JSON", deflateSync("{"), /JSON/],
  ["bytes that are not UTF-8", deflateSync(Buffer.of(0x22, 0xff, 0x22)), /JSON/],
  ["an array", packed([BATCH]), /object/],
  ["null", packed(null), /object/],
  ["no epoch", packed({ ...BATCH, epoch: undefined }), /epoch/],
  ["an epoch in capitals", packed({ ...BATCH, epoch: "0BADCAFE" }), /epoch/],
  ["seq zero", packed({ ...BATCH, seq: 0 }), /seq/],
  ["seq as text", packed({ ...BATCH, seq: "1" }), /seq/],
  ["columns of different length", packed({ ...BATCH, co2: [1] }), /length/],
  ["a fraction in a column", packed({ ...BATCH, co2: [1, 0.5] }), /co2/],
  ["sums beyond whole numbers", packed({ ...BATCH, co2: [Number.MAX_SAFE_INTEGER, 1] }), /co2/],
  ["a column that is none", packed({ ...BATCH, co2: 3 }), /co2/],
  ["an empty column", packed({ epoch: "0badcafe", seq: 1, time: [] }), /time/],
  ["a reading without any date", packed({ ...BATCH, time: [1, null] }), /neither time nor boot/],
  ["boot without uptime", packed({ ...BATCH, time: undefined, boot: [1, 0] }), /neither time nor boot/],
  ["uptime of another length", packed({ ...BATCH, time: undefined, boot: [1, 0], uptime: [5] }), /length/],
  ["no column that dates", packed({ epoch: "0badcafe", seq: 1, co2: [5] }), /neither time nor boot/],
];

test.each(refused)("%s is refused and named", (_name, payload, message) => {
  expect(() => decodeTelemetry(payload)).toThrow(TelemetryError);
  expect(() => decodeTelemetry(payload)).toThrow(message);
});

test("random bytes, and JSON of any shape, are decoded or refused, never anything else", () => {
  const shapes = fc.record(
    {
      epoch: fc.oneof(fc.constant("0badcafe"), fc.jsonValue()),
      seq: fc.oneof(fc.constant(1), fc.jsonValue()),
      time: fc.oneof(fc.constant([1, 2]), fc.jsonValue()),
      boot: fc.jsonValue(),
      co2: fc.oneof(fc.array(fc.oneof(fc.integer(), fc.constant(null))), fc.jsonValue()),
    },
    { requiredKeys: [] },
  );
  const payloads = fc.oneof(
    fc.uint8Array(),
    fc.uint8Array().map((bytes) => deflateSync(bytes)),
    shapes.map(packed),
  );
  fc.assert(
    fc.property(payloads, (payload) => {
      try {
        expect(decodeTelemetry(payload).length).toBeGreaterThan(0);
      } catch (error) {
        expect(error).toBeInstanceOf(TelemetryError);
      }
    }),
    fuzz(),
  );
});

test("a cloud that knows nine quantities reads them out of what a monitor with all of them sends", () => {
  const values = Object.fromEntries(QUANTITY_NAMES.map((quantity, i) => [quantity, 10 + i]));
  const readings = [1, 2, 3].map((n) => ({
    ...{ seq: 40 + n, boot: 1, uptimeSeconds: 60 * n, unixSeconds: 1_790_000_000 + 60 * n },
    values: { ...values, hcho: n / 10 },
  }));
  const payload = zlibEncode(formatBatch(blockOf(readings), "0badcafe").json);
  expect(decodeTelemetry(payload).map((reading) => reading.values)).toEqual(
    readings.map((reading) => reading.values),
  );
  const nine = Object.fromEntries(QUANTITY_NAMES.slice(0, 9).map((quantity, i) => [quantity, 10 + i]));
  expect(decodeNine(payload)).toEqual(
    readings.map(({ seq, unixSeconds }) => ({ epoch: "0badcafe", seq, unixSeconds, values: nine })),
  );
});

test("every quantity of the firmware is decoded, in its unit", () => {
  for (const quantity of QUANTITY_NAMES) {
    const steps = STEPS[quantity];
    const [decoded] = decodeTelemetry(
      packed({ epoch: "0badcafe", seq: 1, time: [1000], [quantity]: [123 * steps] }),
    );
    expect(decoded!.values).toEqual({ [quantity]: 123 });
  }
});
