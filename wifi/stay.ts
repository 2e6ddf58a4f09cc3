import type { AccessPointMemory } from "./access-point-memory";
import type { Candidate, Seen } from "./candidates";
import type { Network } from "./network";
import { betterPlace, CONTENT_RSSI, WEAK_RSSI } from "./roaming";

export interface StayOptions {
  readonly radio: { readonly rssi?: number | undefined };
  readonly memory: AccessPointMemory;
  uptimeMs(): number;
}

/** A network that leads nowhere is left for another after this. */
export const YIELD_MS = 120_000;

/** The time on an access point: what is learned of it, and whether another is better. Holds no timer and no radio. */
export class Stay {
  #options: StayOptions;
  #settled = false;
  #nowhereSince: number | undefined;

  constructor(options: StayOptions) {
    this.#options = options;
  }

  /** An access point has just let us in. */
  begin(): void {
    this.#settled = false;
    this.#nowhereSince = undefined;
  }

  /** It has held for a while; true the first time. */
  settle(): boolean {
    const first = !this.#settled;
    this.#settled = true;
    return first;
  }

  /** It is gone; `again`: as the one before it. `rssi`: its strength then. */
  lost(bssid: string, again: boolean, rssi: number | undefined): void {
    const { memory } = this.#options;
    if (again) memory.note(bssid, "flapped", this.#options.uptimeMs());
    else if (isWeak(rssi)) memory.note(bssid, "weak", this.#options.uptimeMs());
  }

  /** It leads to the cloud. */
  cloudReached(bssid: string): void {
    this.#nowhereSince = undefined;
    this.#options.memory.forgive(bssid);
  }

  /** It leads nowhere, for certain; true: it has done so long enough. */
  nowhere(): boolean {
    this.#nowhereSince ??= this.#options.uptimeMs();
    return this.leadsNowhere;
  }

  /** Whether a look around may pay; `isFirst`: it is of the network that the person put first. */
  mayImprove(isFirst: boolean): boolean {
    const { rssi } = this.#options.radio;
    return !isFirst || (rssi !== undefined && rssi < CONTENT_RSSI);
  }

  /** Where the device had better be, of what it sees; then what speaks against `here` is held against it. */
  better(seen: readonly Seen[], here: Candidate, networks: readonly Network[]): Seen | undefined {
    const { radio, memory } = this.#options;
    const { rssi } = radio;
    const nowMs = this.#options.uptimeMs();
    const { bssid } = here;
    const noInternet = this.leadsNowhere;
    const better = betterPlace(seen, { here, rssi, noInternet }, { networks, memory, nowMs });
    if (bssid !== undefined && better && noInternet) memory.note(bssid, "no-internet", nowMs);
    else if (bssid !== undefined && isWeak(rssi)) memory.note(bssid, "weak", nowMs);
    return better;
  }

  private get leadsNowhere(): boolean {
    const since = this.#nowhereSince;
    return since !== undefined && this.#options.uptimeMs() - since >= YIELD_MS;
  }
}

const isWeak = (rssi: number | undefined): boolean => rssi !== undefined && rssi < WEAK_RSSI;
