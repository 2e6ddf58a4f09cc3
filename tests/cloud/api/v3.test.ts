import { afterAll, beforeAll, expect, test } from "vitest";
import { ACME, addDevice, type CloudApi, NOW, SECRET, startCloudApi } from "../../support/cloud-api";

const BASE = "/api/v3/external";
let cloud: CloudApi;
let one: string;

beforeAll(async () => {
  cloud = await startCloudApi();
  one = await addDevice(cloud, "one");
  await addDevice(cloud, "two", ACME, { minutes: 2 });
  await cloud.store.devices.change({ fleet: true }, "two", { isIndoor: false, isPublic: true }, NOW);
});
afterAll(() => cloud.close());

const list = async (path: string, headers?: Record<string, string>): Promise<Record<string, unknown>[]> => {
  const response = await cloud.get(`${BASE}${path}`, headers);
  expect(response.status, path).toBe(200);
  return (await response.json()) as Record<string, unknown>[];
};
const form = (members: Record<string, string>, init: RequestInit = {}): RequestInit => ({
  method: "POST",
  body: new URLSearchParams(members),
  ...init,
});
const TOKEN = `${BASE}/oauth/client_credential/accesstoken`;
const basic = { authorization: `Basic ${Buffer.from(`acme:${SECRET}`).toString("base64")}` };

test.each([
  [
    "the grant in the query and the secret in the form",
    "?grant_type=client_credentials",
    form({ client_id: "acme", client_secret: SECRET }),
  ],
  [
    "all of it in the form, and a scope",
    "",
    form({
      grant_type: "client_credentials",
      client_id: "acme",
      client_secret: SECRET,
      scope: "api:read:device",
    }),
  ],
  [
    "the grant in the query and in a second place, and the secret by HTTP Basic without a body",
    "?grant_type=client_credentials&grant_type=client_credentials",
    { method: "POST", headers: { ...basic, "content-type": "application/x-www-form-urlencoded" } },
  ],
  [
    "the grant in the form and the secret by HTTP Basic",
    "",
    form({ grant_type: "client_credentials" }, { headers: basic }),
  ],
  [
    "a Content-Type in the query",
    "?grant_type=client_credentials&Content-Type=application%2Fx-www-form-urlencoded",
    form({ client_id: "acme", client_secret: SECRET }),
  ],
])("A token is given for %s", async (_what, query, init) => {
  const response = await fetch(`${cloud.url}${TOKEN}${query}`, init);
  expect(response.status).toBe(200);
  const token = (await response.json()) as { access_token: string };
  expect(token).toMatchObject({
    token_type: "Bearer",
    expires_in: 3600,
    issued_at: String(NOW * 1000),
    "developer.email": "acme",
  });
  const devices = await fetch(`${cloud.url}${BASE}/devices`, {
    headers: { authorization: `Bearer ${token.access_token}` },
  });
  expect(devices.status).toBe(200);
});

test.each([
  [
    "a wrong secret",
    "?grant_type=client_credentials",
    form({ client_id: "acme", client_secret: "wrong" }),
    401,
    "invalid_client",
  ],
  [
    "another grant",
    "?grant_type=password",
    form({ client_id: "acme", client_secret: SECRET }),
    400,
    "unsupported_grant_type",
  ],
  ["no grant", "", form({ client_id: "acme", client_secret: SECRET }), 400, "unsupported_grant_type"],
  ["no secret", "?grant_type=client_credentials", form({ client_id: "acme" }), 400, "invalid_request"],
  ["nothing", "?grant_type=client_credentials", { method: "POST" }, 400, "invalid_request"],
])("No token is given for %s, in the words of OAuth", async (_what, query, init, status, error) => {
  const response = await fetch(`${cloud.url}${TOKEN}${query}`, init);
  expect(response.status).toBe(status);
  expect(await response.json()).toMatchObject({ error });
});

