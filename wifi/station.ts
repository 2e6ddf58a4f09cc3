import Timer from "timer";
import { Backoff, type BackoffOptions, STABLE_MS } from "../modules/base/backoff";
import { type Logger, silentLogger } from "../modules/base/logger";
import { FailureLog } from "./failure-log";
import { diagnose, type JoinFailureReason } from "./join-failure";
import { type Candidate, type JoinFailure, JoinRound } from "./join-round";
import { type LastGood, MAX_NETWORKS, type Network } from "./network";
import type { AccessPointInfo, Radio, RadioEvent } from "./radio";
import { ASSOC_LEAVE, describeReason, ROAMING } from "./reason-codes";
import { Scanner, type ScanRequest } from "./scanner";
import type { AddressLoss, JoinOnceResult, StationAddress, StationOptions } from "./station-options";

export type StationState =
  /** Not wanted: after construction, `stop`, or a failed `joinOnce` on a stopped station. */
  | "stopped"
  /** Wanted, but there is no saved network. */
  | "idle"
  /** Waits for a scan's result. */
  | "scanning"
  /** The radio was told to connect; not associated yet. */
  | "associating"
  /** Associated, no address yet. */
  | "addressing"
  /** Associated, with an address. */
  | "online"
  /** The radio was told to disconnect; waits for its event, so that it is not taken for one of the next attempt. */
  | "leaving"
  /** Between rounds: backoff. */
  | "waiting"
  /** For good. */
  | "closed";

/** Limit for associating, and again for an address after it (design). */
export const ASSOCIATE_MS = 15_000;
export const ADDRESS_MS = 15_000;
/** A scan of 13 channels takes 1.6–5 s; one that has not ended by now never will. */
export const SCAN_MS = 15_000;
/** The driver posts the event of a disconnect within milliseconds; without one there was nothing to leave. */
export const LEAVE_MS = 1_000;
/** Rounds without any answer of the radio before it counts as stuck. */
export const SILENT_ROUNDS = 3;
/** A network that lets us in and drops us again within STABLE_MS is rejoined at once the first time, then later. */
const FLAPPING: BackoffOptions = Object.freeze({ firstMs: 1_000, longestMs: 30_000 }, true);

/**
 * Keeps the device on one of its saved networks.
 *
 * - A round tries the last good access point, then what a scan finds, strongest first; after a failed round comes
 *   backoff, then the next, for ever. A lost address starts a round at once.
 * - A network disowned by `reject` is left out for MARK_MS, credentials kept.
 * - At most one connect is under way; a disconnect that we asked for is never taken for a failure.
 * - Callbacks may call any method, `close` included. `close` is idempotent and silences.
 */
export class WiFiStation {
  #options: StationOptions;
  #radio: Radio;
  #log: Logger;
  #state: StationState = "stopped";
  #timer: Timer | undefined;
  #networks: readonly Network[];
  #lastGood: LastGood | undefined;
  #round: JoinRound | undefined;
  #candidate: Candidate | undefined;
  #at: StationAddress | undefined;
  #scanner: Scanner;
  /** What follows `leaving`: the round goes on, or a new one begins after so many ms. */
  #afterLeaving: "attempt" | number = "attempt";
  /** A `joinOnce` under way: whom to tell, and whether to go back to the saved networks after a failure. */
  #once: { onResult: (result: JoinOnceResult) => void; resume: boolean } | undefined;
  #backoff: Backoff;
  #flapping = new Backoff(FLAPPING);
  #silentRounds = 0;
  #failures: FailureLog;
  #survey: { onFound: (found: readonly AccessPointInfo[]) => void; limit: Timer } | undefined;

  constructor(options: StationOptions) {
    this.#options = options;
    this.#radio = options.radio;
    this.#log = options.log ?? silentLogger;
    this.#networks = checked(options.networks ?? []);
    this.#lastGood = options.lastGood;
    this.#backoff = new Backoff(options.backoff);
    this.#failures = new FailureLog(this.#log);
    this.#scanner = new Scanner(options.radio, (...scan) => this.takeScan(...scan));
    this.#radio.onEvent = (event) => this.take(event);
  }

  get state(): StationState {
    return this.#state;
  }

  /** Where the device is online; `undefined` when it is not. */
  get at(): StationAddress | undefined {
    return this.#state === "online" ? this.#at : undefined;
  }

