// npm run simulator [-- options of npm start] [--tls engine|helper]: the firmware on the XS engine in the Moddable
// simulator, with its own panel, in the world of `npm start`. TLS and certificates are the device's own engine's in C, or
// the helper's, which is this process: docs/tls.md, "Platforms".
import { existsSync } from "node:fs";
import { join } from "node:path";
import { runTs } from "../base/run-ts.mjs";
import { BUILD, ROOT, sdkOrSkip } from "../base/sdk.mjs";
import { isCarried, mcsimOf, TLS } from "../base/simulator-platform.mjs";
import { buildXs } from "../xs/build.mjs";

const LANE = "simulator";
const args = process.argv.slice(2);

if (args.includes("--help") || args.includes("-h")) {
  const { main } = await runTs("sim/cli/main.ts");
  const status = await main(["--help"]);
  console.log(`
  --tls ${TLS.join("|")}   npm run simulator alone: who does TLS, the device's own engine in C (Linux)
                      or this computer's Node; default: engine on Linux, helper elsewhere`);
  process.exit(status);
}
const sdk = sdkOrSkip(LANE);
let carried = false;
try {
  carried = isCarried(args, sdk.platform);
} catch (error) {
  console.error(`${LANE}: ${error.message}`);
  process.exit(2);
}
const mcsim = mcsimOf(sdk);
if (!existsSync(mcsim)) stop(`${mcsim} is not built (make in the SDK's build/makefiles/${sdk.platform})`);
if (sdk.platform === "lin" && !process.env.DISPLAY && !process.env.WAYLAND_DISPLAY)
  stop("there is no display; npm start needs none");

console.error("Building the firmware for XS…");
const application = buildXs({
  sdk,
  lane: LANE,
  out: join(BUILD, carried ? "xs-world-carried" : "xs-world"),
  manifest: join(ROOT, "sim/moddable/world/manifest.json"),
  env: { AEROLINK_C: carried ? "none" : "own" },
});
const { main } = await runTs("sim/linked/main.ts");
process.exitCode = await main(args, {
  mcsim,
  application,
  panels: join(ROOT, "sim/moddable"),
  carried,
});

function stop(why) {
  console.log(`${LANE}: skipped, ${why}`);
  process.exit(0);
}