test("Devices have the members that TSI's clients read", async () => {
  const [first, second] = await list("/devices");
  expect(first).toMatchObject({
    device_id: one,
    account_id: ACME,
    model: "8143",
    serial: "S-one",
    metadata: {
      friendlyName: "Room of one",
      is_indoor: true,
      is_public: false,
      latitude: 44.95,
      longitude: -93.09,
    },
    created_at: "2026-06-30T12:00:00Z",
  });
  expect(second).toMatchObject({ mqtt_id: "two" });
});

test("Devices of the legacy form have their names in snake case and in v1's", async () => {
  const [first] = await list("/devices/legacy-format?include_shared=true");
  expect(first).toMatchObject({
    device_id: one,
    deviceID: one,
    account_id: ACME,
    accountID: ACME,
    metadata: { is_indoor: true, isIndoor: true, latitude: 44.95 },
  });
});

test.each([
  ["?is_indoor=True", ["one"]], // Python
  ["?is_indoor=false", ["two"]],
  ["?is_public=true", ["two"]],
  ["?serial=S-two", ["two"]],
  ["?model=8143", ["one", "two"]],
  ["?model=8144", []],
  ["?account_id=other", []],
  ["?include_shared=false&unknown=1", ["one", "two"]],
  ["?device_id=two", ["two"]],
  ["?device_id=two,one", ["one", "two"]],
  ["?device_id=two&device_id=one", ["one", "two"]],
])("Devices filtered by %s are %j", async (query, ids) => {
  expect((await list(`/devices${query}`)).map((device) => device.mqtt_id)).toEqual(ids);
});

test("Without a time telemetry is the latest record of each device", async () => {
  const records = await list("/telemetry");
  expect(records.map(({ cloud_timestamp: at }) => at)).toEqual([
    "2026-07-01T12:00:00Z",
    "2026-07-01T12:00:00Z",
  ]);
  expect(records[0]).toMatchObject({
    cloud_account_id: ACME,
    cloud_device_id: one,
    model: "8143",
    metadata: { is_indoor: true, location: { latitude: 44.95, longitude: -93.09 } },
    sensors: [{ serial: "S-one" }],
  });
  const [sensor] = records[0]!.sensors as { measurements: Record<string, unknown>[] }[];
  expect(sensor!.measurements).toContainEqual({
    type: "mcpm2x5",
    name: "PM 2.5",
    unit: "µg/m³",
    data: { value: 3.1, timestamp: "2026-07-01T12:00:00Z" },
  });
  const types = sensor!.measurements.map(({ type }) => type);
  expect(types).toEqual([
    "mcpm1x0",
    "mcpm2x5",
    "mcpm4x0",
    "mcpm10",
    "co2_ppm",
    "temp_c",
    "rh_percent",
    "voc_index",
    "nox_index",
    "ch2o_ppb",
    "ncpm0x5",
    "ncpm1x0",
    "ncpm2x5",
    "ncpm4x0",
    "ncpm10",
    "tpsize",
    "voc_raw",
    "nox_raw",
  ]);
});

test.each([
  ["?age=1", 5],
  [`?device_id=one&age=1`, 3],
  ["?device_id=one,two&age=1", 5],
  ["?device_id=one&start_date=2026-07-01T11:59:00Z", 2],
  ["?device_id=one&start_date=2026-07-01T11:59:00.000Z&end_date=2026-07-01T12:00:00.000Z", 1],
  ["?device_id=one&start_date=2026-07-01T11:58:00.001Z", 2],
  ["?device_id=one&start_date=2026-07-01T06:59:00-05:00", 2],
  ["?device_id=one&start_date=2026-07-01T13:59:00+02:00", 2], // its plus is a space
  ["?device_id=one&start_date=2026-07-01T11:59", 2],
  ["?device_id=one&start_date=2026-07-01&end_date=2026-07-02", 3],
  ["?device_id=one&start_date=1999-01-01T00:00:00Z", 3],
  ["?device_id=one&end_date=2026-06-30T00:00:00Z", 0],
])("Telemetry of %s is %i records", async (query, count) => {
  expect(await list(`/telemetry${query}`)).toHaveLength(count);
});

