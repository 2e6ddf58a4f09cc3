import { type Logger, silentLogger } from "../base/logger";
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
  /** A missing key is no error. */
  delete(key: string): void;
}

export interface SettingsOptions {
  readonly store: SettingsStore;
  /** Defaults of this build or board, in place of the table's. Throws RangeError when out of range. */
  readonly defaults?: Partial<SettingValues>;
  /** Further checks of form, from the rooms that know it: false refuses the value as malformed. */
  readonly checks?: { readonly [Key in SettingKey]?: (value: SettingValues[Key]) => boolean };
  readonly log?: Logger;
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
 * - `set` changes storage first, then RAM, then tells observers; refused, it has changed nothing.
 * - A value that is already stored is not written again (flash wear).
 * - Values of secret settings are never logged.
 */
export class Settings {
  #store: SettingsStore;
  #checks: NonNullable<SettingsOptions["checks"]>;
  #log: Logger;
  #defaults: Record<string, SettingValue> = {};
  #values: Record<string, SettingValue> = {};
  #faults: SettingFault[] = [];
  #observers: { key: SettingKey; observe: (value: never) => void }[] = [];

  constructor(options: SettingsOptions) {
    this.#store = options.store;
    this.#checks = options.checks ?? {};
    this.#log = options.log ?? silentLogger;
    for (const key of SETTING_KEYS) {
      this.#defaults[key] = this.defaultOf(key, options.defaults);
      this.#values[key] = this.load(key);
    }
  }

  /** Stored values that were refused at boot and have not been replaced since. */
  get faults(): readonly SettingFault[] {
    return this.#faults;
  }

  get<Key extends SettingKey>(key: Key): SettingValues[Key] {
    return this.#values[key] as SettingValues[Key];
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
    const same = sameSetting(checked.value, this.#values[key]!);
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

  /** Calls `observe` with each new value of `key`, after it is stored. Returns how to stop that. */
  onChange<Key extends SettingKey>(key: Key, observe: (value: SettingValues[Key]) => void): () => void {
    const observer = { key, observe };
    this.#observers.push(observer);
    return () => {
      this.#observers = this.#observers.filter((other) => other !== observer);
    };
  }

  /**
   * Forgets everything but what survives a reset, secrets first. False: the storage refused at least one key, whose
   * value is then still there after the next boot.
   */
  factoryReset(): boolean {
    const keys = SETTING_KEYS.filter((key) => !(SETTINGS[key] as SettingSpec).survivesReset);
    let erased = true;
    for (const key of keys) {
      try {
        this.#store.delete(SETTINGS[key].key);
        this.#faults = this.#faults.filter((fault) => fault.key !== key);
      } catch (error) {
        erased = false;
        this.#log.error(`${key}: not erased: ${String(error)}`);
      }
    }
    for (const key of keys) {
      const fallback = this.#defaults[key]!;
      if (!sameSetting(fallback, this.#values[key]!)) this.change(key, fallback);
    }
    return erased;
  }

  private change(key: SettingKey, value: SettingValue): void {
    this.#values[key] = value;
    const secret = (SETTINGS[key] as SettingSpec).secret;
    this.#log.info(secret ? `${key} changed` : `${key} = ${encodeSetting(value)}`);
    for (const observer of this.#observers) {
      if (observer.key === key && this.#observers.includes(observer)) observer.observe(value as never);
    }
  }

  private load(key: SettingKey): SettingValue {
    const fallback = this.#defaults[key]!;
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
    const check = this.#checks[key] as ((value: SettingValue) => boolean) | undefined;
    return !check || sameSetting(checked.value, this.#defaults[key]!) || check(checked.value)
      ? checked
      : { refusal: "malformed" };
  }

  private defaultOf(key: SettingKey, defaults: SettingsOptions["defaults"]): SettingValue {
    const value = defaults?.[key];
    if (value === undefined) return SETTINGS[key].default;
    const checked = checkSetting(SETTINGS[key], value);
    if ("refusal" in checked) throw new RangeError(`default of ${key} is ${checked.refusal}`);
    return checked.value;
  }
}
