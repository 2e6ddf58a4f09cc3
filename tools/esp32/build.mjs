// A build of the firmware for an ESP32 with mcconfig, for `npm run flash` and `npm run release -- build`.
import { spawnSync } from "node:child_process";
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { basename, join } from "node:path";
import { SCRIPT, scriptArgs } from "../base/command.mjs";
import { BUILD, findSdk, ROOT } from "../base/sdk.mjs";
import { buildUnixSeconds } from "../xs/compile/build-time.mjs";
import { boardOptions, chipOf, platformArgument } from "./boards.mjs";
import { overlaid } from "./overlay.mjs";

// A build for the debugger does not fit a slot for updates (docs/flash.md): it gets a table with one large slot.
const TABLES = {
  release: "partitions.csv",
  debug: "partitions-debug.csv",
  secure: "partitions-secure.csv",
  selftest: "partitions-debug.csv",
};

/** Dates, user and host stay out of the image (ESP-IDF, "Reproducible Builds"). */
const REPRODUCIBLE = "CONFIG_APP_REPRODUCIBLE_BUILD=y\n";

/**
 * @typedef {{ status: number, image: string } | { why: string }} Esp32Build `why`: what is missing here
 * @param {{ target: string, kind: "release" | "debug" | "secure" | "selftest", write: boolean, folder: string, reproducible?: boolean, settings?: readonly string[] }} options
 * `write`: to the board that is plugged in; `folder`: below build/; `settings`: name=value, over `config`
 * @returns {Esp32Build}
 */
export function buildEsp32({ target, kind, write, folder, reproducible = false, settings = [] }) {
  const sdk = findSdk();
  if (!sdk) return { why: "there is no Moddable SDK: set MODDABLE to its folder (docs/flashing.md, step 2)" };
  const idf = process.env.IDF_PATH;
  if (!idf || !existsSync(join(idf, "export.sh")))
    return { why: "there is no ESP-IDF: set IDF_PATH to its folder (docs/flashing.md, step 3)" };
  const out = join(BUILD, folder);
  mkdirSync(out, { recursive: true });
  // A release is silent, and a self-test has something to say.
  const isRelease = kind !== "debug" && kind !== "selftest";
  const command = [
    ...(isRelease ? [] : ["-d", "-m", ...(write ? [] : ["-t", "build"])]),
    "-p",
    platformArgument(target),
    "-o",
    out,
    join(ROOT, kind === "selftest" ? "selftest" : "", "manifest.json"),
    ...settings,
  ];
  console.log(`mcconfig ${command.join(" ")}`);
  const over = [
    ...boardOptions(target).map(readOptions),
    ...(kind === "secure" ? [readOptions("secure.defaults"), lockedRom(target)] : []),
    ...(reproducible ? [REPRODUCIBLE] : []),
  ];
  const env = {
    ...sdk.env,
    PARTITIONS_FILE: join(ROOT, "sdkconfig", TABLES[kind]),
    SDKCONFIGPATH: over.length > 0 ? optionsWith(over, join(out, kind)) : join(ROOT, "sdkconfig"),
    ...(reproducible && { SOURCE_DATE_EPOCH: String(buildUnixSeconds([])) }),
  };
  let { status } = spawnSync("mcconfig", scriptArgs(command), {
    ...SCRIPT,
    cwd: ROOT,
    env,
    stdio: "inherit",
  });
  if (isRelease && status === 0)
    status = makeRelease(join(out, "tmp", target, "release", basename(ROOT)), write ? [] : ["build"], env);
  return { status: status ?? 1, image: newestImage(join(out, "bin")) };
}

/** As `mcconfig -m` would, with our modules made one before make reads which there are (docs/xs.md). */
function makeRelease(folder, targets, env) {
  const compile = [join(ROOT, "tools/xs/compile.mjs"), "--all", join(folder, "modules")];
  const { status } = spawnSync(process.execPath, compile, { env, stdio: "inherit" });
  if (status !== 0) return status;
  const hasIdf = spawnSync("idf.py", ["--version"], { env }).status === 0;
  const setUp = hasIdf ? "" : 'export IDF_EXPORT_QUIET=1 && . "$IDF_PATH/export.sh" && ';
  const make = ["-c", `${setUp}make -f "$0" "$@"`, join(folder, "makefile"), ...targets];
  // Not in our folder: "build", which make is asked for, is there.
  return spawnSync("bash", make, { env, cwd: folder, stdio: "inherit" }).status;
}

export const readOptions = (name) => readFileSync(join(ROOT, "sdkconfig", name), "utf8");

/** ESP32 has no secure variant of its download mode. */
const lockedRom = (target) =>
  chipOf(target) !== "esp32"
    ? ""
    : "CONFIG_SECURE_ENABLE_SECURE_ROM_DL_MODE=n\nCONFIG_SECURE_DISABLE_ROM_DL_MODE=y\n";

/** A folder with our options and others over them. */
export function optionsWith(over, folder) {
  mkdirSync(folder, { recursive: true });
  writeFileSync(
    join(folder, "sdkconfig.defaults"),
    over.reduce((base, each) => overlaid(base, each), readOptions("sdkconfig.defaults")),
  );
  for (const name of ["esp32c3.gcc", "idf.gcc"])
    copyFileSync(join(ROOT, "sdkconfig", name), join(folder, name));
  return folder;
}

/** The image that mcconfig has just laid down, below the folder of its target. */
function newestImage(bin) {
  if (!existsSync(bin)) return "";
  const images = readdirSync(bin, { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith("xs_esp32.bin"))
    .map((file) => join(bin, file));
  return images.sort((a, b) => statSync(b).mtimeMs - statSync(a).mtimeMs)[0] ?? "";
}
