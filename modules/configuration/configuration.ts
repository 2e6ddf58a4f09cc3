import type { Logger } from "../base/logger";
import { type BrokerProfile, isBrokerKey } from "./broker-profile";
import type { BrokerTrial } from "./broker-trial";
import { type DesiredFault, parseDesired } from "./parse-desired";
import type { Settings } from "./settings";
import type { SettingRefusal } from "./settings-codec";
import { isSettingKey, SETTING_KEYS, SETTINGS, type SettingKey, type SettingSpec } from "./settings-table";

/** What is wrong with a desired value. */
export type KeyError =
  | SettingRefusal
  | "unknown-key"
  /** A setting that only the device changes. */
  | "not-allowed"
  /** A broker outside the domain that the identity names: only a person on site can lead the device there. */
  | "outside-domain"
  /** The flash refused it. */
  | "storage"
  /** The new broker was not reached, and the one before is back. */
  | "unreachable";

/** What is wrong with a message as a whole. */
export type ConfigurationFault =
  | DesiredFault
  /** A newer one was applied: this one was overtaken, or the sender has lost its count. */
  | "older-version";

export type ConfigurationState =
  /** All of the version's values hold. */
  | "applied"
  /** Nothing of the version was applied: `fault` or `errors` say why. */
  | "refused"
  /** All but the broker's values hold; the new broker is being tried. */
  | "trying-broker"
  /** All but the broker's values hold; the new broker was not reached. */
  | "rolled-back";

export interface ConfigurationOptions {
  readonly settings: Pick<Settings, "get" | "set" | "check">;
  readonly broker: Pick<
    BrokerTrial,
    "profile" | "trying" | "failed" | "reason" | "rejected" | "allows" | "begin" | "withdraw"
  >;
  /** There is a new report. */
  onReport(): void;
  readonly log: Logger;
}

type Values = { readonly [key in SettingKey]?: unknown };

/**
 * The desired configuration: checked as a whole, applied as a whole or not at all, and reported.
 *
 * - Versions count up: an older one than was applied is refused, the same again changes nothing. Which is older goes
 *   by RFC 1982, so that no version is the last one, whatever a sender has made of its count.
 * - A power cut in the middle of applying leaves some values new: the version goes into flash last, and the message
 *   was not acknowledged, so it comes again and the rest follows. What concerns the broker changes together
 *   (broker-trial.ts).
 */
export class Configuration {
  #options: ConfigurationOptions;
  #log: Logger;
  #version: number | undefined;
  #state: ConfigurationState = "applied";
  #fault: ConfigurationFault | undefined;
  #errors: Record<string, KeyError> = {};

  constructor(options: ConfigurationOptions) {
    this.#options = options;
    this.#log = options.log;
    this.stand();
  }

  /** A message of the topic `config/desired`. An empty one was retained no more: nothing is desired. */
  take(payload: Uint8Array): void {
    if (payload.length === 0) return;
    const desired = parseDesired(payload);
    const { newest } = this;
    if (!("fault" in desired) && desired.version === newest) this.stand();
    else {
      this.#version = desired.version;
      this.#errors = {};
      this.#state = "refused";
      if ("fault" in desired) this.#fault = desired.fault;
      // RFC 1982 with 32 bits: what of the difference is left of them. Without a newest one none is older.
      else if (newest !== undefined && ((desired.version - newest) | 0) < 0) this.#fault = "older-version";
      else {
        this.#fault = undefined;
        this.findErrors(desired.settings);
        if (this.isSound()) this.apply(desired.settings, desired.version);
      }
    }
    this.#log.info(`configuration ${this.#version ?? "without version"}: ${this.#state}`);
    this.#options.onReport();
  }

  /** The trial of a broker ended. */
  brokerTried(reached: boolean): void {
    this.stand();
    if (!reached) this.rollBack();
    this.#options.onReport();
  }

