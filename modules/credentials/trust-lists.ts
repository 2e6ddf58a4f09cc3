import Timer from "timer";
import { crc32 } from "../base/crc32";
import { type Logger, silentLogger } from "../base/logger";
import type { IdentityReason } from "./identity-report";
import type { RenewalOptions } from "./renewal-options";
import { judgeTrustList, type TrustList } from "./trust-list";

const LOOK_MS = 60_000;
/** After a first, a second and each further trial that failed: the cause may have been an outage. */
const PAUSES_MS: readonly number[] = Object.freeze([3_600_000, 6 * 3_600_000, 24 * 3_600_000]);

/**
 * Takes the authorities that a signed list names, on trial. The broker retains the list and tells it at each connection;
 * one that cannot be tried now, or whose trial failed, is kept here until it can.
 */
export class TrustLists {
  #options: RenewalOptions;
  #log: Logger;
  #waiting: Uint8Array | undefined;
  #reason: IdentityReason | undefined;
  /** CRC of what was judged last. */
  #judged: number | undefined;
  #failures = 0;
  #notBefore = 0;
  #timer: Timer | undefined;

  constructor(options: RenewalOptions) {
    this.#options = options;
    this.#log = options.log ?? silentLogger;
  }

  /** Why the list that was told last is not in force. */
  get reason(): IdentityReason | undefined {
    return this.#reason;
  }

  /** A message of the topic `identity/trust`. Empty: it is retained no more. */
  take(payload: Uint8Array): void {
    if (payload.length === 0) {
      this.#waiting = undefined;
      return;
    }
    const crc = crc32(payload, 0, payload.length);
    if (crc === this.#judged) return;
    this.#judged = crc;
    this.#failures = this.#notBefore = 0;
    this.#waiting = payload.slice();
    this.look();
  }

  /** The trial of authorities is over. */
  trialEnded(reached: boolean): void {
    if (reached) {
      this.#waiting = undefined;
      return this.enter(undefined);
    }
    const pauseMs = PAUSES_MS[Math.min(this.#failures, PAUSES_MS.length - 1)]!;
    this.#failures++;
    this.#notBefore = this.#options.uptimeMs() + pauseMs;
    this.enter("trial-failed");
    this.lookIn(pauseMs);
  }

  close(): void {
    Timer.clear(this.#timer);
    this.#timer = undefined;
  }

  private look(): void {
    const payload = this.#waiting;
    const { credentials, trustKeys: keys, signatures } = this.#options;
    if (!payload) return;
    const pauseMs = this.#notBefore - this.#options.uptimeMs();
    if (pauseMs > 0) return this.lookIn(pauseMs);
    if (credentials.trial || this.#options.speaksAgainst()) return this.lookIn(LOOK_MS);
    const verdict = judgeTrustList(payload, { keys, signatures, list: credentials.list });
    const reason = verdict && ("fault" in verdict ? verdict.fault : this.begin(verdict));
    if (reason !== "storage") this.#waiting = credentials.trial ? payload : undefined;
    if (reason) this.#log.warn(`authorities refused: ${reason}`);
    if (reason !== this.#reason) this.enter(reason);
    if (reason === "storage") this.lookIn(PAUSES_MS[0]!);
  }

  private begin(list: TrustList): IdentityReason | undefined {
    const { credentials } = this.#options;
    this.#options.evidence(list.iat * 1000);
    const identity = { ...credentials.identity, certificateAuthorities: list.certificateAuthorities };
    if (!this.#options.canUse(identity)) return "unreadable";
    const unixMs = this.#options.isSynced() ? this.#options.unixMs() : undefined;
    const untilMs = this.#options.trustedUntil(identity);
    if (unixMs !== undefined && untilMs > 0 && untilMs <= unixMs) return "expired";
    return credentials.tryAuthorities(list) ? undefined : "storage";
  }

  private lookIn(ms: number): void {
    this.close();
    this.#timer = Timer.set(() => {
      this.#timer = undefined;
      this.look();
    }, ms);
  }

  private enter(reason: IdentityReason | undefined): void {
    this.#reason = reason;
    this.#options.onState();
  }
}
