import { afterAll, beforeAll, expect, test } from "vitest";
import { ACME, addDevice, type CloudApi, NOW, RIVAL, SECRET, startCloudApi } from "../../support/cloud-api";

let cloud: CloudApi;
let one: string;
const BASE = `/api/v1/external/account/${ACME}`;

beforeAll(async () => {
  cloud = await startCloudApi();
  one = await addDevice(cloud, "one");
  await addDevice(cloud, "two", ACME, { minutes: 2, until: NOW - 60 });
});
afterAll(() => cloud.close());

const list = async (path: string): Promise<Record<string, unknown>[]> =>
  (await cloud.get(`${BASE}${path}`)).json() as Promise<Record<string, unknown>[]>;

test.each(["/oauth/token", "/api/v1/external/oauth/token"])(
  "A token of %s comes for a form with an audience, as the paper has it",
  async (path) => {
    const response = await fetch(`${cloud.url}${path}`, {
      method: "POST",
      body: new URLSearchParams({
        grant_type: "client_credentials",
        client_id: "acme",
        client_secret: SECRET,
        audience: "https://tsi.example",
      }),
    });
    expect(await response.json()).toMatchObject({
      token_type: "Bearer",
      scope: expect.stringContaining("api:read:device"),
    });
  },
);

test("Devices are in the paper's camel case", async () => {
  const [first] = await list("/device");
  expect(first).toEqual({
    accountID: ACME,
    deviceID: one,
    model: "8143",
    serial: "S-one",
    metadata: {
      friendlyName: "Room of one",
      isPublic: false,
      isIndoor: true,
      longitude: -93.09,
      latitude: 44.95,
    },
    status: "registered",
    createdAt: "2026-06-30T12:00:00Z",
    createdBy: ACME,
    updatedAt: "2026-06-30T12:00:00Z",
    updatedBy: ACME,
  });
});

test("Telemetry is flat, under the paper's names, of the last day or of an age", async () => {
  expect(await list("/telemetry")).toHaveLength(5);
  const records = await list("/device/one/telemetry?age=0.0007");
  expect(records).toHaveLength(2);
  expect(records[1]).toEqual({
    accountID: ACME,
    deviceID: one,
    timestamp: "2026-07-01T12:00:00Z",
    model: "8143",
    serial: "S-one",
    longitude: -93.09,
    latitude: 44.95,
    isPublic: false,
    isIndoor: true,
    sps30_mcpm1x0: 3,
    sps30_mcpm2x5: 3.1,
    sps30_mcpm4x0: 3.2,
    sps30_mcpm10: 3.3,
    sps30_mcpm2x5_aqi: null,
    sps30_mcpm10_aqi: null,
    sps30_ncpm0x5: 4,
    sps30_ncpm1x0: 4.1,
    sps30_ncpm2x5: 4.2,
    sps30_ncpm4x0: 4.3,
    sps30_ncpm10: 4.4,
    sps30_tpsize: 0.045,
    tiber_temp: 0.35,
    tiber_rh: 0.36,
    co2_ppm: 34,
    voc_index: 37,
    nox_index: 38,
    ch2o_ppb: 3.9,
    voc_raw: 46,
    nox_raw: 47,
  });
});

test("After is exclusive, so that the last time seen asks for what is new", async () => {
  const after = async (time: string) =>
    (await list(`/device/one/telemetry?after=${time}`)).map(({ timestamp }) => timestamp);
  expect(await after("2026-07-01T11:59:00Z")).toEqual(["2026-07-01T12:00:00Z"]);
  expect(await after("2026-07-01T11:58:59.500Z")).toEqual(["2026-07-01T11:59:00Z", "2026-07-01T12:00:00Z"]);
  expect(await after("2026-07-01T12:00:00Z")).toEqual([]);
});

test("The latest is one record and no array, of a device and of an account", async () => {
  expect(await (await cloud.get(`${BASE}/device/two/telemetry?latest=true`)).json()).toMatchObject({
    timestamp: "2026-07-01T11:59:00Z",
  });
  expect(await (await cloud.get(`${BASE}/telemetry?latest=true`)).json()).toMatchObject({
    deviceID: one,
    timestamp: "2026-07-01T12:00:00Z",
  });
  await cloud.store.devices.add({ id: "silent", account: ACME }, NOW);
  expect((await cloud.get(`${BASE}/device/silent/telemetry?latest=true`)).status).toBe(404);
});

test("CSV has the same columns, and times of the zone that is asked for", async () => {
  const csv = async (query: string) =>
    (await (await cloud.get(`${BASE}/device/one/telemetry?${query}`, { accept: "text/csv" })).text()).split(
      "\r\n",
    );
  const [head, first] = await csv("age=1&timezone=America/Chicago");
  expect(head!.split(",")).toEqual(Object.keys((await list("/device/one/telemetry"))[0]!));
  expect(first).toContain(",2026-07-01T06:58:00-05:00,");
  expect((await csv("age=1"))[1]).toContain(",2026-07-01T11:58:00Z,");
  expect((await csv("age=1&timezone=Asia/Kathmandu"))[1]).toContain(",2026-07-01T17:43:00+05:45,");
  expect((await cloud.get(`${BASE}/telemetry?timezone=Mars/Olympus`)).status).toBe(400);
});

test("Another account sounds like one that is not there", async () => {
  for (const account of [RIVAL, "nobody"]) {
    const response = await cloud.get(`/api/v1/external/account/${account}/device`);
    expect(response.status).toBe(404);
    expect(await response.json()).toMatchObject({ detail: "This token is of no such account." });
  }
});
