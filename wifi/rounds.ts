import Timer from "timer";
import type { Logger } from "../modules/base/logger";
import { AccessPointMemory, type Misdeed } from "./access-point-memory";
import type { Candidate } from "./candidates";
import { Connection, type ConnectionState, type Details } from "./connection";
import { FailureLog } from "./failure-log";
import type { JoinFailureReason } from "./join-failure";
import { type JoinFailure, JoinRound } from "./join-round";
import { checkedNetworks, type LastGood, type Network } from "./network";
import type { AccessPointInfo } from "./radio";
import { Scanner, type ScanRequest } from "./scanner";
import type { JoinOnceResult, StationOptions, StationState } from "./station-options";

/** The station's own; "connection": that of the connection below. */
type State = Exclude<StationState, Exclude<ConnectionState, "idle">> | "connection";

/** A scan of 13 channels takes 1.6–5 s; one that has not ended by now never will. */
export const SCAN_MS = 15_000;
/**
 * Between rounds, drawn evenly: looking for a network costs nobody anything, and a router that is back is found within
 * seconds; devices that lost one router together come back apart. (The cloud has a clock of its own: cloud-link.ts.)
 */
export const LEAST_PAUSE_MS = 1_000;
export const MOST_PAUSE_MS = 8_000;
/** Rounds without any answer of the radio before it counts as stuck. */
const SILENT_ROUNDS = 3;

/**
 * The middle layer of the station: passes over the saved networks, one within seconds of the other, until one lets the
 * device in. What an access point did is held against it for a while.
 */
export abstract class Rounds extends Connection {
  protected readonly options: StationOptions;
  protected readonly log: Logger;
  protected readonly memory = new AccessPointMemory();
  protected readonly failureLog: FailureLog;
  protected readonly scanner: Scanner;
  protected saved: readonly Network[];
  /** Where the device was last, and what last led to the cloud. */
  protected last: LastGood | undefined;
  protected lastGood: LastGood | undefined;
  protected round: JoinRound | undefined;
  /** What follows when the radio is free: the round goes on, or a new one begins after so many ms. */
  protected afterLeaving: "attempt" | number = "attempt";
  /** A `joinOnce` under way: whom to tell, and whether to go back to the saved networks after a failure. */
  protected once: { onResult: (result: JoinOnceResult) => void; resume: boolean } | undefined;
  #state: State = "stopped";
  #timer: Timer | undefined;
  #turn = 0;
  /** In a row. */
  #silentRounds = 0;

  constructor(options: StationOptions) {
    super(options.radio);
    this.options = options;
    this.log = options.log;
    this.saved = checkedNetworks(options.networks ?? []);
    this.lastGood = options.lastGood;
    this.failureLog = new FailureLog(this.log);
    this.scanner = new Scanner(options.radio, (...scan) => this.takeScan(...scan));
  }

  /** Time has passed online. */
  protected abstract stayed(): void;
  /** A scan of all networks has ended; true: it was not the round's. */
  protected abstract foundAround(found: readonly AccessPointInfo[]): boolean;

  get state(): StationState {
    // Idle the connection is only inside a turn.
    return this.#state === "connection" ? (this.connection as StationState) : this.#state;
  }

  protected is(state: State): boolean {
    return this.#state === state;
  }

