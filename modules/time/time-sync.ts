import Timer from "timer";
import { Backoff } from "../base/backoff";
import { type Logger, silentLogger } from "../base/logger";
import type { DnsFailure, Resolution, ResolveOptions } from "../names/dns-client";
import { isDnsName } from "../names/dns-name";
import { isIpv4 } from "../names/ipv4";
import type { UdpClass, UdpSocket } from "../network/udp";
import type { Clock } from "./clock";
import { ShunnedServers } from "./shunned-servers";
import { formatRequest, parseReply, type SntpFault, type SntpNonce } from "./sntp-message";
import { judgeTime, STEP_MS, type TimeGround } from "./time-judge";

/** Why a whole round over the time servers gave no time, from the least to the most that was reached. */
export const TIME_SYNC_FAILURES = Object.freeze([
  /** No server's name could be resolved. */
  "dns-failed",
  /** No server answered: UDP port 123 is blocked, or there is no internet. */
  "no-answer",
  /** The servers that answered refuse us (kiss-o'-death). */
  "refused",
  /** The servers that answered do not know the time, gave one that cannot be, or contradict each other. */
  "unusable",
  /** They want another time than was believed, and are too few for that or want what cannot be. */
  "disputed",
] as const);
export type TimeSyncFailure = (typeof TIME_SYNC_FAILURES)[number];

export interface TimeSyncOptions {
  /** Time servers, asked in this order: host names or IPv4 literals. */
  readonly hosts: readonly string[];
  readonly resolve: (query: Pick<ResolveOptions, "host" | "onResolved" | "onFailure">) => Resolution;
  /** The SDK's UDP class. */
  readonly UDP: UdpClass;
  readonly clock: Pick<Clock, "uptimeMs" | "earliestUnixMs" | "isPlausible" | "quality" | "unixAt" | "set">;
  /** The latest time that proved good, as Unix milliseconds at uptime zero; `undefined`: none did. */
  provenMsAtBoot(): number | undefined;
  /** 32 random bits that nobody can foresee: the hardware's generator. */
  readonly randomUint32: () => number;
  /** The clock was set from a time server. */
  onSynced(unixMs: number): void;
  /** A whole round gave no time. Told once for each reason after a start or a sync; the rounds go on. */
  onBlocked(reason: TimeSyncFailure): void;
  /** Default 123. */
  readonly port?: number;
  readonly logger?: Logger;
}

const SNTP_PORT = 123;
/** A server's silence for this long means the next one; longer than a mobile network's round trip. */
const ANSWER_MS = 4_000;
/** Least pause after a round that failed: RFC 4330 10 forbids asking a server more often than each 15 s. */
const LEAST_PAUSE_MS = 16_000;
/** Upper bounds of what backoff adds to that. */
const RETRY_BACKOFF = Object.freeze({ firstMs: 16_000, longestMs: 1_008_000 });
/** Pause after a sync, ± a tenth, so that devices that started together do not ask together. */
const RESYNC_MS = 3_600_000;
/**
 * The same where less than a majority said so: those that refuse may have been silenced in their name, and are asked
 * again after 45 minutes (shunned-servers.ts). Together that is less than 70.
 */
const UNCONFIRMED_MS = 1_200_000;
/** A server that asked us to slow down is left alone for several resyncs. */
const RATE_LIMITED_MS = 4 * RESYNC_MS;

type State =
  /** Not started, or stopped because the network is gone. */
  | "idle"
  /** A server's name is being resolved. */
  | "resolving"
  /** A request is out. */
  | "asking"
  /** A server gave a time; another is asked next. */
  | "confirming"
  /** Until the next round. */
  | "pausing";

/**
 * Keeps the clock set from time servers: SNTP version 4 (RFC 4330, RFC 5905 14).
 *
 * - A reply counts when it came from the server that was asked, from its port, and brings back 64 random bits; the
 *   clock is set to its time plus half the round trip, and refuses what is not plausible.
 * - A round asks one server after another until a majority of them agrees or all were asked, beginning with the one
 *   that was followed last; time-judge.ts says what becomes of the answers. Then an hour's pause; twenty minutes where
 *   no majority stands behind the time; after a failed round a growing one.
 * - Where no server has set the clock yet, the first answer serves as an estimate until the round has ended.
 * - A server that denies us is never asked again, one that limits us not for four hours; while there is no time
 *   without them, or none that a majority stands behind, 45 minutes (shunned-servers.ts).
 * - `stop` and `close` are idempotent and silence the callbacks; no callback runs inside `start`.
 */
