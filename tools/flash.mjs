// npm run flash [-- target] [-- debug | secure] [-- name=value …]: builds a release of the firmware with mcconfig and
// writes it to the ESP32 that is plugged in; with `debug` a build for the debugger. docs/flashing.md leads there from a
// bare computer. With `secure` it is built for a locked chip, and not written (docs/security.md). name=value goes over
// `config`.
import { spawnSync } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { overlaid } from "./overlay.mjs";
import { BUILD, findSdk, ROOT } from "./sdk.mjs";

const args = process.argv.slice(2);
const target = args.find((arg) => arg.startsWith("esp32")) ?? "esp32";
const settings = args.filter((arg) => arg.includes("="));
const kinds = args.filter((arg) => ["release", "debug", "secure"].includes(arg));
const kind = kinds[0] ?? "release";
const unknown = args.filter((arg) => arg !== target && !kinds.includes(arg) && !settings.includes(arg));
if (unknown.length || kinds.length > 1)
  stop(`${args.join(" ")}: not understood. npm run flash -- esp32/m5atom_lite debug`);

const sdk = findSdk();
if (!sdk) stop("there is no Moddable SDK: set MODDABLE to its folder (docs/flashing.md, step 2)");
const idf = process.env.IDF_PATH;
if (!idf || !existsSync(join(idf, "export.sh")))
  stop("there is no ESP-IDF: set IDF_PATH to its folder (docs/flashing.md, step 3)");

const out = join(BUILD, "flash");
mkdirSync(out, { recursive: true });
// A build for the debugger does not fit a slot for updates (docs/flash.md): it gets a table with one large slot.
const table = { release: "partitions.csv", debug: "partitions-debug.csv", secure: "partitions-secure.csv" }[
  kind
];
const isRelease = kind !== "debug";
const makeTarget = kind === "secure" ? "build" : undefined;
const command = [
  ...(isRelease ? [] : ["-d", "-m"]),
  "-p",
  target,
  "-o",
  out,
  join(ROOT, "manifest.json"),
  ...settings,
];
console.log(`mcconfig ${command.join(" ")}`);
const env = {
  ...sdk.env,
  PARTITIONS_FILE: join(ROOT, "sdkconfig", table),
  SDKCONFIGPATH: kind === "secure" ? secureOptions() : join(ROOT, "sdkconfig"),
};
run("mcconfig", command);
if (isRelease) makeRelease();
if (kind === "secure")
  console.log(
    "built, not written: docs/security.md says how it is signed and what the first boot burns for ever",
  );

/** As `mcconfig -m` would, with our modules made one before make reads which there are (docs/xs.md). */
function makeRelease() {
  const folder = join(out, "tmp", target, "release", basename(ROOT));
  run(process.execPath, [join(ROOT, "tools/xs-compile.mjs"), "--all", join(folder, "modules")]);
  const [makefile, ...rest] = [join(folder, "makefile"), makeTarget].filter(Boolean);
  const hasIdf = spawnSync("idf.py", ["--version"], { env }).status === 0;
  const setUp = hasIdf ? "" : 'export IDF_EXPORT_QUIET=1 && . "$IDF_PATH/export.sh" && ';
  // Not in our folder: "build", which make is asked for, is there.
  run("bash", ["-c", `${setUp}make -f "$0" "$@"`, makefile, ...rest], folder);
}

function run(program, args, cwd) {
  const { status } = spawnSync(program, args, { env, cwd, stdio: "inherit" });
  if (status !== 0) process.exit(status ?? 1);
}

/** A folder with our options and those of a locked chip over them. */
function secureOptions() {
  const folder = join(out, "secure");
  const read = (name) => readFileSync(join(ROOT, "sdkconfig", name), "utf8");
  // ESP32 has no secure variant of its download mode.
  const closed = /c3|s3/.test(target)
    ? ""
    : "CONFIG_SECURE_ENABLE_SECURE_ROM_DL_MODE=n\nCONFIG_SECURE_DISABLE_ROM_DL_MODE=y\n";
  mkdirSync(folder, { recursive: true });
  writeFileSync(
    join(folder, "sdkconfig.defaults"),
    overlaid(overlaid(read("sdkconfig.defaults"), read("secure.defaults")), closed),
  );
  copyFileSync(join(ROOT, "sdkconfig", "esp32c3.gcc"), join(folder, "esp32c3.gcc"));
  return folder;
}

function stop(why) {
  console.error(`flash: ${why}`);
  process.exit(1);
}
