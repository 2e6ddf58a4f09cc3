// npm run manifests: writes which modules of each room the device build compiles and preloads into its manifest.
// mcconfig's wildcards cannot: they skip TypeScript in "preload", and bring modules that are types only.
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, join, posix } from "node:path";
import { transformSync } from "esbuild";
import { ROOT } from "../base/sdk.mjs";

export const GROUPS = [
  ...[
    "base",
    "commands",
    "configuration",
    "credentials",
    "device",
    "diagnostics",
    "home-assistant",
    "identity",
    "journal",
  ],
  ...["names", "network", "remote", "sensor", "signed", "telemetry", "time", "update"],
].map((group) => `modules/${group}`);

/** Lights: a board's manifest includes its own. */
const LIGHTS = ["neopixel", "one-colour", "rgb-pwm"].map((driver) => `led/${driver}`);

/** Drivers of sensors, and what some of them share: a board's manifest includes its own only. */
export const DRIVERS = readdirSync(join(ROOT, "modules/sensor"), { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => `modules/sensor/${name}`);

/** Folders whose manifests this script writes: the rooms, the groups of the largest, and the drivers. */
export const ROOMS = [...GROUPS, ...DRIVERS, "wifi", "led", ...LIGHTS, "mqtt", "provisioning", "wiring"];

/** Folders of sources that are bundled into another file beforehand. */
const BUNDLED = ["stand-ins"];

/** SDK modules that ESP32 has and the Moddable simulator has not. */
const HARDWARE = [
  "embedded:io/digital",
  "embedded:io/i2c",
  "embedded:io/pwm",
  "embedded:io/serial",
  "embedded:io/smbus",
  "neopixel",
];

const COMPILER_OPTIONS = { tsconfigRaw: { compilerOptions: { verbatimModuleSyntax: true } } };

/**
 * The modules of `room` that exist at run time, as paths without extension from the repository's root. Modules that
 * only declare types are left out, unless something imports them at run time. `hardware`: those that only ESP32 can
 * load, since they import an SDK module that the simulator lacks; the others are `portable`.
 */
export function runtimeModules(room, root = ROOT) {
  const imports = new Map();
  const typesOnly = new Set();
  for (const file of sourceFiles(join(root, room), room)) {
    const name = file.replace(/\.[jt]s$/, "");
    const { code } = transformSync(readFileSync(join(root, file), "utf8"), {
      sourcefile: file,
      loader: file.endsWith(".ts") ? "ts" : "js",
      ...COMPILER_OPTIONS,
    });
    if (code.trim() === "") typesOnly.add(name);
    imports.set(name, importsOf(name, code));
  }
  const imported = new Set([...imports.values()].flat());
  const names = [...imports.keys()].filter((name) => !typesOnly.has(name) || imported.has(name)).sort();
  const isHardware = (name) =>
    HARDWARE.includes(name) || (imports.get(name) ?? []).some((each) => each !== name && isHardware(each));
  return { portable: names.filter((name) => !isHardware(name)), hardware: names.filter(isHardware) };
}

function importsOf(name, code) {
  const specifiers = [...code.matchAll(/(?:from|import)\s*"([^"]+)"/g)].map(([, specifier]) => specifier);
  return specifiers.map((each) =>
    each.startsWith(".") ? posix.join(posix.dirname(name), each).replace(/\.js$/, "") : each,
  );
}

/** Folders with a manifest of their own are left to it. */
function* sourceFiles(folder, prefix) {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = posix.join(prefix, entry.name);
    if (entry.isDirectory()) {
      const own = existsSync(join(folder, entry.name, "manifest.json"));
      if (!own && !BUNDLED.includes(entry.name)) yield* sourceFiles(join(folder, entry.name), path);
    } else if (/(?<!\.d)\.[jt]s$/.test(entry.name)) yield path;
  }
}

/** What `modules` and `preload` of `room`'s manifest have to say, for all platforms and for ESP32 only. */
export function manifestLists(room, root = ROOT) {
  const { portable, hardware } = runtimeModules(room, root);
  return { all: lists(room, portable), esp32: hardware.length ? lists(room, hardware) : undefined };
}

function lists(room, names) {
  const modules = {};
  for (const name of names) {
    const pattern = `${posix.dirname(name)}/*`;
    modules[pattern] ??= [];
    modules[pattern].push(`./${posix.relative(room, name)}`);
  }
  return { modules, preload: names };
}

/** `manifest` of `room` with its lists brought up to date; what else it says is kept. */
export function updated(manifest, room, root = ROOT) {
  const { all, esp32 } = manifestLists(room, root);
  const { modules: _modules, preload: _preload, platforms, ...rest } = manifest;
  const { modules: _hardware, preload: _hardwarePreload, ...esp32Rest } = platforms?.esp32 ?? {};
  const others =
    esp32 || platforms ? { platforms: { ...platforms, esp32: { ...esp32Rest, ...esp32 }, "...": {} } } : {};
  return { ...rest, ...all, ...others };
}

if (basename(process.argv[1] ?? "") === "manifests.mjs") {
  for (const room of ROOMS) {
    const path = join(ROOT, room, "manifest.json");
    const manifest = JSON.parse(readFileSync(path, "utf8"));
    writeFileSync(path, `${JSON.stringify(updated(manifest, room), null, 2)}\n`);
  }
}
