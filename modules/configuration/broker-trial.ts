import TextEncoder from "text/encoder";
import Timer from "timer";
import { parseJsonObject } from "../base/json";
import type { Logger } from "../base/logger";
import { BROKER_KEYS, type BrokerKey, type BrokerProfile } from "./broker-profile";
import type { Settings } from "./settings";
import type { SettingRefusal } from "./settings-codec";

export interface BrokerTrialOptions {
  readonly settings: Pick<Settings, "get" | "set" | "check">;
  /** Where a new broker must lie: this domain or a name below it; `undefined`: anywhere. */
  readonly domain?: string | undefined;
  /** {@link BrokerTrial.profile} is another one now: connect anew, and then {@link BrokerTrial.watch}. */
  onSwitch(): void;
  /** A trial ended: `reached`, the new broker is the broker; otherwise the old one is again. */
  onEnd(reached: boolean): void;
  readonly log: Logger;
}

/** Why a profile is not tried. */
export type ProposalFault =
  | { readonly key: BrokerKey; readonly refusal: SettingRefusal | "unknown-key" }
  /** The flash refused it. */
  | "storage";

/** How long a new broker may take to be reached. */
export const TRIAL_MS = 300_000;

type TrialState =
  | "trying"
  /** Reached: it is the broker, whatever the settings still say. */
  | "kept"
  /** The settings hold. */
  | "failed";

interface Trial {
  readonly state: TrialState;
  readonly version: number;
  /** Of the last attempt that failed. */
  readonly reason?: string;
  readonly profile: BrokerProfile;
}

const LIMITS = Object.freeze({ mostBytes: 2_400, mostDepth: 1, mostParts: 16 } as const, true);

/**
 * Which broker is the device's, and who the device is to it. A change of any part of that is on trial as a whole until
 * a session has shown that it holds; when it has not within {@link TRIAL_MS}, the old profile is back.
 *
 * - The trial is one value beside the settings: over a power cut it goes on, with its time anew, and the old profile is
 *   never lost. One write makes the new one the broker's for good; the settings follow, over any number of power cuts.
 * - A broker that failed is not tried again by the same version of the configuration, which the old broker may have
 *   retained: configuration.ts takes a version once.
 * - A password belongs to its host: for another host there is none but the one that came with it.
 */
export class BrokerTrial {
  #options: BrokerTrialOptions;
  #log: Logger;
  #trial: Trial | undefined;
  #timer: Timer | undefined;
  /** Why the last attempt failed. */
  #reason: string | undefined;

  constructor(options: BrokerTrialOptions) {
    this.#options = options;
    this.#log = options.log;
    this.#trial = parseTrial(options.settings);
    this.settle();
  }

  get trying(): boolean {
    return this.#trial?.state === "trying";
  }

  /** The last trial failed, and no later version has asked for anything else. */
  get failed(): boolean {
    return this.#trial?.state === "failed";
  }

  /** Why it failed, where an attempt told. */
  get reason(): string | undefined {
    return this.#trial?.reason;
  }

