// npm run test:xs:firmware: the whole firmware (main.ts and every room) on the real XS engine, without a display,
// against a broker behind mutual TLS on loopback, until it is online and a reading has been decoded.
import { mkdirSync, rmSync } from "node:fs";
import { join, relative } from "node:path";
import { runTs } from "../base/run-ts.mjs";
import { BUILD, ROOT, sdkOrSkip } from "../base/sdk.mjs";
import { keysBelow, leaksIn } from "../test/secrets.mjs";
import { buildXs } from "./build.mjs";
import { buildHost } from "./host/build.mjs";

const LANE = "test:xs:firmware";

const sdk = sdkOrSkip(LANE);
if (sdk.platform !== "lin") {
  console.log(`${LANE}: skipped, the headless host (tools/xs/host) is made for Linux`);
  process.exit(0);
}

const out = join(BUILD, "xs-firmware");
const app = buildXs({ sdk, lane: LANE, out, manifest: join(ROOT, "tests/xs/firmware/manifest.json") });
const host = buildHost(sdk, out);

const folder = join(out, "run");
rmSync(folder, { recursive: true, force: true });
mkdirSync(folder, { recursive: true });
const { runFirmwareOnXs } = await runTs("tests/xs/firmware/run.ts");
process.exitCode = await runFirmwareOnXs({
  host,
  app,
  folder,
  print: (line) => console.log(line),
});
// The device's flash is in the folder where it runs: the identity is there, and nowhere else.
for (const file of leaksIn(out, keysBelow(folder), [folder])) {
  console.error(`${LANE}: a private key in ${relative(out, file)}`);
  process.exitCode = 1;
}
