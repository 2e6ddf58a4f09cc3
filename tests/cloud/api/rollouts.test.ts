import { afterEach, beforeEach, expect, test } from "vitest";
import { addDevice, type CloudApi, NOW, startCloudApi } from "../../support/cloud-api";
import { manifestOf, updateStateText } from "../../support/offers";

const ROLLOUTS = "/api/v3/external/rollouts";
let cloud: CloudApi;
let offers: [string, string][];

beforeEach(async () => {
  offers = [];
  cloud = await startCloudApi({
    control: {
      desired: async () => undefined,
      reported: async () => ({}),
      desire: async () => ({}),
      command: async () => ({}),
      offer: async (ids, manifest) =>
        void offers.push(...ids.map((id) => [id, manifest] as [string, string])),
    },
  });
  for (const id of ["one", "two", "three"]) {
    await addDevice(cloud, id, undefined, { minutes: 0 });
    await say(id);
  }
});
afterEach(() => cloud.close());

const say = (device: string, changes: object = {}): Promise<unknown> =>
  cloud.store.take([
    { kind: "state", device, topic: "update/state", text: updateStateText({ ...changes }), at: NOW },
  ]);

async function ask(method: string, path: string, body?: unknown, client?: string) {
  const response = await cloud.send(method, path, body, client);
  // biome-ignore lint/suspicious/noExplicitAny: an answer, looked into by the tests
  return { status: response.status, body: (await response.json()) as any, headers: response.headers };
}
const begin = (more: object = {}) =>
  ask("POST", ROLLOUTS, { manifest: manifestOf(), devices: { all: true }, stages: [30, 100], ...more });
const audited = async (action: string) =>
  (await cloud.store.audit.visible({ fleet: true })).find((row) => row.action === action);

test("A rollout begins with its first stage, is seen with each device, and who began it is written down", async () => {
  const { status, body, headers } = await begin({ soak_hours: 2 });
  expect([status, headers.get("location")]).toEqual([201, `${ROLLOUTS}/${body.id}`]);
  expect(body).toMatchObject({
    release: 12,
    version: "0.3.0",
    state: "running",
    created_by: "acme",
    stages: [
      { percent: 30, devices: 1, soak_seconds: 7_200, state: "now" },
      { percent: 100, devices: 3, soak_seconds: 0, state: "next" },
    ],
    next_stage_at: "2026-07-01T14:00:00Z",
    limit_percent: 2,
    quorum_percent: 50,
    counts: { devices: 3, offered: 1, pending: 1, confirmed: 0, failed: 0, excused: 0, untold: 0 },
    left_out: [],
  });
  expect(offers).toHaveLength(1);
  const [first] = offers[0]!;
  await say(first, { state: "downloading", release: 12, progress: 3 });
  const { body: devices } = await ask("GET", `${ROLLOUTS}/${body.id}/devices`);
  expect(devices[0]).toMatchObject({
    mqtt_id: first,
    outcome: "pending",
    state: "downloading",
    progress_percent: 75,
    running: 5,
    heard_at: "2026-07-01T12:00:00Z",
  });
  expect(devices.slice(1).map(({ outcome }: { outcome: string }) => outcome)).toEqual(["waiting", "waiting"]);
  expect((await ask("GET", ROLLOUTS)).body).toMatchObject([{ id: body.id }]);
  expect(await audited("begin-rollout")).toMatchObject({
    actor: "acme",
    detail: { rollout: body.id, release: 12, of: 3, devices: { all: true }, outcome: "done" },
  });
  expect((await ask("GET", `/api/v3/external/devices/${first}/update`)).body).toMatchObject({
    update: { state: "downloading", progress: 3 },
  });
});

test("It is paused, goes on and ends by calls, each with an audit row that says why", async () => {
  const { body: begun } = await begin();
  const path = `${ROLLOUTS}/${begun.id}`;
  const paused = await ask("PATCH", path, { state: "paused", why: "sensors read zero" });
  expect(paused.body).toMatchObject({ state: "paused", why: "sensors read zero", next_stage_at: null });
  expect(offers.at(-1)![1]).toBe("");
  expect(await audited("change-rollout")).toMatchObject({
    detail: { rollout: begun.id, to: "paused", why: "sensors read zero", outcome: "done" },
  });
  expect((await ask("PATCH", path, { state: "running" })).body).toMatchObject({
    state: "running",
    why: null,
  });
  expect(offers.at(-1)![1]).toBe(manifestOf());
  expect((await ask("PATCH", path, { state: "ended" })).body).toMatchObject({ state: "ended" });
  const over = await ask("PATCH", path, { state: "running" });
  expect([over.status, over.body.type]).toEqual([409, "urn:aerolink:problem:rollout-over"]);
});

test("A part of the fleet is chosen by its names or by a tag", async () => {
  await cloud.send("PATCH", "/api/v3/external/devices/two", { tags: ["upstairs"] });
  expect((await begin({ devices: { tag: "upstairs" } })).body.counts.devices).toBe(1);
  expect(offers.map(([id]) => id)).toEqual(["two"]);
  expect((await begin({ devices: { device_ids: ["one", "three"] } })).body.counts.devices).toBe(2);
});

test.each([
  ["text that is no manifest", { manifest: "a.b.c" }, 422, "refused"],
  ["a manifest that has run out", { manifest: manifestOf({ expires: NOW }) }, 422, "refused"],
  ["devices of which none can take it", { manifest: manifestOf({ release: 5 }) }, 422, "nobody"],
  ["a tag that no device has", { devices: { tag: "nowhere" } }, 422, "nobody"],
  ["a device that is not there", { devices: { device_ids: ["four"] } }, 404, "no-such-device"],
  ["stages that fall", { stages: [50, 10, 100] }, 400, "bad-request"],
  ["stages that end before all", { stages: [1, 10] }, 400, "bad-request"],
  ["two ways to choose", { devices: { all: true, tag: "x" } }, 400, "bad-request"],
  ["no limit", { limit_percent: 0 }, 400, "bad-request"],
])("%s is no rollout", async (_what, body, status, problem) => {
  const answer = await begin(body);
  expect([answer.status, answer.body.type]).toEqual([status, `urn:aerolink:problem:${problem}`]);
  expect(offers).toEqual([]);
  expect((await ask("GET", ROLLOUTS)).body).toEqual([]);
});

test("Devices that are in a rollout are in no other until it is over, and the refusal names it", async () => {
  const { body: begun } = await begin();
  const second = await begin({ devices: { device_ids: ["one"] }, manifest: manifestOf({ release: 13 }) });
  expect([second.status, second.body.type]).toEqual([409, "urn:aerolink:problem:rollout-under-way"]);
  expect(second.body.detail).toContain(begun.id);
});

test("Whoever may only read sees a rollout and changes none, and another account sees none", async () => {
  const { body: begun } = await begin();
  await cloud.addClient({ id: "reader", scopes: ["api:read:device"] });
  expect((await cloud.get(`${ROLLOUTS}/${begun.id}`, {}, "reader")).status).toBe(200);
  expect((await ask("PATCH", `${ROLLOUTS}/${begun.id}`, { state: "paused" }, "reader")).status).toBe(403);
  expect(
    (await ask("POST", ROLLOUTS, { manifest: manifestOf(), devices: { all: true } }, "reader")).status,
  ).toBe(403);
  expect((await ask("GET", `${ROLLOUTS}/${begun.id}`, undefined, "rival")).body.type).toBe(
    "urn:aerolink:problem:no-such-rollout",
  );
  expect((await ask("PATCH", `${ROLLOUTS}/${begun.id}`, { state: "ended" }, "rival")).status).toBe(404);
});
