// Nobody sees another account's devices: not by any call, any parameter, any form.
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Operation } from "../../../cloud/api/http/operation";
import { uuidOf } from "../../../cloud/store/uuid";
import { ACME, addDevice, type CloudApi, NOW, RIVAL, startCloudApi } from "../../support/cloud-api";
import { operationsForTests } from "../../support/cloud-operations";
import { manifestOf, updateStateText } from "../../support/offers";
import { fuzz, LONG } from "../../support/volume";

const MINE = ["mine-1", "mine-2"];
const THEIRS = ["theirs-1", "theirs-2"];
/** Whatever of theirs could show up in an answer; their account's id may, where it was asked for. */
const TRACES = THEIRS.flatMap((id) => [`S-${id}`, `Room of ${id}`]);

let cloud: CloudApi;
let theirRollout: string;
/** Devices that were told anything. */
const told: string[] = [];
beforeAll(async () => {
  cloud = await startCloudApi({
    control: {
      desired: async () => undefined,
      reported: async () => ({ reported: true }),
      desire: async () => ({}),
      command: async (id) => {
        told.push(id);
        return { told: id, ok: true };
      },
      offer: async (ids) => void told.push(...ids),
    },
  });
  for (const id of MINE) await addDevice(cloud, id, ACME);
  for (const id of THEIRS) await addDevice(cloud, id, RIVAL);
  // One word, in both accounts.
  for (const id of [...MINE, ...THEIRS]) {
    await cloud.store.tags.set({ fleet: true }, id, ["shared-word"]);
    const text = updateStateText({ crash: `S-${id}` });
    await cloud.store.take([{ kind: "state", device: id, topic: "update/state", text, at: NOW }]);
  }
  const begun = await cloud.send(
    "POST",
    "/api/v3/external/rollouts",
    { manifest: manifestOf(), devices: { all: true } },
    "rival",
  );
  theirRollout = ((await begun.json()) as { id: string }).id;
  told.length = 0;
  await cloud.store.take([
    {
      kind: "status",
      device: "theirs-1",
      isOnline: true,
      status: JSON.stringify({ v: 1, trace: "S-theirs-1" }),
      at: NOW,
    },
  ]);
  await cloud.store.audit.add({
    at: NOW,
    account: RIVAL,
    actor: "rival",
    action: "command",
    device: "theirs-1",
    detail: { trace: "S-theirs-1" },
  });
});
afterAll(() => cloud.close());

const ids = fc.constantFrom(
  ...MINE,
  ...THEIRS,
  ...THEIRS.map(uuidOf),
  ...MINE.map(uuidOf),
  "*",
  "%",
  "theirs-%",
  "' OR '1'='1",
  "",
);
const cursors = fc
  .constantFrom(...THEIRS, ...MINE, "")
  .map((device) => Buffer.from(JSON.stringify([device, NOW - 3_600, "5c0ffee1", 0])).toString("base64url"));
const values: Record<string, fc.Arbitrary<string>> = {
  device_id: fc.oneof(
    ids,
    fc.array(ids, { minLength: 1, maxLength: 4 }).map((each) => each.join(",")),
  ),
  account_id: fc.constantFrom(ACME, RIVAL),
  include_shared: fc.constantFrom("true", "false"),
  is_public: fc.constantFrom("true", "false"),
  is_indoor: fc.constantFrom("true", "false"),
  serial: fc.constantFrom("S-theirs-1", "S-mine-1"),
  model: fc.constantFrom("8143"),
  age: fc.constantFrom("1", "400"),
  start_date: fc.constantFrom("2026-06-01T00:00:00Z"),
  latest_as_of_date: fc.constantFrom("2026-07-01T12:00:00Z"),
  average: fc.constantFrom("1", "60"),
  limit: fc.constantFrom("1", "10000"),
  cursor: cursors,
  latest: fc.constantFrom("true"),
  after: fc.constantFrom("2026-06-01T00:00:00Z"),
  tag: fc.constantFrom("shared-word", "theirs"),
};

const BODIES: Readonly<Record<string, unknown>> = {
  changeDevice: { friendlyName: "taken" },
  desire: { settings: { samplingSeconds: 30 } },
  command: { name: "ping" },
  offer: {
    manifest: manifestOf(),
  },
  renewCertificates: { devices: { device_ids: ["mine-1", "theirs-1"] } },
  beginRollout: { manifest: manifestOf(), devices: { tag: "shared-word" } },
  changeRollout: { state: "paused" },
};

const operations = operationsForTests().filter(
  ({ needs, method }) => needs !== "open" && method !== "DELETE",
);

