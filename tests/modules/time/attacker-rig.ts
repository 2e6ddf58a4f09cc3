import { silentLogger } from "../../../modules/base/logger";
import type { FlashJournal } from "../../../modules/journal/flash-journal";
import { Clock } from "../../../modules/time/clock";
import { TimeKeeper, type TimeMemory } from "../../../modules/time/time-keeper";
import { TimeSync } from "../../../modules/time/time-sync";
import { answerSntp, type SntpServerOptions } from "../../../sim/world/sntp-server";
import { FakeUdp } from "../../support/fake-udp";
import { chipOf, drain, openJournal } from "../../support/journal-rig";

export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;
export const BUILD = Date.UTC(2026, 10, 22);
export const START = Date.UTC(2029, 5, 1);
export const CEILING = Date.UTC(2056, 0, 1);

const ADDRESSES = ["10.0.0.1", "10.0.0.2", "10.0.0.3"];
const SAMPLE_MS = 10 * MINUTE;
const ATTEMPT_MS = 5 * MINUTE;
const STEP_SECONDS = 300;

export type Server = SntpServerOptions | { readonly atMs: number };

/** One run of the device from a boot to a power cut, under whatever answers it gets. */
interface Life {
  readonly clock: Clock;
  readonly sync: TimeSync;
  readonly keeper: TimeKeeper;
  readonly journal: FlashJournal;
  readonly timers: ReturnType<typeof setInterval>[];
}

/**
 * Clock, time servers' client, keeper and journal of a device, wired as wiring/time.ts has them, on a fake clock; a
 * broker with a certificate; and somebody who answers in the time servers' place.
 */
export class AttackedDevice {
  servers: readonly Server[] = [{}, {}, {}];
  /** Of the broker's certificate, Unix milliseconds. */
  certificate = { from: START - 200 * DAY, until: START + 600 * DAY };
  /** The newest notBefore of a certificate that the device has verified. */
  evidenceMs = BUILD;
  disputes = 0;
  redeliveries = 0;
  boot = 0;
  #memory: Record<string, number> = { timeFloor: 0, lastKnownUnixSeconds: 0, disputedBoot: 0 };
  #chip = chipOf(24, 4096);
  #net = new FakeUdp();
  #random = 7;
  #online = false;
  #connected = true;
  #life: Life | undefined;
  /** By boot: the last time that it believed of its beginning, seconds; undefined: it gave it up. */
  readonly beliefs = new Map<number, number | undefined>();

