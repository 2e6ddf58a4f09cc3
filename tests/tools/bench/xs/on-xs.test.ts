import { afterEach, beforeAll, describe, expect, test } from "vitest";
import { App, kept, peak } from "../../../../tools/bench/xs/app";
import { findBench } from "../../../../tools/bench/xs/build.mjs";
import { parseDump } from "../../../../tools/bench/xs/census-dump";
import { type Graph, graphOf } from "../../../../tools/bench/xs/census-graph";
import { limit } from "../../../support/limit";

/** Part of the XS lane, since it builds an application: `AEROLINK_XS=1 npx vitest run tests/tools/bench/xs`. */
const bench = process.env.AEROLINK_XS ? findBench("tests/tools/bench/xs") : "not asked for";
const BUILD_LIMIT_MS = limit(400_000);
const SPIKE = 20_000;
const PEAK_STEP = 32;

describe.skipIf(typeof bench === "string")("measuring XS's heap on 32 bits", () => {
  let start: (options?: { peakStep?: number; staticBytes?: number }) => App;
  let app: App;

  beforeAll(() => {
    if (typeof bench === "string") return;
    const { out, host, run, build } = bench;
    const application = build("tests/xs/heap/manifest.json");
    start = (options) => {
      app = new App({ host, run, application, folder: out, ...options });
      return app;
    };
  }, BUILD_LIMIT_MS);
  afterEach(() => app.stop());

  const spike = async (): Promise<void> => {
    await app.until("boot", () => app.figures.has("boot"));
    await app.heap("before");
    app.send(`spike ${SPIKE}`);
  };

  test("Without being asked for, no peak is looked for", async () => {
    start();
    await spike();
    expect(peak(await app.heap("after"))).toBe(0);
  });

  test("A slot is as large as on ESP32", async () => {
    await start().until("boot", () => app.figures.has("boot"));
    expect(app.figures.get("boot")!.slotBytes).toBe(16);
  });

  test("What lives inside a turn only is in the peak, and is gone after it", async () => {
    start({ peakStep: PEAK_STEP });
    await spike();
    const after = await app.heap("after");
    const quiet = await app.heap("quiet");
    expect(kept(after)).toBe(kept(app.figures.get("before")!));
    // The array's buffer with a header of eight bytes; the slots of both, and the texts of question and answer.
    expect(peak(after) - kept(after)).toBeGreaterThanOrEqual(SPIKE + 8);
    expect(peak(after) - kept(after)).toBeLessThan(SPIKE + 8 + 600);
    expect(peak(quiet) - kept(quiet)).toBeLessThan(600);
  });

  test("A heap that does not grow has its number of bytes, stack included", async () => {
    start();
    await spike();
    const needed = kept(await app.heap("after")) + SPIKE + 512 * 16;
    await app.stop();

    start({ staticBytes: Math.ceil((needed + 3_000) / 16) * 16 });
    await spike();
    expect(kept(await app.heap("after"))).toBeGreaterThan(0);
    await app.stop();

    start({ staticBytes: Math.floor((needed - 200) / 16) * 16 });
    await spike();
    await expect(app.heap("after")).rejects.toThrow(/memory/);
  });

  describe("a census", () => {
    let graph: Graph;
    beforeAll(async () => {
      await start().until("boot", () => app.figures.has("boot"));
      graph = graphOf(parseDump(await app.census()));
      const heap = await app.heap("online");
      // The census makes a native function of its own, and the question a string.
      expect(Math.abs(graph.nodes[0]!.retained - kept(heap))).toBeLessThan(200);
    });
    const cellar = () => graph.nodes.find(({ what }) => what === "tests/xs/heap/preloaded:Cellar")!;

    test("knows a class by its name, and what an instance of it owns", () => {
      // An instance and two properties.
      expect(cellar().slots.length).toBe(3);
      // Uint8Array: instance, dispatch, view, buffer; ArrayBuffer: instance, address, info, and 1,000 bytes with a header.
      // Array: instance and length. Ten functions: instance, code, home; scope: instance, an empty slot, this, i; the
      // variable i itself. The slots of the array's elements lie in a chunk.
      const bytes = cellar().retained;
      expect(bytes).toBeGreaterThan(1_008 + 10 * (7 * 16));
      expect(bytes).toBeLessThan(1_008 + 10 * (10 * 16 + 60) + 600);
    });

    test("knows whose bytecode is copied to RAM", () => {
      const adders = graph.nodes.filter(
        ({ code }) => code === "tests/xs/heap/preloaded:Cellar.prototype.fill",
      );
      expect(adders.length).toBe(10);
      for (const { codeBytes } of adders) expect(codeBytes).toBeGreaterThan(8);
    });
  });
});
