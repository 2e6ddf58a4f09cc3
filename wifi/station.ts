import Timer from "timer";
import { Backoff, type BackoffOptions, STABLE_MS } from "../modules/base/backoff";
import { type Logger, silentLogger } from "../modules/base/logger";
import { AccessPointMemory } from "./access-point-memory";
import type { Candidate, Seen } from "./candidates";
import { Connection, type ConnectionEvent, type ConnectionState } from "./connection";
import { FailureLog } from "./failure-log";
import type { JoinFailureReason } from "./join-failure";
import { type JoinFailure, JoinRound, sighting } from "./join-round";
import { checkedNetworks, type LastGood, type Network, sameNetwork } from "./network";
import type { AccessPointInfo } from "./radio";
import { RadioWatch } from "./radio-watch";
import { describeReason } from "./reason-codes";
import { Scanner, type ScanRequest } from "./scanner";
import { fits, withFloor } from "./security";
import type {
  AddressLoss,
  JoinOnceResult,
  StationAddress,
  StationOptions,
  StationState,
} from "./station-options";
import { Stay } from "./stay";
import { SCAN_MS, Survey } from "./survey";

/** The station's own; "connection": the connection's is the station's. */
type State = Exclude<StationState, Exclude<ConnectionState, "idle">> | "connection";

/**
 * Between rounds, drawn evenly: looking for a network costs nobody anything, and a router that is back is found within
 * seconds; devices that lost one router together come back apart. (The cloud has a clock of its own: cloud-link.ts.)
 */
export const LEAST_PAUSE_MS = 1_000;
export const MOST_PAUSE_MS = 8_000;
/** A network that lets us in and drops us again within STABLE_MS is rejoined at once the first time, then later. */
const FLAPPING: BackoffOptions = Object.freeze({ firstMs: 1_000, longestMs: 30_000 }, true);
/** Between quiet looks around while online. */
export const LOOK_MS = 300_000;

/**
 * Keeps the device on one of its saved networks.
 *
 * - A round tries where the device was, then what a scan finds (join-round.ts); a failed round is followed by another
 *   within seconds, for ever. A lost address starts a round at once.
 * - What an access point did is held against it for a while (access-point-memory.ts); a network disowned by `reject`
 *   is left out for MARK_MS, credentials kept.
 * - Online it looks around now and then, and moves where that pays (roaming.ts).
 * - Callbacks may call any method, `close` included. `close` is idempotent and silences.
 */
export class WiFiStation {
  #options: StationOptions;
  #log: Logger;
  #state: State = "stopped";
  #timer: Timer | undefined;
  #networks: readonly Network[];
  /** Where the device was last, and what last led to the cloud. */
  #last: LastGood | undefined;
  #lastGood: LastGood | undefined;
  #round: JoinRound | undefined;
  #turn = 0;
  #connection: Connection;
  #scanner: Scanner;
  #watch = new RadioWatch();
  #memory = new AccessPointMemory();
  #failures: FailureLog;
  #survey = new Survey();
  /** What follows when the radio is free: the round goes on, or a new one begins after so many ms. */
  #afterLeaving: "attempt" | number = "attempt";
  /** A `joinOnce` under way: whom to tell, and whether to go back to the saved networks after a failure. */
  #once: { onResult: (result: JoinOnceResult) => void; resume: boolean } | undefined;
  #flapping = new Backoff(FLAPPING);
  #stay: Stay;
  #looking = false;

  constructor(options: StationOptions) {
    this.#options = options;
    this.#log = options.log ?? silentLogger;
    this.#networks = checkedNetworks(options.networks ?? []);
    this.#lastGood = options.lastGood;
    this.#failures = new FailureLog(this.#log);
    const { radio } = options;
    this.#stay = new Stay({ radio, memory: this.#memory, uptimeMs: () => options.uptimeMs() });
    this.#connection = new Connection(radio, this.#watch, (event) => this.take(event));
    this.#scanner = new Scanner(radio, (...scan) => this.takeScan(...scan));
  }

