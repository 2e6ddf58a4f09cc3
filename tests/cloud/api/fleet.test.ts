import { readFileSync } from "node:fs";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { type Control, ControlError, type ControlFault } from "../../../cloud/api/control";
import { addDevice, type CloudApi, NOW, startCloudApi } from "../../support/cloud-api";
import { manifestOf } from "../../support/offers";

const DEVICE = "/api/v3/external/devices/one";
const told: unknown[] = [];
let fault: ControlFault | undefined;
let result: object;
let cloud: CloudApi;

const say = async <T>(answer: T, ...what: unknown[]): Promise<T> => {
  told.push(what);
  if (fault) throw new ControlError(fault, "in words");
  return answer;
};
const control: Control = {
  desired: (id) => say({ version: 7, settings: { samplingSeconds: 30 } }, "desired", id),
  reported: (id) => say({ state: "applied" }, "reported", id),
  desire: (id, changes) => say({ state: "applied" }, "desire", id, changes),
  command: (id, name, args) => say(result, "command", id, name, args),
  offer: (ids, manifest) => say(undefined, "offer", ...ids, manifest),
};

beforeAll(async () => {
  cloud = await startCloudApi({ control });
  await addDevice(cloud, "one");
});
beforeEach(() => {
  told.length = 0;
  fault = undefined;
  result = { id: "x", ok: true, result: {} };
});
afterAll(() => cloud.close());

const audited = async () => (await cloud.store.audit.visible({ fleet: true }, { limit: 1 }))[0];

test("A command is sent, its result answered, and who sent it written down", async () => {
  const response = await cloud.send("POST", `${DEVICE}/commands`, { name: "identify", args: { seconds: 5 } });
  expect([response.status, await response.json()]).toEqual([200, { id: "x", ok: true, result: {} }]);
  expect(told).toEqual([["command", "one", "identify", { seconds: 5 }]]);
  expect(await audited()).toMatchObject({
    actor: "acme",
    action: "command",
    device: "one",
    detail: { name: "identify", ok: true, outcome: "done" },
  });
});

test("What the device refuses is answered as it said it, and the audit says that it refused", async () => {
  result = { id: "x", ok: false, error: "not-ready" };
  const response = await cloud.send("POST", `${DEVICE}/commands`, {
    name: "calibrate-co2",
    args: { ppm: 430 },
  });
  expect([response.status, await response.json()]).toEqual([200, { id: "x", ok: false, error: "not-ready" }]);
  expect(await audited()).toMatchObject({ detail: { name: "calibrate-co2", ok: false, error: "not-ready" } });
});

test("Every command of docs/protocol.md can be sent", async () => {
  const { properties } = JSON.parse(
    readFileSync(new URL("../../../docs/schemas/command.schema.json", import.meta.url), "utf8"),
  );
  expect(properties.name.enum).toContain("calibrate-co2");
  for (const name of properties.name.enum)
    expect((await cloud.send("POST", `${DEVICE}/commands`, { name })).status, name).toBe(200);
});

test("What is desired is changed and shown; the audit has the names of settings and none of their values", async () => {
  const response = await cloud.send("PATCH", `${DEVICE}/desired`, {
    settings: { brokerPassword: "very private", samplingSeconds: null },
  });
  expect([response.status, await response.json()]).toEqual([200, { state: "applied" }]);
  expect(told).toEqual([["desire", "one", { brokerPassword: "very private", samplingSeconds: null }]]);
  expect(await audited()).toMatchObject({
    action: "desire",
    detail: { settings: ["brokerPassword", "samplingSeconds"] },
  });
  expect(JSON.stringify(await audited()) + cloud.log.join("\n")).not.toContain("very private");
  const shown = await cloud.get(`${DEVICE}/desired`);
  expect(await shown.json()).toEqual({
    desired: { version: 7, settings: { samplingSeconds: 30 } },
    reported: { state: "applied" },
  });
});

const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString("base64url");
const MANIFEST = manifestOf();

test("An update is offered by its signed manifest, and taken back", async () => {
  expect((await cloud.send("PUT", `${DEVICE}/update-offer`, { manifest: MANIFEST })).status).toBe(204);
  expect(await audited()).toMatchObject({
    action: "offer-update",
    detail: { release: 12, version: "0.3.0", outcome: "done" },
  });
  expect((await cloud.send("DELETE", `${DEVICE}/update-offer`)).status).toBe(204);
  expect(told).toEqual([
    ["offer", "one", MANIFEST],
    ["offer", "one", ""],
  ]);
});

test("What is no signed manifest is not offered", async () => {
  const wrong = `${part({ alg: "none" })}.${part({ release: 12, version: "1" })}.c2ln`;
  for (const [manifest, status] of [
    [wrong, 422],
    ["a.b.c", 422],
    ["no manifest", 400],
    [`${MANIFEST}${"A".repeat(2_048)}`, 400],
  ])
    expect((await cloud.send("PUT", `${DEVICE}/update-offer`, { manifest })).status).toBe(status);
  expect(told).toEqual([]);
});