test("No answer to one account has anything of another's device in it", async () => {
  const request = fc.constantFrom(...operations).chain((operation: Operation) =>
    fc.record({
      operation: fc.constant(operation),
      query: fc.record(
        Object.fromEntries(
          Object.keys(operation.query ?? {}).flatMap((name) => (values[name] ? [[name, values[name]!]] : [])),
        ),
        { requiredKeys: [] },
      ),
      device: ids,
      account: fc.constantFrom(ACME, RIVAL),
      accept: fc.constantFrom("application/json", "text/csv"),
    }),
  );
  let answered = 0;
  await fc.assert(
    fc.asyncProperty(request, async ({ operation, query, device, account, accept }) => {
      const path = operation.path
        .replace(/\{device(_id)?\}/, encodeURIComponent(device || "x"))
        .replace("{account}", account)
        .replace("{rollout_id}", theirRollout);
      const search = new URLSearchParams(query as Record<string, string>);
      const body = BODIES[operation.id];
      const response =
        operation.method === "GET"
          ? await cloud.get(`${path}?${search}`, { accept })
          : await cloud.send(operation.method, path, body);
      const text = await response.text();
      if (response.status === 200) answered++;
      expect(response.status, text).toBeLessThan(500);
      for (const trace of TRACES) expect(text).not.toContain(trace);
      if (THEIRS.some((id) => device === id || device === uuidOf(id)) && /\{device/.test(operation.path)) {
        // A question that is wrong by itself is refused whoever is asked about.
        const asked = `${path.replace(encodeURIComponent(device), "nobody")}?${search}`;
        if (response.status === 400) expect((await cloud.get(asked, { accept })).status).toBe(400);
        else expect(response.status).toBe(404);
      }
      if (operation.path.includes("{rollout_id}")) expect(response.status).toBe(404);
    }),
    fuzz(LONG ? 5_000 : 200),
  );
  expect(answered).toBeGreaterThan(30);
  // Nor was any of theirs told anything.
  expect(told.filter((id) => !MINE.includes(id))).toEqual([]);
  expect(await cloud.store.rollouts.find({ account: RIVAL }, theirRollout)).toMatchObject({
    state: "running",
  });
  for (const id of THEIRS)
    expect(await cloud.store.devices.find({ account: RIVAL }, id)).toMatchObject({
      friendlyName: `Room of ${id}`,
    });
});

test("What another account deletes is not mine", async () => {
  for (const id of [...THEIRS, ...THEIRS.map(uuidOf)])
    expect((await cloud.send("DELETE", `/api/v3/external/devices/${id}/telemetry`)).status).toBe(404);
  expect(await cloud.store.readings.latest({ account: RIVAL }, NOW + 1)).toHaveLength(2);
  expect((await cloud.send("DELETE", "/api/v3/external/devices/mine-1/telemetry")).status).toBe(204);
  expect((await cloud.store.readings.latest({ account: ACME }, NOW + 1)).map(({ device }) => device)).toEqual(
    ["mine-2"],
  );
});

test("SQL in a parameter is text like any other", async () => {
  const evil = [
    "' OR 1=1 --",
    "'; DROP TABLE readings; --",
    '" OR ""="',
    "1) UNION SELECT * FROM clients --",
    "theirs-1' --",
  ];
  for (const text of evil)
    for (const name of ["model", "serial", "account_id"]) {
      const response = await cloud.get(`/api/v3/external/devices?${name}=${encodeURIComponent(text)}`);
      expect([response.status, await response.json()], text).toEqual([200, []]);
    }
  for (const text of evil) {
    const response = await cloud.get(`/api/v3/external/telemetry?device_id=${encodeURIComponent(text)}`);
    expect(response.status).toBe(404);
    await cloud.send("PATCH", "/api/v3/external/devices/mine-2", { friendlyName: text });
    const [device] = (await (await cloud.get("/api/v3/external/devices?device_id=mine-2")).json()) as {
      metadata: { friendlyName: string };
    }[];
    expect(device!.metadata.friendlyName).toBe(text);
  }
  expect(await cloud.store.readings.latest({ fleet: true }, NOW + 1)).not.toEqual([]);
});

test("The character NUL, which no database keeps in a text, is refused wherever it is", async () => {
  for (const path of ["devices?model=%00", "telemetry?device_id=a%00b", "devices/a%00b/status"])
    expect((await cloud.get(`/api/v3/external/${path}`)).status, path).toBe(400);
  expect(
    (await cloud.send("PATCH", "/api/v3/external/devices/mine-2", { friendlyName: "a\0b" })).status,
  ).toBe(400);
  expect(
    (await cloud.send("PATCH", "/api/v3/external/devices/mine-2", { friendlyName: "a\\u0000b" })).status,
  ).toBe(200);
});
