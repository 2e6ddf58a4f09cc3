import { type FactoryValues, parseFactoryValues } from "./factory-values";
import type { SettingValues } from "./settings-table";

/** The settings that say who the broker is, and who we are to it: one value, which changes on trial. */
export const BROKER_KEYS = Object.freeze([
  "brokerHost",
  "brokerPort",
  "mqttVersion",
  "brokerAlpn",
  "brokerUser",
  "brokerPassword",
  "topicPrefix",
  "clientId",
] as const);

export type BrokerKey = (typeof BROKER_KEYS)[number];
export type BrokerProfile = Pick<SettingValues, BrokerKey>;

export const isBrokerKey = (key: string): key is BrokerKey => BROKER_KEYS.includes(key as BrokerKey);

/** `template` with the device's id for each `{id}`. */
export const withId = (template: string, deviceId: string): string => template.replaceAll("{id}", deviceId);

/** Of a profile from outside, beyond what the settings' table says. */
export const BROKER_CHECKS = Object.freeze({
  brokerAlpn: isToken,
  brokerUser: hasNoControls,
  brokerPassword: hasNoControls,
  topicPrefix: isTopicPrefix,
  clientId: isTemplate,
});

/** What the factory wrote for this device. `undefined`: it is none. */
export function parseFactoryProfile(values: FactoryValues): Partial<BrokerProfile> | undefined {
  for (const key of Object.keys(values)) if (!isBrokerKey(key)) return undefined;
  return parseFactoryValues(values, BROKER_CHECKS);
}

/** ASCII that can be seen: no space, no control. */
function isToken(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (!(code > 0x20 && code < 0x7f)) return false;
  }
  return text !== "";
}

function hasNoControls(text: string): boolean {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) < 0x20) return false;
  return true;
}

/** Braces stand for the device's id only. */
function isTemplate(text: string): boolean {
  const rest = withId(text, "");
  return isToken(text) && !rest.includes("{") && !rest.includes("}");
}

/** Levels that are not empty; no wildcards [MQTT-4.7.1], and no `$`, which is the broker's own [MQTT-4.7.2]. */
function isTopicPrefix(text: string): boolean {
  if (!isTemplate(text) || text.includes("$") || text.includes("#") || text.includes("+")) return false;
  return text.split("/").every((level) => level !== "");
}