  protected enter(next: State, expireMs?: number): void {
    if (this.#state === "closed") return;
    this.expireIn(expireMs);
    this.#state = next;
    this.log.debug(next);
  }

  protected expireIn(ms: number | undefined): void {
    Timer.clear(this.#timer);
    this.#timer = ms === undefined ? undefined : Timer.set(() => this.runOut(), ms);
  }

  protected beginRound(): void {
    if (this.saved.length === 0) {
      this.round = undefined;
      return this.enter("idle");
    }
    this.answers = "unasked";
    this.#turn++;
    this.round = this.newRound(this.saved, this.headStart());
    this.advance();
  }

  protected newRound(networks: readonly Network[], first?: Candidate): JoinRound {
    const nowMs = this.options.uptimeMs();
    return new JoinRound({
      networks,
      memory: this.memory,
      nowMs,
      turn: this.#turn,
      first,
      ...(!this.once && { lastGood: this.lastGood, marked: this.failureLog.marks(nowMs) }),
    });
  }

  /** The round's next step: an attempt, a scan, or its end. */
  protected advance(): void {
    const { round } = this;
    if (!round) return this.beginRound();
    if (this.scanner.running) round.skipFast();
    const candidate = round.next();
    const request = round.nextScan;
    if (!candidate && !request) return this.endRound(round);
    if (this.answers === "unasked") this.answers = "asked";
    if (candidate) {
      this.enter("connection");
      return this.begin(candidate);
    }
    this.enter("scanning", SCAN_MS);
    this.scanner.start(request!);
  }

  protected leaveThen(then: "attempt" | number): void {
    this.afterLeaving = then;
    this.enter("connection");
    this.leave();
  }

  protected roundAfter(pauseMs: number): void {
    if (pauseMs > 0) this.enter("waiting", pauseMs);
    else this.beginRound();
  }

  protected failed(reason: JoinFailureReason, details?: Details): void {
    this.afterLeaving = "attempt";
    this.fail(this.candidate!, reason, details);
  }

  protected free(): void {
    if (!this.is("connection")) return;
    if (this.afterLeaving === "attempt") this.advance();
    else this.roundAfter(this.afterLeaving);
  }

  protected fail(candidate: Candidate, reason: JoinFailureReason, details?: Details): JoinFailure {
    const failure = this.failureLog.failed(candidate, reason, this.options.uptimeMs(), details);
    this.round?.failed(candidate, failure);
    this.hold(candidate.bssid, reason);
    return failure;
  }

  protected hold(bssid: string | undefined, what: Misdeed): void {
    if (bssid !== undefined) this.memory.note(bssid, what, this.options.uptimeMs());
  }

  protected isHeld(bssid: string): boolean {
    return this.memory.heldSince(bssid, this.options.uptimeMs()) !== undefined;
  }

  /** What is tried before a scan: where the device was, else what last led to the cloud; not what serves badly. */
  private headStart(): Candidate | undefined {
    const place = this.last ?? this.lastGood;
    const network = place && this.saved.find((each) => each.ssid === place.ssid);
    if (!network || this.isHeld(place.bssid)) return undefined;
    return { network, bssid: place.bssid, channel: place.channel };
  }

  private takeScan(request: ScanRequest, found: AccessPointInfo[], crowded: boolean): void {
    this.answers = "answered";
    if (request.ssid === undefined && this.foundAround(found)) return;
    const { round } = this;
    if (!this.is("scanning") || !round) return;
    // A scan begun for an earlier round serves this one if it looked for the same.
    if (round.nextScan?.ssid === request.ssid) round.scanned(found, crowded);
    this.advance();
  }

  private endRound(round: JoinRound): void {
    const nowMs = this.options.uptimeMs();
    const failures = round.outcome((network, unfit) => this.failureLog.missing(network, unfit, nowMs));
    const { once } = this;
    this.once = this.round = undefined;
    if (once) {
      if (once.resume) this.beginRound();
      else this.enter("stopped");
      once.onResult({ joined: false, failure: failures[0]! });
      return;
    }
    if (this.answers === "answered") this.#silentRounds = 0;
    else if (this.answers === "asked") this.#silentRounds++;
    const stuck = this.#silentRounds >= SILENT_ROUNDS;
    if (stuck) this.#silentRounds = 0;
    this.enter("waiting", LEAST_PAUSE_MS + this.options.random() * (MOST_PAUSE_MS - LEAST_PAUSE_MS));
    this.options.onRoundFailed(failures);
    if (stuck && this.is("waiting")) this.options.onRadioStuck?.();
  }

  private runOut(): void {
    switch (this.#state) {
      case "scanning":
        this.scanner.giveUp();
        this.log.warn("scan: no answer");
        this.round?.scanned([]);
        return this.advance();
      case "waiting":
        return this.beginRound();
      case "connection":
        this.stayed();
    }
  }
}