export class TimeSync {
  #options: TimeSyncOptions;
  #port: number;
  #logger: Logger;
  #state: State = "idle";
  #timer: Timer | undefined;
  #resolution: Resolution | undefined;
  #socket: UdpSocket | undefined;
  /** The server that last gave the time; the next round begins there. */
  #best = 0;
  /** Where this round began. */
  #first = 0;
  /** Servers asked in this round. */
  #asked = 0;
  #failure: TimeSyncFailure = "dns-failed";
  #dnsSilent = false;
  #answeredMs = Number.NEGATIVE_INFINITY;
  #backoff = new Backoff(RETRY_BACKOFF);
  /** The failure that was told. */
  #told: TimeSyncFailure | undefined;
  /** The last round gave no time, or one that no majority stands behind. */
  #isPressed = false;
  #shunned = new ShunnedServers();
  /** What servers said in this round, as Unix time at uptime zero, and which of the hosts each was. */
  #answers: number[] = [];
  #voices: number[] = [];
  #isOutside = false;
  /** What a voice without a majority said in this round, and in the one before. */
  #lone: number | undefined;
  #loneBefore: number | undefined;
  /** The clock has this round's first answer as an estimate. */
  #isEstimated = false;

  constructor(options: TimeSyncOptions) {
    const { hosts, port = SNTP_PORT } = options;
    if (hosts.length === 0 || !hosts.every((host) => isIpv4(host) || isDnsName(host))) {
      throw new RangeError("hosts");
    }
    if (!Number.isInteger(port) || port < 1 || port > 0xffff) throw new RangeError("port");
    this.#options = options;
    this.#port = port;
    this.#logger = options.logger ?? silentLogger;
  }

  get state(): State {
    return this.#state;
  }

  /** Uptime when a time server last answered, whatever. */
  get answeredMs(): number {
    return this.#answeredMs;
  }

  /** The network is there: a round begins, whatever was under way. */
  start(): void {
    this.#backoff.reset();
    this.#told = undefined;
    this.pause(0);
  }

  /** The network is gone. The clock runs on. */
  stop(): void {
    this.enter("idle");
  }

  close(): void {
    this.stop();
  }