test("Records of a device come oldest first", async () => {
  const times = (await list("/telemetry?device_id=one&age=1")).map(({ timestamp }) => timestamp);
  expect(times).toEqual([...times].sort());
});

test("The latest record up to a time is asked for by latest_as_of_date", async () => {
  const at = async (time: string) =>
    (await list(`/telemetry/flat-format?device_id=one&latest_as_of_date=${time}`)).map(
      ({ timestamp }) => timestamp,
    );
  expect(await at("2026-07-01T11:59:30Z")).toEqual(["2026-07-01T11:59:00Z"]);
  expect(await at("2026-07-01T11:59:00Z")).toEqual(["2026-07-01T11:59:00Z"]);
  expect(await at("2026-08-01T00:00:00Z")).toEqual(["2026-07-01T12:00:00Z"]);
  expect(await at("2026-07-01T11:57:59Z")).toEqual([]);
});

test("The flat form has the columns that telem[] names, with null for what no device here measures", async () => {
  const names = [
    "serial",
    "location",
    "is_indoor",
    "mcpm2x5",
    "mcpm2x5_aqi",
    "co2_ppm",
    "voc_mgm3",
    "temperature",
    "rh",
  ];
  const query = names.map((name) => `telem[]=${name}`).join("&");
  expect(await list(`/telemetry/flat-format?device_id=one&${query}`)).toEqual([
    {
      cloud_account_id: ACME,
      cloud_device_id: one,
      cloud_timestamp: "2026-07-01T12:00:00Z",
      timestamp: "2026-07-01T12:00:00Z",
      serial: "S-one",
      latitude: 44.95,
      longitude: -93.09,
      is_indoor: true,
      mcpm2x5: 3.1,
      mcpm2x5_aqi: null,
      co2_ppm: 34,
      voc_mgm3: null,
      temperature: 0.35,
      rh: 0.36,
    },
  ]);
  const encoded = names.map((name) => `telem%5B%5D=${name}`).join("&");
  expect(await list(`/telemetry/flat-format?device_id=one&${encoded}`)).toHaveLength(1);
});

test("Without telem[] the flat form has all that is measured, and no mg/m³ of VOC", async () => {
  const [record] = await list("/telemetry/flat-format?device_id=one");
  expect(record).toMatchObject({ mcpm1x0: 3, voc_index: 37, nox_index: 38, temperature: 0.35 });
  expect(record).not.toHaveProperty("voc_mgm3");
});

test("The legacy form has the names of before", async () => {
  const [record] = await list("/telemetry/legacy-format?device_id=one");
  expect(record!.timestamp).toBe("2026-07-01T12:00:00Z");
  const [{ measurements }] = record!.sensors as [{ measurements: { name: string; value: number }[] }];
  expect(Object.fromEntries(measurements.map(({ name, value }) => [name, value]))).toEqual({
    "pm1.0": 3,
    "pm2.5": 3.1,
    "pm4.0": 3.2,
    pm10: 3.3,
    co2: 34,
    Temperature: 0.35,
    "Relative Humidity": 0.36,
    "voc index": 37,
    "nox index": 38,
    ch2o: 3.9,
    "pm0.5 NC": 4,
    "pm1.0 NC": 4.1,
    "pm2.5 NC": 4.2,
    "pm4.0 NC": 4.3,
    "pm10 NC": 4.4,
    "typical particle size": 0.045,
    "voc raw": 46,
    "nox raw": 47,
  });
});

test.each(["/telemetry", "/telemetry/flat-format", "/telemetry/legacy-format"])(
  "%s comes as CSV to whoever wants it",
  async (path) => {
    const response = await cloud.get(`${BASE}${path}?device_id=one&age=1`, { accept: "text/csv" });
    expect(response.headers.get("content-type")).toBe("text/csv; charset=utf-8");
    const lines = (await response.text()).split("\r\n");
    expect(lines[0]).toMatch(
      /^cloud_account_id,cloud_device_id,cloud_timestamp,timestamp,model,serial,latitude/,
    );
    expect(lines).toHaveLength(5);
    expect(lines[1]).toContain("2026-07-01T11:58:00Z");
  },
);

