// npm run sbom: writes what the project is made of to build/sbom.cdx.json (CycloneDX 1.5): npm's own list of packages,
// and the parts of the firmware that npm does not know. It needs no network.
import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { SCRIPT } from "../base/command.mjs";
import { BUILD, ROOT } from "../base/sdk.mjs";
import { mergedSbom } from "./merge-sbom.mjs";

const path = join(BUILD, "sbom.cdx.json");
const run = spawnSync("npm", ["sbom", "--sbom-format", "cyclonedx"], {
  ...SCRIPT,
  cwd: ROOT,
  encoding: "utf8",
  maxBuffer: 1 << 26,
});
if (run.status !== 0) {
  console.error(`sbom: npm made no list; is npm ci done, and npm 10 or newer?\n${run.stderr ?? ""}`);
  process.exit(1);
}
const sbom = mergedSbom(JSON.parse(run.stdout), JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")));
mkdirSync(dirname(path), { recursive: true });
writeFileSync(path, `${JSON.stringify(sbom, null, 2)}\n`);
const inFirmware = sbom.components.filter(({ properties }) =>
  properties.some(({ name, value }) => name === "aerolink:in" && value === "firmware"),
);
console.log(`${path}: ${sbom.components.length} parts, ${inFirmware.length} of them in the firmware`);