  constructor() {
    this.#net.answer = (sent) => {
      const server = this.servers[ADDRESSES.indexOf(sent.address)]!;
      const options = "atMs" in server ? { lieMs: server.atMs - this.trueMs } : server;
      const reply = answerSntp(sent.bytes, this.trueMs, options);
      if (reply) sent.from.deliver(reply, sent.address, sent.port);
    };
  }

  get trueMs(): number {
    return START + performance.now();
  }

  get life(): Life {
    return this.#life!;
  }

  get memory(): Readonly<Record<string, number>> {
    return this.#memory;
  }

  powerOn(): void {
    this.boot++;
    this.beliefs.set(this.boot, undefined);
    const settings: TimeMemory = {
      get: (key) => this.#memory[key]!,
      set: (key, value) => {
        this.#memory[key] = value;
      },
    };
    const journal = openJournal(this.#chip);
    const parts = {
      buildUnixMs: BUILD,
      trustedUntilMs: CEILING,
      boot: this.boot,
      settings,
      get clock() {
        return clock;
      },
      journal,
    };
    const keeper = new TimeKeeper(parts, {
      log: silentLogger,
      isOnline: () => this.#online,
      onDisputed: () => this.disputes++,
      onRedated: () => this.redeliveries++,
      onQuality() {},
    });
    const clock: Clock = new Clock({
      get floorUnixMs() {
        return keeper.floorUnixMs;
      },
      get ceilingUnixMs() {
        return keeper.ceilingUnixMs;
      },
      onSet: (...set) => {
        keeper.onSet(...set);
        this.#believe(clock.quality === "synced" ? set[0] / 1000 : undefined);
      },
    });
    const sync = new TimeSync({
      logger: silentLogger,
      hosts: ADDRESSES,
      fallbackHosts: [],
      onHeard() {},
      resolve: () => ({ cancel() {} }),
      UDP: this.#net.UDP,
      clock,
      provenMsAtBoot: () => keeper.provenMsAtBoot,
      randomUint32: () => {
        this.#random = (this.#random * 1_664_525 + 1_013_904_223) >>> 0;
        return this.#random;
      },
      onSynced() {},
      onBlocked: () => keeper.blocked(),
    });
    const timers = [
      setInterval(() => this.#sample(), SAMPLE_MS),
      setInterval(() => this.#attempt(), ATTEMPT_MS),
    ];
    this.#life = { clock, sync, keeper, journal, timers };
    if (this.#connected) sync.start();
  }

  cutPower(): void {
    const { clock, sync, journal, timers } = this.life;
    for (const timer of timers) clearInterval(timer);
    sync.close();
    clock.close();
    journal.close();
    this.#online = false;
    this.#life = undefined;
  }

  factoryReset(): void {
    Object.assign(this.#memory, { lastKnownUnixSeconds: 0, disputedBoot: 0 });
    this.cutPower();
    this.powerOn();
  }

  connect(connected: boolean): void {
    if (connected === this.#connected) return;
    this.#connected = connected;
    this.#online = false;
    if (connected) this.life.sync.start();
    else this.life.sync.stop();
  }

  renewCertificate(): void {
    this.certificate = { from: this.trueMs - DAY, until: this.trueMs + 800 * DAY };
  }

  /** The broker takes what waits. */
  deliver(): void {
    const { journal } = this.life;
    const { written } = journal.counts;
    if (written > 0) journal.mark(1, written);
  }

  /** What is wrong with the readings that wait, of what the device itself knows by now to be wrong. */
  disproved(): string[] {
    const { clock, journal } = this.life;
    const wrong: string[] = [];
    for (const { seq, boot, uptimeSeconds, unixSeconds } of drain(journal)) {
      if (unixSeconds === undefined) continue;
      const belief = this.beliefs.get(boot);
      if (belief === undefined)
        wrong.push(`${seq} of boot ${boot}, which gave its time up, is dated ${unixSeconds}`);
      else if (Math.abs(belief + uptimeSeconds - unixSeconds) > STEP_SECONDS + 1)
        wrong.push(
          `${seq} of boot ${boot} is ${unixSeconds - belief - uptimeSeconds} s off what it believed last`,
        );
      const now = clock.quality === "synced" ? clock.unixAt(0)! / 1000 : Number.POSITIVE_INFINITY;
      if (boot < this.boot && unixSeconds > now + STEP_SECONDS + 1)
        wrong.push(`${seq} of boot ${boot} is dated after boot ${this.boot} began`);
    }
    return wrong;
  }

  /** A boot that is believed to have begun after a later one is not believed any more, whatever comes. */
  #believe(atBoot: number | undefined): void {
    if (atBoot !== undefined)
      for (const [boot, belief] of this.beliefs)
        if (boot < this.boot && belief !== undefined && belief > atBoot + STEP_SECONDS)
          this.beliefs.set(boot, undefined);
    this.beliefs.set(this.boot, atBoot);
  }

  #sample(): void {
    const { clock, journal } = this.life;
    const stamp = { boot: this.boot, uptimeSeconds: Math.floor(clock.uptimeMs / 1000) };
    const time = clock.quality === "synced" ? { unixSeconds: Math.floor(clock.unixMs! / 1000) } : {};
    journal.append({ co2: 400 }, { ...stamp, ...time });
  }

  /** An attempt to reach the broker, as far as the clock counts in it. */
  #attempt(): void {
    const { clock, keeper } = this.life;
    if (this.#online || !this.#connected || clock.unixMs === undefined) return;
    if (clock.unixMs > this.certificate.until) keeper.refused("expired");
    else if (clock.unixMs < this.certificate.from) keeper.refused("not-yet-valid");
    else {
      this.evidenceMs = Math.max(this.evidenceMs, this.certificate.from);
      keeper.evidence(this.certificate.from);
      this.#online = true;
      keeper.online();
    }
  }
}
