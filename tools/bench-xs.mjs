// npm run bench:xs: how much of XS's heap the firmware takes, beside the SDK's own MQTT client; writes the section
// "XS heap" of docs/benchmarks.md, and fails over budget.
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { runTs } from "./run-ts.mjs";
import { BUILD, ROOT, sdkOrSkip } from "./sdk.mjs";
import { buildXs } from "./xs-build.mjs";
import { buildHost } from "./xs-host/build.mjs";

const LANE = "bench:xs";
/** XS heap while online, in use: slots of 16 bytes and chunks. */
const BUDGET = 48 * 1024;
/** Of the broker without TLS. */
const PLAIN_PORT = 18_839;

const sdk = sdkOrSkip(LANE);
if (sdk.platform !== "lin") {
  console.log(`${LANE}: skipped, the headless host (tools/xs-host) is made for Linux`);
  process.exit(0);
}

const out = join(BUILD, "xs-bench");
const build = (name, ...config) =>
  buildXs({
    sdk,
    lane: LANE,
    out: join(out, name),
    manifest: join(ROOT, `tools/xs-bench/${name}/manifest.json`),
    options: ["-i"],
    config,
  });
const applications = {
  sdkClient: build("sdk-client", `brokerPort=${PLAIN_PORT}`),
  session: build("session", `brokerPort=${PLAIN_PORT}`),
  firmware: build("firmware"),
  host: buildHost(sdk, out),
};
const folder = join(out, "run");
rmSync(folder, { recursive: true, force: true });
const { bytesHeld, bytesKept, measure } = await runTs("tools/bench-xs.ts");
const rows = await measure(applications, folder, PLAIN_PORT);
const online = rows.find(({ what, at }) => what.includes("firmware") && at === "online");

const number = (value) => value.toLocaleString("en");
const table = [
  "| what runs | when | slots in use | chunks in use | bytes in use | slots held | chunks held | bytes held | stack, slots |",
  "| --- | --- | --: | --: | --: | --: | --: | --: | --: |",
  ...rows.map((row) => {
    const { what, at, slotsKept, chunksKept, slotsHeld, chunksHeld, stack } = row;
    const figures = [slotsKept, chunksKept, bytesKept(row), slotsHeld, chunksHeld, bytesHeld(row), stack];
    return `| ${what} | ${at} | ${figures.map(number).join(" | ")} |`;
  }),
].join("\n");
console.log(table);
const path = join(ROOT, "docs/benchmarks.md");
const text = readFileSync(path, "utf8");
const section = /(## XS heap\n[^|]*)(?:\|.*\n)+/;
if (!section.test(text)) throw new Error('docs/benchmarks.md has no section "XS heap" with a table');
writeFileSync(
  path,
  text.replace(section, (_all, introduction) => `${introduction}${table}\n`),
);

const used = bytesKept(online);
console.log(`online: ${number(used)} of ${number(BUDGET)} bytes`);
if (used > BUDGET) process.exitCode = 1;
