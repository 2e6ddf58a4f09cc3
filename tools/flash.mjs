// npm run flash [-- target] [-- release] [-- name=value …]: builds the firmware with mcconfig and writes it to the
// ESP32 that is plugged in. docs/flashing.md leads there from a bare computer. name=value goes over `config`.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { BUILD, findSdk, ROOT } from "./sdk.mjs";

const args = process.argv.slice(2);
const target = args.find((arg) => arg.startsWith("esp32")) ?? "esp32";
const settings = args.filter((arg) => arg.includes("="));
const unknown = args.filter((arg) => arg !== target && arg !== "release" && !settings.includes(arg));
if (unknown.length) stop(`${unknown.join(" ")}: not understood. npm run flash -- esp32/m5atom_lite release`);

const sdk = findSdk();
if (!sdk) stop("there is no Moddable SDK: set MODDABLE to its folder (docs/flashing.md, step 2)");
const idf = process.env.IDF_PATH;
if (!idf || !existsSync(join(idf, "export.sh")))
  stop("there is no ESP-IDF: set IDF_PATH to its folder (docs/flashing.md, step 3)");

const out = join(BUILD, "flash");
mkdirSync(out, { recursive: true });
const release = args.includes("release");
// A build for the debugger does not fit a slot for updates (docs/flash.md): it gets a table with one large slot.
const partitions = join(ROOT, "sdkconfig", release ? "partitions.csv" : "partitions-debug.csv");
const command = [
  ...(release ? [] : ["-d"]),
  "-m",
  "-p",
  target,
  "-o",
  out,
  join(ROOT, "manifest.json"),
  ...settings,
];
console.log(`mcconfig ${command.join(" ")}`);
const env = { ...sdk.env, PARTITIONS_FILE: partitions };
process.exit(spawnSync("mcconfig", command, { env, stdio: "inherit" }).status ?? 1);

function stop(why) {
  console.error(`flash: ${why}`);
  process.exit(1);
}
