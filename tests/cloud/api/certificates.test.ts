import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { type Control, ControlError } from "../../../cloud/api/control";
import { addDevice, type CloudApi, NOW, startCloudApi } from "../../support/cloud-api";
import { identityStateText } from "../../support/offers";

const BASE = "/api/v3/external";
const DAY = 86_400;
let cloud: CloudApi;
let commands: string[];
let answer: object | ControlError;

const control: Control = {
  desired: async () => undefined,
  reported: async () => ({}),
  desire: async () => ({}),
  command: async (id, name) => {
    commands.push(`${id} ${name}`);
    if (answer instanceof ControlError) throw answer;
    return answer;
  },
  offer: async () => {},
};

beforeAll(async () => {
  cloud = await startCloudApi({ control });
  for (const id of ["soon", "later", "fixed", "old", "away"]) {
    await addDevice(cloud, id, undefined, { minutes: 0 });
    const status = { v: 1, online: true, certificate: { expires: NOW + 9 * DAY, daysLeft: 9 } };
    const text = JSON.stringify(status);
    await cloud.store.take([
      {
        kind: "status",
        device: id,
        isOnline: id !== "away",
        at: NOW,
        ...(id !== "away" && { status: text }),
      },
    ]);
  }
  await say("soon", { expires: NOW + 3.5 * DAY, state: "refused", reason: "no-answer" });
  await say("later", { expires: NOW + 200 * DAY });
  await say("fixed", { expires: NOW + 5_000 * DAY, renewal: false });
});
beforeEach(() => {
  commands = [];
  answer = { ok: true, result: {} };
});
afterAll(() => cloud.close());

const say = (device: string, changes: object): Promise<unknown> =>
  cloud.store.take([
    { kind: "state", device, topic: "identity/state", text: identityStateText({ ...changes }), at: NOW },
  ]);

async function ask(method: string, path: string, body?: unknown) {
  const response = await cloud.send(method, `${BASE}${path}`, body);
  // biome-ignore lint/suspicious/noExplicitAny: an answer, looked into by the tests
  return { status: response.status, body: (await response.json()) as any };
}
const audited = async () => (await cloud.store.audit.visible({ fleet: true }, { limit: 1 }))[0];

test("Certificates are listed, the next one to end first, with the days that are left today", async () => {
  const { body } = await ask("GET", "/certificates");
  expect(body.map(({ mqtt_id: id }: { mqtt_id: string }) => id)).toEqual([
    "soon",
    "old",
    "later",
    "fixed",
    "away",
  ]);
  expect(body[0]).toMatchObject({
    certificate: { expires: "2026-07-05T00:00:00Z", days_left: 3 },
    renewal: "available",
    state: "refused",
    reason: "no-answer",
    cannot: null,
  });
  expect(body[1]).toMatchObject({ certificate: { days_left: 9 }, renewal: "unknown", state: null });
  expect(body[3]).toMatchObject({ renewal: "none", cannot: expect.stringContaining("by cable") });
  expect(body[4]).toMatchObject({ certificate: null, online: false });
  expect((await ask("GET", "/certificates?within_days=9")).body).toHaveLength(2);
  expect((await ask("GET", "/devices/soon/certificate")).body).toEqual(body[0]);
});

test("A device is asked to renew, and who asked is written down", async () => {
  const { status, body } = await ask("POST", "/devices/soon/certificate/renewal");
  expect([status, body.mqtt_id]).toEqual([202, "soon"]);
  expect(commands).toEqual(["soon renew-certificate"]);
  expect(await audited()).toMatchObject({
    actor: "acme",
    action: "renew-certificate",
    device: "soon",
    detail: { outcome: "done" },
  });
});

test.each([
  ["no-renewal", 422, "cannot-renew", "by cable"],
  ["unknown-command", 422, "cannot-renew", "Update it first"],
  ["on-trial", 409, "not-now", "on trial"],
  ["busy", 409, "not-now", "in a minute"],
  ["storage", 422, "refused", "flash"],
  ["interrupted", 409, "not-now", "interrupted"],
])("What it answers with %s is told in plain words, as %i %s", async (error, status, problem, words) => {
  answer = { ok: false, error };
  const { status: found, body } = await ask("POST", "/devices/old/certificate/renewal");
  expect([found, body.type]).toEqual([status, `urn:aerolink:problem:${problem}`]);
  expect(body.detail).toContain(words);
  expect(await audited()).toMatchObject({ action: "renew-certificate", detail: { outcome: problem } });
});

test("A device that cannot is refused without being asked, and one that is silent is 504", async () => {
  const { status, body } = await ask("POST", "/devices/fixed/certificate/renewal");
  expect([status, body.type, commands]).toEqual([422, "urn:aerolink:problem:cannot-renew", []]);
  answer = new ControlError("no-answer", "no answer within 10000 ms");
  expect((await ask("POST", "/devices/soon/certificate/renewal")).status).toBe(504);
});

test("Many are asked at once, and of each it is said what came of it", async () => {
  const { body } = await ask("POST", "/certificates/renewals", { devices: { all: true } });
  expect(body.asked).toBe(3);
  expect(
    Object.fromEntries(
      body.results.map(({ mqtt_id, outcome }: { mqtt_id: string; outcome: string }) => [mqtt_id, outcome]),
    ),
  ).toEqual({ soon: "asked", later: "asked", fixed: "cannot-renew", old: "asked", away: "away" });
  expect(commands.sort()).toEqual(["later", "old", "soon"].map((id) => `${id} renew-certificate`));
  expect(await audited()).toMatchObject({
    action: "renew-certificates",
    detail: { devices: { all: true }, asked: 3, outcome: "done" },
  });
});

test("It takes a scope of its own, and a broker", async () => {
  await cloud.addClient({ id: "commander", scopes: ["api:read:device", "api:write:command"] });
  const send = (path: string, body?: object) => cloud.send("POST", `${BASE}${path}`, body, "commander");
  expect((await send("/devices/soon/certificate/renewal")).status).toBe(403);
  expect((await send("/certificates/renewals", { devices: { all: true } })).status).toBe(403);
  const without = await startCloudApi();
  await addDevice(without, "one", undefined, { minutes: 0 });
  const response = await without.send("POST", `${BASE}/devices/one/certificate/renewal`);
  expect(response.status).toBe(503);
  await without.close();
});

test("More than two hundred at once are too many", async () => {
  const many = await startCloudApi({ control });
  for (let i = 0; i < 201; i++)
    await many.store.take([{ kind: "status", device: `d${i}`, isOnline: true, at: NOW }]);
  await many.addClient({ id: "home", account: many.store.homeAccount });
  const response = await many.send(
    "POST",
    `${BASE}/certificates/renewals`,
    { devices: { all: true } },
    "home",
  );
  expect(await response.json()).toMatchObject({ type: "urn:aerolink:problem:too-many-devices" });
  await many.close();
});
