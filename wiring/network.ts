import type { Logger } from "../modules/base/logger";
import type { MonitorLink } from "../modules/device/monitor";
import type { Diagnostics } from "../modules/diagnostics/diagnostics";
import { openPortal } from "../provisioning/open-portal";
import type { Portal } from "../provisioning/portal";
import { OPEN } from "../provisioning/setup-mode";
import type { PortalServers, SetupModeOptions, SetupStation } from "../provisioning/setup-options";
import type { SupportDesk } from "../provisioning/support-page";
import type { AccessPoint } from "../wifi/access-point";
import type { JoinFailure } from "../wifi/join-round";
import type { LastGood, Network } from "../wifi/network";
import type { Radio } from "../wifi/radio";
import {
  formatLastGood,
  parseLastGood,
  type SavedNetworks,
  type SavedNetworksOptions,
} from "../wifi/saved-networks";
import type { StationAddress, StationOptions } from "../wifi/station-options";
import { diagnosticsOf } from "./diagnostics";
import { Wires } from "./parts";
import { random, randomUint32 } from "./random";
import { listener, tcp, udp } from "./sdk";

/** Of the station: an address begins the way to the cloud, its loss ends it. Of its networks: it hears of a change at once. */
export class StationWires extends Wires implements StationOptions, SavedNetworksOptions {
  get settings(): SavedNetworksOptions["settings"] {
    return this.parts.settings;
  }

  get radio(): Radio {
    return this.parts.radio;
  }

  get networks(): readonly Network[] {
    return this.parts.networks.list;
  }

  get lastGood(): LastGood | undefined {
    return parseLastGood(this.parts.settings.get("lastGood"));
  }

  get log(): Logger {
    return this.parts.logs.room("wifi");
  }

  uptimeMs(): number {
    return this.parts.clock.uptimeMs;
  }

  random(): number {
    return random(this.parts.board);
  }

  /** In setup mode it stays where a person sent it. */
  mayMove(): boolean {
    return this.parts.monitor.status !== "setup";
  }

  onAddress(at: StationAddress): void {
    const { parts } = this;
    parts.dns.flush();
    parts.nameServers = at.dns;
    parts.timeSync.start();
    parts.monitor.addressGot();
    parts.setup.addressGot(at);
  }

  onLost(): void {
    const { timeSync, monitor, setup } = this.parts;
    timeSync.stop();
    monitor.networkLost();
    setup.networkLost();
  }

  onGood(lastGood: LastGood): void {
    this.parts.settings.set("lastGood", formatLastGood(lastGood));
  }

  /** Without a network there is nowhere to go. */
  onNetworks(): void {
    const { station, networks, monitor } = this.parts;
    station.networks = networks.list;
    if (networks.list.length === 0) monitor.setupRequested();
  }

  onLearned(network: Network, learned: Network): void {
    this.parts.networks.learn(network, learned);
  }

  onRoundFailed(failed: readonly JoinFailure[]): void {
    for (const { reason, name } of failed) this.parts.failures.count(reason, name);
    this.parts.monitor.roundFailed();
  }

  onRadioStuck(): void {
    this.parts.lastResort.radioStuck();
  }
}

export class SetupWires extends Wires implements SetupModeOptions, SupportDesk {
  get accessPoint(): AccessPoint {
    return this.parts.accessPoint;
  }

  get station(): SetupStation {
    return this.parts.station;
  }

  get networks(): SavedNetworks {
    return this.parts.networks;
  }

  get link(): MonitorLink {
    return this.parts.cloud;
  }

  get mac(): string {
    return this.parts.radio.mac;
  }

  get deviceId(): string {
    const { identity } = this.parts;
    return typeof identity === "string" ? "" : identity.deviceId;
  }

  get firmware(): string {
    return this.parts.build.firmwareVersion;
  }

  get firstAttempt(): number {
    return 1 + (randomUint32(this.parts.board) % 9_000) * 100;
  }

  get log(): Logger {
    return this.parts.logs.room("setup");
  }

  /** Without an identity nobody knows a password: the page says so. */
  password(): string {
    const { identity } = this.parts;
    return typeof identity === "string" ? OPEN : identity.setupPassword;
  }

  openServers(portal: Portal, address: string): PortalServers {
    const { accessPoint, cloud } = this.parts;
    const options = {
      UDP: udp,
      Listener: listener,
      TCP: tcp,
      accessPoint,
      broker: cloud.broker,
      support: this,
    };
    return openPortal(options)(portal, address);
  }

  diagnostics(): Diagnostics {
    return diagnosticsOf(this.parts);
  }

  onJoinFailed({ reason, name }: JoinFailure): void {
    this.parts.failures.count(reason, name);
  }

  /** An attempt that has an address asks for the time at once; else the next address begins that. */
  forgetTime(): void {
    const { timeKeeper, timeSync } = this.parts;
    timeKeeper.forget();
    if (timeSync.state !== "idle") timeSync.start();
  }

  onEnded(): void {
    this.parts.monitor.setupEnded();
  }
}
