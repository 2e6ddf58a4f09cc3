import { expect, test } from "vitest";
import type { FleetRow } from "../../../cloud/page/answers";
import { attentionOf, byAttention, type Cause, passes } from "../../../cloud/page/attention";
import { csvLink, deviceLink, historyPath, whereOf } from "../../../cloud/page/links";

const NOW = Date.parse("2026-07-01T12:00:00Z");
const at = (secondsAgo: number): string => new Date(NOW - secondsAgo * 1000).toISOString();

function rowOf(name: string, changes: Partial<FleetRow> = {}): FleetRow {
  return {
    device: {
      device_id: `uuid-${name}`,
      mqtt_id: `mqtt-${name}`,
      model: "Aerolink",
      serial: "1",
      metadata: { friendlyName: name, is_indoor: true, latitude: null, longitude: null },
    },
    online: true,
    heard_at: at(60),
    status: {
      firmware: "0.1.0",
      clock: "synced",
      sensor: { fault: null },
      certificate: { expires: 1, daysLeft: 152 },
    },
    latest: { timestamp: at(60), mcpm2x5: 3 },
    ...changes,
  };
}

const FLEET: readonly (readonly [Cause, FleetRow])[] = [
  ["danger", rowOf("smoke", { latest: { timestamp: at(60), mcpm2x5: 80 } })],
  [
    "away",
    rowOf("gone", { online: false, heard_at: at(7_200), latest: { timestamp: at(7_300), mcpm2x5: 80 } }),
  ],
  ["fault", rowOf("broken", { status: { sensor: { fault: "fan stopped" } } })],
  ["silent", rowOf("quiet", { latest: { timestamp: at(7_500), mcpm2x5: 3 } })],
  ["air", rowOf("stuffy", { latest: { timestamp: at(60), co2_ppm: 1_800 } })],
  ["certificate", rowOf("ending", { status: { certificate: { expires: 1, daysLeft: 9 } } })],
  ["clock", rowOf("timeless", { status: { clock: "none" } })],
  ["new", rowOf("boxed", { online: false, heard_at: null, status: null, latest: null })],
  ["none", rowOf("well")],
];

test.each(FLEET)("What is the matter is called %s, and its place in the list is that", (cause, row) => {
  expect(attentionOf(row, NOW).cause).toBe(cause);
});

test("The list begins with what needs somebody most, and goes by name among equals", () => {
  const listed = [rowOf("room 10"), rowOf("room 9"), ...FLEET.map(([, row]) => row)]
    .reverse()
    .map((row) => ({ row, attention: attentionOf(row, NOW) }))
    .sort(byAttention)
    .map(({ row }) => row.device.metadata.friendlyName);
  expect(listed).toEqual([
    ...FLEET.slice(0, -1).map(([, row]) => row.device.metadata.friendlyName),
    "room 9",
    "room 10",
    "well",
  ]);
});

test("What a device said wrongly is passed over rather than thrown at", () => {
  const strange = { sensor: "SEN55", certificate: null, clock: 7 } as unknown as FleetRow["status"];
  expect(attentionOf(rowOf("odd", { status: strange }), NOW).cause).toBe("none");
});

test("A search finds each of its words in name, place, id, firmware or tag", () => {
  const row = rowOf("Kitchen <b>");
  const listed = { row, attention: attentionOf(row, NOW) };
  for (const text of ["", "kitchen", "<B>", "0.1.0", "indoors kitch", "MQTT-kit"])
    expect(passes(listed, "all", text), text).toBe(true);
  for (const text of ["outdoors", "kitchen 0.2"]) expect(passes(listed, "all", text), text).toBe(false);
  expect(passes(listed, "attention", "")).toBe(false);
});

test("The CSV link names the time, the means and the quantities of what is seen, whatever the device is called", () => {
  const link = new URL(
    csvLink({
      deviceId: "a&b=c d",
      window: { from: 1_782_900_000, to: 1_782_903_600 },
      span: 900,
      quantities: ["mcpm2x5", "rh"],
    }),
    "http://127.0.0.1",
  );
  expect(link.pathname).toBe("/api/v3/external/telemetry/flat-format");
  expect(Object.fromEntries(link.searchParams)).toMatchObject({
    device_id: "a&b=c d",
    start_date: "2026-07-01T10:00:00Z",
    end_date: "2026-07-01T11:00:00Z",
    average: "15",
    format: "csv",
  });
  expect(link.searchParams.getAll("telem[]")).toEqual(["mcpm2x5", "rh"]);
  const raw = csvLink({ deviceId: "a", window: { from: 0, to: 60 }, span: 0, quantities: [] });
  expect(raw).not.toContain("average");
  expect(historyPath({ from: 0, to: 60 }, ["rh"])).toBe(
    "history?start_date=1970-01-01T00%3A00%3A00Z&end_date=1970-01-01T00%3A01%3A00Z&telem%5B%5D=rh",
  );
});

test("An address leads to its device and back, and a broken one to the fleet", () => {
  for (const id of ["aerolink-02005e102030", "a/b?c#d", "ü <script>"])
    expect(whereOf(deviceLink(id))).toEqual({ at: "device", id });
  for (const hash of ["", "#/", "#/device/", "#/device/%E0%A4%A", "#nonsense"])
    expect(whereOf(hash)).toEqual({ at: "fleet" });
  expect(whereOf("#/care")).toEqual({ at: "care" });
});