test("Pages of a limit, followed by the header Link, give each record once", async () => {
  const seen: string[] = [];
  let path: string | undefined = `${BASE}/telemetry/flat-format?age=1&limit=2`;
  while (path) {
    const response: Response = await cloud.get(path);
    const page = (await response.json()) as { cloud_device_id: string; timestamp: string }[];
    seen.push(...page.map((record) => `${record.cloud_device_id} ${record.timestamp}`));
    const next = /<([^>]+)>; rel="next"/.exec(response.headers.get("link") ?? "")?.[1];
    path = next;
  }
  expect(seen).toHaveLength(5);
  expect(new Set(seen).size).toBe(5);
});

test("Means over minutes take the place of readings, also page by page", async () => {
  const query = "/telemetry/flat-format?device_id=one&age=1&average=2&telem[]=mcpm1x0";
  const records = await list(query);
  expect(records.map(({ timestamp, mcpm1x0 }) => [timestamp, mcpm1x0])).toEqual([
    ["2026-07-01T11:58:00Z", 1.5],
    ["2026-07-01T12:00:00Z", 3],
  ]);
  const first = await cloud.get(`${BASE}${query}&limit=1`);
  const next = /<([^>]+)>/.exec(first.headers.get("link")!)![1]!;
  const second = await cloud.get(next);
  expect(await first.json()).toEqual(records.slice(0, 1));
  expect(await second.json()).toEqual(records.slice(1));
});

test.each([
  ["/telemetry?age=0", "query.age"],
  ["/telemetry?age=x", "query.age"],
  ["/telemetry?start_date=yesterday", "query.start_date"],
  ["/telemetry?start_date=2026-02-30", "query.start_date"],
  ["/telemetry?start_date=2026-07-02&end_date=2026-07-01", "query.start_date"],
  ["/telemetry?limit=0", "query.limit"],
  ["/telemetry?limit=10001", "query.limit"],
  ["/telemetry?average=1.5", "query.average"],
  ["/telemetry/flat-format?telem[]=nonsense", "query.telem[].0"],
  ["/devices?is_indoor=maybe", "query.is_indoor"],
  [`/devices?device_id=${Array(101).fill("x").join(",")}`, "query.device_id"],
])("%s is refused by a problem that names %s", async (path, at) => {
  const response = await cloud.get(`${BASE}${path}`);
  expect(response.status).toBe(400);
  expect(response.headers.get("content-type")).toBe("application/problem+json");
  expect(await response.json()).toMatchObject({
    type: "urn:aerolink:problem:bad-request",
    status: 400,
    errors: expect.arrayContaining([expect.objectContaining({ at })]),
  });
});

test("A device that is not there is a problem, and not an empty answer", async () => {
  const response = await cloud.get(`${BASE}/telemetry?device_id=three`);
  expect(response.status).toBe(404);
  expect(await response.json()).toMatchObject({
    type: "urn:aerolink:problem:no-such-device",
    detail: "device_id: three",
  });
});

test("A cursor that the API did not give is refused", async () => {
  for (const cursor of [
    "x",
    "bm90IGpzb24",
    Buffer.from('["one",-1,"5c0ffee1",1]').toString("base64url"),
    Buffer.from('["one",1,"5c0ffee1",1e99]').toString("base64url"),
  ])
    expect((await cloud.get(`${BASE}/telemetry?age=1&limit=1&cursor=${cursor}`)).status, cursor).toBe(400);
});

test("Gaps are named by the numbers that are missing, with the times around them", async () => {
  await addDevice(cloud, "holes", ACME, { minutes: 10, without: [1, 4, 5, 8, 10] });
  const gaps = await list("/gaps?device_id=holes");
  expect(
    gaps.map(({ from_seq, to_seq, readings, after, before }) => [from_seq, to_seq, readings, after, before]),
  ).toEqual([
    [4, 5, 2, "2026-07-01T11:53:00Z", "2026-07-01T11:56:00Z"],
    [8, 8, 1, "2026-07-01T11:57:00Z", "2026-07-01T11:59:00Z"],
  ]);
});
