import { PRESENTATIONS, QUANTITY_NAMES, type Quantity, STEPS } from "../telemetry/quantities";
import type { Reading } from "../telemetry/reading";

export interface DiscoveryDevice {
  readonly deviceId: string;
  /** Model of the sensor; becomes the model of the device. */
  readonly sensor: string;
  readonly firmware: string;
  readonly mac: string;
  readonly stateTopic: string;
  readonly statusTopic: string;
}

/** `homeassistant/sensor/<node id>/<quantity>/config`. */
export function discoveryTopic(deviceId: string, quantity: Quantity): string {
  return `homeassistant/sensor/${nodeIdOf(deviceId)}/${quantity}/config`;
}

/**
 * The device id as discovery takes it, which knows no dots: without a dot itself, otherwise behind a `_`, with `__` for
 * each `_` and `_-` for each dot. No two ids share one.
 */
export function nodeIdOf(deviceId: string): string {
  if (!deviceId.includes(".") && !deviceId.startsWith("_")) return deviceId;
  return `_${deviceId.replaceAll("_", "__").replaceAll(".", "_-")}`;
}

/** A discovery message for Home Assistant's MQTT sensor (home-assistant.io/integrations/sensor.mqtt). */
export function formatDiscovery(device: DiscoveryDevice, quantity: Quantity, expireSeconds: number): string {
  const [name, unit, deviceClass] = PRESENTATIONS[quantity].split("|");
  const steps = STEPS[quantity];
  return JSON.stringify({
    name,
    unique_id: `${device.deviceId}_${quantity}`,
    state_topic: device.stateTopic,
    // "None" is unknown there; nothing at all would leave the value before (mqtt/sensor.py).
    value_template: `{{ value_json.${quantity} | default(None) }}`,
    ...(unit !== undefined && { unit_of_measurement: unit }),
    ...(deviceClass !== undefined && { device_class: deviceClass }),
    state_class: "measurement",
    suggested_display_precision: steps === 1 ? 0 : steps === 1000 ? 2 : 1,
    expire_after: expireSeconds,
    availability_topic: device.statusTopic,
    availability_template: "{{ 'online' if value_json.online else 'offline' }}",
    device: {
      identifiers: [device.deviceId],
      connections: [["mac", device.mac]],
      name: `Aerolink ${device.deviceId}`,
      model: device.sensor,
      sw_version: device.firmware,
    },
    origin: { name: "Aerolink", sw_version: device.firmware },
  });
}

/** The reading as plain JSON: values in their units, rounded to what the sensor tells apart. */
export function formatState({ unixSeconds, values }: Reading): string {
  const state: Record<string, number> = {};
  if (unixSeconds !== undefined) state.time = unixSeconds;
  for (const quantity of QUANTITY_NAMES) {
    const value = values[quantity];
    const steps = STEPS[quantity];
    if (value !== undefined) state[quantity] = Math.round(value * steps) / steps;
  }
  return JSON.stringify(state);
}
