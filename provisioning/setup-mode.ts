import Time from "time";
import Timer from "timer";
import { type Logger, silentLogger } from "../modules/base/logger";
import { type AccessPoint, accessPointAddress, accessPointName } from "../wifi/access-point";
import type { JoinFailure } from "../wifi/join-round";
import type { Network } from "../wifi/network";
import type { AccessPointInfo } from "../wifi/radio";
import type { StationAddress } from "../wifi/station-options";
import { Attempts, type AttemptsOptions } from "./attempts";
import { type ListedNetwork, listNetworks, strongestChannel } from "./network-list";
import type { Portal, PortalView } from "./portal";
import { movedUp, withNetwork, withoutNetwork } from "./saved-list";

/** What setup mode asks of the station; between `start` and `stop` it alone starts and stops it. */
export type SetupStation = AttemptsOptions["station"] & {
  readonly failures: readonly JoinFailure[];
  start(): void;
  stop(): void;
  survey(onFound: (found: readonly AccessPointInfo[]) => void): boolean;
};

/** DNS and HTTP of the portal, from opening to `close`. */
export interface PortalServers {
  close(): void;
}

export interface SetupModeOptions extends AttemptsOptions {
  readonly accessPoint: AccessPoint;
  readonly station: SetupStation;
  /** The cloud link, which runs while an attempt has an address. */
  readonly link: { start(): void; stop(): void };
  /** Opens the portal at the access point's address; throws when the stack has no socket. */
  openServers(portal: Portal, address: string): PortalServers;
  /** Station MAC address. */
  readonly mac: string;
  /** "": the device has no identity. */
  readonly deviceId: string;
  readonly firmware: string;
  /** The label's password, or {@link OPEN}. */
  password(): string;
  /** A person says that the device's time is wrong. */
  forgetTime(): void;
  /** Setup mode wants to end: there is a network to go to. `stop` is the answer. */
  onEnded(): void;
}

/** In place of a password: no password. */
export const OPEN = "";

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

export type SetupState =
  | "closed"
  /** Looks around for networks and for the channel to open on. */
  | "surveying"
  /** The access point is open. */
  | "open"
  /** As open, and about to end. */
  | "lingering";

/**
 * Setup mode: own access point and the portal on it, when it opens and when it ends. What a person tries there:
 * attempts.ts.
 *
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
  #servers: PortalServers | undefined;
  #list = listNetworks([]);
  #searching = false;
  #channel = DEFAULT_CHANNEL;
  #attempts: Attempts;
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
    this.#log = options.log ?? silentLogger;
    this.#attempts = new Attempts(options, this);
    options.accessPoint.onClients = () => this.phonesChanged();
  }

  get state(): SetupState {
    return this.#state;
  }

  get listed(): readonly ListedNetwork[] {
    return this.#list.listed;
  }

  /** `wasConnected`: the station had an address when setup mode was asked for. */
  start(wasConnected = false): void {
    if (this.#state !== "closed") return;
    this.#wasConnected = wasConnected;
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
    if (this.#attempts.isTrying) this.#options.station.stop();
    this.#attempts.end();
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
    if (!this.#attempts.current) return;
    this.#attempts.connected();
    const inUse = [at.address, at.gateway, ...at.dns];
    // The same half of the range, 198.18 or 198.19; how far the station's network reaches is not known.
    const half = this.#options.accessPoint.address.slice(0, 7);
    if (inUse.some((each) => each.startsWith(half))) this.open(inUse);
    this.#options.link.start();
  }

  networkLost(): void {
    if (!this.#attempts.lost()) return;
    this.#options.link.stop();
    if (this.#state === "lingering") this.enter("open");
  }

  cloudUp(): void {
    this.#cloudFailure = undefined;
    if (!this.#attempts.current) return;
    this.#attempts.online();
    this.enter("lingering", LINGER_MS);
  }

  /** `failure`: a LinkFailure, or the reason of TLS or MQTT. Kept for the next page also outside setup mode. */
  cloudFailed(failure: string): void {
    this.#cloudFailure = failure;
    this.#attempts.cloudFailed(failure);
  }

  view(): PortalView {
    const { mac, deviceId, firmware, accessPoint, station } = this.#options;
    const attempt = this.#attempts.current;
    const fresh = this.#wasConnected || attempt !== undefined;
    return {
      mac,
      deviceId,
      firmware,
      accessPoint: accessPointName(mac),
      address: accessPoint.address,
      networks: this.#list.listed,
      more: this.#list.more,
      searching: this.#searching,
      saved: station.networks.map(({ ssid }) => ssid),
      lastFailure: fresh ? undefined : station.failures.at(-1),
      lastCloudFailure: this.#wasConnected && !attempt ? this.#cloudFailure : undefined,
      attempt,
    };
  }

  visited(): void {
    this.seen();
  }

  join(network: Network): number | undefined {
    const { station } = this.#options;
    if (!withNetwork(station.networks, network)) return undefined;
    this.leaveNetwork();
    if (this.#state === "lingering") this.enter("open");
    return this.#attempts.begin(network);
  }

  joinMeant(): number | undefined {
    const { meant } = this.#attempts;
    return meant && this.join(meant);
  }

  forget(ssid: string): void {
    this.save(withoutNetwork(this.#options.station.networks, ssid));
  }

  moveUp(ssid: string): void {
    this.save(movedUp(this.#options.station.networks, ssid));
  }

  forgetTime(): void {
    this.#options.forgetTime();
  }

  search(): void {
    if (this.#searching || this.#attempts.current?.stage === "joining") return;
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
    if (this.#options.station.networks.length === 0) return false;
    this.enter("lingering", FINISH_MS);
    return true;
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
    const stage = this.#attempts.current?.stage;
    if (this.#attempts.isTrying || station.networks.length === 0) return;
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
    this.#attempts.hold();
    this.#retrying = false;
    this.#options.link.stop();
    this.#options.station.stop();
  }

  private save(networks: readonly Network[]): boolean {
    return this.#options.saveNetworks(networks);
  }

  private end(): void {
    if (this.#options.station.networks.length > 0) this.#options.onEnded();
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
