import UDP from "embedded:io/socket/udp";
import KeyValueStorage from "embedded:storage/key-value";
import type { Logger, Logs } from "../modules/base/logger";
import type { CommandStore } from "../modules/commands/command-memory";
import type { CommandActions } from "../modules/commands/commands";
import type { BrokerTrial, BrokerTrialOptions } from "../modules/configuration/broker-trial";
import type { Settings } from "../modules/configuration/settings";
import type { Diagnostics } from "../modules/diagnostics/diagnostics";
import type { Resolution, ResolveOptions } from "../modules/names/dns-client";
import type { InternetCheck, InternetCheckOptions } from "../modules/network/internet-check";
import type { Cause, LineCheck, LineCheckOptions } from "../modules/network/line-check";
import { type BrokerFailure, isBrokerFailure, moreTelling } from "../modules/network/link-diagnosis";
import type { Socket, TlsIdentity, TlsSocketOptions } from "../modules/network/socket";
import type { UdpClass } from "../modules/network/udp";
import type { RemoteMessage, RemoteOptions } from "../modules/remote/remote";
import type { PublisherOptions, PublishOutcome } from "../modules/telemetry/publisher";
import type { Clock } from "../modules/time/clock";
import type { NamedSocketOptions } from "../modules/update/fetch/named-socket";
import type { UpdateReport } from "../modules/update/update-report";
import type { AttemptDiagnosisOptions, AttemptFailure } from "../mqtt/attempt-diagnosis";
import type { Cancellable, CloudLinkOptions, FailedAttempt, LinkSession } from "../mqtt/cloud-link";
import type { Message } from "../mqtt/encode";
import type { SessionFailure } from "../mqtt/failure";
import type { OpenCloud } from "./cloud";
import { diagnosticsOf } from "./diagnostics";
import type { Parts } from "./parts";
import { random, randomUint32 } from "./random";
import { encodeText } from "./text";
import { HEARD_MS, heard } from "./time";
import { restartDevice } from "./update-wires";

/** Longest delay while the broker may be closing over a message: five closes find it, and readings wait meanwhile. */
const DOUBTING_MS = 30_000;

/** Before the next attempt over a line that is surely down: with its check (line-check.ts) within 15 s of the last. */
const LINE_PAUSE_MS = 8_000;

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
    return KeyValueStorage.open({ path: "commands", mode: "r+", format: "string" }) as never;
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

/** Of the check that asks the broker's host on port 443, and of that which asks whether the line is alive. */
export class CheckWires extends CloudWires implements InternetCheckOptions, LineCheckOptions {
  get host(): string {
    return this.cloud.profile.brokerHost;
  }

  get certificateAuthorities(): readonly Uint8Array[] {
    return this.cloud.identity.certificateAuthorities;
  }

  get timeServers(): readonly string[] {
    return this.cloud.parts.settings.get("sntpServers");
  }

  get UDP(): UdpClass {
    return UDP as never;
  }

  onHeard(): void {
    heard(this.cloud.parts);
  }

  lastKnown(host: string): readonly string[] | undefined {
    return this.cloud.parts.dns.lastKnown(host);
  }

  randomUint32(): number {
    return randomUint32(this.cloud.parts.board);
  }

  get logger(): Logger {
    return this.cloud.parts.logs.room("check");
  }

  resolve(query: ResolveOptions): Resolution {
    return this.cloud.parts.dns.resolve(query);
  }

  isHeard(): boolean {
    const { clock, heardMs } = this.cloud.parts;
    return clock.uptimeMs - heardMs <= HEARD_MS;
  }

  openTls(options: TlsSocketOptions): Socket {
    return this.cloud.parts.board.openTlsSocket(options);
  }
}

export class DiagnosisWires extends CloudWires implements AttemptDiagnosisOptions {
  readonly check: InternetCheck;
  readonly line: LineCheck;

  constructor(cloud: OpenCloud, check: InternetCheck, line: LineCheck) {
    super(cloud);
    this.check = check;
    this.line = line;
  }

  uptimeMs(): number {
    return this.cloud.parts.clock.uptimeMs;
  }

