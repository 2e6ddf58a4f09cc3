import { utf8Length } from "../base/utf8";
import { isHostName } from "../names/host-name";
import type { SettingSpec } from "./settings-table";

/** Any value that a setting can have. */
export type SettingValue = string | number | boolean | readonly string[];

/** Why a value is not one of a setting's. */
export type SettingRefusal =
  /** Of another type than the setting. */
  | "wrong-type"
  /** Of the type, but outside the range, or none of the choices. */
  | "out-of-range"
  /** Longer than the setting may be. */
  | "too-long"
  /** Of the type, but not of the form: not a host name, not well-formed text. */
  | "malformed";

export type Checked = { readonly value: SettingValue } | { readonly refusal: SettingRefusal };

/** The one gate for values from outside: `input` as a value of `spec`, or why it is none. */
export function checkSetting(spec: SettingSpec, input: unknown): Checked {
  switch (spec.type) {
    case "integer":
      if (typeof input !== "number" || !Number.isInteger(input)) return refuse("wrong-type");
      if (input < spec.least || input > spec.most) return refuse("out-of-range");
      return { value: input + 0 };
    case "boolean":
      return typeof input === "boolean" ? { value: input } : refuse("wrong-type");
    case "choice":
      if (typeof input !== "string") return refuse("wrong-type");
      return spec.choices.includes(input) ? { value: input } : refuse("out-of-range");
    case "text":
      return checkText(input, spec.mostBytes);
    case "host":
      if (typeof input !== "string") return refuse("wrong-type");
      return input === "" || isHostName(input) ? { value: input } : refuse("malformed");
    case "hosts":
      return checkHosts(input, spec.most);
  }
}

/** The text that is stored for a value. */
export function encodeSetting(value: SettingValue): string {
  if (typeof value === "boolean") return value ? "1" : "0";
  return typeof value === "object" ? value.join(",") : String(value);
}

/** What `encodeSetting` wrote; stored bytes are as much from outside as any. */
export function decodeSetting(spec: SettingSpec, stored: string): Checked {
  switch (spec.type) {
    case "integer": {
      const number = Number(stored);
      return String(number) === stored ? checkSetting(spec, number) : refuse("malformed");
    }
    case "boolean":
      return stored === "0" || stored === "1" ? { value: stored === "1" } : refuse("malformed");
    default:
      return checkSetting(spec, stored);
  }
}

export function sameSetting(a: SettingValue, b: SettingValue): boolean {
  return encodeSetting(a) === encodeSetting(b);
}

function checkText(input: unknown, mostBytes: number): Checked {
  if (typeof input !== "string") return refuse("wrong-type");
  if (input.length > mostBytes) return refuse("too-long");
  const bytes = utf8Length(input);
  if (bytes === undefined) return refuse("malformed");
  return bytes <= mostBytes ? { value: input } : refuse("too-long");
}

/** An array of names, or one string with commas between them. */
function checkHosts(input: unknown, most: number): Checked {
  const items: unknown = typeof input === "string" ? input.split(",", most + 1) : input;
  if (!Array.isArray(items)) return refuse("wrong-type");
  if (items.length === 0 || items.length > most) return refuse("out-of-range");
  const hosts: string[] = [];
  for (const item of items) {
    if (typeof item !== "string") return refuse("wrong-type");
    const host = item.trim();
    if (!isHostName(host)) return refuse("malformed");
    hosts.push(host);
  }
  return { value: hosts };
}

const refuse = (refusal: SettingRefusal): Checked => ({ refusal });
