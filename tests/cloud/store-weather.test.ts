// What happens to databases and computers: restarts, full discs, long readers, midnight, clocks that jump.
import pg from "pg";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { GroupCommit } from "../../cloud/ingest/group-commit";
import type { Arrival } from "../../cloud/store/intake";
import { PostgresEngine } from "../../cloud/store/postgres-engine";
import { FLEET } from "../../cloud/store/scope";
import { Store } from "../../cloud/store/store";
import { findPostgres, type PostgresCluster, startPostgres } from "../../tools/bench/cloud/postgres";
import { embeddedStore, readingAt } from "../support/stores";

/** A Wednesday at noon. */
const NOW = 1_782_907_200;
const DAY = 86_400;

const ends: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

const of = (device: string, ...readings: ReturnType<typeof readingAt>[]): Arrival => ({
  kind: "readings",
  device,
  readings,
});

async function seqs(store: Store, device: string): Promise<number[]> {
  const found: number[] = [];
  for await (const row of store.readings.rows(FLEET, { devices: [device], from: 0, to: 2 ** 33 }))
    found.push(row.seq);
  return found.sort((a, b) => a - b);
}

const upTo = (count: number): number[] => Array.from({ length: count }, (_, i) => i + 1);

const programs = findPostgres();
describe.runIf(programs)("PostgreSQL", () => {
  let cluster: PostgresCluster;
  beforeAll(async () => {
    cluster = await startPostgres(programs!, { fsync: "off" });
  });
  afterAll(() => cluster?.stop());

  async function open(url: string, now = () => NOW * 1000): Promise<Store> {
    const store = await Store.open({ engine: await PostgresEngine.open({ url }), now });
    ends.push(() => store.close());
    return store;
  }

  test("A server that goes down under load and comes back is waited for: nothing is lost, nothing is there twice", async () => {
    const store = await open(cluster.newDatabase());
    const troubles: string[] = [];
    const commit = new GroupCommit({ store, onTrouble: ({ message }) => troubles.push(message) });
    const messages = 100;
    let kept = 0;
    let sent = 0;
    const send = (): void => {
      const seq = ++sent;
      const arrival = of("dev", readingAt(seq, NOW + seq * 60));
      commit.add({ arrival, aside: arrival, isWanted: () => true, done: (isKept) => isKept && kept++ });
    };
    // As a broker does: some ahead of the acknowledgements.
    const load = (async () => {
      for (; sent < messages; await new Promise((resolve) => setImmediate(resolve)))
        while (sent < messages && sent - kept < 5) send();
    })();
    while (kept < 50) await new Promise((resolve) => setImmediate(resolve));
    await cluster.restart();
    await load;
    while (kept < messages) await new Promise((resolve) => setTimeout(resolve, 10));
    await commit.close();
    expect(troubles.length).toBeGreaterThan(0);
    expect(await seqs(store, "dev")).toEqual(upTo(messages));
  }, 60_000);

  test("Several processes at midnight make each day once, wait for none of each other for ever, and lose nothing", async () => {
    const url = cluster.newDatabase();
    const stores = await Promise.all([open(url), open(url), open(url)]);
    // Each has all devices, on both sides of eight midnights, in another order.
    await Promise.all(
      stores.map(async (store, s) => {
        for (let i = 0; i < 8; i++) {
          const day = (i * 3 + s) % 8;
          const midnight = NOW - (NOW % DAY) - day * DAY;
          await store.take(
            upTo(6).map((n) =>
              of(
                `dev-${n}`,
                readingAt(100 * day + 2 * s + 1, midnight - 1 - s),
                readingAt(100 * day + 2 * s + 2, midnight + s),
              ),
            ),
          );
          await store.hours.sumUp();
        }
      }),
    );
    const wanted = upTo(8).flatMap((day) => upTo(6).map((n) => 100 * (day - 1) + n));
    for (const n of upTo(6)) expect(await seqs(stores[0]!, `dev-${n}`)).toEqual(wanted.sort((a, b) => a - b));
    const hours = await stores[0]!.hours.averages(FLEET, {
      device: "dev-1",
      from: 0,
      to: NOW * 2,
      seconds: DAY,
    });
    expect(hours.reduce((sum, { readings }) => sum + readings, 0)).toBe(48);
  });

  test("Hours that are due are summed up without a look through the day's readings, however many there are", async () => {
    const engine = await PostgresEngine.open({ url: cluster.newDatabase() });
    ends.push(() => engine.close());
    const day = Math.floor(NOW / DAY);
    await engine.prepareDays([day], day);
    await engine.run(
      `INSERT INTO readings (device, epoch, seq, taken, day) SELECT d, 1, s, ${day * DAY} + s * 60, ${day}
        FROM generate_series(1, 200) d, generate_series(1, 100) s`,
    );
    await engine.run(
      `INSERT INTO hours_due SELECT d, ${day * DAY} + h * 3600 FROM generate_series(1, 200) d, generate_series(0, 1) h`,
    );
    await engine.run("ANALYZE");
    const sums = engine.sumsOfDue("SUM(pm1) AS sum", `d.device IN (${upTo(50).join(", ")})`, [day]);
    const plan = (await engine.all(`EXPLAIN ${sums}`)).map((row) => row["QUERY PLAN"]).join("\n");
    expect(plan).toMatch(/Index Scan.* on readings_/);
    expect(plan).not.toMatch(/Seq Scan on readings_/);
    expect(await engine.all(sums)).toHaveLength(100);
  });

  test("Somebody who reads for long does not hold up what comes in when retention wants a day, which goes the next time", async () => {
    let now = NOW;
    const url = cluster.newDatabase();
    const store = await open(url, () => now * 1000);
    await store.take([of("dev", readingAt(1, NOW), readingAt(2, NOW + 300 * DAY))]);
    const reader = new pg.Client({ connectionString: url });
    await reader.connect();
    ends.push(() => reader.end());
    await reader.query("BEGIN");
    await reader.query("SELECT COUNT(*) FROM readings");
    now = NOW + 410 * DAY;
    const begun = performance.now();
    const [dropped] = await Promise.all([store.retain(), store.take([of("dev", readingAt(3, now))])]);
    expect(performance.now() - begun).toBeLessThan(4_000);
    expect(dropped).toBe(1); // its hour that is due
    await reader.query("COMMIT");
    expect(await store.retain()).toBe(1);
    expect(await seqs(store, "dev")).toEqual([2, 3]);
  });
});

