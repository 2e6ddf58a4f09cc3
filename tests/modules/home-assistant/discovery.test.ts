import { expect, test } from "vitest";
import { discoveryTopic, formatDiscovery, formatState } from "../../../modules/home-assistant/discovery";
import { HomeAssistant } from "../../../modules/home-assistant/home-assistant";
import type { Measurement, Quantity } from "../../../modules/telemetry/reading";
import { haFaults } from "../../support/home-assistant";
import { RESOLUTION } from "../../support/quantities";
import { faultsOf } from "../../support/schemas";

const DEVICE = {
  deviceId: "aerolink-02005e102030",
  sensor: "SEN55",
  firmware: "0.1.0",
  mac: "02:00:5e:10:20:30",
  stateTopic: "aerolink/v1/aerolink-02005e102030/state",
  statusTopic: "aerolink/v1/aerolink-02005e102030/status",
};
const QUANTITIES = Object.keys(RESOLUTION) as Quantity[];
// biome-ignore lint/suspicious/noExplicitAny: held to its schema as it comes
const messageOf = (quantity: Quantity): any => JSON.parse(formatDiscovery(DEVICE, quantity, 240));

test.each(QUANTITIES)("The message for %s is one that Home Assistant takes", (quantity) => {
  const message = messageOf(quantity);
  expect(haFaults(message)).toBe("");
  expect(message).toMatchObject({ unique_id: `${DEVICE.deviceId}_${quantity}`, expire_after: 240 });
});

test.each<[string, (message: Record<string, unknown>) => void]>([
  ["no state topic", (message) => delete message.state_topic],
  ["a misspelt member", (message) => Object.assign(message, { value_templat: "" })],
  ["a unit that is not the class's", (message) => Object.assign(message, { unit_of_measurement: "ppb" })],
  ["no unit for the class", (message) => delete message.unit_of_measurement],
  ["an unknown class", (message) => Object.assign(message, { device_class: "pm4" })],
  ["an unknown state class", (message) => Object.assign(message, { state_class: "measured" })],
  ["a wildcard as topic", (message) => Object.assign(message, { state_topic: "aerolink/#" })],
  ["a negative time", (message) => Object.assign(message, { expire_after: -1 })],
  ["a fraction of a digit", (message) => Object.assign(message, { suggested_display_precision: 0.5 })],
  ["a device without an identifier", (message) => Object.assign(message, { device: { name: "x" } })],
  ["an unknown member of the device", (message) => Object.assign(message.device as object, { colour: 1 })],
  ["no origin's name", (message) => Object.assign(message, { origin: {} })],
])("The schema refuses %s", (_what, spoil) => {
  const message = messageOf("co2");
  spoil(message);
  expect(haFaults(message)).not.toBe("");
});

test("Ids with dots give topics that discovery takes", () => {
  for (const deviceId of [DEVICE.deviceId, "site.7.room_2"])
    for (const quantity of QUANTITIES)
      expect(discoveryTopic(deviceId, quantity)).toMatch(/^homeassistant\/sensor\/[\w-]+\/[\w-]+\/config$/);
});

test("No two ids share a topic, whatever dots and underscores they have", () => {
  const pieces = ["a", "b", ".", "_", "-"];
  let ids = [""];
  for (let length = 0; length < 5; length++)
    ids = ids.flatMap((id) => [id, ...pieces.map((piece) => id + piece)]);
  const all = new Set(ids.filter((id) => id !== ""));
  expect(new Set([...all].map((id) => discoveryTopic(id, "co2"))).size).toBe(all.size);
  expect(discoveryTopic("a_b", "co2")).toBe("homeassistant/sensor/a_b/co2/config");
});

test("A state has what was measured, rounded, and its time where that is known", () => {
  const stamp = { seq: 1, boot: 1, uptimeSeconds: 5 };
  const text = formatState({
    ...stamp,
    unixSeconds: 1_782_900_060,
    values: { co2: 611.6, humidity: 41.204 },
  });
  expect(JSON.parse(text)).toEqual({ time: 1_782_900_060, co2: 612, humidity: 41.2 });
  expect(faultsOf("state", JSON.parse(text))).toBe("");
  expect(JSON.parse(formatState({ ...stamp, values: {} }))).toEqual({});
});

function announced(readings: Measurement[], between?: (assistant: HomeAssistant) => void): string[] {
  const topics: string[] = [];
  const assistant = new HomeAssistant({
    device: () => DEVICE,
    isEnabled: () => true,
    expireSeconds: () => 240,
    put: (topic) => topics.push(topic),
  });
  for (const values of readings) {
    assistant.readingTaken({ seq: 1, boot: 1, uptimeSeconds: 5, values });
    between?.(assistant);
  }
  return topics.filter((topic) => topic.endsWith("/config"));
}

test("A quantity is announced once it was measured, and again when something of it has changed", () => {
  expect(announced([{ co2: 600 }, { co2: 601, nox: 1 }, { co2: 602, nox: 1 }])).toEqual([
    discoveryTopic(DEVICE.deviceId, "co2"),
    discoveryTopic(DEVICE.deviceId, "nox"),
  ]);
  expect(announced([{ co2: 600 }, { co2: 601 }], (assistant) => assistant.renew())).toHaveLength(2);
});
