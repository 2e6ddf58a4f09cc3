import Time from "time";
import Timer from "timer";
import type { Logger } from "../modules/base/logger";
import { accessPointAddress, accessPointName } from "../wifi/access-point";
import type { JoinFailureReason } from "../wifi/join-failure";
import { MAX_NETWORKS, type Network } from "../wifi/network";
import type { JoinOnceResult, StationAddress } from "../wifi/station-options";
import type { Attempt } from "./attempt";
import { nearMiss } from "./near-miss";
import { listNetworks, strongestChannel } from "./network-list";
import type { Portal, PortalView } from "./portal";
import type { PortalServers, SetupModeOptions, SetupState } from "./setup-options";

/** In place of a password: no password. */
export const OPEN = "";

/** The page that started an attempt gets to the phone before the radio turns to it. */
export const JOIN_DELAY_MS = 1_000;
/** How long a network that is not there yet is tried: a hotspot that is to be switched on, a router that starts. */
export const PATIENCE_MS = 300_000;
/** Between two of those tries. The access point stays open: the radio is away from its channel for a scan only. */
export const AGAIN_MS = 5_000;
/** How long the access point stays after success, so that the page can say so. */
export const LINGER_MS = 10_000;
/** How long it stays after a person closed it: the answer is on its way. */
export const FINISH_MS = 2_000;
/** Without a visit for so long, setup over saved networks ends. */
export const IDLE_MS = 600_000;
/** Without a phone for so long, setup ends when its attempt has an address and the cloud is not reached. */
export const STUCK_MS = 120_000;
/** Without a phone for so long, saved networks are tried. */
export const QUIET_MS = 30_000;
const TICK_MS = 1_000;
/** The middle channel of those that overlap least; where nothing is in reach, any does. */
const DEFAULT_CHANNEL = 6;

/** Failures that a moment may change without anybody typing anything else. */
const MAY_PASS: readonly JoinFailureReason[] = Object.freeze([
  "not-found",
  "timeout",
  "no-address",
  "unknown",
] as const);

/**
 * Setup mode: own access point, the portal on it, and the attempts that a person makes there.
 *
 * - A network is saved once it gave an address, and only then.
 * - While nobody is in the portal of a device that had lost its networks, it tries them: one that comes back ends
 *   setup mode. A phone in the portal stops that.
 * - The rooms tell what the station and the cloud link do through `addressGot`, `networkLost`, `cloudUp`,
 *   `cloudFailed`, at any time.
 */
export class SetupMode implements Portal {
  #options: SetupModeOptions;
  #log: Logger;
  #state: SetupState = "closed";
  /** Ends the state, where it has a limit. */
  #limit: Timer | undefined;
  #tick: Timer | undefined;
  #beginning: Timer | undefined;
  #servers: PortalServers | undefined;
  #list = listNetworks([]);
  #tried: Network | undefined;
  /** Ticks of the clock when the attempt began. */
  #triedAt = 0;
  #searching = false;
  #channel = DEFAULT_CHANNEL;
  #attempt: Attempt | undefined;
  #nextAttempt: number;
  /** The device was on a network when setup was asked for: it is not to go back there by itself. */
  #wasConnected = false;
  /** The saved networks are being tried. */
  #retrying = false;
  #cloudFailure: string | undefined;
  /** Ticks of the clock at the last visit, and when a phone was last seen. */
  #visitedAt = 0;
  #phoneAt = 0;

  constructor(options: SetupModeOptions) {
    this.#options = options;
    this.#log = options.log;
    this.#nextAttempt = options.firstAttempt;
    options.accessPoint.onClients = () => this.phonesChanged();
  }

  get state(): SetupState {
    return this.#state;
  }