test("A disc that is full loses nothing: what came waits unacknowledged, and is kept when there is room", async () => {
  const { store, engine, close } = await embeddedStore({ now: () => NOW * 1000 });
  ends.push(close);
  const troubles: string[] = [];
  const commit = new GroupCommit({ store, onTrouble: ({ message }) => troubles.push(message) });
  let kept = 0;
  const add = (first: number, count: number): void => {
    const readings = Array.from({ length: count }, (_, i) => readingAt(first + i, NOW + (first + i) * 60));
    const arrival = of("dev", ...readings);
    commit.add({ arrival, aside: arrival, isWanted: () => true, done: (isKept) => isKept && kept++ });
  };
  const limit = (pages: number) => engine.transaction((sql) => sql.all(`PRAGMA max_page_count = ${pages}`));
  add(1, 10);
  while (kept < 1) await new Promise((resolve) => setImmediate(resolve));
  await limit(1); // SQLite takes what the file has: no page more
  add(11, 2_000);
  while (troubles.length === 0) await new Promise((resolve) => setImmediate(resolve));
  expect([kept, troubles]).toEqual([1, [expect.stringMatching(/full/)]]);
  expect(await seqs(store, "dev")).toEqual(upTo(10));
  await limit(1_000_000);
  while (kept < 2) await new Promise((resolve) => setTimeout(resolve, 10));
  await commit.close();
  expect(await seqs(store, "dev")).toEqual(upTo(2_010));
});

test("Retention of the embedded store lets what comes in have its turn between", async () => {
  let now = NOW;
  const { store, close } = await embeddedStore({ now: () => now * 1000 });
  ends.push(close);
  for (const device of ["a", "b"])
    await store.take([of(device, ...upTo(2_500).map((seq) => readingAt(seq, NOW + seq)))]);
  now = NOW + 500 * DAY;
  await store.take([of("a", readingAt(9_000, now))]);
  let turns = 0;
  let isOver = false;
  const count = (): void => {
    turns++;
    if (!isOver) setImmediate(count);
  };
  setImmediate(count);
  expect(await store.retain()).toBeGreaterThanOrEqual(5_000);
  isOver = true;
  expect(turns).toBeGreaterThanOrEqual(5);
  expect(await seqs(store, "a")).toEqual([9_000]);
  expect(await seqs(store, "b")).toEqual([]);
});
