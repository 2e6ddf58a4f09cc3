import { createServer } from "node:net";
import { join } from "node:path";
import { Aedes } from "aedes";
import { SIMULATED_MAC } from "../sim/simulator";
import { ensureDevelopmentPki } from "./pki/development";
import { App, type AppOptions, type Heap, kept, peak } from "./xs-bench/app";
import { census } from "./xs-bench/census";
import { parseDump } from "./xs-bench/census-dump";
import { graphOf } from "./xs-bench/census-graph";
import { BACKLOG, FirmwareRuns } from "./xs-bench/firmware-runs";
import { leastStatic } from "./xs-bench/least-static";
import { type SetupRow, setupLives, setupRows } from "./xs-bench/setup-mode";

export { held, kept, peak } from "./xs-bench/app";

export interface Row extends Heap {
  readonly what: string;
  readonly at: string;
}

/** Bytes that a peak may be too low by. */
const PEAK_STEP = 32;
/** Of a heap that does not grow: with the first nothing lives, with the second everything. */
const STATIC_RANGE = [32 * 1024, 128 * 1024] as const;
const ABREAST = 4;

/** Builds of tools/xs-bench, and what they run in. */
export interface Applications {
  readonly host: string;
  readonly run: readonly string[];
  readonly folder: string;
}

const pkiIn = (folder: string) => ensureDevelopmentPki(join(folder, "pki"), { mac: SIMULATED_MAC });
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
  const { slotsHeld, chunksHeld, stack } = drainHeld;
  const drain = withPeak({ ...drainKept, slotsHeld, chunksHeld, stack }, drainPeak);
  const figures: [string, Heap][] = [...calm].map(([at, heap]) => [at, withPeak(heap, peaks.get(at)!)]);
  figures.push([`draining ${BACKLOG.toLocaleString("en")} readings`, drain]);
  return figures.map(([at, heap]) => ({ what: "the whole firmware, mutual TLS", at, ...heap }));
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

/** Bytes of the least heap that does not grow with which it gets online and drains, and serves four phones. */
export async function leastStaticHeap(options: AppOptions): Promise<number> {
  const pki = await pkiIn(options.folder);
  const runs = new FirmwareRuns({ ...options, folder: join(options.folder, "static") }, pki);
  const lives = (bytes: number) => runs.livesOn(bytes);
  const drains = await leastStatic({ lives, between: STATIC_RANGE, abreast: ABREAST });
  const serves = (staticBytes: number) =>
    setupLives({ ...options, folder: join(options.folder, "static-setup"), staticBytes }, pki.identity);
  if (await serves(drains)) return drains;
  return leastStatic({ lives: serves, between: [drains, STATIC_RANGE[1]], abreast: 1 });
}

/** Who owns what in the firmware's heap, online and at rest. */
export async function firmwareCensus(options: AppOptions): Promise<string> {
  const runs = new FirmwareRuns(options, await pkiIn(options.folder));
  return census(graphOf(parseDump(await runs.census())));
}

export const mostOf = (rows: readonly Heap[]): number => Math.max(...rows.map(peak));
export const online = (rows: readonly Row[]): number => kept(rows.find(({ at }) => at === "online")!);
export const draining = (rows: readonly Row[]): number =>
  kept(rows.find(({ at }) => at.startsWith("draining"))!);
export async function probe(options: AppOptions, args: string[]): Promise<void> {
  const pki = await pkiIn(options.folder);
  const runs = new FirmwareRuns({ ...options, folder: join(options.folder, "static") }, pki);
  if (args[0] === "drain") {
    const t = Date.now();
    console.log(
      await leastStatic({ lives: (b) => runs.livesOn(b), between: STATIC_RANGE, abreast: ABREAST }),
      Date.now() - t,
    );
    const p = await runs.drainPeak(PEAK_STEP);
    console.log(peak(p), p);
  } else
    for (const kb of args.slice(1)) {
      const ok = await setupLives(
        { ...options, folder: join(options.folder, "static-setup"), staticBytes: Number(kb) * 1024 },
        pki.identity,
      );
      console.log(kb, ok);
    }
}
