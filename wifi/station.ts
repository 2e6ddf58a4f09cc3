import Timer from "timer";
import { Backoff, type BackoffOptions, STABLE_MS } from "../modules/base/backoff";
import { betterPlace, CONTENT_RSSI, type Seen, see, WEAK_RSSI } from "./candidates";
import type { Details } from "./connection";
import type { JoinFailure } from "./join-round";
import { checkedNetworks, type Network } from "./network";
import type { AccessPointInfo } from "./radio";
import { describeReason } from "./reason-codes";
import { Rounds, SCAN_MS } from "./rounds";
import { withFloor } from "./security";
import type { JoinOnceResult, StationAddress } from "./station-options";

/** A network that lets us in and drops us again within STABLE_MS is rejoined at once the first time, then later. */
const FLAPPING: BackoffOptions = Object.freeze({ firstMs: 1_000, longestMs: 30_000 }, true);
/** Between quiet looks around while online. */
export const LOOK_MS = 300_000;
/** A network that leads nowhere is left for another after this. */
export const YIELD_MS = 120_000;

/**
 * Keeps the device on one of its saved networks.
 *
 * - A round tries where the device was, then what a scan finds (join-round.ts); a failed round is followed by another
 *   within seconds, for ever. A lost address starts a round at once.
 * - A network disowned by `reject` is left out for MARK_MS, credentials kept.
 * - Online it looks around now and then, and moves where that pays (candidates.ts).
 * - Callbacks may call any method, `close` included. `close` is idempotent and silences.
 */
export class WiFiStation extends Rounds {
  #flapping = new Backoff(FLAPPING);
  #survey: { onFound: (found: readonly AccessPointInfo[]) => void; limit: Timer } | undefined;
  #looking = false;
  /** Since when the network is known to lead nowhere. */
  #nowhereSince: number | undefined;

  /** The last failures, oldest first. */
  get failures(): readonly JoinFailure[] {
    return this.failureLog.kept;
  }

  get networks(): readonly Network[] {
    return this.saved;
  }

  /**
   * Replaces the saved networks, live. Stays where it is if that network is still there unchanged, else leaves;
   * starts a round at once otherwise. A `joinOnce` is not disturbed.
   */
  set networks(networks: readonly Network[]) {
    this.saved = checkedNetworks(networks);
    this.failureLog.clearMarks();
    const { at, candidate } = this;
    // Another one was put first: it is looked for before the last one is joined again.
    if (!at && networks[0]?.ssid !== (this.last ?? this.lastGood)?.ssid)
      this.last = this.lastGood = undefined;
    if (this.is("stopped") || this.is("closed") || this.once) return;
    const same = candidate && this.saved.find((each) => sameNetwork(each, candidate.network));
    if (at && same) {
      this.candidate = { ...candidate, network: same };
      this.round = undefined;
      return;
    }
    if (this.state === "leaving") this.afterLeaving = 0;
    else if (this.is("connection")) this.leaveThen(0);
    else this.beginRound();
    if (at) this.options.onLost("replaced");
  }

  /** Begins to join, if stopped. */
  start(): void {
    if (this.is("stopped")) this.beginRound();
  }

  /** Leaves the network and stays off. No callback. */
  stop(): void {
    if (this.is("closed")) return;
    this.drop();
    this.once = this.round = undefined;
    this.enter("stopped");
  }

