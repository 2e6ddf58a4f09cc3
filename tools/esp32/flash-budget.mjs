// The image of an ESP32-C3 (release) against its slot: who takes how much. docs/flash.md carries the same table, with the
// source of each figure; a test compares them. A lane that measures a row brings its own figure.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "../base/sdk.mjs";

const KIB = 1024;
/**
 * Bytes that the upper estimate must leave free: 8 KiB to spare, and 64 KiB that must be left, for Secure
 * Boot fills an image up to multiples of 64 KiB.
 */
export const RESERVE = 72 * KIB;

/** Boards with this chip are weighed: its code is the largest. */
export const WEIGHED_CHIP = "esp32c3";
/** The image's part over the sum of slots, bytecode, text and keys (tables of modules and host functions, padding). */
const LINKED_OVER_SUM = 1.036;

/** Bytes of JavaScript in the image, where no compiler can link it. `sum`: `measure().flash` of tools/xs/link.mjs. */
export function estimatedJavaScript(sum) {
  return Math.round(sum * LINKED_OVER_SUM);
}

/** Espressif's GCC is newer than a distribution's: what that may change of compiled code, as a part of it. */
const COMPILER_MARGIN = 0.05;

/** Bytes. `lower` alone: compiled here, and measured by `npm run check:c`, as `js` and `libc` are. */
export const OWNERS = [
  { key: "js", name: "JavaScript", lower: 491_732, upper: 491_732 },
  { key: "xs", name: "XS, the engine", lower: 238_489 },
  { key: "sdk", name: "the SDK's C", lower: 28_524 },
  { key: "ours", name: "our C", lower: 26_601 },
  { key: "libc", name: "C library", lower: 20_961, upper: 39_474 },
  { key: "mbedtls", name: "mbedTLS", lower: 125_780, upper: 140_000 },
  { key: "wifi", name: "Wi-Fi and PHY libraries", lower: 266_917, upper: 320_295 },
  { key: "supplicant", name: "WPA supplicant", lower: 52_869, upper: 61_007 },
  { key: "lwip", name: "lwIP", lower: 91_936, upper: 100_181 },
  { key: "idf", name: "the rest of the IDF", lower: 90_829, upper: 161_000 },
];
/** `check:c` fails where it measures a row this much beside its figure here: the table has to be made anew. */
const DRIFT = 4 * KIB;

/** Bytes of a slot, of `sdkconfig/partitions.csv`. */
export function slotSize(table = readFileSync(join(ROOT, "sdkconfig/partitions.csv"), "utf8")) {
  return Number(/^ota_0,.*,\s*(\d+)K\s*$/m.exec(table)[1]) * KIB;
}

/**
 * The table as lines, what is free by the upper estimate, and what is wrong with it. `measured`: bytes by key, over the figures here.
 * @param {Partial<Record<string, number>>} measured
 */
export function budgetLines(measured = {}, slot = slotSize(), title = "ESP32-C3") {
  const rows = OWNERS.map(({ key, name, lower, upper }) => {
    const bytes = measured[key] ?? lower;
    const margin = upper === undefined ? bytes * COMPILER_MARGIN : upper - lower;
    return {
      name: measured[key] === undefined ? name : `${name}, measured`,
      lower: bytes,
      upper: bytes + margin,
    };
  });
  const sum = (bound) => rows.reduce((total, row) => total + row[bound], 0);
  const free = { name: "free in the slot", lower: slot - sum("lower"), upper: slot - sum("upper") };
  const lines = [
    [`${title}, release`, "lower", "upper"],
    ...[...rows, { name: "image", lower: sum("lower"), upper: sum("upper") }].map(cells),
    ["slot", "", inKib(slot)],
    cells(free),
  ].map(([name, lower, upper]) => `${name.padEnd(34)}${lower.padStart(12)}${upper.padStart(12)}`);
  const faults =
    free.upper < RESERVE
      ? [
          `the image leaves ${inKib(free.upper)} free by the upper estimate, ${inKib(RESERVE)} are to be left (docs/flash.md)`,
        ]
      : [];
  return { lines, faults, free: inKib(free.upper) };
}

/** Rows that were measured far from what the table says. */
export function checkMeasured(measured) {
  return OWNERS.filter(({ key, lower }) => Math.abs((measured[key] ?? lower) - lower) > DRIFT).map(
    ({ key, name, lower }) =>
      `${name}: ${measured[key]} bytes, tools/esp32/flash-budget.mjs and docs/flash.md say ${lower}`,
  );
}

function cells({ name, lower, upper }) {
  return [name, inKib(lower), inKib(upper)];
}

function inKib(bytes) {
  return `${(bytes / KIB).toFixed(1)} KiB`;
}
