// npm run simulator [-- options of npm start]: the firmware on the XS engine in the Moddable simulator, with its own
// panel, in the world of `npm start`.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { runTs } from "../base/run-ts.mjs";
import { BUILD, ROOT, sdkOrSkip } from "../base/sdk.mjs";
import { buildXs } from "../xs/build.mjs";

const LANE = "simulator";
const args = process.argv.slice(2);

if (args.includes("--help") || args.includes("-h")) {
  const { main } = await runTs("sim/cli/main.ts");
  process.exit(await main(["--help"]));
}
const sdk = sdkOrSkip(LANE);
if (sdk.platform !== "lin")
  stop("made for Linux: the TLS engine for macOS and Windows is missing (docs/tls.md)");
const mcsim = join(sdk.root, "build/bin/lin/release/mcsim");
if (!existsSync(mcsim)) stop(`${mcsim} is not built (make in the SDK's build/makefiles/lin)`);
if (!process.env.DISPLAY && !process.env.WAYLAND_DISPLAY) stop("there is no display; npm start needs none");

console.error("Building the firmware for XS…");
const application = buildXs({
  sdk,
  lane: LANE,
  out: join(BUILD, "xs-world"),
  manifest: join(ROOT, "sim/moddable/world/manifest.json"),
});
const { main } = await runTs("sim/linked/main.ts");
process.exitCode = await main(args, {
  mcsim,
  application,
  panels: join(ROOT, "sim/moddable"),
});

function stop(why) {
  console.log(`${LANE}: skipped, ${why}`);
  process.exit(0);
}
