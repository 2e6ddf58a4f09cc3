import type { Logger } from "../base/logger";
import {
  checkSetting,
  decodeSetting,
  encodeSetting,
  type SettingRefusal,
  type SettingValue,
  sameSetting,
} from "./settings-codec";
import {
  isSettingKey,
  SETTING_KEYS,
  SETTINGS,
  type SettingKey,
  type SettingSpec,
  type SettingValues,
} from "./settings-table";

/** ECMA-419 key-value storage opened with `format: "string"`; what Settings needs of it. */
export interface SettingsStore {
  /** `undefined` when there is no such key; throws when its value is of another type or unreadable. */
  read(key: string): unknown;
  /** Throws when the storage is full or broken; the old value stays. */
  write(key: string, value: string): void;
}

export interface SettingsOptions {
  readonly store: SettingsStore;
  /** Defaults of this build or board, in place of the table's. Throws RangeError when out of range. */
  readonly defaults?: Partial<SettingValues>;
  /** Further checks of form, from the rooms that know it: false refuses the value as malformed. */
  readonly checks?: { readonly [Key in SettingKey]?: (value: SettingValues[Key]) => boolean };
  /** `key` has a new value, which is stored. */
  onChanged?(key: SettingKey): void;
  readonly log: Logger;
}

/** A stored value that was not used; the default is. */
export interface SettingFault {
  readonly key: SettingKey;
  readonly reason: SettingRefusal | "unreadable";
}

export type SetResult =
  | { readonly ok: true; readonly changed: boolean }
  | { readonly ok: false; readonly reason: SettingRefusal | "unknown-key" | "storage" };

/**
 * The device's settings: read once at boot, kept in RAM, written through.
 *
 * - `get` is always in range: a stored value that is not becomes the default and is listed in `faults`.
 * - `set` changes storage first, then RAM, then tells of it; refused, it has changed nothing.
 * - A value that is already stored is not written again (flash wear).
 * - Values of secret settings are never logged.
 */
export class Settings {
  #options: SettingsOptions;
  #store: SettingsStore;
  #log: Logger;
  /** Those that differ from the table's. */
  #defaults: Record<string, SettingValue> = {};
  /** Those that differ from the default. */
  #values: Record<string, SettingValue> = {};
  #faults: SettingFault[] = [];

  constructor(options: SettingsOptions) {
    this.#options = options;
    this.#store = options.store;
    this.#log = options.log;
    const defaults = options.defaults ?? {};
    for (const key of SETTING_KEYS) {
      if (defaults[key] !== undefined) this.#defaults[key] = checkedDefault(key, defaults[key]);
      this.keep(key, this.load(key));
    }
  }

  /** Stored values that were refused at boot and have not been replaced since. */
  get faults(): readonly SettingFault[] {
    return this.#faults;
  }

  get<Key extends SettingKey>(key: Key): SettingValues[Key] {
    return (this.#values[key] ?? this.defaultOf(key)) as SettingValues[Key];
  }

  /** Why `set` would refuse this value; `undefined` when it would not. Changes nothing. */
  check(key: string, value: unknown): SettingRefusal | "unknown-key" | undefined {
    if (!isSettingKey(key)) return "unknown-key";
    const checked = this.accept(key, checkSetting(SETTINGS[key], value));
    return "refusal" in checked ? checked.refusal : undefined;
  }

  set(key: string, value: unknown): SetResult {
    if (!isSettingKey(key)) return { ok: false, reason: "unknown-key" };
    const checked = this.accept(key, checkSetting(SETTINGS[key], value));
    if ("refusal" in checked) return { ok: false, reason: checked.refusal };
    const same = sameSetting(checked.value, this.get(key));
    const faulty = this.#faults.some((fault) => fault.key === key);
    if (same && !faulty) return { ok: true, changed: false };
    try {
      this.#store.write(SETTINGS[key].key, encodeSetting(checked.value));
    } catch (error) {
      this.#log.error(`${key}: not stored: ${String(error)}`);
      return { ok: false, reason: "storage" };
    }
    this.#faults = this.#faults.filter((fault) => fault.key !== key);
    if (!same) this.change(key, checked.value);
    return { ok: true, changed: !same };
  }

  private change(key: SettingKey, value: SettingValue): void {
    this.keep(key, value);
    const secret = (SETTINGS[key] as SettingSpec).secret;
    this.#log.info(secret ? `${key} changed` : `${key} = ${encodeSetting(value)}`);
    this.#options.onChanged?.(key);
  }

  private keep(key: SettingKey, value: SettingValue): void {
    if (sameSetting(value, this.defaultOf(key))) delete this.#values[key];
    else this.#values[key] = value;
  }

  private load(key: SettingKey): SettingValue {
    const fallback = this.defaultOf(key);
    let stored: unknown;
    try {
      stored = this.#store.read(SETTINGS[key].key);
    } catch {
      return this.blame(key, "unreadable", fallback);
    }
    if (stored === undefined) return fallback;
    if (typeof stored !== "string") return this.blame(key, "wrong-type", fallback);
    const checked = this.accept(key, decodeSetting(SETTINGS[key], stored));
    return "refusal" in checked ? this.blame(key, checked.refusal, fallback) : checked.value;
  }

  private blame(key: SettingKey, reason: SettingFault["reason"], fallback: SettingValue): SettingValue {
    this.#faults.push({ key, reason });
    this.#log.warn(`${key}: stored value is ${reason}, the default is used`);
    return fallback;
  }

  private accept(key: SettingKey, checked: ReturnType<typeof checkSetting>): ReturnType<typeof checkSetting> {
    if ("refusal" in checked) return checked;
    const check = this.#options.checks?.[key] as ((value: SettingValue) => boolean) | undefined;
    return !check || sameSetting(checked.value, this.defaultOf(key)) || check(checked.value)
      ? checked
      : { refusal: "malformed" };
  }

  private defaultOf(key: SettingKey): SettingValue {
    return this.#defaults[key] ?? SETTINGS[key].default;
  }
}

function checkedDefault(key: SettingKey, value: unknown): SettingValue {
  const checked = checkSetting(SETTINGS[key], value);
  if ("refusal" in checked) throw new RangeError(`default of ${key} is ${checked.refusal}`);
  return checked.value;
}