  private enter(state: State): void {
    Timer.clear(this.#timer);
    this.#timer = undefined;
    this.#resolution?.cancel();
    this.#resolution = undefined;
    this.#socket?.close();
    this.#socket = undefined;
    this.#state = state;
  }

  private after(ms: number, callback: () => void): void {
    this.#timer = Timer.set(() => {
      this.#timer = undefined;
      callback();
    }, ms);
  }

  private pause(ms: number): void {
    this.enter("pausing");
    this.after(ms, () => {
      this.#first = this.#best;
      this.#asked = 0;
      this.#answers = [];
      this.#voices = [];
      this.#isOutside = false;
      this.#isEstimated = false;
      this.#loneBefore = this.#lone;
      this.#lone = undefined;
      this.#failure = "dns-failed";
      this.#dnsSilent = false;
      this.nextServer();
    });
  }

  /** The time is believed: until the next resync. */
  private rest(isFirm: boolean): void {
    this.#backoff.reset();
    this.#told = undefined;
    this.#isPressed = !isFirm;
    this.pause((isFirm ? RESYNC_MS : UNCONFIRMED_MS) * (0.9 + 0.2 * this.random()));
  }

  private nextServer(): void {
    const { hosts } = this.#options;
    while (this.#asked < hosts.length) {
      const host = hosts[(this.#first + this.#asked) % hosts.length]!;
      this.#asked += 1;
      if (isIpv4(host)) {
        this.ask(host, [host]);
        return;
      }
      // Silent name servers cost seconds each time: one name tells for all.
      if (this.#dnsSilent) continue;
      this.enter("resolving");
      this.#resolution = this.#options.resolve({
        host,
        onResolved: (addresses) => this.ask(host, addresses),
        onFailure: (reason) => this.unresolved(host, reason),
      });
      return;
    }
    this.weigh();
  }

  private unresolved(host: string, reason: DnsFailure): void {
    this.#resolution = undefined;
    this.#logger.debug(`${host}: ${reason}`);
    if (reason === "no-answer" || reason === "no-server") this.#dnsSilent = true;
    this.nextServer();
  }

  private ask(host: string, addresses: readonly string[]): void {
    this.#resolution = undefined;
    this.enter("asking");
    const { UDP, clock } = this.#options;
    const address = addresses.find(
      (candidate) => !this.#shunned.has(candidate, clock.uptimeMs, this.#isPressed),
    );
    if (address === undefined) {
      this.serverFailed(host, "refused");
      return;
    }
    this.after(ANSWER_MS, () => this.serverFailed(host, "no-answer"));
    // Never zero, which servers put there for a request without a timestamp.
    const nonce: SntpNonce = [this.random32(), (this.random32() | 1) >>> 0];
    const sentMs = clock.uptimeMs;
    try {
      this.#socket = new UDP({ onReadable: () => this.receive(host, address, nonce, sentMs) });
      this.#socket.write(formatRequest(nonce), address, this.#port);
    } catch (error) {
      this.#logger.debug(`request to ${host} not sent: ${error}`);
    }
  }

  private receive(host: string, address: string, nonce: SntpNonce, sentMs: number): void {
    const { clock } = this.#options;
    const receivedMs = clock.uptimeMs;
    const socket = this.#socket;
    for (;;) {
      const datagram = socket?.read();
      if (!datagram) return;
      if (datagram.address !== address || datagram.port !== this.#port) continue;
      const reply = parseReply(new Uint8Array(datagram), nonce, clock.earliestUnixMs);
      if (reply === "malformed" || reply === "not-ours") continue;
      this.#answeredMs = receivedMs;
      if (typeof reply === "string") {
        this.refuse(address, reply);
        this.serverFailed(host, reply === "unsynchronised" ? "unusable" : "refused");
        return;
      }
      const roundTripMs = Math.max(0, receivedMs - sentMs - reply.heldMs);
      const unixMs = Math.round(reply.transmitUnixMs + roundTripMs / 2);
      if (clock.isPlausible(unixMs)) this.answered(host, unixMs);
      else {
        this.#isOutside = true;
        this.serverFailed(host, "unusable");
      }
      return;
    }
  }

  private answered(host: string, unixMs: number): void {
    const { clock, hosts } = this.#options;
    this.#logger.debug(`${host} says ${unixMs}`);
    this.#answers.push(unixMs - clock.uptimeMs);
    this.#voices.push((this.#first + this.#asked - 1) % hosts.length);
    this.weigh();
  }

  /** What was said so far is judged: the round goes on, or ends. */
  private weigh(): void {
    const { clock, hosts } = this.#options;
    const believed = clock.quality === "synced" ? clock.unixAt(0) : undefined;
    const least = this.#options.provenMsAtBoot();
    const { verdict, ground, answer } = judgeTime({
      servers: hosts.length,
      left: hosts.length - this.#asked,
      answers: this.#answers,
      isOutside: this.#isOutside,
      believed,
      least,
      before: this.#loneBefore,
    });
    if (verdict === "accept") this.accept(answer, ground);
    else if (verdict === "ask") {
      this.enter("confirming");
      this.after(0, () => this.nextServer());
      const said = this.#answers[0]!;
      if (believed !== undefined || this.#isEstimated || (least !== undefined && said < least - STEP_MS))
        return;
      // While nobody has confirmed it, it is good enough for certificates, and not for readings.
      this.#isEstimated = true;
      this.set(said, "estimated");
    } else {
      if (ground === "heard-once") this.#lone = this.#answers[answer];
      this.roundFailed(verdict === "disputed" ? "disputed" : answer < 0 ? this.#failure : "unusable");
    }
  }

  private accept(answer: number, ground: TimeGround): void {
    this.#best = this.#voices[answer]!;
    this.#logger.info(`clock set by ${this.#options.hosts[this.#best]}: ${ground}`);
    this.rest(ground === "majority");
    this.set(this.#answers[answer]!, "synced");
  }

  private set(unixMsAtBoot: number, quality: "estimated" | "synced"): void {
    const { clock } = this.#options;
    const unixMs = Math.round(unixMsAtBoot + clock.uptimeMs);
    const isNews = quality === "estimated" || !this.#isEstimated;
    // Whoever the clock tells may have stopped us, and the floor may have risen above this.
    if (clock.set(unixMs, quality) && isNews && this.#state !== "idle") this.#options.onSynced(unixMs);
  }

  private serverFailed(host: string, reason: TimeSyncFailure): void {
    this.#logger.debug(`${host}: ${reason}`);
    if (TIME_SYNC_FAILURES.indexOf(reason) > TIME_SYNC_FAILURES.indexOf(this.#failure))
      this.#failure = reason;
    this.nextServer();
  }

  private roundFailed(reason: TimeSyncFailure): void {
    this.#isPressed = true;
    this.pause(LEAST_PAUSE_MS + this.#backoff.nextDelayMs(this.random()));
    if (this.#told === reason) return;
    this.#told = reason;
    this.#logger.warn(`no time server gave the time: ${reason}`);
    this.#options.onBlocked(reason);
  }

  private refuse(address: string, fault: SntpFault): void {
    const { uptimeMs } = this.#options.clock;
    if (fault === "denied") this.#shunned.add(address, uptimeMs, Number.POSITIVE_INFINITY);
    if (fault === "rate-limited") this.#shunned.add(address, uptimeMs, uptimeMs + RATE_LIMITED_MS);
  }

  /** 0 ≤ random < 1 */
  private random(): number {
    return this.random32() / 2 ** 32;
  }

  private random32(): number {
    return this.#options.randomUint32() >>> 0;
  }
}
