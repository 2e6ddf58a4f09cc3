import UDP from "embedded:io/socket/udp";
import type { Logger } from "../modules/base/logger";
import type { DnsClientOptions, Resolution, ResolveOptions } from "../modules/names/dns-client";
import type { UdpClass } from "../modules/network/udp";
import { BUILD_UNIX_SECONDS } from "../modules/time/build-time";
import type { Clock, ClockOptions, ClockQuality } from "../modules/time/clock";
import type { TimeKeeperOptions, TimeMemory } from "../modules/time/time-keeper";
import type { TimeSyncFailure, TimeSyncOptions } from "../modules/time/time-sync";
import { Wires } from "./parts";
import { randomUint32 } from "./random";

/** The clock's and its keeper's: bounds, what outlasts restarts, and who is told when a time proves wrong. */
export class ClockWires extends Wires implements ClockOptions, TimeKeeperOptions {
  get floorUnixMs(): number {
    return this.parts.timeKeeper.floorUnixMs;
  }

  get ceilingUnixMs(): number {
    return this.parts.timeKeeper.ceilingUnixMs;
  }

  onSet(unixMsAtBoot: number, stepMs: number | undefined, before: ClockQuality): void {
    const { clock, timeKeeper, cloud } = this.parts;
    timeKeeper.clockSet(unixMsAtBoot, stepMs, before);
    if ((before === "synced") !== (clock.quality === "synced")) cloud.statusChanged();
  }

  get buildUnixMs(): number {
    return BUILD_UNIX_SECONDS * 1000;
  }

  get trustedUntilMs(): number {
    return this.parts.trustedUntilMs;
  }

  get boot(): number {
    return this.parts.boot;
  }

  get settings(): TimeMemory {
    return this.parts.settings;
  }

  get clock(): Clock {
    return this.parts.clock;
  }

  get journal(): TimeKeeperOptions["journal"] {
    return this.parts.journal;
  }

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

/** A round's failure in the words of network.md. */
const COUNTED_AS = Object.freeze(
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
