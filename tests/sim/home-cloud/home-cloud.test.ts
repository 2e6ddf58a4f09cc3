import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { FLEET } from "../../../cloud/store/scope";
import { HomeCloud } from "../../../sim/home-cloud/home-cloud";
import { limit } from "../../support/limit";
import { closeAll, start } from "../../support/running-simulator";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "aerolink-cloud-"));
});
afterEach(async () => {
  await closeAll();
  rmSync(folder, { recursive: true, force: true });
});

test("The simulator's readings become rows and answers of the API within two seconds of opening, and are there at the next start", async () => {
  const running = await start({ settings: { samplingSeconds: 1 } });
  const begun = performance.now();
  const cloud = await HomeCloud.open(running.simulator, folder);
  expect(performance.now() - begun).toBeLessThan(2_000);
  if (!(cloud instanceof HomeCloud)) throw cloud;
  const newest = () => cloud.store.readings.latest(FLEET, Date.now() / 1000 + 60);
  // The first ones may have no time yet.
  await expect.poll(newest, { timeout: limit(40_000) }).toHaveLength(1);
  const { deviceId } = running.simulator;
  await expect.poll(async () => (await cloud.store.notes.statuses(FLEET)).get(deviceId)?.isOnline).toBe(true);
  const [latest] = await newest();
  expect(latest!.device).toBe(deviceId);
  await expect.poll(() => running.readings.map(({ unixSeconds }) => unixSeconds)).toContain(latest!.time);
  const ask = async (path: string, init?: RequestInit) =>
    (await fetch(`${cloud.api.url}/api/v3/external${path}`, init)).json();
  expect(await ask("/devices")).toMatchObject([{ mqtt_id: deviceId }]);
  expect(await ask("/telemetry/flat-format?telem[]=co2_ppm")).toMatchObject([
    { co2_ppm: expect.any(Number) },
  ]);
  const command = { name: "ping" };
  const headers = { "content-type": "application/json", origin: cloud.api.url };
  const init = { method: "POST", headers, body: JSON.stringify(command) };
  expect(await ask(`/devices/${deviceId}/commands`, init)).toMatchObject({ ok: true });
  const page = await fetch(cloud.api.url);
  expect(page.headers.get("content-type")).toContain("text/html");
  expect(await page.text()).toMatch(/<script type="module"[^>]* src="(\.?\/)assets\/index-[\w-]+\.js"/);
  expect(await ask(`/fleet?device_id=${deviceId}`)).toMatchObject([
    { online: true, latest: { co2_ppm: expect.any(Number) } },
  ]);
  await cloud.close();
  const again = (await HomeCloud.open(running.simulator, folder)) as HomeCloud;
  expect((await again.store.readings.latest(FLEET, latest!.time + 1))[0]).toEqual(latest);
  await again.close();
});

test("A store that does not open is a reason, and the simulator goes on", async () => {
  const running = await start();
  writeFileSync(join(folder, "cloud"), "a file where the folder is to be");
  expect(await HomeCloud.open(running.simulator, folder)).toBeInstanceOf(Error);
  rmSync(join(folder, "cloud"));
  mkdirSync(join(folder, "cloud"));
  writeFileSync(
    join(folder, "cloud", "store.db"),
    "no database at all, but long enough to be one".repeat(200),
  );
  expect(await HomeCloud.open(running.simulator, folder)).toBeInstanceOf(Error);
});