  get state(): StationState {
    // Idle it is only inside a turn.
    return this.#state === "connection" ? (this.#connection.state as StationState) : this.#state;
  }

  /** Where the device is online; `undefined` when it is not. */
  get at(): StationAddress | undefined {
    return this.#state === "connection" ? this.#connection.at : undefined;
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
    this.#networks = checkedNetworks(networks);
    this.#failures.clearMarks();
    const { candidate } = this.#connection;
    // Another one was put first: it is looked for before the last one is joined again.
    if (!this.at && networks[0]?.ssid !== (this.#last ?? this.#lastGood)?.ssid)
      this.#last = this.#lastGood = undefined;
    if (this.#state === "stopped" || this.#state === "closed" || this.#once) return;
    const same = candidate && this.#networks.find((each) => sameNetwork(each, candidate.network));
    if (this.at && same) {
      this.#connection.candidate = { ...candidate, network: same };
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
    this.#connection.drop();
    this.#once = undefined;
    this.#round = undefined;
    this.enter("stopped");
  }

  close(): void {
    this.stop();
    this.#survey.cancel();
    this.enter("closed");
  }

  /**
   * The network with this address is none (a sign-in page): it failed the join. It is left out for a while, and the
   * round goes on. False when not online: nothing to reject.
   */
  reject(reason: "captive-portal"): boolean {
    const { candidate } = this.#connection;
    if (!this.at || !candidate) return false;
    this.#failures.mark(this.fail(candidate, reason));
    this.leave("attempt");
    this.#options.onLost("rejected");
    return true;
  }

  /** The cloud was reached from here. */
  cloudReached(): void {
    const { at } = this;
    if (!at) return;
    const { ssid, bssid, channel } = at;
    this.#stay.cloudReached(bssid);
    if (this.isHeld(bssid)) return;
    this.#lastGood = { ssid, bssid, channel };
    this.#options.onGood?.(this.#lastGood);
  }

  /** The network leads nowhere, for certain; to be told again and again while that is so. */
  noInternet(): void {
    if (this.at && this.#stay.nowhere()) this.look();
  }

  /**
   * Looks around for a person to choose from, and reports once, later; nothing found also when the radio does not
   * answer. A second call replaces the first. False: not now, the radio is associating.
   */
  survey(onFound: (found: readonly AccessPointInfo[]) => void): boolean {
    if (this.#state === "closed" || (this.#state === "connection" && !this.at)) return false;
    this.#survey.begin(onFound, () => {
      if (this.#state !== "scanning") this.#scanner.giveUp();
    });
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
    const wasOnline = this.at !== undefined;
    this.#once = { onResult, resume };
    this.#round = this.round([network]);
    if (this.state === "leaving") this.#afterLeaving = "attempt";
    else if (this.#state === "connection") this.leave("attempt");
    else this.advance();
    if (wasOnline) this.#options.onLost("replaced");
  }

  private take(event: ConnectionEvent): void {
    if (this.#state !== "connection") return;
    switch (event.type) {
      case "joined":
        return this.joined(event.at);
      case "changed":
        return this.#options.onAddress(event.at);
      case "failed":
        this.#afterLeaving = "attempt";
        this.fail(this.#connection.candidate!, event.reason, event);
        return;
      case "association-lost":
        return this.lose("association-lost", event);
      case "address-lost":
        return this.lose("address-lost");
      case "free":
        if (this.#afterLeaving === "attempt") this.advance();
        else this.roundAfter(this.#afterLeaving);
    }
  }

  private joined(at: StationAddress): void {
    const { ssid, bssid, channel } = at;
    const once = this.#once;
    this.#once = undefined;
    // What a person tried is not one of the saved networks' round.
    if (once) this.#round = undefined;
    this.#last = { ssid, bssid, channel };
    this.#stay.begin();
    this.expireIn(STABLE_MS);
    this.#log.info(`${JSON.stringify(ssid)} joined on channel ${channel}: ${at.address}`);
    once?.onResult({ joined: true, at });
    if (this.at === at) this.#options.onAddress(at);
  }

  private lose(
    reason: "association-lost" | "address-lost",
    event?: { readonly number: number; readonly rssi?: number },
  ): void {
    this.#log.warn(`${reason}${event === undefined ? "" : ` (${describeReason(event.number)})`}`);
    const first = this.#flapping.attempts === 0;
    this.#stay.lost(this.#connection.candidate!.bssid!, !first, event?.rssi);
    const delayMs = this.#flapping.nextDelayMs(this.#options.random());
    const pauseMs = first ? 0 : delayMs;
    if (reason === "address-lost") this.leave(pauseMs);
    else this.roundAfter(pauseMs);
    this.#options.onLost(reason);
  }

  private expire(): void {
    switch (this.#state) {
      case "scanning":
        this.#scanner.giveUp();
        this.#log.warn("scan: no answer");
        this.#round?.scanned([]);
        return this.advance();
      case "waiting":
        return this.beginRound();
      case "connection":
        this.stayed();
    }
  }

  /** Online, and some time has passed. */
  private stayed(): void {
    this.expireIn(LOOK_MS);
    if (this.#stay.settle()) {
      this.#flapping.reset();
      this.#round = undefined;
      this.learn();
    }
    const isFirst = this.#networks[0]?.ssid === this.at?.ssid;
    if (this.at && this.#stay.mayImprove(isFirst)) this.look();
  }

  /** The security that this network has is what it promises from now on. */
  private learn(): void {
    const candidate = this.#connection.candidate!;
    const { network, security } = candidate;
    const learned = withFloor(network, security);
    if (learned === network || !this.#networks.includes(network)) return;
    this.#networks = this.#networks.map((each) => (each === network ? learned : each));
    this.#connection.candidate = { ...candidate, network: learned };
    this.#options.onNetworksLearned?.(this.#networks);
  }

  /** A quiet look around; one that the radio has not answered by the next is given up. */
  private look(): void {
    if (this.#options.mayMove?.() === false) return;
    if (this.#looking) this.#scanner.giveUp();
    this.#looking = true;
    this.#scanner.start({});
  }

  private lookedAround(found: readonly AccessPointInfo[]): void {
    const here = this.#connection.candidate!;
    const better = this.#stay.better(this.sightings(found), here, this.#networks);
    if (!better) return;
    this.#log.info(`moving to ${better.bssid}, ${better.rssi} dBm`);
    this.#round = this.round(this.#networks, better);
    this.leave("attempt");
    this.#options.onLost("moved");
  }

  private sightings(found: readonly AccessPointInfo[]): Seen[] {
    const seen: Seen[] = [];
    const marks = this.#failures.marks(this.#options.uptimeMs());
    for (const network of this.#networks) {
      if (marks.some((mark) => mark.ssid === network.ssid)) continue;
      for (const each of found)
        if (each.ssid === network.ssid && fits(network, each.security)) seen.push(sighting(network, each));
    }
    return seen;
  }

  private restart(loss: AddressLoss): void {
    const wasOnline = this.at !== undefined;
    if (this.state === "leaving") this.#afterLeaving = 0;
    else if (this.#state === "connection") this.leave(0);
    else this.beginRound();
    if (wasOnline) this.#options.onLost(loss);
  }

  private beginRound(): void {
    if (this.#networks.length === 0) {
      this.#round = undefined;
      return this.enter("idle");
    }
    this.#watch.roundBegins();
    this.#turn++;
    this.#round = this.round(this.#networks, this.headStart());
    this.advance();
  }

  /** What is tried before a scan: where the device was, else what last led to the cloud; not what serves badly. */
  private headStart(): Candidate | undefined {
    const place = this.#last ?? this.#lastGood;
    const network = place && this.#networks.find((each) => each.ssid === place.ssid);
    if (!network || this.isHeld(place.bssid)) return undefined;
    return { network, bssid: place.bssid, channel: place.channel };
  }

  private isHeld(bssid: string): boolean {
    return this.#memory.heldSince(bssid, this.#options.uptimeMs()) !== undefined;
  }

  private round(networks: readonly Network[], first?: Candidate): JoinRound {
    const nowMs = this.#options.uptimeMs();
    return new JoinRound({
      networks,
      memory: this.#memory,
      nowMs,
      turn: this.#turn,
      ...(first && { first }),
      ...(!this.#once && { lastGood: this.#lastGood, marked: this.#failures.marks(nowMs) }),
    });
  }

  /** The round's next step: an attempt, a scan, or its end. */
  private advance(): void {
    const round = this.#round;
    if (!round) return this.beginRound();
    if (this.#scanner.running) round.skipFast();
    const candidate = round.next();
    if (candidate) {
      this.enter("connection");
      return this.#connection.begin(candidate);
    }
    const request = round.nextScan;
    if (!request) return this.endRound(round);
    this.#watch.asked();
    this.enter("scanning", SCAN_MS);
    this.#scanner.start(request);
  }

  private takeScan(request: ScanRequest, found: AccessPointInfo[], crowded: boolean): void {
    this.#watch.answered();
    const looking = this.#looking && request.ssid === undefined;
    if (looking) this.#looking = false;
    if (request.ssid === undefined) this.#survey.end(found);
    if (looking && this.at) return this.lookedAround(found);
    const round = this.#round;
    if (this.#state !== "scanning" || !round) return;
    // A scan begun for an earlier round serves this one if it looked for the same.
    if (round.nextScan?.ssid === request.ssid) round.scanned(found, crowded);
    this.advance();
  }

  private endRound(round: JoinRound): void {
    const nowMs = this.#options.uptimeMs();
    const failures = round.outcome((network, unfit) => this.#failures.missing(network, unfit, nowMs));
    const once = this.#once;
    this.#once = undefined;
    this.#round = undefined;
    if (once) {
      if (once.resume) this.beginRound();
      else this.enter("stopped");
      once.onResult({ joined: false, failure: failures[0]! });
      return;
    }
    const stuck = this.#watch.roundEnds();
    this.enter("waiting", LEAST_PAUSE_MS + this.#options.random() * (MOST_PAUSE_MS - LEAST_PAUSE_MS));
    this.#options.onRoundFailed(failures);
    if (stuck && this.is("waiting")) this.#options.onRadioStuck?.();
  }

  private fail(
    candidate: Candidate,
    reason: JoinFailureReason,
    event?: { readonly number?: number; readonly rssi?: number },
  ): JoinFailure {
    const nowMs = this.#options.uptimeMs();
    const failure = this.#failures.failed(candidate, reason, nowMs, event);
    this.#round?.failed(candidate, failure);
    if (candidate.bssid !== undefined) this.#memory.note(candidate.bssid, reason, nowMs);
    return failure;
  }

  private leave(then: "attempt" | number): void {
    this.#afterLeaving = then;
    this.enter("connection");
    this.#connection.leave();
  }

  private roundAfter(pauseMs: number): void {
    if (pauseMs > 0) this.enter("waiting", pauseMs);
    else this.beginRound();
  }

  private is(state: State): boolean {
    return this.#state === state;
  }

  private enter(next: State, expireMs?: number): void {
    if (this.#state === "closed") return;
    Timer.clear(this.#timer);
    this.#timer = undefined;
    this.#state = next;
    this.#log.debug(next);
    if (next !== "connection") this.#looking = false;
    if (expireMs !== undefined) this.expireIn(expireMs);
  }

  private expireIn(ms: number): void {
    Timer.clear(this.#timer);
    this.#timer = Timer.set(() => this.expire(), ms);
  }
}
