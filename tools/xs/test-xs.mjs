// npm run test:xs [-- part of a test's name]: builds tests/xs for the Moddable simulator and runs it on the real XS
// engine, without a display.
import { spawnSync } from "node:child_process";
import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { BUILD, ROOT, sdkOrSkip } from "../base/sdk.mjs";
import { buildXs } from "./build.mjs";
import { buildHost } from "./host/build.mjs";

const LANE = "test:xs";
const RUN_LIMIT_MS = 120_000;

const sdk = sdkOrSkip(LANE);
if (sdk.platform !== "lin") {
  console.log(`${LANE}: skipped, the headless host (tools/xs/host) is made for Linux`);
  process.exit(0);
}

const out = join(BUILD, "test-xs");
const app = buildXs({ sdk, lane: LANE, out, manifest: join(ROOT, "tests/xs/manifest.json") });
const host = buildHost(sdk, out);
run(app);

function run(app) {
  // The application keeps its files below the folder that it runs in: new for each run.
  const storage = join(out, "storage");
  rmSync(storage, { recursive: true, force: true });
  mkdirSync(storage);
  const { status, signal } = spawnSync(host, [app], {
    cwd: storage,
    input: `${process.argv[2] ?? ""}\n`,
    stdio: ["pipe", "inherit", "inherit"],
    timeout: RUN_LIMIT_MS,
  });
  if (signal) console.error(`${LANE}: ended by ${signal} (limit ${RUN_LIMIT_MS / 1000} s)`);
  process.exit(status ?? 1);
}
