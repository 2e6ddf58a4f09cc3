import type { Logger } from "../modules/base/logger";
import type { Resolution, ResolveOptions } from "../modules/names/dns-client";
import type { InternetCheck, InternetCheckOptions } from "../modules/network/internet-check";
import type { Cause, LineCheck, LineCheckOptions } from "../modules/network/line-check";
import { type BrokerFailure, isBrokerFailure, moreTelling } from "../modules/network/link-diagnosis";
import type { Socket, TlsIdentity, TlsSocketOptions } from "../modules/network/socket";
import type { UdpClass } from "../modules/network/udp";
import type { NamedSocketOptions } from "../modules/update/fetch/named-socket";
import type { AttemptDiagnosisOptions, AttemptFailure } from "../mqtt/attempt-diagnosis";
import type { Cancellable, CloudLinkOptions, FailedAttempt, LinkSession } from "../mqtt/cloud-link";
import type { SessionFailure } from "../mqtt/failure";
import type { OpenCloud } from "./cloud";
import { CloudWires } from "./cloud-wires";
import { random, randomUint32 } from "./random";
import { udp } from "./sdk";
import { HEARD_MS, heard } from "./time";

// The way to the cloud: where the broker is, who hears of an attempt that failed, and how it is found out why.

/** Longest delay while the broker may be closing over a message: five closes find it, and readings wait meanwhile. */
const DOUBTING_MS = 30_000;

/** Before the next attempt over a line that is surely down: with its check (line-check.ts) within 15 s of the last. */
const LINE_PAUSE_MS = 8_000;

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
    return udp;
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
