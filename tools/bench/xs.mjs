// npm run bench:xs: how much of XS's heap the firmware takes on 32 bits, beside the SDK's own MQTT client; writes the
// tables of docs/benchmarks.md, and fails over budget. `-- --census`: who owns what online, instead;
// `-- --census-at-peak`: who does at the fullest moment of a drain.
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { runTs } from "../base/run-ts.mjs";
import { ROOT } from "../base/sdk.mjs";
import { findBench } from "./xs/build.mjs";

const LANE = "bench:xs";
/** Bytes. */
const BUDGETS = { online: 38_000, draining: 42_000, peak: 56_000, setup: 56_000, static: 65_536 };
/** Of the broker without TLS. */
const PLAIN_PORT = 18_839;

const found = findBench(LANE);
if (typeof found === "string") {
  console.log(`${LANE}: skipped, ${found}`);
  process.exit(0);
}
const { out, run, host } = found;
const build = (name, ...config) => found.build(`tools/bench/xs/${name}/manifest.json`, ...config);
const options = { host, run, folder: join(out, "run") };
const firmware = { ...options, application: build("firmware") };
rmSync(options.folder, { recursive: true, force: true });
const bench = await runTs("tools/bench/xs.ts");
const census = { "--census": "online", "--census-at-peak": "peak" }[process.argv[2]];
if (census) {
  console.log(await bench.firmwareCensus(firmware, census));
  process.exit(0);
}

const { held, kept, peak } = bench;
const port = `brokerPort=${PLAIN_PORT}`;
const client = (what, name) =>
  bench.clientRows(what, { ...options, folder: out, application: build(name, port) }, PLAIN_PORT);
const clients = [
  ...(await client("the SDK's MQTT client", "sdk-client")),
  ...(await client("our MQTT session", "session")),
];
const [whole, setup] = await Promise.all([bench.firmwareRows(firmware), bench.setupModeRows(firmware)]);
const alive = { drain: bench.mostOf(whole), setup: bench.mostOf(setup) };
const figures = {
  online: bench.online(whole),
  draining: bench.draining(whole),
  peak: alive.drain,
  setup: alive.setup,
  static: await bench.leastStaticHeap(firmware, alive),
};

const number = (value) => value.toLocaleString("en");
const line = (cells) => `| ${cells.join(" | ")} |`;
const table = (head, rows) =>
  [
    line(head),
    line(head.map((_, i) => (i < head.indexOf("slots in use") ? "---" : "--:"))),
    ...rows.map(line),
  ].join("\n");
const cells = (row) => [row.slotsKept, row.chunksKept, kept(row), peak(row)].map(number);
const heads = ["slots in use", "chunks in use", "bytes in use", "at most, inside turns"];
const heap = table(
  ["what runs", "when", ...heads, "bytes held", "stack, slots"],
  [...clients, ...whole].map((row) => [row.what, row.at, ...cells(row), number(held(row)), row.stack]),
);
const phones = table(
  ["state", ...heads],
  setup.map((row) => [row.at, ...cells(row)]),
);
console.log(
  `Slots of ${whole[0].slotBytes} bytes${run.length ? `, run by ${run[0]}` : ""}.\n${heap}\n\n${phones}\n`,
);
for (const [name, used] of Object.entries(figures)) {
  const over = used > BUDGETS[name];
  console.log(`${name}: ${number(used)} of ${number(BUDGETS[name])} bytes${over ? ", OVER BUDGET" : ""}`);
  if (over) process.exitCode = 1;
}

const path = join(ROOT, "docs/benchmarks.md");
let text = readFileSync(path, "utf8");
const budgets = table(
  ["", "bytes", "budget"],
  Object.entries(figures).map(([name, used]) => [name, number(used), number(BUDGETS[name])]),
);
for (const [mark, lines] of Object.entries({ heap, phones, budgets })) {
  const part = new RegExp(`(<!-- bench:xs ${mark} -->\n)(?:\\|.*\n)*`);
  if (!part.test(text)) throw new Error(`docs/benchmarks.md has no <!-- bench:xs ${mark} -->`);
  text = text.replace(part, (_all, begin) => `${begin}${lines}\n`);
}
writeFileSync(path, text);
