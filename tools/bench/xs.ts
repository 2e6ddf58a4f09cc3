import { createServer } from "node:net";
import { join } from "node:path";
import { Aedes } from "aedes";
import { SIMULATED_MAC } from "../../sim/simulator/simulator";
import { type DevelopmentPki, ensureDevelopmentPki } from "../pki/development";
import { App, type AppOptions, type Heap, kept, peak } from "./xs/app";
import { census } from "./xs/census";
import { parseDump } from "./xs/census-dump";
import { graphOf } from "./xs/census-graph";
import { callersIn } from "./xs/census-names";
import { BACKLOG, FirmwareRuns } from "./xs/firmware-runs";
import { leastStatic } from "./xs/least-static";
import { type SetupRow, setupLives, setupRows } from "./xs/setup-mode";

export { held, kept, peak } from "./xs/app";

export interface Row extends Heap {
  readonly what: string;
  readonly at: string;
}

/** Bytes that a peak may be too low by. */
const PEAK_STEP = 32;
/** `creation.stack`, of 16 bytes each. */
const STACK_BYTES = 512 * 16;
/** Of a heap that does not grow: what it may need beyond what is alive at most and the stack. */
const STATIC_MORE = 32 * 1024;
const ABREAST = 8;

/** Builds of tools/bench/xs, and what they run in. */
export interface Applications {
  readonly host: string;
  readonly run: readonly string[];
  readonly folder: string;
}

let pki: Promise<DevelopmentPki> | undefined;
/** One for all runs, which may begin at once. */
function pkiIn(folder: string): Promise<DevelopmentPki> {
  pki ??= ensureDevelopmentPki(join(folder, "pki"), { mac: SIMULATED_MAC });
  return pki;
}
const withPeak = (heap: Heap, { slotsPeak, chunksPeak }: Heap): Heap => ({ ...heap, slotsPeak, chunksPeak });

/** CONNECT, two subscriptions, one publish at QoS 1 and its PUBACK, over plain TCP on `port`. */
export async function clientRows(what: string, options: AppOptions, port: number): Promise<Row[]> {
  const calm = await publishOnce(options, port);
  const peaks = await publishOnce({ ...options, peakStep: PEAK_STEP }, port);
  return ["online", "published"].map((at) => ({ what, at, ...withPeak(calm.get(at)!, peaks.get(at)!) }));
}

async function publishOnce(options: AppOptions, port: number): Promise<ReadonlyMap<string, Heap>> {
  const aedes = await Aedes.createBroker();
  const server = createServer((socket) => aedes.handle(socket));
  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  const app = new App(options);
  try {
    await app.until("published", () => app.figures.has("published"));
    return app.figures;
  } finally {
    await app.stop();
    await new Promise<void>((resolve) => aedes.close(() => server.close(() => resolve())));
  }
}

/** The firmware from its boot to the last of a backlog's readings. */
export async function firmwareRows(options: AppOptions): Promise<Row[]> {
  const runs = new FirmwareRuns(options, await pkiIn(options.folder));
  const [calm, peaks, drainKept, drainHeld, drainPeak] = await Promise.all([
    runs.phases({}),
    runs.phases({ peakStep: PEAK_STEP }),
    // In use: looked at with a collection each time. Held: left alone, since collections keep a heap small.
    runs.drain("!"),
    runs.drain(""),
    runs.drainPeak(PEAK_STEP),
  ]);
  const download = await downloadHeap(runs);
  const { slotsHeld, chunksHeld, stack } = drainHeld;
  const drain = withPeak({ ...drainKept, slotsHeld, chunksHeld, stack }, drainPeak);
  const figures: [string, Heap][] = [...calm].map(([at, heap]) => [at, withPeak(heap, peaks.get(at)!)]);
  figures.push([`draining ${BACKLOG.toLocaleString("en")} readings`, drain]);
  if (download) figures.push(["downloading an update of 1.3 MB", download]);
  return figures.map(([at, heap]) => ({ what: "the whole firmware, mutual TLS", at, ...heap }));
}

/** One run after the other: there is one port 443. */
async function downloadHeap(runs: FirmwareRuns): Promise<Heap | undefined> {
  try {
    return withPeak(await runs.download({}), await runs.download({ peakStep: PEAK_STEP }));
  } catch (error) {
    const { code, port } = error as NodeJS.ErrnoException & { port?: number };
    if (code !== "EACCES" && code !== "EADDRINUSE") throw error;
    console.log(`no update was downloaded: port ${port} is not to be had (${code})`);
    return undefined;
  }
}

/** Setup mode used by phones; what is in use and the most inside turns are of two runs. */
export async function setupModeRows(options: AppOptions): Promise<SetupRow[]> {
  const { identity } = await pkiIn(options.folder);
  const calm = await setupRows({ ...options, folder: join(options.folder, "setup") }, identity);
  const peaks = await setupRows(
    { ...options, folder: join(options.folder, "setup"), peakStep: PEAK_STEP },
    identity,
  );
  return calm.map((row, i) => ({ ...row, ...withPeak(row, peaks[i]!) }));
}

/**
 * Bytes of the least heap that does not grow with which it gets online and drains, and serves four phones in setup
 * mode.
 * @param alive what is alive at most, bytes: with less, and the stack, it cannot live
 */
export async function leastStaticHeap(
  options: AppOptions,
  alive: { readonly drain: number; readonly setup: number },
): Promise<number> {
  const made = await pkiIn(options.folder);
  const runs = new FirmwareRuns({ ...options, folder: join(options.folder, "static") }, made);
  const drains = await leastStatic({
    lives: (bytes) => runs.livesOn(bytes),
    between: rangeAbove(alive.drain),
    abreast: ABREAST,
  });
  const serves = (staticBytes: number) =>
    setupLives({ ...options, folder: join(options.folder, "static-setup"), staticBytes }, made.identity);
  if (drains === Number.POSITIVE_INFINITY || (await serves(drains))) return drains;
  return leastStatic({ lives: serves, between: [drains, rangeAbove(alive.setup)[1]], abreast: 1 });
}

function rangeAbove(alive: number): readonly [number, number] {
  const least = Math.floor((alive + STACK_BYTES - PEAK_STEP) / 1_024) * 1_024;
  return [least, least + STATIC_MORE];
}

/** Who owns what in the firmware's heap: online and at rest, or where it is at its fullest. */
export async function firmwareCensus(options: AppOptions, when: "online" | "peak"): Promise<string> {
  const runs = new FirmwareRuns(options, await pkiIn(options.folder));
  const dump = parseDump(await (when === "peak" ? runs.censusAtPeak(PEAK_STEP) : runs.census()));
  return `${census(graphOf(dump))}\n\nOn the stack:\n${callersIn(dump).join("\n")}`;
}

export const mostOf = (rows: readonly Heap[]): number => Math.max(...rows.map(peak));
export const online = (rows: readonly Row[]): number => kept(rows.find(({ at }) => at === "online")!);
export const draining = (rows: readonly Row[]): number =>
  kept(rows.find(({ at }) => at.startsWith("draining"))!);
