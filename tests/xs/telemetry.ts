import { crc32 } from "../../modules/base/crc32";
import { DICTIONARY, formatBatch } from "../../modules/telemetry/batch";
import type { Reading } from "../../modules/telemetry/reading";
import { zlibEncode } from "../../modules/telemetry/zlib-encoder";
import { blockOf } from "./sample-readings";
import type { Tests } from "./tests";

/** The example of docs/payload.md: its readings, and its payload's length and CRC-32. */
const EXAMPLE: readonly Reading[] = [
  { seq: 4711, boot: 12, uptimeSeconds: 21, values: { pm2_5: 8.4, co2: 612, temperature: 21.37 } },
  {
    seq: 4712,
    boot: 12,
    uptimeSeconds: 81,
    unixSeconds: 1782900060,
    values: { pm2_5: 8.6, temperature: 21.39 },
  },
  {
    seq: 4713,
    boot: 12,
    uptimeSeconds: 141,
    unixSeconds: 1782900120,
    values: { pm2_5: 8.3, co2: 618, temperature: 21.39 },
  },
];

/** Both engines must make the same bytes; that they inflate to their input is shown on Node. */
export default function telemetry({ test }: Tests): void {
  test("a batch is formatted and compressed as in docs/payload.md", (check) => {
    const payload = zlibEncode(formatBatch(blockOf(EXAMPLE), "5c0ffee1").json);
    check.equal([payload.length, crc32(payload)], [128, 362104514]);
  });

  test("with the dictionary it is compressed as in docs/payload.md too", (check) => {
    const { json } = formatBatch(blockOf(EXAMPLE), "5c0ffee1", DICTIONARY);
    const payload = zlibEncode(json, DICTIONARY.length);
    check.equal([payload.length, crc32(payload)], [86, 2451341086]);
  });

  test("a long batch is compressed as on Node", (check) => {
    const readings = Array.from({ length: 60 }, (_, i): Reading => {
      const values = {
        pm1: ((i * 7919) % 97) / 10,
        co2: 400 + ((i * 31) % 17),
        temperature: 20 + ((i * 5) % 7) / 100,
      };
      return { seq: i + 1, boot: 1, uptimeSeconds: 60 * i, unixSeconds: 1782900000 + 60 * i, values };
    });
    const payload = zlibEncode(formatBatch(blockOf(readings), "00000001").json);
    check.equal([payload.length, crc32(payload)], [128, 4028690143]);
  });

  test("4,096 bytes of noise, of zeros and of digits are compressed as on Node", (check) => {
    let state = 1;
    const noise = Uint8Array.from({ length: 4096 }, () => {
      state = (Math.imul(state, 1103515245) + 12345) >>> 0;
      return state >>> 24;
    });
    const results = [noise, new Uint8Array(4096), noise.map((byte) => 0x30 + (byte % 10))].map((input) => {
      const output = zlibEncode(input);
      return [output.length, crc32(output)];
    });
    check.equal(results, [
      [4107, 2875114961],
      [26, 2199015289],
      [1997, 4206478179],
    ]);
  });
}
