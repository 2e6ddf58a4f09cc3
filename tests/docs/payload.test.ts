import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { inflateSync } from "node:zlib";
import { expect, test } from "vitest";
import { decodeTelemetry } from "../../cloud/payload/decode-telemetry";
import { TELEMETRY_DICTIONARY } from "../../cloud/payload/telemetry-dictionary";
import { crc32 } from "../../modules/base/crc32";
import { DICTIONARY, formatBatch } from "../../modules/telemetry/batch";
import { zlibEncode } from "../../modules/telemetry/zlib-encoder";
import { RESOLUTION } from "../support/quantities";
import { schemaFaults } from "../support/telemetry-schema";
import { blockOf } from "../xs/sample-readings";

const page = readFileSync(new URL("../../docs/payload.md", import.meta.url), "utf8");

function block(language: string): string {
  const found = new RegExp(`\`\`\`${language}\n(.*?)\`\`\``, "s").exec(page)?.[1];
  if (found === undefined) throw new Error(`docs/payload.md has no block of ${language}`);
  return found.trim();
}

const payload = Buffer.from(block("hex").replaceAll("\n", ""), "hex");
const short = Buffer.from(block("hex zd1").replaceAll("\n", ""), "hex");
const DOCS = new URL("../../docs/", import.meta.url);
const dictionary = readFileSync(new URL("telemetry-zd1.zdict", DOCS));
/** What both snippets make of the example. */
const COLUMNS = {
  epoch: "5c0ffee1",
  seq: 4711,
  time: [null, 1782900060, 1782900120],
  boot: [12, null, null],
  uptime: [21, null, null],
  pm2_5: [84, 86, 83],
  co2: [612, null, 618],
  temperature: [2137, 2139, 2139],
};
const READINGS = [
  { seq: 4711, boot: 12, uptimeSeconds: 21, values: { pm2_5: 8.4, co2: 612, temperature: 21.37 } },
  { seq: 4712, unixSeconds: 1782900060, values: { pm2_5: 8.6, temperature: 21.39 } },
  { seq: 4713, unixSeconds: 1782900120, values: { pm2_5: 8.3, co2: 618, temperature: 21.39 } },
];

test("the example's hex inflates to its text, which the schema admits", () => {
  expect(payload).toHaveLength(128);
  expect(inflateSync(payload).toString()).toBe(block("json"));
  expect(block("json")).toHaveLength(167);
  expect(schemaFaults(JSON.parse(block("json")))).toBe("");
});

test("the example's text means what its table says, to the decoder and to a reader", () => {
  expect(decodeTelemetry(payload)).toEqual(READINGS.map((reading) => ({ epoch: "5c0ffee1", ...reading })));
  for (const { seq, boot, uptimeSeconds, unixSeconds, values } of READINGS) {
    const taken = unixSeconds ?? `${uptimeSeconds} s after boot ${boot}`;
    const cells = [seq, taken, values.pm2_5, values.co2 ?? "–", values.temperature];
    expect(page).toContain(`| 5c0ffee1 | ${cells.join(" | ")} |`);
  }
});

test("the firmware makes the example's very bytes from those readings", () => {
  const readings = READINGS.map((reading) => ({ boot: 12, uptimeSeconds: 0, ...reading }));
  expect(Buffer.from(zlibEncode(formatBatch(blockOf(readings), "5c0ffee1").json))).toEqual(payload);
});

test("the dictionary is one text for the firmware, for our decoder and for everybody else", () => {
  expect(dictionary.toString("latin1")).toBe(DICTIONARY);
  expect(Buffer.compare(TELEMETRY_DICTIONARY, dictionary)).toBe(0);
  expect(page).toContain(`the ${dictionary.length} bytes of`);
  // Of zd1, for ever.
  expect(crc32(dictionary)).toBe(0xf8b6f4f1);
});

test("with the dictionary the firmware makes the second hex, which means the same", () => {
  const readings = READINGS.map((reading) => ({ boot: 12, uptimeSeconds: 0, ...reading }));
  const { json } = formatBatch(blockOf(readings), "5c0ffee1", DICTIONARY);
  expect(Buffer.from(zlibEncode(json, DICTIONARY.length))).toEqual(short);
  expect(page).toContain(`take ${short.length} bytes in place of ${payload.length}`);
  expect(inflateSync(short, { dictionary }).toString()).toBe(block("json"));
  expect(decodeTelemetry(short)).toEqual(decodeTelemetry(payload));
});

test("the Node snippet decodes the example, with the dictionary and without", async () => {
  const file = JSON.stringify(fileURLToPath(new URL("telemetry-zd1.zdict", DOCS)));
  const snippet = block("js").replace('"telemetry-zd1.zdict"', file);
  const module = await import(
    /* @vite-ignore */ `data:text/javascript;base64,${Buffer.from(snippet).toString("base64")}`
  );
  expect(module.decode(payload)).toEqual(COLUMNS);
  expect(module.decode(short)).toEqual(COLUMNS);
});

const hasPython = spawnSync("python3", ["--version"]).status === 0;

test.skipIf(!hasPython)("the Python snippet decodes the example, with the dictionary and without", () => {
  const indented = block("python").replaceAll(/^/gm, "  ");
  const script = `import sys\nfor payload in map(bytes.fromhex, sys.argv[1:]):\n${indented}\n  print(json.dumps(batch))`;
  const hex = [payload, short].map((each) => each.toString("hex"));
  const { stdout, stderr } = spawnSync("python3", ["-c", script, ...hex], {
    cwd: fileURLToPath(DOCS),
    encoding: "utf8",
  });
  expect(stderr).toBe("");
  const [plain, primed] = stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  expect(plain).toEqual(COLUMNS);
  expect(primed).toEqual(COLUMNS);
});

test("the table names every quantity with the step that the firmware uses", () => {
  for (const [quantity, step] of Object.entries(RESOLUTION))
    expect(page).toMatch(
      new RegExp(`^\\| \`${quantity}\` \\|.*\\| ${String(step).replace(".", "\\.")}( [^|]+)? \\|$`, "m"),
    );
});

test.each([
  ["an epoch of seven digits", { epoch: "5c0ffee", seq: 1, time: [1] }],
  ["seq zero", { epoch: "5c0ffee1", seq: 0, time: [1] }],
  ["no column that dates", { epoch: "5c0ffee1", seq: 1, co2: [1] }],
  ["boot without uptime", { epoch: "5c0ffee1", seq: 1, time: [1], boot: [1] }],
  ["a fraction", { epoch: "5c0ffee1", seq: 1, time: [1], pm1: [0.1] }],
  ["an empty column", { epoch: "5c0ffee1", seq: 1, time: [] }],
  ["a column of nulls", { epoch: "5c0ffee1", seq: 1, time: [1], co2: [null] }],
])("the schema refuses %s", (_name, batch) => {
  expect(schemaFaults(batch)).not.toBe("");
});
