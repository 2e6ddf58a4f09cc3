import type { Logger } from "../modules/base/logger";
import { SETTINGS } from "../modules/configuration/settings-table";
import type { DnsClientOptions, Resolution, ResolveOptions } from "../modules/names/dns-client";
import type { UdpClass } from "../modules/network/udp";
import type { Clock } from "../modules/time/clock";
import type { TimeKeeperOptions } from "../modules/time/time-keeper";
import type { TimeSyncFailure, TimeSyncOptions } from "../modules/time/time-sync";
import { type Parts, Wires } from "./parts";
import { randomUint32 } from "./random";
import { udp } from "./sdk";

/** An answer of a name or time server in the last minute shows that the network leads somewhere. */
export const HEARD_MS = 60_000;

/** A name server or a time server has answered, whoever asked it. */
export function heard(parts: Parts): void {
  parts.heardMs = parts.clock.uptimeMs;
}

/** Of the clock's keeper: who is told when a time proves wrong. */
export class TimeKeeperWires extends Wires implements TimeKeeperOptions {
  get log(): Logger {
    return this.parts.logs.room("clock");
  }

  isOnline(): boolean {
    return this.parts.cloud.isUp;
  }

  onDisputed(): void {
    const { failures, log } = this.parts;
    failures.count("time-disputed");
    log.warn("time-disputed: the time servers have moved the clock against what was known of the time");
  }

  onRedated(): void {
    this.parts.cloud.readingsRedated();
  }

  onQuality(): void {
    this.parts.cloud.statusChanged();
  }
}

export class DnsWires extends Wires implements DnsClientOptions {
  get servers(): readonly string[] {
    return this.parts.nameServers;
  }

  get UDP(): UdpClass {
    return udp;
  }

  get clock(): Clock {
    return this.parts.clock;
  }

  onHeard(): void {
    heard(this.parts);
  }

  get logger(): Logger {
    return this.parts.logs.room("dns");
  }

  randomUint32(): number {
    return randomUint32(this.parts.board);
  }
}

/** A round's failure in the words of network.md. */
/** How a round of time servers that failed is counted. */
export const COUNTED_AS = Object.freeze(
  {
    "dns-failed": "no-time",
    "no-answer": "sntp-blocked",
    refused: "no-time",
    unusable: "no-time",
    disputed: "time-disputed",
  } as const satisfies Record<TimeSyncFailure, string>,
  true,
);

/** The time sync's: without a time the cloud waits, with an estimate it goes on. */
export class TimeSyncWires extends Wires implements TimeSyncOptions {
  get hosts(): readonly string[] {
    return this.parts.settings.get("sntpServers");
  }

  get fallbackHosts(): readonly string[] {
    return SETTINGS.sntpServers.default;
  }

  onHeard(): void {
    heard(this.parts);
  }

  get UDP(): UdpClass {
    return udp;
  }

  get clock(): Clock {
    return this.parts.clock;
  }

  get logger(): Logger {
    return this.parts.logs.room("clock");
  }

  randomUint32(): number {
    return randomUint32(this.parts.board);
  }

  resolve(query: ResolveOptions): Resolution {
    return this.parts.dns.resolve(query);
  }

  onSynced(): void {
    this.parts.cloud.timeKnown();
  }

  provenMsAtBoot(): number | undefined {
    return this.parts.timeKeeper.provenMsAtBoot;
  }

  onBlocked(reason: TimeSyncFailure): void {
    const { clock, timeKeeper, failures, log, cloud } = this.parts;
    timeKeeper.blocked();
    const counted = COUNTED_AS[reason];
    failures.count(counted);
    const time = clock.quality === "synced" ? "the time that it has" : "an estimated time";
    log.warn(`${counted === "no-time" ? `no time (${reason})` : counted}: going on with ${time}`);
    cloud.timeKnown();
  }
}
