// The firmware's C for an ESP32-C3 (XS, the SDK's modules, ours, what xsl wrote), compiled by the SDK's own makefile with
// the headers of an IDF and a Linux distribution's compiler, and what each owner brings into the image.
import { spawnSync } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { availableParallelism } from "node:os";
import { basename, dirname, join } from "node:path";
import { ROOT } from "../base/sdk.mjs";
import { ownerOf, sizesByObject } from "./link-map.mjs";
import { COMPILER, CPU, flagsOfTarget, link } from "./rv32.mjs";

const TARGET = "esp32/esp32c3";
/** What the SDK's main.c calls (build/devices/esp32/lib/main/main.c). */
const ROOTS = [
  ...["xsPreparationAndCreation", "modCloneMachine", "modRunMachineSetup", "modPrelaunch"],
  ...["modTimersExecute", "modTimersNext", "modMessageService"],
];
/** The chip has these in ROM (components/esp_rom/CMakeLists.txt), and an image need not. */
const ROM = ["", ".api", ".libgcc", ".version", ".libc", ".newlib", ".newlib-nano"].map(
  (part) => `esp32c3.rom${part}.ld`,
);

/**
 * Builds in `out` and returns bytes by owner, `{ js, xs, sdk, ours, libc }`. Throws what make or the linker says.
 * @param {{ sdk: import("../base/sdk.mjs").Sdk, idf: string, out: string, sdkconfig: string }} what
 * `sdkconfig`: the header that Kconfig would make.
 */
export function sizesByOwner({ sdk, idf, out, sdkconfig }) {
  const env = { ...sdk.env, IDF_PATH: idf };
  rmSync(out, { recursive: true, force: true });
  mkdirSync(out, { recursive: true });
  run("mcconfig", ["-p", TARGET, "-o", out, join(ROOT, "manifest.json")], env);
  const folder = join(out, "tmp", TARGET, "release", basename(ROOT));
  // As a release has them: one module.
  run(process.execPath, [join(ROOT, "tools/xs/compile.mjs"), "--all", join(folder, "modules")], env);
  const makefile = join(folder, "makefile");
  const variable = (name) => new RegExp(`^${name} = (.*)$`, "m").exec(readFileSync(makefile, "utf8"))[1];
  const archive = join(variable("BIN_DIR"), "xs_esp32c3.a");
  const header = join(folder, "xsProj-esp32c3/build/config/sdkconfig.h");
  for (const path of [header, archive, join(variable("LIB_DIR"), "any")])
    mkdirSync(dirname(path), { recursive: true });
  copyFileSync(sdkconfig, header);
  const flags = [...flagsOfTarget(folder), ...CPU, "-w"];
  run(
    "make",
    [
      ...["-f", makefile, "IDF_VERSION=v6.0", `MAKEFLAGS_JOBS=--jobs=${availableParallelism()}`],
      ...[`CC=${COMPILER}`, `AR=${COMPILER.replace("gcc", "ar")}`],
      `C_FLAGS_SUBPLATFORM=${flags.join(" ")}`,
      // The IDF would configure itself here.
      ...["-o", header, archive],
    ],
    env,
    folder,
  );
  const scripts = ROM.map((name) => join(idf, "components/esp_rom/esp32c3/ld", name)).filter(existsSync);
  const map = link({ image: join(out, "image"), files: [archive], roots: ROOTS, scripts });
  const bytes = { js: 0, xs: 0, sdk: 0, ours: 0, libc: 0 };
  const ours = ourObjects();
  for (const [file, size] of sizesByObject(map)) bytes[ownerOf(file, ours)] += size;
  return bytes;
}

/** Objects of the C files in this repository's rooms. */
function ourObjects() {
  const files = ["modules", "wifi"].flatMap((room) => readdirSync(join(ROOT, room), { recursive: true }));
  return new Set(files.filter((file) => file.endsWith(".c")).map((file) => `${basename(file)}.o`));
}

function run(command, args, env, cwd = ROOT) {
  const { status, stdout, stderr, error } = spawnSync(command, args, {
    env,
    cwd,
    encoding: "utf8",
    maxBuffer: 64 * 1024 * 1024,
  });
  if (status !== 0)
    throw error ?? new Error(`${command} failed\n${stdout.slice(-4_000)}${stderr.slice(-4_000)}`);
}
