import type { Quantity, Reading } from "../telemetry/reading";
import { RESOLUTION } from "../telemetry/reading";

interface Presentation {
  readonly name: string;
  /** Absent: an index without unit. */
  readonly unit?: string;
  /** Absent: Home Assistant has none for it. */
  readonly deviceClass?: string;
  readonly decimals: number;
}

/** Device classes with their units, as Home Assistant 2024.12 takes them: developers.home-assistant.io, "Sensor entity". */
const PRESENTATIONS = Object.freeze(
  {
    pm1: { name: "PM1", unit: "µg/m³", deviceClass: "pm1", decimals: 1 },
    pm2_5: { name: "PM2.5", unit: "µg/m³", deviceClass: "pm25", decimals: 1 },
    pm4: { name: "PM4", unit: "µg/m³", decimals: 1 },
    pm10: { name: "PM10", unit: "µg/m³", deviceClass: "pm10", decimals: 1 },
    co2: { name: "Carbon dioxide", unit: "ppm", deviceClass: "carbon_dioxide", decimals: 0 },
    temperature: { name: "Temperature", unit: "°C", deviceClass: "temperature", decimals: 1 },
    humidity: { name: "Humidity", unit: "%", deviceClass: "humidity", decimals: 1 },
    voc: { name: "VOC index", decimals: 0 },
    nox: { name: "NOx index", decimals: 0 },
  } as const satisfies Record<Quantity, Presentation>,
  true,
);

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
  const { name, unit, deviceClass, decimals }: Presentation = PRESENTATIONS[quantity];
  return JSON.stringify({
    name,
    unique_id: `${device.deviceId}_${quantity}`,
    state_topic: device.stateTopic,
    // "None" is unknown there; nothing at all would leave the value before (mqtt/sensor.py).
    value_template: `{{ value_json.${quantity} | default(None) }}`,
    ...(unit !== undefined && { unit_of_measurement: unit }),
    ...(deviceClass !== undefined && { device_class: deviceClass }),
    state_class: "measurement",
    suggested_display_precision: decimals,
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
  for (const quantity of Object.keys(RESOLUTION) as Quantity[]) {
    const value = values[quantity];
    const stepsPerUnit = Math.round(1 / RESOLUTION[quantity]);
    if (value !== undefined) state[quantity] = Math.round(value * stepsPerUnit) / stepsPerUnit;
  }
  return JSON.stringify(state);
}
