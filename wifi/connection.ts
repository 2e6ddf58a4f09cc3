import Timer from "timer";
import type { Candidate } from "./candidates";
import { diagnose, type JoinFailureReason } from "./join-failure";
import type { Radio, RadioEvent } from "./radio";
import type { RadioWatch } from "./radio-watch";
import { ASSOC_LEAVE, ROAMING } from "./reason-codes";
import { leastOf } from "./security";
import type { StationAddress } from "./station-options";

export type ConnectionState =
  /** The radio has no association and is making none. */
  | "idle"
  /** The radio was told to connect; not associated yet. */
  | "associating"
  /** Associated, no address yet. */
  | "addressing"
  /** Associated, with an address. */
  | "online"
  /** The radio was told to disconnect; waits for its event, so that it is not taken for one of the next attempt. */
  | "leaving";

export type ConnectionEvent =
  | { readonly type: "joined"; readonly at: StationAddress }
  /** A renewed lease differs. */
  | { readonly type: "changed"; readonly at: StationAddress }
  /** An attempt failed; `free` follows. */
  | {
      readonly type: "failed";
      readonly reason: JoinFailureReason;
      readonly number?: number;
      readonly rssi?: number;
    }
  /** The access point is gone; the connection is idle. */
  | { readonly type: "association-lost"; readonly number: number; readonly rssi?: number }
  /** The lease ran out; still associated, until `leave`. */
  | { readonly type: "address-lost" }
  /** The radio may be used for something else. */
  | { readonly type: "free" };

/** Limit for associating (design). */
export const ASSOCIATE_MS = 15_000;
/** For an address after it: a switch's spanning tree holds a port back for 30 s, and DHCP asks again now and then. */
export const ADDRESS_MS = 40_000;
/** The driver posts the event of a disconnect within milliseconds; without one there was nothing to leave. */
export const LEAVE_MS = 1_000;

/** One association at a time: begins it, gives each step its time, tells how it went, and leaves. */
export class Connection {
  #radio: Radio;
  #watch: RadioWatch;
  #onEvent: (event: ConnectionEvent) => void;
  #state: ConnectionState = "idle";
  #timer: Timer | undefined;
  #candidate: Candidate | undefined;
  #at: StationAddress | undefined;

  constructor(radio: Radio, watch: RadioWatch, onEvent: (event: ConnectionEvent) => void) {
    this.#radio = radio;
    this.#watch = watch;
    this.#onEvent = onEvent;
    radio.onEvent = (event) => this.take(event);
  }

  get state(): ConnectionState {
    return this.#state;
  }

  /** What was last joined, or tried, with what has been learned of it since. */
  get candidate(): Candidate | undefined {
    return this.#candidate;
  }

  set candidate(candidate: Candidate) {
    this.#candidate = candidate;
  }

  /** The address, while online. */
  get at(): StationAddress | undefined {
    return this.#state === "online" ? this.#at : undefined;
  }

  begin(candidate: Candidate): void {
    this.#candidate = candidate;
    this.#watch.asked();
    this.enter("associating", ASSOCIATE_MS);
    const { network, bssid, channel } = candidate;
    const least = leastOf(network);
    this.#radio.connect({
      ssid: network.ssid,
      ...(network.password !== undefined && { password: network.password }),
      ...(least !== "wpa2" && { least }),
      ...(bssid !== undefined && { bssid }),
      ...(channel !== undefined && { channel }),
    });
  }

  /** Ends in `free`, also when there is nothing to leave. */
  leave(): void {
    this.enter("leaving", LEAVE_MS);
    this.#radio.disconnect();
  }

  /** Leaves, and tells nothing more. */
  drop(): void {
    const busy = this.#state !== "idle" && this.#state !== "leaving";
    this.enter("idle");
    if (busy) this.#radio.disconnect();
  }

  private take(event: RadioEvent): void {
    this.#watch.answered();
    switch (event.type) {
      case "associated":
        return this.takeAssociated(event);
      case "address":
        return this.takeAddress(event);
      case "address-lost":
        if (this.#state === "online") this.#onEvent({ type: "address-lost" });
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
    const { address, gateway } = event;
    // Where DHCP names no server, the router is one in most homes.
    const dns = event.dns.length > 0 ? event.dns : [gateway];
    const at: StationAddress = { ssid: network.ssid, bssid, channel, address, gateway, dns };
    const { state } = this;
    if (state === "online" && this.#at && sameLease(this.#at, at)) return;
    if (state !== "online" && state !== "addressing") return;
    this.#at = at;
    if (state === "addressing") this.enter("online");
    this.#onEvent({ type: state === "online" ? "changed" : "joined", at });
  }

  private takeDisconnected(event: Extract<RadioEvent, { type: "disconnected" }>): void {
    const { reason: number, rssi } = event;
    const details = { number, ...(rssi !== undefined && { rssi }) };
    switch (this.#state) {
      case "idle":
        return;
      case "leaving":
        return this.left();
      case "online":
        this.enter("idle");
        return this.#onEvent({ type: "association-lost", ...details });
      case "associating":
        // The echo of an earlier disconnect: this attempt has not been told to leave.
        if (number === ASSOC_LEAVE) return;
        break;
      case "addressing":
    }
    const reason = this.diagnose(number);
    this.enter("idle");
    this.#onEvent({ type: "failed", reason, ...details });
    this.#onEvent({ type: "free" });
  }

  private expire(): void {
    if (this.#state === "leaving") return this.left();
    const reason = this.diagnose();
    this.leave();
    this.#onEvent({ type: "failed", reason });
  }

  private diagnose(number?: number): JoinFailureReason {
    const { network, security } = this.#candidate!;
    return diagnose({
      phase: this.#state === "addressing" ? "addressing" : "associating",
      ...(number !== undefined && { number }),
      ...(security && { security }),
      hasPassword: network.password !== undefined,
    });
  }

  private left(): void {
    this.enter("idle");
    this.#onEvent({ type: "free" });
  }

  private enter(next: ConnectionState, limitMs?: number): void {
    Timer.clear(this.#timer);
    this.#timer = undefined;
    this.#state = next;
    if (next !== "online") this.#at = undefined;
    if (limitMs !== undefined) this.#timer = Timer.set(() => this.expire(), limitMs);
  }
}

const sameLease = (a: StationAddress, b: StationAddress): boolean =>
  a.address === b.address && a.gateway === b.gateway && a.dns.join() === b.dns.join();
