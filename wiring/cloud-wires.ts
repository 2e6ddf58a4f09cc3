import type { Logger, Logs } from "../modules/base/logger";
import type { CommandStore } from "../modules/commands/command-memory";
import type { CommandActions } from "../modules/commands/commands";
import type { BrokerTrial, BrokerTrialOptions } from "../modules/configuration/broker-trial";
import type { Settings } from "../modules/configuration/settings";
import type { Diagnostics } from "../modules/diagnostics/diagnostics";
import type { RemoteMessage, RemoteOptions } from "../modules/remote/remote";
import type { PublisherOptions, PublishOutcome } from "../modules/telemetry/publisher";
import type { Clock } from "../modules/time/clock";
import type { UpdateReport } from "../modules/update/update-report";
import type { Message } from "../mqtt/encode";
import type { OpenCloud } from "./cloud";
import { diagnosticsOf } from "./diagnostics";
import type { Parts } from "./parts";
import { openTexts } from "./sdk";
import { encodeText } from "./text";
import { restartDevice } from "./update-wires";

/** As {@link Wires}, of a part that belongs to the cloud. */
export abstract class CloudWires {
  protected readonly cloud: OpenCloud;

  constructor(cloud: OpenCloud) {
    this.cloud = cloud;
  }
}

export class BrokerWires extends CloudWires implements BrokerTrialOptions {
  get settings(): Settings {
    return this.cloud.parts.settings;
  }

  get log(): Logger {
    return this.cloud.parts.logs.room("broker");
  }

  get domain(): string | undefined {
    return this.cloud.identity.brokerDomain;
  }

  /** The answers that are owed go to the broker that asked. */
  onSwitch(): void {
    this.cloud.remote.whenAnswered(() => this.cloud.reconnect());
  }

  onEnd(reached: boolean): void {
    this.cloud.remote.brokerTried(reached);
  }
}

/** Of the remote side: what commands do, and what the device tells of itself. */
export class RemoteWires extends CloudWires implements RemoteOptions, CommandActions {
  get deviceId(): string {
    return this.cloud.identity.deviceId;
  }

  topic(name: string): string {
    return this.cloud.topic(name);
  }

  get boot(): number {
    return this.cloud.parts.boot;
  }

  get settings(): Settings {
    return this.cloud.parts.settings;
  }

  get broker(): BrokerTrial {
    return this.cloud.broker;
  }

  get clock(): Clock {
    return this.cloud.parts.clock;
  }

  get commandStore(): CommandStore {
    return openTexts("commands");
  }

  get actions(): CommandActions {
    return this;
  }

  get logs(): Logs {
    return this.cloud.parts.logs;
  }

  isUp(): boolean {
    return this.cloud.session.state === "up";
  }

  publish(message: RemoteMessage, onSettled?: (outcome: PublishOutcome) => void): boolean {
    return this.cloud.session.publish({ ...message, payload: encodeText(message.payload) }, onSettled);
  }

  identify(seconds: number): void {
    this.cloud.parts.led.identify(seconds * 1000);
  }

  readNow(): { readonly epoch: string; readonly seq: number } | undefined {
    const { sampler, journal } = this.cloud.parts;
    const seq = sampler.readNow();
    this.cloud.publisher.publishNow();
    return seq === undefined ? undefined : { epoch: journal.epoch, seq };
  }

  restart(): void {
    restartDevice(this.cloud.parts, "command");
  }

  setupMode(): void {
    this.cloud.parts.monitor.setupRequested();
  }

  update(release: number): ReturnType<CommandActions["update"]> {
    return this.cloud.parts.updates.update(release);
  }

  bootPrevious(): ReturnType<CommandActions["bootPrevious"]> {
    return this.cloud.parts.updates.bootPrevious();
  }

  offered(payload: Uint8Array): void {
    this.cloud.parts.updates.take(payload);
  }

  updateReport(): UpdateReport {
    return this.cloud.parts.updates.report;
  }

  get identity(): Parts {
    return this.cloud.parts;
  }

  renewCertificate(): ReturnType<CommandActions["renewCertificate"]> {
    return this.cloud.parts.renewal.ask();
  }

  onStatusTold(): void {
    this.cloud.parts.updates.statusTold();
  }

  forgetNetwork(ssid: string): number | "not-found" | "in-use" | "storage" {
    const { station, networks } = this.cloud.parts;
    if (!networks.has(ssid)) return "not-found";
    if (networks.list.length === 1 || station.at?.ssid === ssid) return "in-use";
    return networks.forget(ssid) ? networks.list.length : "storage";
  }

  calibrateCo2(ppm: number): ReturnType<CommandActions["calibrateCo2"]> {
    return this.cloud.parts.sensors.calibrate(ppm);
  }

  diagnostics(): Diagnostics {
    return diagnosticsOf(this.cloud.parts);
  }
}

export class PublisherWires extends CloudWires implements PublisherOptions {
  get journal(): PublisherOptions["journal"] {
    return this.cloud.parts.journal;
  }

  get topic(): string {
    const { settings } = this.cloud.parts;
    return this.cloud.topic(settings.get("compression") === "zlib" ? "telemetry" : "telemetry/zd1");
  }

  get log(): Logger {
    return this.cloud.parts.logs.room("publisher");
  }

  publish(
    topic: string,
    payload: Uint8Array,
    onSettled: (outcome: PublishOutcome) => void,
    strikes: number | undefined,
  ): boolean {
    const message: Message = { topic, payload, qos: 1, ...(strikes !== undefined && { strikes }) };
    return this.cloud.session.publish(message, onSettled);
  }

  readingsPerBatch(): number {
    return this.cloud.parts.settings.get("readingsPerBatch");
  }

  publishIntervalMs(): number {
    return this.cloud.parts.settings.get("publishSeconds") * 1000;
  }
}
