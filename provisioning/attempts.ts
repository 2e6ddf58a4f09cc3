import Time from "time";
import Timer from "timer";
import { type Logger, silentLogger } from "../modules/base/logger";
import type { JoinFailureReason } from "../wifi/join-failure";
import type { Network } from "../wifi/network";
import type { JoinOnceResult } from "../wifi/station-options";
import type { Attempt } from "./attempt";
import { nearMiss } from "./near-miss";
import type { ListedNetwork } from "./network-list";
import { withNetwork } from "./saved-list";

export interface AttemptsOptions {
  readonly station: {
    readonly networks: readonly Network[];
    joinOnce(network: Network, onResult: (result: JoinOnceResult) => void): void;
  };
  /** Stores the networks, and gives them to the station. False: the storage refused. */
  saveNetworks(networks: readonly Network[]): boolean;
  /** Id of the first attempt; another one after every boot, so that a page of before does not take ours for its own. */
  readonly firstAttempt: number;
  readonly log?: Logger;
}

/** The page that started an attempt gets to the phone before the radio turns to it. */
export const JOIN_DELAY_MS = 1_000;
/** How long a network that is not there yet is tried: a hotspot that is to be switched on, a router that starts. */
export const PATIENCE_MS = 300_000;
/** Between two of those tries. The access point stays open: the radio is away from its channel for a scan only. */
export const AGAIN_MS = 5_000;

/** Failures that a moment may change without anybody typing anything else. */
const MAY_PASS: readonly JoinFailureReason[] = Object.freeze([
  "not-found",
  "timeout",
  "no-address",
  "unknown",
] as const);

/**
 * The tries of a person to put the device on a network, of which the last counts. A network is saved once it gave an
 * address, and only then.
 */
export class Attempts {
  #options: AttemptsOptions;
  /** What is in reach, for a name that was typed almost right. */
  #around: { readonly listed: readonly ListedNetwork[] };
  #log: Logger;
  #current: Attempt | undefined;
  #next: number;
  #tried: Network | undefined;
  /** Ticks of the clock when it began. */
  #triedAt = 0;
  #beginning: Timer | undefined;

  constructor(options: AttemptsOptions, around: { readonly listed: readonly ListedNetwork[] }) {
    this.#options = options;
    this.#around = around;
    this.#log = options.log ?? silentLogger;
    this.#next = options.firstAttempt;
  }

  get current(): Attempt | undefined {
    return this.#current;
  }

  /** It has no address and no end yet. */
  get isTrying(): boolean {
    return this.#current?.stage === "joining" || this.#current?.stage === "looking";
  }

  /** The network that a name may have meant which was not found. */
  get meant(): Network | undefined {
    const ssid = this.#current?.meant;
    return ssid === undefined || !this.#tried ? undefined : { ...this.#tried, ssid, hidden: false };
  }

  begin(network: Network): number {
    const id = this.#next++;
    this.#tried = network;
    this.#triedAt = Time.ticks;
    this.become({ id, ssid: network.ssid, stage: "joining" });
    this.tryAfter(JOIN_DELAY_MS, id);
    return id;
  }

  /** Gives up what has not begun; what the radio does is the station's. */
  hold(): void {
    Timer.clear(this.#beginning);
    this.#beginning = undefined;
  }

  /** Forgets it all. */
  end(): void {
    this.hold();
    this.#current = this.#tried = undefined;
  }

  connected(): void {
    const attempt = this.#current;
    if (attempt && attempt.stage !== "online") this.become({ ...attempt, stage: "connected" });
  }

  /** The network that it had joined is gone, and is joined again. False: it had joined none. */
  lost(): boolean {
    const attempt = this.#current;
    if (!attempt || attempt.joinFailure) return false;
    this.become({ ...withoutCloudFailure(attempt), stage: "joining" });
    return true;
  }

  online(): void {
    const attempt = this.#current;
    if (attempt) this.become({ ...withoutCloudFailure(attempt), stage: "online" });
  }

  cloudFailed(cloudFailure: string): void {
    const attempt = this.#current;
    if (attempt && !attempt.joinFailure) this.become({ ...attempt, stage: "cloud-failed", cloudFailure });
  }

  private tryAfter(ms: number, id: number): void {
    this.hold();
    this.#beginning = Timer.set(() => {
      this.#options.station.joinOnce(this.#tried!, (result) => this.takeResult(id, result));
    }, ms);
  }

  private takeResult(id: number, result: JoinOnceResult): void {
    const network = this.#tried;
    if (this.#current?.id !== id || !network) return;
    const { ssid } = network;
    if (result.joined) {
      const networks = withNetwork(this.#options.station.networks, network);
      const saved = networks !== undefined && this.#options.saveNetworks(networks);
      return this.become({ id, ssid, stage: "connected", ...(!saved && { unsaved: true }) });
    }
    const { failure } = result;
    const { reason } = failure;
    const looking = MAY_PASS.includes(reason) && Time.delta(this.#triedAt) < PATIENCE_MS;
    this.become({
      id,
      ssid,
      stage: looking ? "looking" : "join-failed",
      joinFailure: failure,
      meant: reason === "not-found" ? nearMiss(network, this.#around.listed) : undefined,
      spaces: reason === "wrong-password" && network.password?.trim() !== network.password,
    });
    if (looking) this.tryAfter(AGAIN_MS, id);
  }

  private become(attempt: Attempt): void {
    if (attempt.stage !== this.#current?.stage || attempt.id !== this.#current.id)
      this.#log.info(`attempt ${attempt.id} ${attempt.stage}`);
    this.#current = attempt;
  }
}

function withoutCloudFailure({ cloudFailure: _, ...attempt }: Attempt): Attempt {
  return attempt;
}
