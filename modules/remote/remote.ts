import type { Logger, Logs } from "../base/logger";
import type { CommandStore } from "../commands/command-memory";
import { type CommandActions, Commands, type CommandsOptions } from "../commands/commands";
import type { BrokerTrial } from "../configuration/broker-trial";
import { Configuration, type ConfigurationOptions } from "../configuration/configuration";
import type { Settings } from "../configuration/settings";
import type { SettingKey } from "../configuration/settings-table";
import { formatIdentityReport, type IdentityParts } from "../credentials/identity-report";
import { type Diagnostics, formatDiagnostics } from "../diagnostics/diagnostics";
import { formatStatusReport, OFFLINE_REPORT } from "../diagnostics/status-report";
import type { DiscoveryDevice } from "../home-assistant/discovery";
import { HomeAssistant, type HomeAssistantOptions } from "../home-assistant/home-assistant";
import type { Reading } from "../telemetry/reading";
import type { Clock } from "../time/clock";
import { formatUpdateReport, type UpdateReport } from "../update/update-report";
import { Outbox, type OutboxLink, type Outcome } from "./outbox";

export interface RemoteMessage {
  readonly topic: string;
  readonly payload: string;
  readonly qos: 0 | 1;
  readonly retain: boolean;
  readonly kind: "word" | "announcement";
  /** As for the outbox. */
  readonly strikes?: number;
}

export interface RemoteOptions {
  readonly deviceId: string;
  /** The device's own topic of that name; another one after a move. */
  topic(name: string): string;
  /** Number of this boot. */
  readonly boot: number;
  readonly settings: Settings;
  readonly broker: BrokerTrial;
  readonly commandStore: CommandStore;
  readonly clock: Pick<Clock, "uptimeMs" | "unixMs">;
  readonly actions: CommandActions;
  diagnostics(): Diagnostics;
  /** A message of the topic `update/offer`. */
  offered(payload: Uint8Array): void;
  updateReport(): UpdateReport;
  /** Who hears of the topics `identity/…`, and what is told of it. */
  readonly identity: IdentityParts & {
    readonly renewal: { take(payload: Uint8Array): void };
    readonly trustLists: { take(payload: Uint8Array): void };
    readonly build: { readonly updateKeys: readonly string[] };
  };
  /** The broker has acknowledged a status. */
  onStatusTold(): void;
  /** Is the broker there? */
  isUp(): boolean;
  /** Hands a message to the session; false: not now. `onSettled` as for `Commands`. */
  publish(message: RemoteMessage, onSettled?: (outcome: Outcome) => void): boolean;
  readonly logs: Logs;
}

/** Everything between the device and its cloud but readings: commands, configuration, status, Home Assistant. */
export class Remote {
  #options: RemoteOptions;
  #commands: Commands;
  #configuration: Configuration;
  #outbox: Outbox;
  #announcements: Outbox;
  #homeAssistant: HomeAssistant;

  constructor(options: RemoteOptions) {
    this.#options = options;
    this.#outbox = new Outbox(new OutboxWires(options, "word"));
    this.#announcements = new Outbox(new OutboxWires(options, "announcement"));
    this.#commands = new Commands(new CommandsWires(options, this));
    this.#configuration = new Configuration(new ConfigurationWires(options, this));
    this.#homeAssistant = new HomeAssistant(new HomeAssistantWires(options, this.#announcements));
  }

  /**
   * Asked of the broker. Commands and configuration wait there while we are away; what it says of us need not, nor what it
   * retains, and what it does not grant at QoS 0 keeps no new broker from being kept.
   */
  get subscriptions(): readonly { readonly topic: string; readonly qos: 0 | 1 }[] {
    const options = this.#options;
    const { renewal, build } = options.identity;
    return [
      { topic: options.topic("command"), qos: 1 },
      { topic: options.topic("config/desired"), qos: 1 },
      { topic: options.topic("status"), qos: 0 },
      { topic: options.topic("update/offer"), qos: 1 },
      ...(renewal.isEnabled ? [{ topic: options.topic("identity/renew"), qos: 1 } as const] : []),
      ...(build.updateKeys.length > 0 ? [{ topic: options.topic("identity/trust"), qos: 0 } as const] : []),
    ];
  }

  /** The broker accepted us: it hears where we stand. */
  online(): void {
    this.#homeAssistant.renew();
    this.putStatus();
    this.putReport();
    this.putUpdate();
    this.putIdentity();
    this.drain();
  }

  /** The session takes messages again. */
  drain(): void {
    this.#commands.drain();
    this.#outbox.drain();
    this.#announcements.drain();
  }