  close(): void {
    this.stop();
    Timer.clear(this.#survey?.limit);
    this.#survey = undefined;
    this.enter("closed");
  }

  /**
   * The network with this address is none (a sign-in page): it failed the join. It is left out for a while, and the
   * round goes on. False when not online: nothing to reject.
   */
  reject(reason: "captive-portal"): boolean {
    if (!this.at) return false;
    this.failureLog.mark(this.fail(this.candidate!, reason));
    this.leaveThen("attempt");
    this.options.onLost("rejected");
    return true;
  }

  /** The cloud was reached from here. */
  cloudReached(): void {
    const { at, last } = this;
    if (!at || !last) return;
    this.#nowhereSince = undefined;
    this.memory.forgive(at.bssid);
    if (this.isHeld(at.bssid)) return;
    this.lastGood = last;
    this.options.onGood?.(last);
  }

  /** The network leads nowhere, for certain; to be told again and again while that is so. */
  noInternet(): void {
    if (!this.at) return;
    this.#nowhereSince ??= this.options.uptimeMs();
    if (this.leadsNowhere) this.look();
  }

  /**
   * Looks around for a person to choose from, and reports once, later; nothing found also when the radio does not
   * answer. A second call replaces the first. False: not now, the radio is associating.
   */
  survey(onFound: (found: readonly AccessPointInfo[]) => void): boolean {
    if (this.is("closed") || (this.is("connection") && !this.at)) return false;
    Timer.clear(this.#survey?.limit);
    const limit = Timer.set(() => {
      if (!this.is("scanning")) this.scanner.giveUp();
      this.endSurvey([]);
    }, SCAN_MS);
    this.#survey = { onFound, limit };
    this.scanner.start({});
    return true;
  }

  /**
   * Tries this one network now, whatever is going on, and reports once. Joined: stays on it, `onAddress` follows.
   * Not joined: goes back to the saved networks, or to being stopped. A second call replaces the first, which is
   * then not reported.
   */
  joinOnce(network: Network, onResult: (result: JoinOnceResult) => void): void {
    if (this.is("closed")) return;
    const { at } = this;
    this.once = { onResult, resume: this.once?.resume ?? !this.is("stopped") };
    this.round = this.newRound([network]);
    if (this.state === "leaving") this.afterLeaving = "attempt";
    else if (this.is("connection")) this.leaveThen("attempt");
    else this.advance();
    if (at) this.options.onLost("replaced");
  }

  protected joined(at: StationAddress): void {
    const { ssid, bssid, channel } = at;
    const { once } = this;
    // What a person tried is not one of the saved networks' round.
    if (once) this.once = this.round = undefined;
    this.last = { ssid, bssid, channel };
    this.#nowhereSince = undefined;
    this.#looking = false;
    this.expireIn(STABLE_MS);
    this.log.info(`${JSON.stringify(ssid)} joined on channel ${channel}: ${at.address}`);
    once?.onResult({ joined: true, at });
    if (this.at === at) this.options.onAddress(at);
  }

  protected changed(at: StationAddress): void {
    this.options.onAddress(at);
  }

  protected lost(reason: "association-lost" | "address-lost", { number, rssi }: Details = {}): void {
    this.log.warn(`${reason}${number === undefined ? "" : ` (${describeReason(number)})`}`);
    const again = this.#flapping.attempts > 0;
    if (again) this.hold(this.candidate?.bssid, "flapped");
    else if (isWeak(rssi)) this.hold(this.candidate?.bssid, "weak");
    const delayMs = this.#flapping.nextDelayMs(this.options.random());
    const pauseMs = again ? delayMs : 0;
    if (reason === "address-lost") this.leaveThen(pauseMs);
    else this.roundAfter(pauseMs);
    this.options.onLost(reason);
  }

  protected stayed(): void {
    this.expireIn(LOOK_MS);
    this.#flapping.reset();
    this.round = undefined;
    this.learn();
    const { rssi } = this.options.radio;
    const isFirst = this.saved[0]?.ssid === this.at?.ssid;
    if (this.at && (!isFirst || (rssi !== undefined && rssi < CONTENT_RSSI))) this.look();
  }

  protected foundAround(found: readonly AccessPointInfo[]): boolean {
    const wasLooking = this.#looking;
    this.#looking = false;
    this.endSurvey(found);
    if (!wasLooking || !this.at) return false;
    const { rssi } = this.options.radio;
    const here = this.candidate!;
    const noInternet = this.leadsNowhere;
    const better = betterPlace(this.sightings(found), { here, rssi, noInternet }, this.saved);
    if (isWeak(rssi)) this.hold(here.bssid, "weak");
    if (!better) return true;
    if (noInternet) this.hold(here.bssid, "no-internet");
    this.log.info(`moving to ${better.bssid}, ${better.rssi} dBm`);
    this.round = this.newRound(this.saved, better);
    this.leaveThen("attempt");
    this.options.onLost("moved");
    return true;
  }

  private get leadsNowhere(): boolean {
    const since = this.#nowhereSince;
    return since !== undefined && this.options.uptimeMs() - since >= YIELD_MS;
  }

  /** The security that this network has is what it promises from now on. */
  private learn(): void {
    const candidate = this.candidate!;
    const { network, security } = candidate;
    const learned = withFloor(network, security);
    const order = this.saved.indexOf(network);
    if (learned === network || order < 0) return;
    const saved = this.saved.slice();
    saved[order] = learned;
    this.saved = saved;
    this.candidate = { ...candidate, network: learned };
    this.options.onLearned?.(network, learned);
  }

  /** A quiet look around; one that the radio has not answered by the next is given up. */
  private look(): void {
    if (this.options.mayMove?.() === false) return;
    if (this.#looking) this.scanner.giveUp();
    this.#looking = true;
    this.scanner.start({});
  }

  private sightings(found: readonly AccessPointInfo[]): Seen[] {
    const seen: Seen[] = [];
    const nowMs = this.options.uptimeMs();
    const marks = this.failureLog.marks(nowMs);
    for (const [order, network] of this.saved.entries()) {
      if (marks.some((mark) => mark.ssid === network.ssid)) continue;
      for (const each of found) {
        const one = each.ssid === network.ssid && see(network, order, each, this.memory, nowMs);
        if (one) seen.push(one);
      }
    }
    return seen;
  }

  private endSurvey(found: readonly AccessPointInfo[]): void {
    const survey = this.#survey;
    if (!survey) return;
    this.#survey = undefined;
    Timer.clear(survey.limit);
    survey.onFound(found);
  }
}

const isWeak = (rssi: number | undefined): boolean => rssi !== undefined && rssi < WEAK_RSSI;

/** Whether a device that is on one may stay there when the other takes its place. */
const sameNetwork = (a: Network, b: Network): boolean =>
  a.ssid === b.ssid && a.password === b.password && a.allowLegacySecurity === b.allowLegacySecurity;
