// What `npm run simulator` finds where on the three desktops.
import { join } from "node:path";

/** Who does TLS for the Moddable simulator. */
export const TLS = ["engine", "helper"];

/**
 * Whether the helper does, by the platform or by `--tls`, which is taken out of `args`; throws what is wrong with it.
 * @param {string[]} args
 * @param {string} platform mcconfig's name
 */
export function isCarried(args, platform) {
  const at = args.findIndex((arg) => arg === "--tls" || arg.startsWith("--tls="));
  const hasEngine = platform === "lin";
  if (at < 0) return !hasEngine;
  const [option] = args.splice(at, 1);
  const wanted = option === "--tls" ? args.splice(at, 1)[0] : option.slice("--tls=".length);
  if (!TLS.includes(wanted)) throw new Error(`--tls is one of ${TLS.join(", ")}`);
  if (wanted === "engine" && !hasEngine)
    throw new Error("--tls engine: the SDK's makefiles link no mbedTLS on this system (docs/tls.md)");
  return wanted === "helper";
}

/**
 * The SDK's simulator. On macOS it is called by its file, not by `open`, which would give it another folder to run in.
 * @param {{ root: string, platform: string }} sdk
 */
export function mcsimOf({ root, platform }) {
  const program = { lin: "mcsim", mac: "mcsim.app/Contents/MacOS/mcsim", win: "mcsim.exe" }[platform];
  return join(root, "build/bin", platform, "release", program);
}

/**
 * mcconfig and make, as they can be started without a shell, which would take apart paths with a space in them. On
 * Windows mcconfig is a batch file around the SDK's tools.exe, and the makefile is nmake's.
 * @param {{ root: string, platform: string }} sdk
 */
export function buildCommands({ root, platform }) {
  if (platform !== "win") return { mcconfig: ["mcconfig"], make: ["make", "-f"], library: "mc.so" };
  const tools = join(root, "build/bin/win/release/tools.exe");
  return { mcconfig: [tools, "mcconfig"], make: ["nmake", "/nologo", "/f"], library: "mc.dll" };
}
