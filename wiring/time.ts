import UDP from "embedded:io/socket/udp";
import type { Logger } from "../modules/base/logger";
import type { DnsClientOptions, Resolution, ResolveOptions } from "../modules/names/dns-client";
import type { UdpClass } from "../modules/network/udp";
import type { Clock, ClockOptions, ClockQuality } from "../modules/time/clock";
import type { TimeSyncFailure, TimeSyncOptions } from "../modules/time/time-sync";
import { Wires } from "./parts";
import { randomUint32 } from "./random";

/** The clock's: what a time that was set means for the others. */
export class ClockWires extends Wires implements ClockOptions {
  get buildUnixMs(): number {
    return this.parts.build.buildUnixSeconds * 1000;
  }

  /** An estimate is good enough for certificates, and not for a reading. */
  onSet(unixMsAtBoot: number, _stepMs: number | undefined, before: ClockQuality): void {
    const { clock, journal, settings, boot, cloud } = this.parts;
    if (clock.quality !== "synced") return;
    journal.date(boot, unixMsAtBoot / 1000);
    settings.set("lastKnownUnixSeconds", Math.floor(clock.unixMs! / 1000));
    if (before !== "synced") cloud.statusChanged();
  }
}

export class DnsWires extends Wires implements DnsClientOptions {
  get UDP(): UdpClass {
    return UDP as never;
  }

  get clock(): Clock {
    return this.parts.clock;
  }

  get logger(): Logger {
    return this.parts.logs.room("dns");
  }

  randomUint32(): number {
    return randomUint32(this.parts.board);
  }
}

/** The time sync's: without a time the cloud waits, with an estimate it goes on. */
export class TimeSyncWires extends Wires implements TimeSyncOptions {
  get hosts(): readonly string[] {
    return this.parts.settings.get("sntpServers");
  }

  get UDP(): UdpClass {
    return UDP as never;
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

  resolve(query: Omit<ResolveOptions, "servers">): Resolution {
    const { dns, nameServers } = this.parts;
    return dns.resolve({ ...query, servers: nameServers });
  }

  onSynced(): void {
    this.parts.cloud.timeKnown();
  }

  onBlocked(reason: TimeSyncFailure): void {
    const { clock, settings, failures, log, cloud } = this.parts;
    clock.estimate(settings.get("lastKnownUnixSeconds") * 1000);
    failures.count(reason === "no-answer" ? "sntp-blocked" : "no-time");
    log.warn(
      `${reason === "no-answer" ? "sntp-blocked" : `no time (${reason})`}: going on with an estimated time`,
    );
    cloud.timeKnown();
  }
}
