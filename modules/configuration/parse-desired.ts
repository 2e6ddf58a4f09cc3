import { isObject, type JsonFault, type JsonObject, parseJsonObject } from "../base/json";

/** A desired configuration: any of the settings that the cloud may set. Values are not looked at yet. */
export interface Desired {
  /** The cloud's own count; it comes back in the report. */
  readonly version: number;
  readonly settings: JsonObject;
}

export type DesiredFault =
  | JsonFault
  /** `version` is no whole number from 0 to 4,294,967,295. */
  | "bad-version"
  /** `settings` is no object. */
  | "bad-settings"
  | "unknown-member";

const LIMITS = Object.freeze({ mostBytes: 2_048, mostDepth: 3, mostParts: 64 } as const, true);
const MEMBERS: readonly string[] = Object.freeze(["version", "settings"]);
const LARGEST_VERSION = 0xffff_ffff;

/** The one parser of `config/desired`. Never throws. */
export function parseDesired(
  bytes: Uint8Array,
): Desired | { readonly fault: DesiredFault; readonly version?: number } {
  const json = parseJsonObject(bytes, LIMITS);
  if (typeof json === "string") return { fault: json };
  const version = Object.hasOwn(json, "version") ? json.version : undefined;
  if (!isVersion(version)) return { fault: "bad-version" };
  if (!Object.keys(json).every((member) => MEMBERS.includes(member)))
    return { fault: "unknown-member", version };
  const settings = Object.hasOwn(json, "settings") ? json.settings : undefined;
  return isObject(settings) ? { version, settings } : { fault: "bad-settings", version };
}

const isVersion = (value: unknown): value is number =>
  typeof value === "number" && Number.isInteger(value) && value >= 0 && value <= LARGEST_VERSION;