  isTimeEstimated(): boolean {
    return this.cloud.parts.clock.quality === "estimated";
  }

  isTimeDisputed(): boolean {
    return this.cloud.parts.timeKeeper.isDisputed;
  }
}

/** Of a stream to the host of updates. */
export class UpdateSocketWires extends CloudWires implements NamedSocketOptions {
  readonly host: string;

  constructor(cloud: OpenCloud, host: string) {
    super(cloud);
    this.host = host;
  }

  get identity(): TlsIdentity {
    return this.cloud.identity;
  }

  resolve(host: string, done: (addresses: readonly string[] | undefined) => void): Cancellable {
    const { dns, nameServers } = this.cloud.parts;
    return dns.resolve({
      host,
      servers: nameServers,
      onResolved: done,
      onFailure: () => done(undefined),
    });
  }

  openTls(options: TlsSocketOptions): Socket {
    return this.cloud.parts.board.openTlsSocket(options);
  }

  onVerified(validFromMs: number): void {
    this.cloud.parts.timeKeeper.evidence(validFromMs);
  }
}

type Reason = BrokerFailure | SessionFailure;

/** Of the link: where the broker is, and who hears of an attempt that failed. */
export class LinkWires extends CloudWires implements CloudLinkOptions<Reason, AttemptFailure> {
  get session(): LinkSession {
    return this.cloud.session;
  }

  get identity(): TlsIdentity {
    return this.cloud.identity;
  }

  get log(): Logger {
    return this.cloud.parts.logs.room("cloud");
  }

  host(): string {
    return this.cloud.profile.brokerHost;
  }

  port(): number {
    return this.cloud.profile.brokerPort;
  }

  alpn(): string {
    return this.cloud.profile.brokerAlpn;
  }

  openTlsSocket(options: TlsSocketOptions): Socket {
    return this.cloud.parts.board.openTlsSocket(options);
  }

  resolve(
    host: string,
    done: (found: { addresses: readonly string[] } | { reason: Reason }) => void,
  ): Cancellable {
    return this.cloud.parts.dns.resolve({
      host,
      onResolved: (addresses) => done({ addresses }),
      onFailure: (reason) => done({ reason }),
    });
  }

  isOfAddress(reason: Reason): boolean {
    return isBrokerFailure(reason);
  }

  moreTelling(first: Reason, second: Reason): Reason {
    return isBrokerFailure(first) && isBrokerFailure(second) ? moreTelling(first, second) : second;
  }

  isTimeKnown(): boolean {
    return this.cloud.parts.clock.quality !== "none";
  }

  diagnose(
    failed: FailedAttempt<Reason>,
    done: (failure: AttemptFailure, cause: Cause) => void,
  ): Cancellable {
    return this.cloud.diagnosis.run(failed, done);
  }

  nextDelayMs(cause: Cause): number {
    const { backoff, session, parts } = this.cloud;
    const share = random(parts.board);
    if (cause === "line") return Math.floor(share * LINE_PAUSE_MS);
    const delayMs = backoff.nextDelayMs(share);
    return session.isDoubting ? Math.min(delayMs, Math.floor(share * DOUBTING_MS)) : delayMs;
  }

  onStable(): void {
    this.cloud.backoff.reset();
  }

  onVerified(validFromMs: number): void {
    this.cloud.parts.timeKeeper.evidence(validFromMs);
  }

  onFailure(failure: AttemptFailure, reason: Reason, cause: Cause): void {
    const { failures, setup, monitor, station, timeKeeper } = this.cloud.parts;
    failures.count(failure, reason);
    if (failure === "cloud-tls" || failure === "broker-down" || failure === "time-disputed")
      failures.countDetail(reason);
    if (reason === "expired" || reason === "not-yet-valid") timeKeeper.refused(reason);
    setup.cloudFailed(failure);
    const told = failure === "cloud-tls" ? reason : failure;
    this.cloud.broker.attemptFailed(told);
    this.cloud.parts.credentials.failed(told);
    if (failure === "captive-portal") monitor.captivePortal();
    else if (cause === "line") station.noInternet();
  }
}
