import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { buildLwip, LWIP_SOURCE_INCLUDES } from "./lwip-source";

/**
 * Builds the programs that drive modules/sockets on this machine: over Linux's own TCP with POSIX threads, or over Debian's
 * lwIP with the half of port.h that is for ESP32, over a stand-in of what it needs of FreeRTOS and ESP-IDF.
 */
const ROOT = fileURLToPath(new URL("../../../", import.meta.url));
const OURS = `${ROOT}modules/sockets`;
const RADIO = `${ROOT}wifi/esp32`;
const HERE = `${ROOT}tests/sockets`;
const WARNINGS = ["-std=c11", "-D_GNU_SOURCE", "-Wall", "-Wextra", "-Werror", "-g", "-O1"];
const WITH = {
  address: ["-fsanitize=address,undefined", "-fno-sanitize-recover=all"],
  thread: ["-fsanitize=thread"],
  nothing: [],
} as const;
const LWIP = "/usr/include/lwip";

/**
 * Names the file with the cases. `guard`: lwIP, with those of what stands before the station's interface; `source`: lwIP
 * built from its sources, with those that Debian's cannot show.
 */
export type Stack = "linux" | "lwip" | "guard" | "source";
export type Checker = keyof typeof WITH;

type Ours = "bound.c" | "sockets.c" | "streams.c" | "watch.c" | "station-guard.c";

/** A fault put into a source of ours: `from` stands in it once. */
export interface Fault {
  readonly file: Ours;
  readonly from: string;
  readonly to: string;
}

/** In place of all but watch.c, without a fault of their own: the SDK's two (sdk-faults.c). */
export const SDK_FAULTS = "sdk-faults";

const compiles = (flags: readonly string[], text: string): boolean =>
  spawnSync("gcc", [...flags, "-E", "-x", "c", "-"], { input: text, stdio: ["pipe", "ignore", "ignore"] })
    .status === 0;

export const HAS_GCC = compiles([], "");
export const HAS_LWIP = HAS_GCC && compiles([`-I${LWIP}`], "#include <lwip/tcpip.h>\n");

/** Returns the program's path. */
export function buildSockets(
  stack: Stack,
  checker: Checker,
  faulty?: Fault | typeof SDK_FAULTS,
  fromSource = stack === "source",
): string {
  const kind = `${stack}-${checker}${faulty ? "-fault" : ""}${fromSource ? "-source" : ""}`;
  const folder = `${ROOT}build/sockets/${kind}`;
  mkdirSync(folder, { recursive: true });
  const fault = faulty === SDK_FAULTS ? undefined : faulty;
  const source = (file: Ours): string => {
    const path = `${file === "station-guard.c" ? RADIO : OURS}/${file}`;
    if (fault?.file !== file) return path;
    const text = readFileSync(path, "utf8");
    if (text.split(fault.from).length !== 2) throw new Error(`not once in ${file}: ${fault.from}`);
    writeFileSync(`${folder}/${file}`, text.replace(fault.from, fault.to));
    return `${folder}/${file}`;
  };
  const flags = [...WARNINGS, ...WITH[checker], `-I${OURS}`, `-I${RADIO}`, `-I${HERE}`];
  const lwip = stack !== "linux";
  // A fault may leave something unused.
  if (fault) flags.push("-Wno-error");
  if (lwip) flags.push(`-I${HERE}/esp32`, "-DESP32=1");
  if (fromSource) flags.push(...LWIP_SOURCE_INCLUDES.map((path) => `-I${path}`));
  // As on the device more is announced than the stack always takes: Debian's lwIP takes 64 KB at once.
  else if (lwip) flags.push(`-I${LWIP}`, "-DSOCKETS_ROOM=98304");
  const compile = (from: string, to: string, ...more: string[]): string => {
    execFileSync("gcc", [...flags, ...more, "-c", from, "-o", `${folder}/${to}`], { stdio: "pipe" });
    return `${folder}/${to}`;
  };
  const include = (header: string): string[] => (lwip ? ["-include", `${HERE}/${header}`] : []);
  const allocations = ["-Dmalloc=rig_malloc", "-Dcalloc=rig_calloc"];
  const ours = (file: Ours, ...more: string[]): string =>
    compile(source(file), file.replace(/c$/, "o"), ...more);
  const objects = [
    ...(faulty === SDK_FAULTS
      ? [compile(`${HERE}/sdk-faults.c`, "sdk-faults.o")]
      : (["bound.c", "sockets.c", "streams.c"] as const).map((file) =>
          ours(file, ...allocations, ...include("lwip-names.h")),
        )),
    ours("watch.c", ...include("lwip-select.h")),
    ...(lwip ? [ours("station-guard.c")] : []),
  ];
  const rig = [
    "rig.c",
    `over-${stack}.c`,
    ...(lwip ? ["net.c", "peers.c", "lwip-select.c", "esp32/freertos.c"] : []),
  ];
  const stackObjects = fromSource ? buildLwip(`${folder}/lwip`) : lwip ? ["-llwip"] : [];
  const out = `${folder}/over-${stack}`;
  execFileSync("gcc", [
    ...flags,
    ...rig.map((file) => `${HERE}/${file}`),
    ...objects,
    ...stackObjects,
    ...["-lpthread", "-o", out],
  ]);
  return out;
}

/** The sentences of a program's cases, in the order of their numbers. */
export function casesOf(program: string): string[] {
  return execFileSync(program, ["--list"], { encoding: "utf8" }).trim().split("\n");
}

/** What went wrong in one case; nothing where it is well. */
export function runCase(
  command: readonly string[],
  options: { number: number; seed: number; volume: number },
): string {
  const { number, seed, volume } = options;
  const [program, ...args] = [...command, ...[number, seed, volume].map(String)];
  const { status, stdout, stderr } = spawnSync(program!, args, { encoding: "utf8", timeout: 1_200_000 });
  return status === 0 ? "" : `${stdout}${stderr}`.slice(0, 4_000) || "ended by a signal";
}