  /** The last failures, oldest first. */
  get failures(): readonly JoinFailure[] {
    return this.#failures.kept;
  }

  get networks(): readonly Network[] {
    return this.#networks;
  }

  /**
   * Replaces the saved networks, live. Stays where it is if that network is still there unchanged, else leaves;
   * starts a round at once otherwise. A `joinOnce` is not disturbed.
   */
  set networks(networks: readonly Network[]) {
    this.#networks = checked(networks);
    this.#failures.clearMarks();
    // Another one was put first: it is looked for before the last one is joined again.
    if (this.#state !== "online" && networks[0]?.ssid !== this.#lastGood?.ssid) this.#lastGood = undefined;
    if (this.#state === "stopped" || this.#state === "closed" || this.#once) return;
    const here = this.#candidate?.network;
    const same = here && this.#networks.find((each) => sameNetwork(each, here));
    if (this.#state === "online" && same) {
      this.#candidate = { ...this.#candidate, network: same };
      this.#round = undefined;
    } else this.restart("replaced");
  }

  /** Begins to join, if stopped. */
  start(): void {
    if (this.#state === "stopped") this.beginRound();
  }

  /** Leaves the network and stays off. No callback. */
  stop(): void {
    if (this.#state === "closed") return;
    if (this.busy()) this.#radio.disconnect();
    this.#once = undefined;
    this.#round = undefined;
    this.enter("stopped");
  }

  close(): void {
    this.stop();
    Timer.clear(this.#survey?.limit);
    this.#survey = undefined;
    this.enter("closed");
  }

  /** A person asks: marks are forgotten, and a wait for the next round ends now. */
  retryNow(): void {
    this.#failures.clearMarks();
    if (this.#state === "waiting") this.beginRound();
  }

  /**
   * The network with this address is none (a sign-in page): it failed the join. It is left out for a while, and the
   * round goes on. False when not online: nothing to reject.
   */
  reject(reason: "captive-portal"): boolean {
    const candidate = this.#candidate;
    if (this.#state !== "online" || !candidate) return false;
    this.#failures.mark(this.fail(candidate, reason));
    this.leave("attempt");
    this.#options.onLost("rejected");
    return true;
  }

  /**
   * Looks around for a person to choose from, and reports once, later; nothing found also when the radio does not
   * answer. A second call replaces the first. False: not now, the radio is associating.
   */
  survey(onFound: (found: readonly AccessPointInfo[]) => void): boolean {
    const state = this.#state;
    if (state === "closed" || state === "associating" || state === "addressing" || state === "leaving")
      return false;
    Timer.clear(this.#survey?.limit);
    const limit = Timer.set(() => {
      if (this.#state !== "scanning") this.#scanner.giveUp();
      this.endSurvey([]);
    }, SCAN_MS);
    this.#survey = { onFound, limit };
    this.#scanner.start({});
    return true;
  }

  /**
   * Tries this one network now, whatever is going on, and reports once. Joined: stays on it, `onAddress` follows.
   * Not joined: goes back to the saved networks, or to being stopped. A second call replaces the first, which is
   * then not reported.
   */
  joinOnce(network: Network, onResult: (result: JoinOnceResult) => void): void {
    if (this.#state === "closed") return;
    const resume = this.#once?.resume ?? this.#state !== "stopped";
    const wasOnline = this.#state === "online";
    const mustLeave = this.busy();
    this.#once = { onResult, resume };
    this.#round = new JoinRound([network], undefined);
    if (mustLeave) this.leave("attempt");
    else if (this.#state !== "leaving") this.advance();
    else this.#afterLeaving = "attempt";
    if (wasOnline) this.#options.onLost("replaced");
  }

  private take(event: RadioEvent): void {
    if (this.#state === "closed" || this.#state === "stopped") return;
    if (this.#round) this.#round.answered = true;
    switch (event.type) {
      case "associated":
        return this.takeAssociated(event);
      case "address":
        return this.takeAddress(event);
      case "address-lost":
        if (this.#state === "online") this.lose("address-lost");
        return;
      case "disconnected":
        if (event.reason !== ROAMING) this.takeDisconnected(event);
    }
  }

  private takeAssociated(event: Extract<RadioEvent, { type: "associated" }>): void {
    const candidate = this.#candidate;
    if (this.#state !== "associating" || !candidate) return;
    // Of an earlier attempt.
    if (candidate.bssid !== undefined && candidate.bssid !== event.bssid) return;
    this.#candidate = { ...candidate, bssid: event.bssid, channel: event.channel };
    this.enter("addressing", ADDRESS_MS);
  }

  private takeAddress(event: Extract<RadioEvent, { type: "address" }>): void {
    const { network, bssid, channel } = this.#candidate ?? {};
    if (!network || bssid === undefined || channel === undefined) return;
    const { address, gateway, dns } = event;
    const at: StationAddress = { ssid: network.ssid, bssid, channel, address, gateway, dns };
    if (this.#state === "online") {
      if (this.#at && sameLease(this.#at, at)) return;
      this.#at = at;
      this.#options.onAddress(at);
    } else if (this.#state === "addressing") this.joined(at);
  }

  private takeDisconnected(event: Extract<RadioEvent, { type: "disconnected" }>): void {
    const candidate = this.#candidate;
    switch (this.#state) {
      case "leaving":
        this.left();
        return;
      case "associating":
        // The echo of an earlier disconnect: this attempt has not been told to leave.
        if (event.reason === ASSOC_LEAVE) return;
        break;
      case "addressing":
        break;
      case "online":
        this.lose("association-lost", event.reason);
        return;
      default:
        return;
    }
    if (!candidate) return;
    const phase = this.#state;
    const { security, network } = candidate;
    const reason = diagnose({
      phase,
      number: event.reason,
      ...(security && { security }),
      hasPassword: network.password !== undefined,
    });
    this.fail(candidate, reason, event);
    this.advance();
  }

  private joined(at: StationAddress): void {
    const { ssid, bssid, channel } = at;
    const once = this.#once;
    this.#once = undefined;
    // What a person tried is not one of the saved networks' round.
    if (once) this.#round = undefined;
    this.#at = at;
    this.#lastGood = { ssid, bssid, channel };
    this.enter("online", STABLE_MS);
    this.#log.info(`${JSON.stringify(ssid)} joined on channel ${channel}: ${at.address}`);
    this.#options.onJoined?.(this.#lastGood);
    if (this.#at === at) once?.onResult({ joined: true, at });
    if (this.at === at) this.#options.onAddress(at);
  }

  private lose(reason: "association-lost" | "address-lost", number?: number): void {
    this.#log.warn(`${reason}${number === undefined ? "" : ` (${describeReason(number)})`}`);
    const first = this.#flapping.attempts === 0;
    const delayMs = this.#flapping.nextDelayMs(this.#options.random());
    const pauseMs = first ? 0 : delayMs;
    if (reason === "address-lost") this.leave(pauseMs);
    else this.roundAfter(pauseMs);
    this.#options.onLost(reason);
  }

  private expire(): void {
    const candidate = this.#candidate;
    switch (this.#state) {
      case "scanning":
        this.#scanner.giveUp();
        this.#log.warn("scan: no answer");
        this.#round?.scanned([]);
        this.advance();
        return;
      case "associating":
      case "addressing":
        if (!candidate) return;
        this.fail(
          candidate,
          diagnose({ phase: this.#state, hasPassword: candidate.network.password !== undefined }),
        );
        this.leave("attempt");
        return;
      case "leaving":
        this.left();
        return;
      case "waiting":
        this.beginRound();
        return;
      case "online":
        this.#backoff.reset();
        this.#flapping.reset();
        this.#round = undefined;
    }
  }

  private restart(loss: AddressLoss): void {
    const wasOnline = this.#state === "online";
    if (this.busy()) this.leave(0);
    else if (this.#state === "leaving") this.#afterLeaving = 0;
    else this.beginRound();
    if (wasOnline) this.#options.onLost(loss);
  }

  private beginRound(): void {
    if (this.#networks.length === 0) {
      this.#round = undefined;
      this.enter("idle");
      return;
    }
    const marks = this.#failures.marks(this.#options.uptimeMs());
    this.#round = new JoinRound(this.#networks, this.#lastGood, marks);
    this.advance();
  }

  /** The round's next step: an attempt, a scan, or its end. */
  private advance(): void {
    const round = this.#round;
    if (!round) return this.beginRound();
    if (this.#scanner.running) round.skipFast();
    const candidate = round.next();
    if (candidate) return this.attempt(candidate);
    const request = round.nextScan;
    if (!request) return this.endRound(round);
    round.asked = true;
    this.enter("scanning", SCAN_MS);
    this.#scanner.start(request);
  }

  private endSurvey(found: readonly AccessPointInfo[]): void {
    const survey = this.#survey;
    if (!survey) return;
    this.#survey = undefined;
    Timer.clear(survey.limit);
    survey.onFound(found);
  }

  private takeScan(request: ScanRequest, found: AccessPointInfo[], crowded: boolean): void {
    if (request.ssid === undefined) this.endSurvey(found);
    const round = this.#round;
    if (this.#state !== "scanning" || !round) return;
    round.answered = true;
    // A scan begun for an earlier round serves this one if it looked for the same.
    if (round.nextScan?.ssid === request.ssid) round.scanned(found, crowded);
    this.advance();
  }

  private attempt(candidate: Candidate): void {
    this.#candidate = candidate;
    if (this.#round) this.#round.asked = true;
    this.enter("associating", ASSOCIATE_MS);
    const { network, bssid, channel } = candidate;
    this.#radio.connect({
      ssid: network.ssid,
      ...(network.password !== undefined && { password: network.password }),
      ...(network.allowLegacySecurity && { allowLegacySecurity: true }),
      ...(bssid !== undefined && { bssid }),
      ...(channel !== undefined && { channel }),
    });
  }

  private endRound(round: JoinRound): void {
    const failures = round.outcome((ssid) =>
      this.record({ ssid, reason: "not-found", uptimeMs: this.#options.uptimeMs() }),
    );
    const once = this.#once;
    this.#once = undefined;
    this.#round = undefined;
    if (once) {
      if (once.resume) this.beginRound();
      else this.enter("stopped");
      once.onResult({ joined: false, failure: failures[0]! });
      return;
    }
    if (round.answered) this.#silentRounds = 0;
    else if (round.asked) this.#silentRounds++;
    const stuck = this.#silentRounds >= SILENT_ROUNDS;
    if (stuck) this.#silentRounds = 0;
    this.enter("waiting", this.#backoff.nextDelayMs(this.#options.random()));
    this.#options.onRoundFailed(failures);
    if (stuck && this.is("waiting")) this.#options.onRadioStuck?.();
  }

  private fail(
    candidate: Candidate,
    reason: JoinFailureReason,
    event?: { readonly reason: number; readonly rssi?: number },
  ): JoinFailure {
    const rssi = event?.rssi ?? candidate.rssi;
    const failure = this.record({
      ssid: candidate.network.ssid,
      reason,
      ...(event && { number: event.reason, name: describeReason(event.reason) }),
      ...(rssi !== undefined && { rssi }),
      uptimeMs: this.#options.uptimeMs(),
    });
    this.#round?.failed(candidate, failure);
    return failure;
  }

  private record(failure: JoinFailure): JoinFailure {
    this.#failures.record(failure);
    return failure;
  }

  private leave(then: "attempt" | number): void {
    this.#afterLeaving = then;
    this.enter("leaving", LEAVE_MS);
    this.#radio.disconnect();
  }

  private left(): void {
    if (this.#afterLeaving === "attempt") this.advance();
    else this.roundAfter(this.#afterLeaving);
  }

  private roundAfter(pauseMs: number): void {
    if (pauseMs > 0) this.enter("waiting", pauseMs);
    else this.beginRound();
  }

  /** The radio has an association, or is making one. */
  private busy(): boolean {
    return this.#state === "associating" || this.#state === "addressing" || this.#state === "online";
  }

  private is(state: StationState): boolean {
    return this.#state === state;
  }

  private enter(next: StationState, expireMs?: number): void {
    if (this.#state === "closed") return;
    if (this.#timer) Timer.clear(this.#timer);
    this.#timer = undefined;
    this.#state = next;
    this.#log.debug(next);
    if (next !== "online") this.#at = undefined;
    if (expireMs !== undefined) {
      this.#timer = Timer.set(() => {
        this.#timer = undefined;
        this.expire();
      }, expireMs);
    }
  }
}

function checked(networks: readonly Network[]): readonly Network[] {
  if (networks.length > MAX_NETWORKS) throw new RangeError("networks");
  return networks.slice();
}

const sameNetwork = (a: Network, b: Network): boolean =>
  a.ssid === b.ssid && a.password === b.password && a.allowLegacySecurity === b.allowLegacySecurity;

const sameLease = (a: StationAddress, b: StationAddress): boolean =>
  a.address === b.address && a.gateway === b.gateway && a.dns.join() === b.dns.join();
