import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import type { DevelopmentPki } from "../../pki/development";
import { App, type AppOptions, type Heap, kept, peak } from "./app";
import { Home } from "./home";
import { BenchUpdate } from "./update";

export const BACKLOG = 2_000;
const LIMIT_MS = 120_000;
/** The first batch is out, and what a session leaves behind has been collected. */
const SETTLE_MS = 4_000;
const SAMPLE_MS = 20;
/** Bytes: what two runs differ in. */
const NEARLY = 400;

/** What a run of the firmware differs in from the others. */
type Conditions = Pick<AppOptions, "peakStep" | "censusAt" | "staticBytes">;

/** The whole firmware over mutual TLS; each run has a broker and a flash of its own, so that several can go at once. */
export class FirmwareRuns {
  #options: AppOptions;
  #pki: DevelopmentPki;
  #runs = 0;

  /** @param options of the first run; each has a folder of its own below */
  constructor(options: AppOptions, pki: DevelopmentPki) {
    this.#options = options;
    this.#pki = pki;
  }

  async #run<T>(
    conditions: Conditions,
    backlog: number,
    use: (app: App, home: Home) => Promise<T>,
  ): Promise<T> {
    const folder = join(this.#options.folder, String(this.#runs++));
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
    const home = await Home.open(folder, this.#pki, backlog);
    const app = new App({ ...this.#options, folder, ...conditions });
    try {
      return await use(app, home);
    } finally {
      await app.stop();
      await home.close();
    }
  }

  /** Figures from the boot on until it is online and at rest. */
  phases(conditions: Conditions): Promise<ReadonlyMap<string, Heap>> {
    return this.#run(conditions, 0, async (app) => {
      const figures = new Map<string, Heap>();
      await app.until("boot", () => app.figures.has("boot"));
      figures.set("boot", app.figures.get("boot")!);
      await app.untilStatus("joining");
      figures.set("joining", await app.heap("joining"));
      await app.untilStatus("online");
      await wait(SETTLE_MS);
      figures.set("online", await app.heap("online"));
      return figures;
    });
  }

  /**
   * The heap at its fullest between turns while a backlog goes out.
   * @param how "!": garbage is collected before each look; else what is held is as on a device
   */
  drain(how: "" | "!"): Promise<Heap> {
    return this.#run({}, BACKLOG, async (app, home) => {
      await app.untilStatus("online");
      let most = await app.heap("drain", how);
      for (const end = Date.now() + LIMIT_MS; home.seqs.size < BACKLOG; ) {
        if (Date.now() > end) throw new Error(`${home.seqs.size} of ${BACKLOG} readings arrived`);
        await wait(SAMPLE_MS);
        const heap = await app.heap("drain", how);
        const { slotsHeld, chunksHeld, stack } = heap;
        most = { ...(kept(heap) > kept(most) ? heap : most), slotsHeld, chunksHeld, stack };
      }
      return most;
    });
  }

  /**
   * The heap at its fullest while an update of 1.3 MB comes over a connection of its own, the broker's beside it.
   * @param conditions with `peakStep`: inside turns too; else between them, garbage collected before each look
   * @throws NodeJS.ErrnoException where port 443 is not to be had
   */
  download(conditions: Conditions): Promise<Heap> {
    return this.#run(conditions, 0, async (app, home) => {
      const update = await BenchUpdate.open(home.folder, this.#pki);
      try {
        await app.untilStatus("online");
        await wait(SETTLE_MS);
        let state = "";
        await home.offer(update, (now) => {
          state = now;
        });
        await app.until("downloading", () => state === "downloading");
        let most = await app.heap("download", "!");
        for (const end = Date.now() + LIMIT_MS; state === "downloading"; ) {
          if (Date.now() > end) throw new Error("the download does not end");
          await wait(SAMPLE_MS);
          const heap = await app.heap("download", "!");
          const fuller = kept(heap) > kept(most) ? heap : most;
          const { slotsPeak, chunksPeak } = peak(heap) > peak(most) ? heap : most;
          const { slotsHeld, chunksHeld, stack } = heap;
          most = { ...fuller, slotsHeld, chunksHeld, stack, slotsPeak, chunksPeak };
        }
        if (!["verifying", "ready", "trial"].includes(state)) throw new Error(`the update is ${state}`);
        return most;
      } finally {
        await update.close();
      }
    });
  }

  /** The most that is alive at once, from joining on until a backlog is out. */
  drainPeak(peakStep: number): Promise<Heap> {
    return this.#run({ peakStep }, BACKLOG, async (app, home) => {
      await app.untilStatus("joining");
      await app.heap("joining", "");
      await app.until("drained", () => home.seqs.size >= BACKLOG);
      return app.heap("drained", "");
    });
  }

  /** Whether it gets online and drains the backlog with a heap of `staticBytes` that does not grow. */
  livesOn(staticBytes: number): Promise<boolean> {
    return this.#run({ staticBytes }, BACKLOG, async (app, home) => {
      for (const end = Date.now() + LIMIT_MS; home.seqs.size < BACKLOG && !app.ended && Date.now() < end; )
        await wait(SAMPLE_MS);
      return home.seqs.size >= BACKLOG && !app.ended;
    });
  }

  /** What census.c says of it online and at rest. */
  census(): Promise<string[]> {
    return this.#run({}, 0, async (app) => {
      await app.untilStatus("online");
      await wait(SETTLE_MS);
      return app.census();
    });
  }

  /** What it says where the heap is at its fullest, but for a few bytes, while a backlog goes out. */
  async censusAtPeak(peakStep: number): Promise<string[]> {
    const censusAt = peak(await this.drainPeak(peakStep)) - NEARLY;
    return this.#run({ peakStep, censusAt }, BACKLOG, (app) => app.untilCensus());
  }
}
