import Timer from "timer";
import type { Candidate } from "./candidates";
import { diagnoseJoin, type JoinFailureReason } from "./join-failure";
import type { Radio, RadioEvent } from "./radio";
import { ASSOC_LEAVE, ROAMING } from "./reason-codes";
import { leastOf, SOUND } from "./security";
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

/** Limit for associating (design). */
export const ASSOCIATE_MS = 15_000;
/** For an address after it: a switch's spanning tree holds a port back for 30 s, and DHCP asks again now and then. */
export const ADDRESS_MS = 40_000;
/** The driver posts the event of a disconnect within milliseconds; without one there was nothing to leave. */
export const LEAVE_MS = 1_000;

/** What the radio told with an event. */
export type Details = Pick<Extract<RadioEvent, { type: "disconnected" }>, "rssi"> & {
  readonly number?: number;
};

/**
 * The lowest layer of the station: one association at a time, each step with its time limit. What becomes of it is the
 * business of the layer above (rounds.ts).
 */
export abstract class Connection {
  /** What was last joined, or tried, with what has been learned of it since. */
  protected candidate: Candidate | undefined;
  /** The radio, and whether it has answered what it was asked. */
  protected answers: "unasked" | "asked" | "answered" = "unasked";
  #radio: Radio;
  #state: ConnectionState = "idle";
  #timer: Timer | undefined;
  #at: StationAddress | undefined;

  protected constructor(radio: Radio) {
    this.#radio = radio;
    radio.onEvent = (event) => this.take(event);
  }

  protected abstract joined(at: StationAddress): void;
  /** A renewed lease differs. */
  protected abstract changed(at: StationAddress): void;
  /** An attempt failed; `free` follows. */
  protected abstract failed(reason: JoinFailureReason, details?: Details): void;
  /** `association-lost`: the connection is idle; `address-lost`: until `leave` still associated. */
  protected abstract lost(reason: "association-lost" | "address-lost", details?: Details): void;
  /** The radio may be used for something else. */
  protected abstract free(): void;

  protected get connection(): ConnectionState {
    return this.#state;
  }

  /** Where the device is online; `undefined` when it is not. */
  get at(): StationAddress | undefined {
    return this.#at;
  }

  protected begin(candidate: Candidate): void {
    this.candidate = candidate;
    this.step("associating", ASSOCIATE_MS);
    const { network, bssid, channel } = candidate;
    const least = leastOf(network);
    this.#radio.connect({
      ssid: network.ssid,
      ...(network.password !== undefined && { password: network.password }),
      ...(least !== SOUND && { least }),
      ...(bssid !== undefined && { bssid }),
      ...(channel !== undefined && { channel }),
    });
  }

  /** Ends in `free`, also when there is nothing to leave. */
  protected leave(): void {
    this.step("leaving", LEAVE_MS);
    this.#radio.disconnect();
  }

  /** Leaves, and tells nothing more. */
  protected drop(): void {
    const busy = this.#state !== "idle" && this.#state !== "leaving";
    this.step("idle");
    if (busy) this.#radio.disconnect();
  }

  private take(event: RadioEvent): void {
    this.answers = "answered";
    switch (event.type) {
      case "associated":
        return this.takeAssociated(event);
      case "address":
        return this.takeAddress(event);
      case "address-lost":
        if (this.#state === "online") this.lost("address-lost");
        return;
      case "disconnected":
        if (event.reason !== ROAMING) this.takeDisconnected(event);
    }
  }

  private takeAssociated({ bssid, channel }: Extract<RadioEvent, { type: "associated" }>): void {
    const candidate = this.candidate;
    if (this.#state !== "associating" || !candidate) return;
    // Of an earlier attempt.
    if (candidate.bssid !== undefined && candidate.bssid !== bssid) return;
    this.candidate = { ...candidate, bssid, channel };
    this.step("addressing", ADDRESS_MS);
  }

  private takeAddress({ address, gateway, dns: named }: Extract<RadioEvent, { type: "address" }>): void {
    const state = this.#state;
    if (state !== "online" && state !== "addressing") return;
    const { network, bssid, channel } = this.candidate!;
    // Where DHCP names no server, the router is one in most homes.
    const dns = named.length > 0 ? named : [gateway];
    const at: StationAddress = {
      ssid: network.ssid,
      bssid: bssid!,
      channel: channel!,
      address,
      gateway,
      dns,
    };
    if (this.#at && sameLease(this.#at, at)) return;
    if (state === "addressing") this.step("online");
    this.#at = at;
    if (state === "addressing") this.joined(at);
    else this.changed(at);
  }

  private takeDisconnected({ reason, rssi }: Extract<RadioEvent, { type: "disconnected" }>): void {
    const state = this.#state;
    if (state === "leaving") return this.left();
    // Idle, or the echo of an earlier disconnect: this attempt has not been told to leave.
    if (state === "idle" || (state === "associating" && reason === ASSOC_LEAVE)) return;
    const details = { number: reason, ...(rssi !== undefined && { rssi }) };
    const why = this.diagnose(reason);
    this.step("idle");
    if (state === "online") return this.lost("association-lost", details);
    this.failed(why, details);
    this.free();
  }

  private expire(): void {
    if (this.#state === "leaving") return this.left();
    const reason = this.diagnose();
    this.leave();
    this.failed(reason);
  }

  private diagnose(number?: number): JoinFailureReason {
    const { network, security } = this.candidate!;
    return diagnoseJoin({
      phase: this.#state === "addressing" ? "addressing" : "associating",
      ...(number !== undefined && { number }),
      ...(security && { security }),
      hasPassword: network.password !== undefined,
    });
  }

  private left(): void {
    this.step("idle");
    this.free();
  }

  private step(next: ConnectionState, limitMs?: number): void {
    Timer.clear(this.#timer);
    this.#timer = limitMs === undefined ? undefined : Timer.set(() => this.expire(), limitMs);
    this.#state = next;
    if (next !== "online") this.#at = undefined;
  }
}

const sameLease = (a: StationAddress, b: StationAddress): boolean =>
  a.address === b.address && a.gateway === b.gateway && a.dns.join() === b.dns.join();
