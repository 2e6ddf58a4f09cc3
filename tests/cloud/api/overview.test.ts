import { afterAll, beforeAll, expect, test } from "vitest";
import type { History } from "../../../cloud/page/answers";
import { ACME, type CloudApi, NOW, RIVAL, startCloudApi } from "../../support/cloud-api";
import { DAY, HOUR, measure, roomAir, statusOf } from "../../support/cloud-page";

let cloud: CloudApi;
const IDS = ["dev-1", "dev-2", "dev-3", "dev-4", "dev-5"];

beforeAll(async () => {
  cloud = await startCloudApi();
  for (const id of IDS) await cloud.store.devices.add({ id, account: ACME, friendlyName: `Room ${id}` }, NOW);
  await cloud.store.devices.add({ id: "not-yours", account: RIVAL }, NOW);
  for (const id of ["dev-1", "dev-3", "not-yours"]) {
    await measure(cloud.store, { id, from: NOW - 2 * HOUR, to: NOW, everySeconds: 60, values: roomAir });
    await cloud.store.take([
      { kind: "status", device: id, isOnline: true, status: JSON.stringify(statusOf()), at: NOW - 5 },
    ]);
  }
});

afterAll(() => cloud?.close());

/** All pages, as a client follows them. */
async function pagesOf(path: string, limit: number): Promise<{ rows: unknown[]; pages: number }> {
  const rows: unknown[] = [];
  let pages = 0;
  for (
    let next: string | undefined = `${path}${path.includes("?") ? "&" : "?"}limit=${limit}`;
    next !== undefined && pages < 20;
    pages++
  ) {
    const response = await cloud.get(next);
    expect(response.status).toBe(200);
    rows.push(...((await response.json()) as unknown[]));
    next = /<([^>]+)>/.exec(response.headers.get("link") ?? "")?.[1];
  }
  return { rows, pages };
}

test("The fleet comes in pages, each device once, with its state and its newest reading", async () => {
  const { rows, pages } = await pagesOf("/api/v3/external/fleet", 2);
  expect(pages).toBe(3);
  expect(rows).toMatchObject([
    {
      device: { mqtt_id: "dev-1", metadata: { friendlyName: "Room dev-1" } },
      online: true,
      heard_at: "2026-07-01T11:59:55Z",
      status: { firmware: "0.1.0", sensor: { fault: null }, certificate: { daysLeft: 152 } },
      latest: { timestamp: "2026-07-01T11:59:00Z", co2_ppm: expect.any(Number) },
    },
    { device: { mqtt_id: "dev-2" }, online: false, heard_at: null, status: null, latest: null },
    { device: { mqtt_id: "dev-3" } },
    { device: { mqtt_id: "dev-4" } },
    { device: { mqtt_id: "dev-5" } },
  ]);
  expect(JSON.stringify(rows)).not.toContain("not-yours");
});

test("The latest records come in pages, too, and end", async () => {
  const { rows, pages } = await pagesOf("/api/v3/external/telemetry/flat-format", 1);
  expect(pages).toBe(2);
  expect(rows).toHaveLength(2);
});

test("A chart gets each reading of an hour, and of longer times means with the lowest and the highest", async () => {
  const path = "/api/v3/external/devices/dev-1/history";
  const hour = (await (
    await cloud.get(`${path}?start_date=2026-07-01T11:00:00Z&telem[]=co2_ppm`)
  ).json()) as History;
  expect(hour).toMatchObject({ span: 0, from: NOW - HOUR, to: NOW + 1 });
  expect(hour.times).toEqual(Array.from({ length: 60 }, (_, i) => NOW - HOUR + i * 60));
  expect(Object.keys(hour.values)).toEqual(["co2_ppm"]);
  const two = (await (
    await cloud.get(`${path}?start_date=2026-07-01T10:00:00Z&telem[]=co2_ppm&points=10`)
  ).json()) as History;
  expect(two.span).toBe(900);
  expect(two.times).toHaveLength(8);
  const { mean, least, most } = two.values.co2_ppm!;
  for (const i of mean.keys()) {
    expect(least[i]).toBeLessThan(mean[i]!);
    expect(most[i]).toBeGreaterThan(mean[i]!);
  }
  // The spans' means are what CSV of the same view says.
  const csv = await (
    await cloud.get(
      "/api/v3/external/telemetry/flat-format?device_id=dev-1&start_date=2026-07-01T10:00:00Z&end_date=2026-07-01T12:00:01Z&average=15&telem[]=co2_ppm&format=csv",
    )
  ).text();
  const lines = csv.trim().split("\r\n").slice(1);
  expect(lines.map((line) => Number(line.split(",").at(-1)))).toEqual(mean);
});

test("A chart of another account's device, of no device, or without a time is refused", async () => {
  const statusOfPath = async (path: string): Promise<number> =>
    (await cloud.get(`/api/v3/external/devices/${path}`)).status;
  expect(await statusOfPath("not-yours/history?start_date=2026-07-01")).toBe(404);
  expect(await statusOfPath("nobody/history?start_date=2026-07-01")).toBe(404);
  expect(await statusOfPath("dev-1/history")).toBe(400);
  expect(await statusOfPath("dev-1/history?start_date=2026-07-01&telem[]=nonsense")).toBe(400);
});

test("A year of a chart has at most so many points as were asked for, and is there in no time", async () => {
  await measure(cloud.store, {
    id: "dev-5",
    from: NOW - 60 * DAY,
    to: NOW,
    everySeconds: 300,
    values: roomAir,
  });
  await cloud.store.hours.sumUp();
  const path = `/api/v3/external/devices/dev-5/history?start_date=2025-07-01T12:00:00Z&telem[]=mcpm2x5&telem[]=co2_ppm`;
  await cloud.get(path);
  const begin = performance.now();
  const year = (await (await cloud.get(path)).json()) as History;
  expect(performance.now() - begin).toBeLessThan(1_000);
  expect(year.span).toBe(43_200);
  expect(year.times.length).toBeLessThanOrEqual(800);
  expect(year.times.length).toBeGreaterThan(100);
});

test("A link gets CSV by `format`, whatever the browser accepts, and `format=json` wins over Accept", async () => {
  const path = "/api/v3/external/telemetry/flat-format?device_id=dev-1&format=";
  const accept = { accept: "text/html,application/xhtml+xml" };
  expect((await cloud.get(`${path}csv`, accept)).headers.get("content-type")).toContain("text/csv");
  expect((await cloud.get(`${path}json`, { accept: "text/csv" })).headers.get("content-type")).toContain(
    "application/json",
  );
});
