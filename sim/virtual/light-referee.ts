import type { Sight } from "../world/led-observer";
import type { VirtualWorld } from "./virtual-world";

/** Keep-alive of 60 s, 10 s for its answer, and 5 s for what is on its way: solid blue may be that stale. */
const STALE_MS = 75_000;
/** The observer looks for two seconds, and events are milliseconds on their way. */
const SEEN_MS = 3_000;
/** When the light must show what has been so for this long. */
const SETTLED_MS = 5_000;
/** A round over one saved network: rejoin 31 s, scans 30 s, attempts at most 31 s each. */
const ROUND_MS = 150_000;

/** Holds the light to the application note's table at every moment, against what the wire shows (broker-link.ts). */
export class LightReferee {
  readonly violations: string[] = [];
  #world: VirtualWorld;
  #onSince: number | undefined;
  #pulseWhiteSince: number | undefined;

  constructor(world: VirtualWorld) {
    this.#world = world;
  }

  /** Looks once; to be called every second or so. */
  look(): void {
    const { sight, isFailed } = this.#world;
    // Until it is reset, the light of a board whose firmware has ended stands where it stood.
    if (isFailed) return;
    const now = this.#world.time.now();
    this.#note(sight, now);
    const wrong = this.#judge(sight, now);
    if (wrong && this.violations.length < 20)
      this.violations.push(`at ${(now / 1000).toFixed(1)} s, ${sight ?? "changing"}: ${wrong}`);
  }

  #note(sight: Sight | undefined, now: number): void {
    if (this.#world.world.board.on) this.#onSince ??= now;
    else this.#onSince = undefined;
    if (sight !== "pulse white") this.#pulseWhiteSince = undefined;
    else this.#pulseWhiteSince ??= now;
  }

  #judge(sight: Sight | undefined, now: number): string | undefined {
    const { link } = this.#world;
    if (this.#onSince === undefined) {
      const isLate = now - link.powerOffAt > SEEN_MS;
      return isLate && sight !== "dark" ? "there is no power" : undefined;
    }
    if (now - this.#onSince < SETTLED_MS) return undefined;
    const accepted = link.acceptedSince;
    const address = link.addressSince;
    if (accepted !== undefined && now - accepted > SETTLED_MS) {
      if (sight !== "solid blue") return "the broker has accepted, and the connection stands";
    } else if (accepted === undefined && address !== undefined) {
      const since = Math.max(address, link.acceptedUntil);
      if (now - since > SETTLED_MS && sight !== "pulse blue") return "there is an address and no broker";
    }
    switch (sight) {
      case "solid blue":
        if (accepted === undefined && now - link.acceptedUntil > SEEN_MS) return "there is no session";
        if (now - link.heardAt > STALE_MS) return "the broker has long been silent";
        return undefined;
      case "pulse blue":
        return address === undefined && now - link.addressLostAt > SEEN_MS
          ? "there is no address"
          : undefined;
      case "pulse white":
        // A round ends with the power, however short that is.
        if (now - Math.max(this.#pulseWhiteSince!, link.powerOffAt) > ROUND_MS)
          return "no round takes that long";
        return this.#whiteWithAddress(address, now);
      case "solid white":
        return this.#whiteWithAddress(address, now);
      case undefined:
        return undefined;
      default:
        return "no such light outside setup mode";
    }
  }

  #whiteWithAddress(address: number | undefined, now: number): string | undefined {
    return address !== undefined && now - address > SEEN_MS ? "there is an address" : undefined;
  }
}
