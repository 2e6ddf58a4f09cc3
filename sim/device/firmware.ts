import { join } from "node:path";
import { fileURLToPath } from "node:url";
import vm from "node:vm";
import { build } from "esbuild";
import { imageMarker } from "../../modules/update/marker";
import { SIMULATOR_CONFIG } from "../sdk/config";
import { installMachine, type Machine } from "../sdk/machine";
import { SDK_MODULES } from "../sdk/resolve.mjs";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/** `config` of manifest.json, and what a release has of its own in it. */
type Config = typeof SIMULATOR_CONFIG;

/**
 * Bundles the firmware as it stands (`main.ts` and all rooms, unchanged) for the host: SDK modules come from
 * `sim/sdk`, `modules/board/platform` is `sim/device/board.ts`. The text is a script that runs `main.ts`. `changes`: of the
 * manifest's `config`.
 */
export async function bundleFirmware(
  buildUnixSeconds = Math.floor(Date.now() / 1000),
  changes: Partial<Omit<Config, "updateKeys">> & { readonly updateKeys?: readonly string[] } = {},
): Promise<string> {
  const config = { ...SIMULATOR_CONFIG, ...changes };
  const result = await build({
    stdin: { contents: 'import main from "./main"; main();', resolveDir: ROOT, sourcefile: "boot.js" },
    bundle: true,
    write: false,
    format: "iife",
    platform: "neutral",
    target: "node20",
    alias: SDK_MODULES,
    plugins: [
      {
        name: "build-time",
        setup(setup) {
          setup.onLoad({ filter: /\/modules\/time\/build-time\.ts$/ }, () => ({
            contents: `export const BUILD_UNIX_SECONDS = ${buildUnixSeconds};`,
          }));
        },
      },
      {
        name: "config",
        setup(setup) {
          setup.onLoad({ filter: /\/sim\/sdk\/config\.ts$/ }, () => ({
            // As text, so that asRelease finds it again.
            contents: `export default JSON.parse(${JSON.stringify(JSON.stringify(config))});`,
          }));
          // As the device's linker runs modules beforehand, so that what they make lies in the image.
          setup.onLoad({ filter: /\/modules\/update\/trial\/this-image\.ts$/ }, () => ({
            contents: `export const IMAGE_MARKER = ${JSON.stringify(imageMarker(config))};`,
          }));
        },
      },
      {
        name: "simulated-board",
        setup(setup) {
          setup.onResolve({ filter: /\/modules\/board\/platform$/ }, () => ({
            path: join(ROOT, "sim", "device", "board.ts"),
          }));
        },
      },
    ],
    logLevel: "warning",
  });
  return result.outputFiles[0]!.text;
}

/** The bundle of another release of the same sources: what bundling them with its config would give. */
export function asRelease(bundle: string, release: number): string {
  const text = /'(\{"firmwareVersion":.*?\})'/.exec(bundle)?.[1];
  if (text === undefined) throw new Error("no config in this bundle");
  const before = JSON.parse(text) as Config;
  const after = { ...before, release, firmwareVersion: `0.${release}.0` };
  return bundle.replace(text, JSON.stringify(after)).replace(imageMarker(before), imageMarker(after));
}

/** Powers a board on: runs the firmware on `machine`. Each call is a new life with fresh modules. */
export function bootFirmware(firmware: vm.Script, machine: Machine): void {
  installMachine(machine);
  try {
    firmware.runInThisContext();
  } finally {
    installMachine(undefined);
  }
}

/** XS's `trace` takes any number of values and adds no line end; each life of the firmware has its machine's. */
const PROLOGUE =
  '(() => { const machine = globalThis[Symbol.for("aerolink.machine")], trace = (...log) => machine.trace(log.join(""));';

/** Of each compiled script, so that it can be flashed. */
const sources = new WeakMap<vm.Script, string>();

export function compileFirmware(text: string): vm.Script {
  const script = new vm.Script(`${PROLOGUE}${text}\n})();`, { filename: "firmware.js" });
  sources.set(script, text);
  return script;
}

/** The text that `script` was compiled from. */
export function sourceOf(script: vm.Script): string {
  const text = sources.get(script);
  if (text === undefined) throw new Error("not compiled by compileFirmware");
  return text;
}

/** Scripts of images, by the hash of their text: a board that boots often, or many of one release, compile once. */
export class ScriptCache {
  #scripts = new Map<string, vm.Script>();

  compile(hash: string, text: string): vm.Script {
    let script = this.#scripts.get(hash);
    if (!script) {
      script = compileFirmware(text);
      this.#scripts.set(hash, script);
      const [oldest] = this.#scripts.keys();
      if (this.#scripts.size > KEPT) this.#scripts.delete(oldest!);
    }
    return script;
  }
}

const KEPT = 4;