  /** In force, or on trial. */
  get profile(): BrokerProfile {
    const trial = this.#trial;
    return trial && trial.state !== "failed" ? trial.profile : profileOf(this.#options.settings);
  }

  /** What the trial that failed wanted otherwise. */
  get rejected(): readonly BrokerKey[] {
    const { profile } = this;
    return this.failed ? BROKER_KEYS.filter((key) => this.#trial!.profile[key] !== profile[key]) : [];
  }

  /** Whether the cloud may lead the device to `host`. No address is in a domain. */
  allows(host: string): boolean {
    const { domain } = this.#options;
    return domain === undefined || `.${host}`.toLowerCase().endsWith(`.${domain.toLowerCase()}`);
  }

  /**
   * Begins a trial, unless all of that is so already. False: it could not be stored. Its time runs from the next
   * {@link watch} on.
   */
  begin(changes: Partial<BrokerProfile>, version: number): boolean {
    const now = this.profile;
    const profile = { ...now, ...changes };
    if (changes.brokerPassword === undefined && profile.brokerHost !== now.brokerHost) {
      const kept = profileOf(this.#options.settings);
      profile.brokerPassword = kept.brokerHost === profile.brokerHost ? kept.brokerPassword : "";
    }
    if (BROKER_KEYS.every((key) => profile[key] === now[key]))
      return !this.failed || this.#trial!.version === version || this.keep(undefined);
    if (!this.keep({ state: "trying", version, profile })) return false;
    this.#log.warn(`broker ${profile.brokerHost}:${profile.brokerPort} on trial`);
    this.close();
    this.#reason = undefined;
    this.#options.onSwitch();
    return true;
  }

  /** {@link begin} of what a person on site asks for: it may lead out of the domain. Or what is wrong with it. */
  propose(changes: { readonly [Key in BrokerKey]?: unknown }): ProposalFault | undefined {
    const { settings } = this.#options;
    for (const key of Object.keys(changes) as BrokerKey[]) {
      const isNone = key === "brokerHost" && changes[key] === "";
      const refusal = isNone ? "malformed" : settings.check(key, changes[key]);
      if (refusal) return { key, refusal };
    }
    return this.begin(changes as Partial<BrokerProfile>, settings.get("configVersion"))
      ? undefined
      : "storage";
  }

  /** There is a way to the broker: a trial's time runs. */
  watch(): void {
    if (this.trying) this.#timer ??= Timer.set(() => this.giveUp(), TRIAL_MS);
  }

  /** An attempt failed, or the broker denies what we cannot do without. */
  attemptFailed(reason: string): void {
    this.#reason = reason;
  }

  /** Takes a trial back that has just begun. */
  withdraw(): void {
    if (!this.trying) return;
    this.close();
    this.keep(undefined);
  }

  /** The broker of `profile` has accepted us, and takes and gives what it should: {@link profile}, or one of before. */
  reached(profile: BrokerProfile): void {
    const trial = this.#trial;
    if (trial?.state !== "trying" || trial.profile !== profile) return;
    // Refused by the flash, it stays on trial, and the next connection is its end.
    if (!this.keep({ ...trial, state: "kept" })) return;
    this.close();
    this.settle();
    this.#options.onEnd(true);
  }

  close(): void {
    Timer.clear(this.#timer);
    this.#timer = undefined;
  }

  private giveUp(): void {
    this.#timer = undefined;
    const trial = this.#trial!;
    const { brokerHost, brokerPort } = trial.profile;
    this.#log.error(`broker ${brokerHost}:${brokerPort} not reached: back to the one before`);
    const failed: Trial = { ...trial, state: "failed", ...(this.#reason && { reason: this.#reason }) };
    if (!this.keep(failed)) this.#trial = failed;
    this.#options.onSwitch();
    this.#options.onEnd(false);
  }

  /** What is kept goes into the settings; refused by the flash, it does so after the next boot. */
  private settle(): void {
    const trial = this.#trial;
    if (trial?.state !== "kept") return;
    const { settings } = this.#options;
    if (BROKER_KEYS.every((key) => settings.set(key, trial.profile[key]).ok)) this.keep(undefined);
  }

  private keep(trial: Trial | undefined): boolean {
    const text = trial ? JSON.stringify({ ...trial, ...trial.profile, profile: undefined }) : "";
    if (!this.#options.settings.set("brokerTrial", text).ok) return false;
    this.#trial = trial;
    return true;
  }
}

function profileOf(settings: BrokerTrialOptions["settings"]): BrokerProfile {
  const profile: Record<string, unknown> = {};
  for (const key of BROKER_KEYS) profile[key] = settings.get(key);
  return profile as BrokerProfile;
}

/** What lies in flash is as much from outside as any: what is damaged is no trial. */
function parseTrial(settings: BrokerTrialOptions["settings"]): Trial | undefined {
  const text = settings.get("brokerTrial");
  // A debugger would stop at the exception of JSON.parse.
  if (text === "") return undefined;
  const json = parseJsonObject(new TextEncoder().encode(text), LIMITS);
  if (typeof json === "string") return undefined;
  const { state, version, reason } = json;
  if (state !== "trying" && state !== "kept" && state !== "failed") return undefined;
  if (!Number.isInteger(version)) return undefined;
  const profile: Record<string, unknown> = {};
  for (const key of BROKER_KEYS) {
    if (settings.check(key, json[key]) !== undefined) return undefined;
    profile[key] = json[key];
  }
  return {
    state,
    version: version as number,
    profile: profile as BrokerProfile,
    ...(typeof reason === "string" && { reason }),
  };
}
