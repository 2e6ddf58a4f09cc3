import Timer from "timer";
import { type Logger, silentLogger } from "../base/logger";
import { isHostName } from "../names/host-name";
import type { Settings } from "./settings";

export interface BrokerTrialOptions {
  readonly settings: Pick<Settings, "get" | "set">;
  /** Where a new broker must lie: this domain or a name below it; `undefined`: anywhere. */
  readonly domain?: string | undefined;
  /** `host` and `port` are other ones now: connect anew. */
  onSwitch(): void;
  /** A trial ended: `reached`, the new broker is the broker; otherwise the old one is again. */
  onEnd(reached: boolean): void;
  readonly log?: Logger;
}

/** How long a new broker may take to be reached. */
export const TRIAL_MS = 300_000;

interface Trial {
  readonly state: "trying" | "failed";
  readonly version: number;
  readonly host: string;
  readonly port: number;
}

/**
 * Which broker is the device's. A new one is on trial until it is reached; when it is not within {@link TRIAL_MS},
 * the old one is back.
 *
 * - The trial is one setting beside the old broker's: over a power cut it goes on, with its time anew, and the old
 *   broker is never lost.
 * - A broker that failed is not tried again by the same version of the configuration, which the old broker may have
 *   retained: configuration.ts takes a version once.
 */
export class BrokerTrial {
  #options: BrokerTrialOptions;
  #log: Logger;
  #trial: Trial | undefined;
  #timer: Timer | undefined;

  constructor(options: BrokerTrialOptions) {
    this.#options = options;
    this.#log = options.log ?? silentLogger;
    this.#trial = parseTrial(options.settings.get("brokerTrial"));
    if (this.trying) this.arm();
  }

  get trying(): boolean {
    return this.#trial?.state === "trying";
  }

  /** The last trial failed, and no later version has asked for anything else. */
  get failed(): boolean {
    return this.#trial?.state === "failed";
  }

  get host(): string {
    return this.trying ? this.#trial!.host : this.#options.settings.get("brokerHost");
  }

  get port(): number {
    return this.trying ? this.#trial!.port : this.#options.settings.get("brokerPort");
  }

  /** Whether the cloud may lead the device to `host`. No address is in a domain. */
  allows(host: string): boolean {
    const { domain } = this.#options;
    return domain === undefined || `.${host}`.toLowerCase().endsWith(`.${domain.toLowerCase()}`);
  }

  /** Begins a trial, unless that is the broker already. False: it could not be stored. */
  begin(host: string, port: number, version: number): boolean {
    const same = host === this.host && port === this.port;
    if (same) return !this.failed || this.#trial!.version === version || this.keep(undefined);
    if (!this.keep({ state: "trying", version, host, port })) return false;
    this.#log.warn(`broker ${host}:${port} on trial`);
    this.arm();
    this.#options.onSwitch();
    return true;
  }

  /** Takes a trial back that has just begun. */
  withdraw(): void {
    if (!this.trying) return;
    this.close();
    this.keep(undefined);
  }

  /** The broker has accepted us. */
  reached(): void {
    const trial = this.#trial;
    if (trial?.state !== "trying") return;
    this.close();
    const { settings } = this.#options;
    const stored = settings.set("brokerHost", trial.host).ok && settings.set("brokerPort", trial.port).ok;
    // Refused by the flash, it stays on trial, and is settled after the next boot.
    if (stored) this.keep(undefined);
    this.#options.onEnd(true);
  }

  close(): void {
    Timer.clear(this.#timer);
    this.#timer = undefined;
  }

  private arm(): void {
    this.close();
    this.#timer = Timer.set(() => this.giveUp(), TRIAL_MS);
  }

  private giveUp(): void {
    this.#timer = undefined;
    const trial = this.#trial!;
    this.#log.error(`broker ${trial.host}:${trial.port} not reached: back to the one before`);
    const failed: Trial = { ...trial, state: "failed" };
    if (!this.keep(failed)) this.#trial = failed;
    this.#options.onSwitch();
    this.#options.onEnd(false);
  }

  private keep(trial: Trial | undefined): boolean {
    if (!this.#options.settings.set("brokerTrial", trial ? encode(trial.state, trial) : "").ok) return false;
    this.#trial = trial;
    return true;
  }
}

function encode(state: string, { version, port, host }: Omit<Trial, "state">): string {
  return `${state} ${version} ${port} ${host}`;
}

/** What lies in flash is as much from outside as any: what is damaged is no trial. */
function parseTrial(text: string): Trial | undefined {
  const [state, ...rest] = text.split(" ");
  const [version, port] = rest.map(Number);
  const host = rest[2];
  if ((state !== "trying" && state !== "failed") || host === undefined || !isHostName(host)) return undefined;
  if (!Number.isInteger(version) || !Number.isInteger(port) || port! < 1 || port! > 65_535) return undefined;
  return { state, version: version!, port: port!, host };
}