  /** `wasConnected`: the station had an address when setup mode was asked for. */
  start(wasConnected = false): void {
    if (this.#state !== "closed") return;
    this.#wasConnected = wasConnected;
    this.#attempt = undefined;
    this.#list = listNetworks([]);
    this.seen();
    this.enter("surveying");
    this.search();
    if (!this.#searching) this.open();
    this.#tick = Timer.repeat(() => this.tick(), TICK_MS);
  }

  /** Closes the portal. A network that an attempt has joined stays joined. */
  stop(): void {
    if (this.#state === "closed") return;
    Timer.clear(this.#tick);
    Timer.clear(this.#beginning);
    if (this.trying) this.#options.station.stop();
    this.#attempt = undefined;
    this.#tried = undefined;
    this.#retrying = false;
    this.closeServers();
    this.#options.accessPoint.stop();
    this.enter("closed");
  }

  addressGot(at: StationAddress): void {
    if (this.#state === "closed") return;
    if (this.#retrying) {
      this.#log.info("a saved network is back");
      return this.end();
    }
    const attempt = this.#attempt;
    if (!attempt) return;
    if (attempt.stage !== "online") this.become({ ...attempt, stage: "connected" });
    const inUse = [at.address, at.gateway, ...at.dns];
    // The same half of the range, 198.18 or 198.19; how far the station's network reaches is not known.
    const half = this.#options.accessPoint.address.slice(0, 7);
    if (inUse.some((each) => each.startsWith(half))) this.open(inUse);
    this.#options.link.start();
  }

  networkLost(): void {
    const attempt = this.#attempt;
    if (this.#state === "closed" || !attempt || attempt.joinFailure) return;
    this.#options.link.stop();
    this.become({ ...withoutCloudFailure(attempt), stage: "joining" });
    if (this.#state === "lingering") this.enter("open");
  }

  cloudUp(): void {
    this.#cloudFailure = undefined;
    const attempt = this.#attempt;
    if (this.#state === "closed" || !attempt) return;
    this.become({ ...withoutCloudFailure(attempt), stage: "online" });
    this.enter("lingering", LINGER_MS);
  }

  /** `failure`: a LinkFailure, or the reason of TLS or MQTT. Kept for the next page also outside setup mode. */
  cloudFailed(failure: string): void {
    this.#cloudFailure = failure;
    const attempt = this.#attempt;
    if (this.#state === "closed" || !attempt || attempt.joinFailure) return;
    this.become({ ...attempt, stage: "cloud-failed", cloudFailure: failure });
  }

  view(): PortalView {
    const { mac, deviceId, firmware, accessPoint, networks, station } = this.#options;
    const fresh = this.#wasConnected || this.#attempt !== undefined;
    return {
      mac,
      deviceId,
      firmware,
      accessPoint: accessPointName(mac),
      address: accessPoint.address,
      networks: this.#list.listed,
      more: this.#list.more,
      searching: this.#searching,
      saved: networks.list.map(({ ssid }) => ssid),
      lastFailure: fresh ? undefined : station.failures.at(-1),
      lastCloudFailure: this.#wasConnected && !this.#attempt ? this.#cloudFailure : undefined,
      attempt: this.#attempt,
    };
  }

  visited(): void {
    this.seen();
  }

  join(network: Network): number | undefined {
    const { networks } = this.#options;
    if (networks.list.length === MAX_NETWORKS && !networks.has(network.ssid)) return undefined;
    this.leaveNetwork();
    const id = this.#nextAttempt++;
    this.#tried = network;
    this.#triedAt = Time.ticks;
    this.become({ id, ssid: network.ssid, stage: "joining" });
    if (this.#state === "lingering") this.enter("open");
    this.tryAfter(JOIN_DELAY_MS, id);
    return id;
  }

  joinMeant(): number | undefined {
    const ssid = this.#attempt?.meant;
    return ssid === undefined ? undefined : this.join({ ...this.#tried, ssid, hidden: false });
  }

  forget(ssid: string): void {
    this.#options.networks.forget(ssid);
  }

  moveUp(ssid: string): void {
    this.#options.networks.moveUp(ssid);
  }

  forgetTime(): void {
    this.#options.forgetTime();
  }

  search(): void {
    if (this.#searching || this.#attempt?.stage === "joining") return;
    this.#searching = this.#options.station.survey((found) => {
      this.#searching = false;
      if (this.#state === "closed") return;
      this.#list = listNetworks(found);
      if (this.#state !== "surveying") return;
      this.#channel = strongestChannel(found) ?? DEFAULT_CHANNEL;
      this.open();
    });
  }

  finish(): boolean {
    if (!this.hasNetworks) return false;
    this.enter("lingering", FINISH_MS);
    return true;
  }

  /** An attempt has no address and no end yet. */
  private get trying(): boolean {
    return this.#attempt?.stage === "joining" || this.#attempt?.stage === "looking";
  }

  private get hasNetworks(): boolean {
    return this.#options.networks.list.length > 0;
  }

  private tryAfter(ms: number, id: number): void {
    this.#beginning = Timer.set(() => {
      this.#options.station.joinOnce(this.#tried!, (result) => this.takeResult(id, result));
    }, ms);
  }

  private takeResult(id: number, result: JoinOnceResult): void {
    const attempt = this.#attempt;
    const network = this.#tried;
    if (this.#state === "closed" || attempt?.id !== id || !network) return;
    const { ssid } = attempt;
    if (result.joined) {
      const saved = this.#options.networks.add(network);
      return this.become({ id, ssid, stage: "connected", ...(!saved && { unsaved: true }) });
    }
    const { failure } = result;
    const { reason } = failure;
    const looking = MAY_PASS.includes(reason) && Time.delta(this.#triedAt) < PATIENCE_MS;
    if (attempt.joinFailure?.reason !== reason) this.#options.onJoinFailed(failure);
    this.become({
      id,
      ssid,
      stage: looking ? "looking" : "join-failed",
      joinFailure: failure,
      meant: reason === "not-found" ? nearMiss(network, this.#list.listed) : undefined,
      spaces: reason === "wrong-password" && network.password?.trim() !== network.password,
    });
    if (looking) this.tryAfter(AGAIN_MS, id);
  }

  /** Opens access point and portal; `inUse`: addresses of the station's network, to be avoided. */
  private open(inUse?: readonly string[]): void {
    const { accessPoint, mac } = this.#options;
    const secret = this.#options.password();
    if (this.#state === "surveying") this.enter("open");
    this.closeServers();
    accessPoint.start({
      ssid: accessPointName(mac),
      channel: this.#channel,
      address: accessPointAddress(mac, inUse),
      ...(secret !== OPEN && { password: secret }),
    });
    this.#log.info(
      `${accessPointName(mac)} on channel ${this.#channel}, http://${accessPoint.address}/, MAC ${mac}`,
    );
    this.openServers();
  }

  private openServers(): void {
    try {
      this.#servers = this.#options.openServers(this, this.#options.accessPoint.address);
    } catch (error) {
      this.#log.error(`portal not open: ${String(error)}`);
    }
  }

  private closeServers(): void {
    this.#servers?.close();
    this.#servers = undefined;
  }

  private tick(): void {
    const { accessPoint, station } = this.#options;
    if (accessPoint.clients > 0) this.#phoneAt = Time.ticks;
    if (this.#state !== "open") return;
    if (!this.#servers) this.openServers();
    const stage = this.#attempt?.stage;
    if (this.trying || !this.hasNetworks) return;
    const stuck = stage === "connected" || stage === "cloud-failed";
    const left = stuck && Time.delta(this.#phoneAt) >= STUCK_MS;
    if (left || Time.delta(this.#visitedAt) >= IDLE_MS) {
      this.#log.info("nobody uses it");
      return this.end();
    }
    if (!stuck && !this.#retrying && !this.#wasConnected && Time.delta(this.#phoneAt) >= QUIET_MS) {
      this.#log.info("nobody in it: trying the saved networks");
      this.#retrying = true;
      station.start();
    }
  }

  private phonesChanged(): void {
    const { clients } = this.#options.accessPoint;
    this.#log.debug(`phones: ${clients}`);
    if (clients > 0) this.seen();
  }

  /** Somebody is here. */
  private seen(): void {
    this.#visitedAt = this.#phoneAt = Time.ticks;
    if (!this.#retrying) return;
    this.#retrying = false;
    this.#options.station.stop();
  }

  private leaveNetwork(): void {
    Timer.clear(this.#beginning);
    this.#retrying = false;
    this.#options.link.stop();
    this.#options.station.stop();
  }

  private become(attempt: Attempt): void {
    if (attempt.stage !== this.#attempt?.stage || attempt.id !== this.#attempt.id)
      this.#log.info(`attempt ${attempt.id} ${attempt.stage}`);
    this.#attempt = attempt;
  }

  private end(): void {
    if (this.hasNetworks) this.#options.onEnded();
    else this.enter("open");
  }

  private enter(next: SetupState, limitMs?: number): void {
    Timer.clear(this.#limit);
    this.#limit = undefined;
    this.#state = next;
    this.#log.debug(next);
    if (limitMs !== undefined) this.#limit = Timer.set(() => this.end(), limitMs);
  }
}

function withoutCloudFailure({ cloudFailure: _, ...attempt }: Attempt): Attempt {
  return attempt;
}
