// What the API asks of the store, on PostgreSQL; and the dashboard's SQL on its schema.
import { readFileSync } from "node:fs";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { QUANTITIES } from "../../../cloud/payload/quantities";
import { RolloutDesk } from "../../../cloud/rollout/desk";
import { findPostgres, type PostgresCluster, startPostgres } from "../../../tools/bench/cloud/postgres";
import { ACME, addDevice, type CloudApi, NOW, RIVAL, startCloudApi } from "../../support/cloud-api";
import { limit } from "../../support/limit";
import { manifestOf, updateStateText } from "../../support/offers";
import { postgresStore } from "../../support/stores";

const programs = findPostgres();

describe.skipIf(!programs)("On PostgreSQL", () => {
  let cluster: PostgresCluster;
  let cloud: CloudApi;
  let url: string;
  const told: string[] = [];

  beforeAll(async () => {
    cluster = await startPostgres(programs!, { fsync: "off" });
    const known = { ...cluster, newDatabase: () => (url = cluster.newDatabase()) };
    cloud = await startCloudApi({
      open: (options) => postgresStore(known, options),
      control: {
        desired: async () => undefined,
        reported: async () => ({}),
        desire: async () => ({}),
        command: async () => ({}),
        offer: async (ids) => void told.push(...ids),
      },
    });
    await addDevice(cloud, "b-one", ACME, { minutes: 10, without: [4] });
    await addDevice(cloud, "B-two");
    await addDevice(cloud, "a-three");
    await addDevice(cloud, "theirs", RIVAL);
    await cloud.store.take([
      {
        kind: "status",
        device: "b-one",
        isOnline: true,
        status: '{"v":1,"online":true,"firmware":"0.1.0","journal":{"pending":3}}',
        at: NOW,
      },
    ]);
  }, limit(60_000));
  afterAll(async () => {
    await cloud?.close();
    await cluster?.stop();
  });

  const list = async (path: string): Promise<Record<string, unknown>[]> => {
    const response = await cloud.get(path);
    expect(response.status, path).toBe(200);
    return (await response.json()) as Record<string, unknown>[];
  };

  test("each call of the API answers, and of its own account", async () => {
    expect((await list("/api/v3/external/devices")).map(({ mqtt_id: id }) => id).sort()).toEqual([
      "B-two",
      "a-three",
      "b-one",
    ]);
    expect(await list("/api/v3/external/telemetry?age=1")).toHaveLength(15);
    expect(await list("/api/v3/external/telemetry/flat-format?device_id=b-one&age=1&average=5")).toHaveLength(
      3,
    );
    expect(
      await list("/api/v3/external/telemetry/legacy-format?latest_as_of_date=2026-07-01T11:59:30Z"),
    ).toHaveLength(3);
    expect(await list("/api/v3/external/gaps?device_id=b-one")).toMatchObject([{ from_seq: 4, to_seq: 4 }]);
    expect(await list(`/api/v1/external/account/${ACME}/telemetry`)).toHaveLength(15);
    expect(await (await cloud.get("/metrics")).text()).toContain(
      'aerolink_device_online{device="b-one",name="Room of b-one"} 1',
    );
    expect(await list("/api/v3/external/audit")).toEqual([]);
  });

  test("pages followed by the header Link give each record of each device once, whatever the order of their names", async () => {
    const seen: string[] = [];
    let path: string | undefined = "/api/v3/external/telemetry/flat-format?age=1&limit=4";
    while (path) {
      const response: Response = await cloud.get(path);
      for (const { cloud_device_id: id, timestamp } of (await response.json()) as Record<string, string>[])
        seen.push(`${id} ${timestamp}`);
      path = /<([^>]+)>; rel="next"/.exec(response.headers.get("link") ?? "")?.[1];
    }
    expect([seen.length, new Set(seen).size]).toEqual([15, 15]);
  });

  test("SQL in a name is text", async () => {
    const evil = `'; DROP TABLE readings; -- \ud83d\udca8 $1 ?`;
    expect(
      (await cloud.send("PATCH", "/api/v3/external/devices/a-three", { friendlyName: evil })).status,
    ).toBe(200);
    expect(await list("/api/v3/external/devices?device_id=a-three")).toMatchObject([
      { metadata: { friendlyName: evil } },
    ]);
    expect(await list("/api/v3/external/telemetry?device_id=a-three")).toHaveLength(1);
  });

  test("a rollout begins, is held by one process at a time, halts when a device fails, and is forgotten by no restart", async () => {
    const say = (device: string, changes: object = {}) =>
      cloud.store.take([
        { kind: "state", device, topic: "update/state", text: updateStateText({ ...changes }), at: NOW },
      ]);
    for (const id of ["b-one", "B-two"]) await say(id);
    await cloud.send("PATCH", "/api/v3/external/devices/b-one", { tags: ["upstairs"] });
    expect(await list("/api/v3/external/devices?tag=upstairs")).toMatchObject([{ mqtt_id: "b-one" }]);
    const body = { manifest: manifestOf(), devices: { tag: "upstairs" } };
    const two = await Promise.all([1, 2].map(() => cloud.send("POST", "/api/v3/external/rollouts", body)));
    expect(two.map(({ status }) => status).sort()).toEqual([201, 409]);
    expect(told).toEqual(["b-one"]);
    const [{ id }] = (await list("/api/v3/external/rollouts")) as { id: string }[] as [{ id: string }];
    const held = { now: NOW, until: NOW + 60 };
    expect(await cloud.store.rollouts.hold(id, "a", held)).toBe(true);
    expect(await cloud.store.rollouts.hold(id, "b", held)).toBe(false);
    await cloud.store.rollouts.letGo(id, "a");
    await say("b-one", { state: "failed", release: 12, reason: "wrong-board" });
    await new RolloutDesk({ store: cloud.store, offer: async () => {} }).lookAtAll();
    const [rollout] = await list("/api/v3/external/rollouts");
    expect(rollout).toMatchObject({ state: "halted", counts: { failed: 1 } });
    expect(await list("/api/v3/external/certificates")).toHaveLength(3);
  });

  test("the dashboard for Grafana asks what there is, in each of its panels", async () => {
    await cloud.store.hours.sumUp();
    const dashboard = JSON.parse(
      readFileSync(new URL("../../../cloud/grafana/aerolink.json", import.meta.url), "utf8"),
    );
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    try {
      // As Grafana's PostgreSQL source replaces them.
      const filled = (sql: string): string =>
        sql
          .replaceAll(
            "$__timeFilter(time)",
            `time BETWEEN to_timestamp(${NOW - 86_400}) AND to_timestamp(${NOW})`,
          )
          .replaceAll("$__unixEpochFrom()", String(NOW - 86_400))
          .replaceAll("$__unixEpochTo()", String(NOW))
          .replaceAll("$account", ACME)
          .replaceAll("$device", "'b-one','B-two'");
      const [, accounts, devices] = dashboard.templating.list as { query: string }[];
      expect((await client.query(filled(accounts!.query))).rows).toContainEqual({
        __text: "acme",
        __value: ACME,
      });
      expect((await client.query(filled(devices!.query))).rows).toHaveLength(3);
      const shown = new Set<string>();
      for (const { title, type, targets } of dashboard.panels)
        for (const { rawSql } of targets as { rawSql: string }[]) {
          expect(filled(rawSql)).not.toContain("$");
          const { rows, fields } = await client.query(filled(rawSql));
          if (type === "table") {
            expect(rows.map((row) => [row.Device, row.Online, row.Firmware])).toEqual([
              // As people sort: the database does it, and nothing else compares.
              ["b-one", true, "0.1.0"],
              ["B-two", false, null],
            ]);
            continue;
          }
          expect(
            fields.slice(0, 2).map(({ name }) => name),
            title,
          ).toEqual(["time", "metric"]);
          expect(rows[0].time, title).toBeInstanceOf(Date);
          expect(Number(rows[0][fields[2]!.name]), title).toBeGreaterThan(0);
          // Of both devices: a row a reading, or a row an hour.
          expect([12, 4], title).toContain(rows.length);
          shown.add(fields[2]!.name);
        }
      expect([...shown].sort()).toEqual([...QUANTITIES].sort());
    } finally {
      await client.end();
    }
  });
});