  take(topic: string, payload: Uint8Array, flags: { readonly retain: boolean; readonly dup: boolean }): void {
    const [command, desired, status, offer] = this.subscriptions;
    if (topic === desired!.topic) this.#configuration.take(payload);
    // An empty message is one that is retained no more.
    else if (topic === command!.topic && payload.length > 0) this.#commands.take(payload, flags);
    // A will of a connection that ended long ago, or nothing at all: no report of ours is as short.
    else if (topic === status!.topic && payload.length <= OFFLINE_REPORT.length) this.statusChanged();
    else if (topic === offer!.topic) this.#options.offered(payload);
    else if (topic === this.#options.topic("identity/renew")) this.#options.identity.renewal.take(payload);
    else if (topic === this.#options.topic("identity/trust")) this.#options.identity.trustLists.take(payload);
  }

  /** A message to us was too large to be kept. */
  takeOversized(): void {
    this.#commands.takeOversized();
  }

  readingTaken(reading: Reading | undefined): void {
    if (reading && this.#options.isUp()) this.#homeAssistant.readingTaken(reading);
  }

  /** Something that the status tells has changed. */
  statusChanged(): void {
    if (this.#options.isUp()) this.putStatus();
  }

  /** What `update/state` tells has changed. */
  updateChanged(): void {
    if (this.#options.isUp()) this.putUpdate();
  }

  /** What `identity/state` tells has changed. */
  identityChanged(): void {
    if (this.#options.isUp()) this.putIdentity();
  }

  /** False: not now. */
  requestCertificate(payload: string): boolean {
    if (!this.#options.isUp()) return false;
    const topic = this.#options.topic("identity/request");
    return this.#options.publish({ topic, payload, qos: 1, retain: false, kind: "word" });
  }

  settingChanged(key: SettingKey): void {
    if (key === "updates") this.updateChanged();
    if (key === "homeAssistant" && !this.#options.settings.get(key)) this.#homeAssistant.withdraw();
    // When a value expires is in the announcement.
    if (key === "samplingSeconds") this.#homeAssistant.renew();
  }

  brokerTried(reached: boolean): void {
    this.#configuration.brokerTried(reached);
  }

  /** Does what takes the device off the cloud; first the results that are owed, if the broker is there. */
  whenAnswered(action: () => void): void {
    if (this.#options.isUp()) this.#commands.whenAnswered(action);
    else action();
  }

  /** All that `get-diagnostics` answers. */
  diagnostics(): string {
    return formatDiagnostics(this.#options.diagnostics());
  }

  get commandCounts(): Diagnostics["commands"] {
    return this.#commands.counts;
  }

  /** Puts the configuration's report in the outbox. */
  putReport(): void {
    this.#outbox.put("config/reported", () => this.#configuration.report());
  }

  private putUpdate(): void {
    this.#outbox.put("update/state", () => formatUpdateReport(this.#options.updateReport()));
  }

  private putIdentity(): void {
    this.#outbox.put("identity/state", () => formatIdentityReport(this.#options.identity));
  }

  private putStatus(): void {
    this.#outbox.put("status", () => formatStatusReport(this.#options.diagnostics()));
  }
}

class OutboxWires implements OutboxLink {
  #options: RemoteOptions;
  #kind: RemoteMessage["kind"];

  constructor(options: RemoteOptions, kind: RemoteMessage["kind"]) {
    this.#options = options;
    this.#kind = kind;
  }

  get canWait(): boolean {
    return this.#kind === "announcement";
  }

  acknowledged(topic: string): void {
    if (topic === "status") this.#options.onStatusTold();
  }

  publish(
    name: string,
    payload: string,
    onSettled: (outcome: Outcome) => void,
    strikes: number | undefined,
  ): boolean {
    if (!this.#options.isUp()) return false;
    const topic = name.startsWith("homeassistant/") ? name : this.#options.topic(name);
    const message = { topic, payload, qos: 1, retain: true, kind: this.#kind } as const;
    return this.#options.publish(strikes === undefined ? message : { ...message, strikes }, onSettled);
  }
}

class CommandsWires implements CommandsOptions {
  #options: RemoteOptions;
  #remote: Remote;

  constructor(options: RemoteOptions, remote: Remote) {
    this.#options = options;
    this.#remote = remote;
  }

  get actions(): CommandActions {
    return this.#options.actions;
  }

  get store(): CommandStore {
    return this.#options.commandStore;
  }

  get boot(): number {
    return this.#options.boot;
  }

  get log(): Logger {
    return this.#options.logs.room("command");
  }

  diagnostics(): string {
    return this.#remote.diagnostics();
  }

  uptimeMs(): number {
    return this.#options.clock.uptimeMs;
  }

  unixMs(): number | undefined {
    return this.#options.clock.unixMs;
  }

  publish(payload: string, qos: 0 | 1, onSettled?: () => void): boolean {
    const topic = this.#options.topic("command/result");
    return this.#options.publish({ topic, payload, qos, retain: false, kind: "word" }, onSettled);
  }
}

class ConfigurationWires implements ConfigurationOptions {
  #options: RemoteOptions;
  #remote: Remote;

  constructor(options: RemoteOptions, remote: Remote) {
    this.#options = options;
    this.#remote = remote;
  }

  get settings(): Settings {
    return this.#options.settings;
  }

  get broker(): BrokerTrial {
    return this.#options.broker;
  }

  get log(): Logger {
    return this.#options.logs.room("config");
  }

  onReport(): void {
    this.#remote.putReport();
  }
}

class HomeAssistantWires implements HomeAssistantOptions {
  #options: RemoteOptions;
  #outbox: Outbox;

  constructor(options: RemoteOptions, outbox: Outbox) {
    this.#options = options;
    this.#outbox = outbox;
  }

  device(): DiscoveryDevice {
    const { deviceId } = this.#options;
    const { sensors, firmware, network } = this.#options.diagnostics();
    return {
      deviceId,
      stateTopic: this.#options.topic("state"),
      statusTopic: this.#options.topic("status"),
      sensor: sensors.model,
      firmware,
      mac: network.mac,
    };
  }

  isEnabled(): boolean {
    return this.#options.settings.get("homeAssistant");
  }

  expireSeconds(): number {
    return 3 * this.#options.settings.get("samplingSeconds") + 60;
  }

  put(topic: string, format: () => string): void {
    this.#outbox.put(topic, format);
  }
}
