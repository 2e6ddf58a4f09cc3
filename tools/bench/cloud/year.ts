import { QUANTITIES } from "../../../cloud/payload/quantities";
import { EmbeddedEngine } from "../../../cloud/store/embedded-engine";
import { PostgresEngine } from "../../../cloud/store/postgres-engine";
import { FLEET } from "../../../cloud/store/scope";
import { Store } from "../../../cloud/store/store";
import { load, type Rig, sleep } from "./rig";

const DAY = 86_400;
const DAYS = 365;
const DEVICE = "year";

/** A year of one device at a reading a minute: what a chart asks for, and all of it as text. */
export async function yearBench(rig: Rig): Promise<void> {
  console.log(`A year of one device, ${DAYS * 1_440} readings`);
  for (const [name, where] of rig.stores("year")) {
    const engine = where.startsWith("postgres:")
      ? await PostgresEngine.open({ url: where })
      : EmbeddedEngine.open(where);
    const store = await Store.open({ engine });
    const end = Math.floor(store.seconds / DAY) * DAY;
    const filled = await timed(() => fill(store, end));
    await store.hours.sumUp();
    const chart = async (days: number, seconds: number): Promise<string> => {
      const times: number[] = [];
      let points = 0;
      for (let i = 0; i < 20; i++) {
        const begun = performance.now();
        points = (
          await store.hours.averages(FLEET, { device: DEVICE, from: end - days * DAY, to: end, seconds })
        ).length;
        times.push(performance.now() - begun);
      }
      times.sort((a, b) => a - b);
      return `${days} days by ${seconds / 60} min (${points} points) ${times[10]!.toFixed(0)} ms, worst of 20 ${times[19]!.toFixed(0)} ms`;
    };
    const charts = [
      await chart(DAYS, DAY),
      await chart(DAYS, 6 * 3600),
      await chart(31, 3600),
      await chart(7, 900),
      await chart(1, 60),
    ];
    const text = await csv(store, end);
    console.log(
      `${name}: filled in ${(filled / 1_000).toFixed(0)} s; chart data of ${charts.join("; ")}; ${text}; load ${load()}`,
    );
    await store.close();
  }
}

async function fill(store: Store, end: number): Promise<void> {
  for (let day = 0; day < DAYS; day++) {
    const readings = Array.from({ length: 1_440 }, (_, i) => ({
      epoch: "5c0ffee1",
      seq: day * 1_440 + i + 1,
      unixSeconds: end - (DAYS - day) * DAY + i * 60,
      steps: QUANTITIES.map((_quantity, at) => 40 + ((i * (at + 3)) % 97)),
    }));
    await store.take([{ kind: "readings", device: DEVICE, readings }]);
    // As between two groups of an ingest: until then libsql holds what its statements took.
    await sleep(0);
  }
}

async function csv(store: Store, end: number): Promise<string> {
  const begun = performance.now();
  let bytes = 0;
  let rows = 0;
  const memory: number[] = [];
  for await (const page of store.readings.pages(FLEET, { from: 0, to: end })) {
    bytes += Buffer.byteLength(
      page.map(({ time, seq, values }) => `${time},${seq},${values.join()}\n`).join(""),
    );
    rows += page.length;
    if (rows % 10_000 < page.length) memory.push(process.memoryUsage.rss() / 1e6);
  }
  const half = Math.floor(memory.length / 2);
  return (
    `CSV of ${rows} rows, ${(bytes / 1e6).toFixed(1)} MB, in ${((performance.now() - begun) / 1_000).toFixed(1)} s, ` +
    `most memory in its first half ${Math.max(...memory.slice(0, half)).toFixed(0)} MB, in its second ${Math.max(...memory.slice(half)).toFixed(0)} MB`
  );
}

async function timed(task: () => Promise<void>): Promise<number> {
  const begun = performance.now();
  await task();
  return performance.now() - begun;
}