test.each([
  ["no-answer", 504],
  ["conflict", 409],
  ["refused", 422],
] as const)(
  "A device's %s is a problem in the words of what happened, and in the audit",
  async (what, status) => {
    fault = what;
    const response = await cloud.send("POST", `${DEVICE}/commands`, { name: "ping" });
    expect(response.status).toBe(status);
    expect(await response.json()).toMatchObject({ type: `urn:aerolink:problem:${what}`, detail: "in words" });
    expect(await audited()).toMatchObject({ action: "command", detail: { outcome: what } });
  },
);

test("What is desired of a device that has reported nothing is shown all the same", async () => {
  fault = "no-answer";
  expect((await cloud.get(`${DEVICE}/desired`)).status).toBe(504);
});

test.each([
  ["POST", "/commands", {}],
  ["POST", "/commands", { name: "Ping!" }],
  ["POST", "/commands", { name: "ping", expires: 1 }],
  ["PATCH", "/desired", { settings: {} }],
  ["PATCH", "/desired", { version: 1, settings: { a: 1 } }],
  ["PATCH", "", {}],
  ["PATCH", "", { latitude: 91 }],
  ["PATCH", "", { account: "other" }],
])("%s of %s with %j reaches no device", async (method, path, body) => {
  expect((await cloud.send(method, `${DEVICE}${path}`, body)).status).toBe(400);
  expect(told).toEqual([]);
});

test("Name, place and visibility are set, and answered as they are now", async () => {
  const response = await cloud.send("PATCH", DEVICE, {
    friendlyName: "Kitchen",
    is_public: true,
    latitude: null,
    longitude: null,
  });
  expect(await response.json()).toMatchObject({
    metadata: { friendlyName: "Kitchen", is_public: true, is_indoor: true, latitude: null },
  });
  expect(await audited()).toMatchObject({ action: "change-device", detail: { friendlyName: "Kitchen" } });
});

test("Tags are set in place of those before, shown with the device, and devices are found by them", async () => {
  const response = await cloud.send("PATCH", DEVICE, { tags: ["ground-floor", "acme", "acme"] });
  expect(await response.json()).toMatchObject({ tags: ["acme", "ground-floor"] });
  await cloud.send("PATCH", DEVICE, { tags: ["upstairs"] });
  const found = async (tag: string) =>
    (await (await cloud.get(`/api/v3/external/devices?tag=${tag}`)).json()) as { tags: string[] }[];
  expect((await found("upstairs")).map(({ tags }) => tags)).toEqual([["upstairs"]]);
  expect(await found("acme")).toEqual([]);
  for (const tags of [["Upper"], ["a b"], [""], Array.from({ length: 17 }, (_, i) => `t${i}`)])
    expect((await cloud.send("PATCH", DEVICE, { tags })).status).toBe(400);
});

test("The status is what the device said last, and null before it has said anything", async () => {
  const status = async () => (await cloud.get(`${DEVICE}/status`)).json();
  expect(await status()).toEqual({ online: false, received_at: null, status: null });
  const text = JSON.stringify({ v: 1, online: true, journal: { pending: 3, dropped: 2 } });
  await cloud.store.take([{ kind: "status", device: "one", isOnline: true, status: text, at: NOW }]);
  expect(await status()).toMatchObject({
    online: true,
    received_at: "2026-07-01T12:00:00.000Z",
    status: { journal: { pending: 3 } },
  });
});

test("Prometheus reads the latest values and the fleet, and what concerns all accounts only with its scope", async () => {
  await cloud.store.devices.change({ fleet: true }, "one", { friendlyName: 'Say "hi"\\\n' }, NOW);
  const text = await (await cloud.get("/metrics")).text();
  const label = '{device="one",name="Say \\"hi\\"\\\\\\n"}';
  expect(text.split("\n")).toEqual(
    expect.arrayContaining([
      "# TYPE aerolink_co2_ppm gauge",
      `aerolink_co2_ppm${label} 34`,
      `aerolink_temperature_celsius${label} 0.35`,
      `aerolink_device_online${label} 1`,
      `aerolink_device_journal_dropped${label} 2`,
      `aerolink_last_reading_timestamp_seconds${label} ${NOW}`,
    ]),
  );
  // Each line as the text format has it.
  for (const line of text.trimEnd().split("\n"))
    expect(line).toMatch(
      /^(# (HELP|TYPE) aerolink_\w+ .+|aerolink_\w+(\{\w+="([^"\\]|\\["\\n])*"(,\w+="([^"\\]|\\["\\n])*")*\})? -?[\d.e+]+)$/,
    );
  await cloud.store.take([
    { kind: "aside", device: null, topic: "x", reason: "no-device", payload: new Uint8Array(), at: NOW },
  ]);
  await cloud.addClient({ id: "prometheus", scopes: ["api:read:metrics"] });
  expect(await (await cloud.get("/metrics", {}, "prometheus")).text()).not.toContain(
    "aerolink_cloud_events_total",
  );
  expect(await (await cloud.get("/metrics")).text()).toContain("aerolink_cloud_events_total");
});

test("The audit is read newest first, page by page, without an account's id in each row", async () => {
  const page = async (query: string) =>
    (await (await cloud.get(`/api/v3/external/audit?${query}`)).json()) as { id: number }[];
  const [first, second] = await page("limit=2");
  expect(await page(`limit=1&before=${first!.id}`)).toEqual([second]);
  expect(second).not.toHaveProperty("account");
});