  /** The text for `config/reported`: what was asked, what came of it, and all values as they are. */
  report(): string {
    const { settings, broker } = this.#options;
    const { profile } = broker;
    const values: Record<string, unknown> = {};
    for (const key of SETTING_KEYS) {
      const { access, secret }: SettingSpec = SETTINGS[key];
      if (access !== "cloud") continue;
      const value = isBrokerKey(key) ? profile[key] : settings.get(key);
      // A copy: JSON.stringify of a default that lies in flash throws on XS (docs/xs.md).
      values[key] = secret ? value !== "" : Array.isArray(value) ? [...value] : value;
    }
    return JSON.stringify({
      version: this.#version ?? null,
      newest: this.newest ?? null,
      state: this.#state,
      ...(this.#fault && { fault: this.#fault }),
      ...(!this.isSound() && { errors: this.#errors }),
      ...(this.#state === "rolled-back" && { reason: broker.reason }),
      settings: values,
    });
  }

  /** Version that was applied last. */
  private get newest(): number | undefined {
    const version = this.#options.settings.get("configVersion");
    return version < 0 ? undefined : version;
  }

  /** What was applied last is what is reported. */
  private stand(): void {
    const { trying, failed } = this.#options.broker;
    this.#version = this.newest;
    this.#fault = undefined;
    this.#errors = {};
    this.#state = trying ? "trying-broker" : "applied";
    if (failed) this.rollBack();
  }

  private rollBack(): void {
    this.#state = "rolled-back";
    this.#errors = {};
    for (const key of this.#options.broker.rejected) this.blame(key, "unreachable");
  }

  private isSound(): boolean {
    return Object.keys(this.#errors).length === 0;
  }

  private findErrors(values: Values & { readonly [key: string]: unknown }): void {
    for (const key of Object.keys(values)) {
      const error = this.errorOf(key, values[key]);
      if (error) this.blame(isSettingKey(key) ? key : printable(key), error);
    }
  }

  /** Defined, not assigned: the sender may have called it `__proto__` or `toString` (docs/xs.md). */
  private blame(key: string, error: KeyError): void {
    this.#errors = { ...this.#errors, [key]: error };
  }

  private errorOf(key: string, value: unknown): KeyError | undefined {
    if (!isSettingKey(key)) return "unknown-key";
    if (SETTINGS[key].access !== "cloud") return "not-allowed";
    // Without a broker nothing could be desired any more.
    if (key === "brokerHost" && value === "") return "out-of-range";
    const { settings, broker } = this.#options;
    const refusal = settings.check(key, value);
    return refusal || key !== "brokerHost" || broker.allows(value as string) ? refusal : "outside-domain";
  }

  private apply(values: Values, version: number): void {
    const { settings, broker } = this.#options;
    const before: [SettingKey, unknown][] = [];
    const profile: { [key: string]: unknown } = {};
    for (const key of Object.keys(values) as SettingKey[]) {
      if (isBrokerKey(key)) {
        profile[key] = values[key];
        continue;
      }
      const old = settings.get(key);
      if (settings.set(key, values[key]).ok) before.push([key, old]);
      else this.blame(key, "storage");
    }
    if (this.isSound() && !broker.begin(profile as Partial<BrokerProfile>, version))
      this.blame("brokerHost", "storage");
    if (this.isSound() && !settings.set("configVersion", version).ok) {
      this.blame("version", "storage");
      broker.withdraw();
    }
    if (this.isSound()) this.#state = broker.trying ? "trying-broker" : "applied";
    else {
      this.#state = "refused";
      for (const [key, old] of before) settings.set(key, old);
    }
  }
}

/** What the sender called it, but not at any length: at most 32 characters of ASCII. */
function printable(key: string): string {
  let text = "";
  for (let i = 0; i < key.length && i < 32; i++) {
    const code = key.charCodeAt(i);
    text += code >= 0x20 && code < 0x7f ? key.charAt(i) : "?";
  }
  return text;
}
