// npm run test:long, npm run test:full: vitest with the volume that is asked for, on a shell that sets no variables for
// a command too (Windows). What follows goes to vitest.
import { spawnSync } from "node:child_process";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

const VARIABLES = { long: "AEROLINK_LONG", full: "AEROLINK_FULL" };

const [volume, ...args] = process.argv.slice(2);
const variable = VARIABLES[volume];
if (variable === undefined) throw new Error(`volume ${volume}: ${Object.keys(VARIABLES).join(" or ")}`);
const vitest = join(dirname(createRequire(import.meta.url).resolve("vitest/package.json")), "vitest.mjs");
const { status } = spawnSync(process.execPath, [vitest, "run", ...args], {
  stdio: "inherit",
  env: { ...process.env, [variable]: "1" },
});
process.exit(status ?? 1);
