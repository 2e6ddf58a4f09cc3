import Timer from "timer";
import { Backoff } from "../base/backoff";
import type { Logger } from "../base/logger";
import { isDnsName } from "../names/dns-name";
import { isIpv4 } from "../names/ipv4";
import type { Clock } from "./clock";
import { judgeTime, STEP_MS, type TimeGround } from "./time-judge";
import { TimeRequest, type TimeRequestFailure, type TimeRequestOptions } from "./time-request";

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

export interface TimeSyncOptions extends TimeRequestOptions {
  /** Time servers, asked in this order: host names or IPv4 literals. */
  readonly hosts: readonly string[];
  /** Asked after them while they have long been silent and no server has set the clock. */
  readonly fallbackHosts: readonly string[];
  readonly clock: Pick<Clock, "uptimeMs" | "earliestUnixMs" | "isPlausible" | "quality" | "unixAt" | "set">;
  /** The latest time that proved good, as Unix milliseconds at uptime zero; `undefined`: none did. */
  provenMsAtBoot(): number | undefined;
  /** The clock was set from a time server. */
  onSynced(unixMs: number): void;
  /** A whole round gave no time. Told once for each reason after a start or a sync; the rounds go on. */
  onBlocked(reason: TimeSyncFailure): void;
  /** Default 123. */
  readonly port?: number;
  readonly logger: Logger;
}

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
/** Rounds in which none of its own servers said anything before others are asked too: some minutes after the boot. */
export const SILENT_ROUNDS = 3;

type State =
  /** Not started, or stopped because the network is gone. */
  | "idle"
  /** A server is being asked. */
  | "asking"
  /** A server gave a time; another is asked next. */
  | "confirming"
  /** Until the next round. */
  | "pausing";

/**
 * Keeps the clock set from time servers, in rounds (one request: time-request.ts).
 *
 * - A round asks one server after another until a majority of them agrees or all were asked, beginning with the one
 *   that was followed last; time-judge.ts says what becomes of the answers. Then an hour's pause; twenty minutes where
 *   no majority stands behind the time; after a failed round a growing one.
 * - Where no server has set the clock yet, the first answer serves as an estimate until the round has ended.
 * - Own servers that have been silent for {@link SILENT_ROUNDS} rounds while no server has set the clock are helped out
 *   by `fallbackHosts`, until one of them answers: names that are dead must not lock the device out. A majority is then
 *   one of all.
 * - `stop` and `close` are idempotent and silence the callbacks; no callback runs inside `start`.
 */
export class TimeSync {
  #options: TimeSyncOptions;
  #logger: Logger;
  #request: TimeRequest;
  #state: State = "idle";
  #timer: Timer | undefined;
  /** Whom this round asks; the first `#own` of them are its own. */
  #hosts: readonly string[] = [];
  #own = 0;
  /** None of its own servers has said anything in this round, and in how many before it. */
  #isSilent = true;
  #silentRounds = 0;
  /** Others are asked too. */
  #isWide = false;
  /** The server that last gave the time; the next round begins there. */
  #best = 0;
  /** Where this round began. */
  #first = 0;
  /** Servers asked in this round. */
  #asked = 0;
  #failure: TimeSyncFailure = "dns-failed";
  #dnsSilent = false;
  #backoff = new Backoff(RETRY_BACKOFF);
  /** The failure that was told. */
  #told: TimeSyncFailure | undefined;
  /** The last round gave no time, or one that no majority stands behind. */
  #isPressed = false;
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
    const { hosts, port, logger } = options;
    if (hosts.length === 0 || !hosts.every((host) => isIpv4(host) || isDnsName(host))) {
      throw new RangeError("hosts");
    }
    if (port !== undefined && (!Number.isInteger(port) || port < 1 || port > 0xffff))
      throw new RangeError("port");
    this.#options = options;
    this.#logger = logger;
    this.#request = new TimeRequest(options, port, logger);
  }

  /** Why the last round gave no time; `undefined`: it did, or there was none. */
  get failure(): TimeSyncFailure | undefined {
    return this.#told;
  }

  get state(): State {
    return this.#state;
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
    this.#request.cancel();
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
    this.after(ms, () => this.beginRound());
  }

  private beginRound(): void {
    const { hosts, fallbackHosts, clock } = this.#options;
    if (this.#silentRounds === 0) this.#isWide = false;
    else if (this.#silentRounds >= SILENT_ROUNDS && clock.quality !== "synced") this.#isWide = true;
    this.#hosts = this.#isWide ? [...hosts, ...fallbackHosts.filter((each) => !hosts.includes(each))] : hosts;
    this.#own = hosts.length;
    this.#isSilent = true;
    // Own ones first, however long they have been silent.
    this.#first = this.#isWide ? 0 : this.#best;
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
  }

  private roundEnded(): void {
    this.#silentRounds = this.#isSilent ? this.#silentRounds + 1 : 0;
  }

  /** The time is believed: until the next resync. */
  private rest(isFirm: boolean): void {
    this.roundEnded();
    this.#backoff.reset();
    this.#told = undefined;
    this.#isPressed = !isFirm;
    this.pause((isFirm ? RESYNC_MS : UNCONFIRMED_MS) * (0.9 + 0.2 * this.random()));
  }

  private nextServer(): void {
    const hosts = this.#hosts;
    while (this.#asked < hosts.length) {
      const at = (this.#first + this.#asked) % hosts.length;
      const host = hosts[at]!;
      this.#asked += 1;
      // Silent name servers cost seconds each time: one name tells for all.
      if (this.#dnsSilent && !isIpv4(host)) continue;
      this.enter("asking");
      return this.#request.run(host, this.#isPressed, (answer) => this.take(at, answer));
    }
    this.weigh();
  }

  private take(at: number, answer: number | TimeRequestFailure): void {
    this.#logger.debug(`${this.#hosts[at]}: ${answer}`);
    if (typeof answer === "number") {
      if (at < this.#own) this.#isSilent = false;
      this.#answers.push(answer);
      this.#voices.push(at);
      return this.weigh();
    }
    let failure: TimeSyncFailure = "dns-failed";
    if (answer === "dns-silent") this.#dnsSilent = true;
    else if (answer === "outside") {
      this.#isOutside = true;
      failure = "unusable";
    } else failure = answer;
    if (at < this.#own && failure !== "dns-failed" && failure !== "no-answer") this.#isSilent = false;
    if (TIME_SYNC_FAILURES.indexOf(failure) > TIME_SYNC_FAILURES.indexOf(this.#failure))
      this.#failure = failure;
    this.nextServer();
  }

  /** What was said so far is judged: the round goes on, or ends. */
  private weigh(): void {
    const { clock } = this.#options;
    const servers = this.#hosts.length;
    const believed = clock.quality === "synced" ? clock.unixAt(0) : undefined;
    const least = this.#options.provenMsAtBoot();
    const { verdict, ground, answer } = judgeTime({
      servers,
      left: servers - this.#asked,
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
    this.#logger.info(`clock set by ${this.#hosts[this.#best]}: ${ground}`);
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

  private roundFailed(reason: TimeSyncFailure): void {
    this.roundEnded();
    this.#isPressed = true;
    this.pause(LEAST_PAUSE_MS + this.#backoff.nextDelayMs(this.random()));
    if (this.#told === reason) return;
    this.#told = reason;
    this.#logger.warn(`no time server gave the time: ${reason}`);
    this.#options.onBlocked(reason);
  }

  /** 0 ≤ random < 1 */
  private random(): number {
    return (this.#options.randomUint32() >>> 0) / 2 ** 32;
  }
}
