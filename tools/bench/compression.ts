// Prints the tables under "Compression" of docs/benchmarks.md. Run it:
//   npx esbuild tools/bench/compression.ts --bundle --platform=node --format=esm | node --input-type=module
import { deflateSync } from "node:zlib";
import { DICTIONARY, formatBatch } from "../../modules/telemetry/batch";
import { DeflateBlock } from "../../modules/telemetry/deflate-block";
import type { Quantity, Reading } from "../../modules/telemetry/reading";
import { zlibEncode } from "../../modules/telemetry/zlib-encoder";
import { SimulatedSensor } from "../../sim/air/simulated-sensor";
import { blockOf } from "../../tests/xs/sample-readings";

const BATCH_SIZES = [1, 5, 20, 30, 60];
const SEEDS = [1, 2, 3];
/** 2026-07-01T00:00:00Z */
const FIRST_DAY = 1_782_864_000;

/** A day of the simulated home, one reading a minute, cut into batches from each full hour on. */
function batchesOf(size: number, seeds = SEEDS): Reading[][] {
  return seeds.flatMap((seed) =>
    Array.from({ length: 24 }, (_, hour) =>
      Array.from({ length: size }, (_, minute): Reading => {
        const sinceMidnight = hour * 3600 + minute * 60;
        const sensor = new SimulatedSensor({ seed, now: () => (86_400 + sinceMidnight) * 1000 });
        return {
          seq: 20_000 + hour * 60 + minute,
          boot: 12,
          uptimeSeconds: sinceMidnight,
          unixSeconds: FIRST_DAY + sinceMidnight,
          values: sensor.sample() ?? {},
        };
      }),
    ),
  );
}

/** The dictionary, and the like of it with the names of its columns alone: what is won by the numbers. */
const DICTIONARIES = [
  ["none", ""],
  ["names of columns", DICTIONARY.replaceAll(/\[[^\]]*\]/g, "[]")],
  ["telemetry-zd1.zdict", DICTIONARY],
] as const;
/** Days and places that the dictionary was not made from. */
const OTHER_SEEDS = [11, 12, 13, 14, 15];

const jsonOf = (readings: Reading[]): Uint8Array => formatBatch(blockOf(readings), "5c0ffee1").json;

/** The batch with its columns summed up again (whole steps), and divided by the steps per unit (decimals). */
function otherCoding(json: Uint8Array, coding: "steps" | "decimals"): Uint8Array {
  const perUnit: Record<string, number> = {
    pm1: 10,
    pm2_5: 10,
    pm4: 10,
    pm10: 10,
    temperature: 100,
    humidity: 100,
  };
  const text = JSON.stringify(JSON.parse(new TextDecoder().decode(json)), (key: Quantity | string, cells) => {
    if (!Array.isArray(cells) || key === "time") return cells;
    let sum = 0;
    const divisor = coding === "decimals" ? (perUnit[key] ?? 1) : 1;
    return cells.map((cell: number) => {
      sum += cell;
      return sum / divisor;
    });
  });
  return new TextEncoder().encode(text);
}

const mean = (numbers: number[]): number => numbers.reduce((sum, number) => sum + number, 0) / numbers.length;
const meanBytes = (inputs: Uint8Array[], compress: (input: Uint8Array) => Uint8Array): number =>
  mean(inputs.map((input) => compress(input).length));
const node = (windowBits: number) => (input: Uint8Array) => deflateSync(input, { level: 9, windowBits });
const row = (...cells: (string | number)[]): void =>
  console.log(`| ${cells.map((cell) => (typeof cell === "number" ? cell.toFixed(0) : cell)).join(" | ")} |`);

console.log(`Means over ${SEEDS.length * 24} batches of each size, in bytes.\n`);
row(
  "readings",
  "JSON",
  "ours",
  "of the JSON",
  "per reading",
  "node:zlib, 1 KB window",
  "node:zlib, 32 KB window",
);
row("--:", "--:", "--:", "--:", "--:", "--:", "--:");
for (const size of BATCH_SIZES) {
  const inputs = batchesOf(size).map(jsonOf);
  const json = mean(inputs.map((input) => input.length));
  const ours = meanBytes(inputs, zlibEncode);
  const share = `${((100 * ours) / json).toFixed(0)} %`;
  row(
    size,
    json,
    ours,
    share,
    (ours / size).toFixed(1),
    meanBytes(inputs, node(10)),
    meanBytes(inputs, node(15)),
  );
}

console.log("\nThe same readings in other codings of the columns, compressed by our encoder.\n");
row("readings", "differences of steps", "steps", "decimals", "blocks");
row("--:", "--:", "--:", "--:", "---");
for (const size of BATCH_SIZES) {
  const inputs = batchesOf(size).map(jsonOf);
  const kinds = new Set(inputs.map((input) => new DeflateBlock(input).kind));
  const others = (["steps", "decimals"] as const).map((coding) =>
    meanBytes(
      inputs.map((input) => otherCoding(input, coding)),
      zlibEncode,
    ),
  );
  row(size, meanBytes(inputs, zlibEncode), ...others, [...kinds].join(", "));
}

console.log("\nWith a preset dictionary, over five other seeds.\n");
row("dictionary", "its bytes", ...BATCH_SIZES.map((size) => `${size} readings`));
row("---", ...["its bytes", ...BATCH_SIZES].map(() => "--:"));
for (const [name, dictionary] of DICTIONARIES) {
  const means = BATCH_SIZES.map((size) =>
    meanBytes(
      batchesOf(size, OTHER_SEEDS).map(
        (readings) => formatBatch(blockOf(readings), "5c0ffee1", dictionary).json,
      ),
      (input) => zlibEncode(input, dictionary.length),
    ),
  );
  row(name, dictionary.length, ...means.map((bytes) => bytes.toFixed(1)));
}
