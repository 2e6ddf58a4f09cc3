import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { QUANTITIES } from "../../cloud/payload/quantities";
import type { Arrival } from "../../cloud/store/intake";
import type { ReadingRow } from "../../cloud/store/readings";
import { FLEET, type Scope } from "../../cloud/store/scope";
import { findPostgres, type PostgresCluster, startPostgres } from "../../tools/bench/cloud/postgres";
import { embeddedStore, type OpenStore, postgresStore, readingAt } from "../support/stores";

/** A Wednesday at noon. */
const NOW = 1_782_907_200;
const DAY = 86_400;
const programs = findPostgres();
let cluster: PostgresCluster | undefined;
beforeAll(async () => {
  if (programs) cluster = await startPostgres(programs, { fsync: "off" });
});
afterAll(() => cluster?.stop());

type Options = Parameters<typeof embeddedStore>[0];
const engines = [
  { name: "The embedded store", open: embeddedStore },
  ...(programs ? [{ name: "PostgreSQL", open: (options: Options) => postgresStore(cluster!, options) }] : []),
];

describe.each(engines)("$name", ({ open }) => {
  let opened: OpenStore;
  let now = NOW;
  const clock = { now: () => now * 1000 };
  beforeEach(async () => {
    now = NOW;
    opened = await open(clock);
  });
  afterEach(() => opened.close());

  const take = (device: string, ...readings: ReturnType<typeof readingAt>[]) =>
    opened.store.take([{ kind: "readings", device, readings }]);
  const all = async (scope: Scope = FLEET, from = 0, to = NOW + 10 * DAY): Promise<ReadingRow[]> => {
    const rows: ReadingRow[] = [];
    for await (const row of opened.store.readings.rows(scope, { from, to })) rows.push(row);
    return rows;
  };

  test("A reading comes back with its values, its identity and the device's time", async () => {
    expect(await take("dev", readingAt(4711, NOW))).toEqual({ added: 1, repeated: 0, tooOld: 0 });
    const [row] = await all();
    expect(row).toEqual({
      device: "dev",
      epoch: "5c0ffee1",
      seq: 4711,
      time: NOW,
      values: [
        ...[4711, 4711.1, 4711.2, 4711.3, 47114, 471.15, 471.16, 47117, 47118],
        ...[4711.9, 4712, 4712.1, 4712.2, 4712.3, 4712.4, 47.125, 47126, 47127],
      ],
    });
    expect(QUANTITIES[4]).toBe("co2");
  });

  test("A repetition is not kept twice, in one transaction or in another", async () => {
    await take("dev", readingAt(1, NOW), readingAt(1, NOW), readingAt(2, NOW + 60));
    expect(await take("dev", readingAt(2, NOW + 60))).toEqual({ added: 0, repeated: 1, tooOld: 0 });
    expect((await all()).map(({ seq }) => seq)).toEqual([1, 2]);
  });

  test("A reading without a time is kept apart until a repetition brings it, and does not lose it again", async () => {
    await take("dev", readingAt(1, undefined));
    expect(await opened.store.readings.undated(FLEET, "dev")).toMatchObject([
      { seq: 1, boot: 12, uptime: 1 },
    ]);
    expect(await all()).toEqual([]);
    expect(await take("dev", readingAt(1, NOW))).toEqual({ added: 0, repeated: 1, tooOld: 0 });
    await take("dev", readingAt(1, undefined));
    expect(await opened.store.readings.undated(FLEET, "dev")).toEqual([]);
    expect((await all()).map(({ time }) => time)).toEqual([NOW]);
  });

  test("Of two times of one reading the newest stands, also on another day, and hours follow it", async () => {
    const hour = NOW - (NOW % 3600);
    await take("dev", readingAt(1, NOW - 300 * DAY), readingAt(2, NOW));
    await opened.store.hours.sumUp();
    await take("dev", readingAt(1, NOW + 60));
    expect((await all()).map(({ seq, time }) => [seq, time])).toEqual([
      [2, NOW],
      [1, NOW + 60],
    ]);
    const averages = () =>
      opened.store.hours.averages(FLEET, { device: "dev", from: 0, to: NOW + DAY, seconds: 3600 });
    const before = await averages();
    await opened.store.hours.sumUp();
    expect(await averages()).toEqual(before);
    expect(before.map(({ time, readings }) => [time, readings])).toEqual([[hour, 2]]);
    expect(before[0]!.values[4]).toEqual({ count: 2, mean: 19, least: 14, most: 24 });
  });

  test("Readings are paged by device and time, and go on after any place", async () => {
    const many = Array.from({ length: 1_500 }, (_, i) => readingAt(i + 1, NOW + i * 60));
    await take("b", ...many.slice(0, 2));
    await take("a", ...many);
    const rows = await all();
    expect(rows.map(({ device }) => device).filter((id) => id === "a")).toHaveLength(1_500);
    expect(rows.map(({ seq }) => seq)).toEqual([...many.map(({ seq }) => seq), 1, 2]);
    const rest: ReadingRow[] = [];
    for await (const row of opened.store.readings.rows(FLEET, { from: 0, to: NOW * 2, after: rows[1_200]! }))
      rest.push(row);
    expect(rest).toEqual(rows.slice(1_201));
  });

  test("Pages go on after any place also where the database sorts ids in another order than we compare them", async () => {
    // By bytes "B" < "_" < "a" < "b-1" < "b1"; people put them as _, a, B, b1, b-1.
    const ids = ["B", "_", "a", "b-1", "b1", "B-2", "~"];
    for (const id of ids) await take(id, readingAt(1, NOW));
    const rows = await all();
    expect(rows.map(({ device }) => device)).toEqual([...ids].sort());
    for (const [i, place] of rows.entries()) {
      const rest: string[] = [];
      const query = { from: 0, to: NOW * 2, after: place };
      for await (const { device } of opened.store.readings.rows(FLEET, query)) rest.push(device);
      expect(rest).toEqual([...ids].sort().slice(i + 1));
    }
    expect((await opened.store.devices.visible(FLEET)).map(({ id }) => id)).toEqual([...ids].sort());
    for (const id of ids) await opened.store.accounts.put({ id, name: id, createdAt: NOW });
    const accounts = (await opened.store.accounts.visible(FLEET)).map(({ id }) => id);
    expect(accounts.filter((id) => ids.includes(id))).toEqual([...ids].sort());
  });

  test("The latest reading is the one taken last, whatever came last", async () => {
    await take("a", readingAt(3, NOW), readingAt(2, NOW - DAY));
    await take("a", readingAt(1, NOW - 40 * DAY));
    await take("silent", readingAt(1, undefined));
    await take("a", readingAt(4, NOW + 5 * DAY));
    expect(
      (await opened.store.readings.latest(FLEET, NOW + 1)).map(({ device, seq }) => [device, seq]),
    ).toEqual([["a", 3]]);
  });

  test("Spans shorter than an hour are averaged from the readings themselves", async () => {
    await take("a", readingAt(1, NOW), readingAt(2, NOW + 60), readingAt(3, NOW + 900));
    const rows = await opened.store.hours.averages(FLEET, {
      device: "a",
      from: NOW,
      to: NOW + 1800,
      seconds: 900,
    });
    expect(rows.map(({ time, readings }) => [time, readings])).toEqual([
      [NOW, 2],
      [NOW + 900, 1],
    ]);
    const ever = { device: "a", from: -1.5, to: Number.MAX_SAFE_INTEGER, seconds: 900 };
    expect(await opened.store.hours.averages(FLEET, ever)).toEqual(rows);
    expect((await all(FLEET, -1.5, Number.MAX_SAFE_INTEGER)).length).toBe(3);
    expect((await all(FLEET, NOW + 0.5, NOW + 60.5)).map(({ seq }) => seq)).toEqual([2]);
  });

  test("An account sees its own devices only, in every table", async () => {
    const { store } = opened;
    await store.accounts.put({ id: "other", name: "Other", createdAt: NOW });
    await store.devices.add({ id: "theirs", account: "other" }, NOW);
    await store.take([
      { kind: "readings", device: "theirs", readings: [readingAt(1, NOW)] },
      { kind: "readings", device: "ours", readings: [readingAt(2, NOW), readingAt(3, undefined)] },
      { kind: "status", device: "ours", isOnline: true, status: '{"v":1,"online":true}', at: NOW },
      aside("ours"),
    ]);
    const other: Scope = { account: "other" };
    expect((await all(other)).map(({ device }) => device)).toEqual(["theirs"]);
    expect((await store.devices.visible(other)).map(({ id }) => id)).toEqual(["theirs"]);
    expect(await store.devices.find(other, "ours")).toBeUndefined();
    expect(await store.devices.change(other, "ours", { friendlyName: "mine" }, NOW)).toBe(false);
    expect(await store.devices.forget(other, "ours")).toBe(false);
    expect((await store.readings.latest(other, NOW * 2, ["ours"])).length).toBe(0);
    expect(await store.readings.undated(other, "ours")).toEqual([]);
    expect(await store.hours.averages(other, { device: "ours", from: 0, to: NOW * 2, seconds: 60 })).toEqual(
      [],
    );
    expect([...(await store.notes.statuses(other)).keys()]).toEqual([]);
    expect(await store.notes.asides(other)).toEqual([]);
    expect([...(await store.notes.statuses({ account: store.homeAccount })).keys()]).toEqual(["ours"]);
    expect(await store.notes.asides({ account: store.homeAccount })).toHaveLength(1);
  });

  test("What a device says last of itself stands, and that it is away leaves the rest", async () => {
    const { store } = opened;
    await store.take([
      { kind: "status", device: "a", isOnline: true, status: '{"v":1,"online":true,"board":"X"}', at: NOW },
    ]);
    await store.take([{ kind: "status", device: "a", isOnline: false, at: NOW + 1 }]);
    expect((await store.notes.statuses(FLEET)).get("a")).toEqual({
      isOnline: false,
      status: { v: 1, online: true, board: "X" },
      receivedAt: NOW + 1,
    });
  });

  test("Of what is put aside all is counted, and a hundred of a device are kept", async () => {
    const { store } = opened;
    await store.take(Array.from({ length: 130 }, () => aside("noisy")));
    expect(await store.notes.asides(FLEET, 1_000)).toHaveLength(100);
    expect(await store.notes.counts()).toEqual({ "not-telemetry": 130 });
    expect((await store.notes.asides(FLEET, 1))[0]).toMatchObject({ payload: new Uint8Array([0, 255]) });
  });

  test("Retention drops readings by the day and leaves their hours, also when such readings come again", async () => {
    const { store } = opened;
    await take("a", readingAt(1, NOW), readingAt(2, NOW + 40 * DAY));
    await store.hours.sumUp();
    now = NOW + 410 * DAY;
    expect(await take("a", readingAt(1, NOW))).toEqual({ added: 0, repeated: 0, tooOld: 1 });
    expect(await store.retain()).toBeGreaterThan(0);
    await store.hours.sumUp();
    expect((await all(FLEET, 0, NOW * 2)).map(({ seq }) => seq)).toEqual([2]);
    const hours = await store.hours.averages(FLEET, { device: "a", from: 0, to: NOW * 2, seconds: 3600 });
    expect(hours.map(({ readings }) => readings)).toEqual([1, 1]);
    expect(await store.notes.counts()).toEqual({ "too-old": 1 });
  });

  test("Forgetting a device deletes all that it said, and of nobody else", async () => {
    const { store } = opened;
    await take("gone", readingAt(1, NOW), readingAt(2, undefined));
    await take("stays", readingAt(1, NOW));
    await store.hours.sumUp();
    expect(await store.devices.forget(FLEET, "gone", { andItself: true })).toBe(true);
    expect((await all()).map(({ device }) => device)).toEqual(["stays"]);
    expect((await store.devices.visible(FLEET)).map(({ id }) => id)).toEqual(["stays"]);
    await take("gone", readingAt(1, NOW));
    expect((await all()).map(({ device }) => device)).toEqual(["gone", "stays"]);
  });

  test("Devices, clients and audit rows come back as they were put", async () => {
    const { store } = opened;
    await store.devices.add(
      { id: "d", account: store.homeAccount, friendlyName: "Hall", latitude: 48.2 },
      NOW,
    );
    const device = (await store.devices.find(FLEET, "d"))!;
    expect(device).toMatchObject({ friendlyName: "Hall", latitude: 48.2, longitude: null, isIndoor: true });
    expect(device.cloudId).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(await store.devices.find(FLEET, device.cloudId)).toEqual(device);
    const client = {
      id: "c",
      name: "A script",
      account: store.homeAccount,
      secretHash: "scrypt$",
      scopes: ["read:device", "read:telemetry"],
      addresses: [],
      endsAt: NOW,
      isRevoked: false,
      createdAt: NOW,
    };
    await store.clients.put(client);
    await store.clients.put({ ...client, isRevoked: true });
    expect(await store.clients.find("c")).toEqual({ ...client, isRevoked: true });
    expect(await store.clients.visible({ account: "other" })).toEqual([]);
    await store.audit.add({
      at: NOW,
      account: null,
      actor: "c",
      action: "token",
      device: null,
      detail: { a: 1 },
    });
    expect(await store.audit.visible(FLEET)).toMatchObject([{ actor: "c", detail: { a: 1 } }]);
    expect(await store.audit.visible({ account: store.homeAccount })).toEqual([]);
  });

  test("A device that is years wrong about its time loses nothing, and moves when it knows better", async () => {
    for (const wrong of [0, NOW - 5 * 365 * DAY, NOW + 3 * DAY, 4_294_967_295]) {
      const { store, close } = await open({ ...clock, retention: { readings: null } });
      const device = "d";
      await store.take([{ kind: "readings", device, readings: [readingAt(1, wrong)] }]);
      now = NOW + 3 * DAY; // by then the day has a partition of its own
      await store.take([{ kind: "readings", device, readings: [readingAt(2, NOW + 3 * DAY)] }]);
      const times = async (): Promise<(readonly [number, number])[]> => {
        const rows = [];
        for await (const { seq, time } of store.readings.rows(FLEET, { from: 0, to: 2 ** 33 }))
          rows.push([seq, time] as const);
        return rows.sort(([a], [b]) => a - b);
      };
      expect(await times()).toEqual([
        [1, wrong],
        [2, now],
      ]);
      await store.take([{ kind: "readings", device, readings: [readingAt(1, NOW)] }]);
      expect(await times()).toEqual([
        [1, NOW],
        [2, now],
      ]);
      now = NOW;
      await close();
    }
  });

  const aside = (device: string): Arrival => ({
    kind: "aside",
    device,
    topic: `aerolink/v1/${device}/telemetry`,
    reason: "not-telemetry",
    payload: new Uint8Array([0, 255]),
    at: NOW,
  });
});
