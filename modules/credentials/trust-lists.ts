import Timer from "timer";
import { crc32 } from "../base/crc32";
import { parseJsonObject } from "../base/json";
import { areCertificates } from "../identity/fields";
import { type JwsFault, verifyJws } from "../signed/jws";
import type { IdentityReason } from "./identity-report";
import { decodeCertificates, LONGEST_ANSWER } from "./renewal-answer";
import type { RenewalOptions, RenewalParts } from "./renewal-parts";

/** Why a trust list is not tried. */
export type TrustFault =
  | JwsFault
  /** A later version of trust lists. */
  | "list-version"
  /** Not JSON, a member is absent, or not of its form. */
  | "bad-list"
  /** Below the list that is in force: an old one, told again. */
  | "not-newer";

/** What is signed as a trust list, and nothing else that the same key may sign. */
export const TRUST_TYPE = "aerolink-trust+jwt";
const LIMITS = Object.freeze({ mostBytes: LONGEST_ANSWER, mostDepth: 2, mostParts: 16 } as const, true);
const UINT32 = 0xffff_ffff;
const LOOK_MS = 60_000;
const HOUR_MS = 3_600_000;
/** After trials that failed, each longer: the cause may have been an outage. */
const PAUSE_FACTOR = 6;
const LONGEST_PAUSE_MS = 24 * HOUR_MS;

/**
 * Takes the authorities that a signed list names, on trial. The broker retains the list and tells it at each connection;
 * one that cannot be tried now, or whose trial failed, is kept here until it can.
 */
export class TrustLists {
  /** Why the list that was told last is not in force. */
  reason: IdentityReason | undefined;
  #parts: RenewalParts;
  #options: RenewalOptions;
  #waiting: Uint8Array | undefined;
  /** CRC of what was told last. */
  #told: number | undefined;
  #pauseMs = HOUR_MS;
  #timer: Timer | undefined;

  constructor(parts: RenewalParts, options: RenewalOptions) {
    this.#parts = parts;
    this.#options = options;
  }

  /** A message of the topic `identity/trust`. Empty: it is retained no more. */
  take(payload: Uint8Array): void {
    const told = crc32(payload, 0, payload.length);
    if (told === this.#told) return;
    this.#told = told;
    this.#pauseMs = HOUR_MS;
    this.#waiting = payload.length > 0 ? payload.slice() : undefined;
    this.look();
  }

  /** The trial of authorities is over. */
  trialEnded(reached: boolean): void {
    if (reached) {
      this.#waiting = undefined;
      return this.enter(undefined);
    }
    this.enter("trial-failed");
    this.lookIn(this.#pauseMs);
    this.#pauseMs = Math.min(this.#pauseMs * PAUSE_FACTOR, LONGEST_PAUSE_MS);
  }

  private look(): void {
    const payload = this.#waiting;
    const { credentials } = this.#parts;
    if (!payload) return;
    if (credentials.trial || this.#options.speaksAgainst()) return this.lookIn(LOOK_MS);
    const reason = this.judge(payload);
    if (reason === "storage") this.lookIn(HOUR_MS);
    else if (!credentials.trial) this.#waiting = undefined;
    this.enter(reason);
  }

  /** Begins the trial of a list that is newer. Members that it does not know are passed over. */
  private judge(payload: Uint8Array): IdentityReason | undefined {
    const { board, build, clock, credentials, timeKeeper } = this.#parts;
    const { signatures } = board;
    const keys = build.updateKeys;
    const signed = verifyJws(payload, { typ: TRUST_TYPE, keys, signatures, mostBytes: LONGEST_ANSWER });
    if ("fault" in signed) return signed.fault;
    const json = parseJsonObject(signed.payload, LIMITS);
    if (typeof json === "string") return "bad-list";
    const { v, list, iat, authorities } = json;
    if (v !== 1) return Number.isInteger(v) ? "list-version" : "bad-list";
    const certificateAuthorities = decodeCertificates(authorities);
    if (
      !isCount(list) ||
      !isCount(iat) ||
      !certificateAuthorities ||
      !areCertificates(certificateAuthorities)
    )
      return "bad-list";
    if (list === credentials.list) return undefined;
    if (list < credentials.list) return "not-newer";
    timeKeeper.evidence(iat * 1000);
    const identity = { ...credentials.identity, certificateAuthorities };
    if (!board.canUse(identity)) return "unreadable";
    const untilMs = board.trustedUntil(identity);
    if (clock.quality === "synced" && untilMs > 0 && untilMs <= clock.unixMs!) return "expired";
    return credentials.begin({ list, certificateAuthorities }) ? undefined : "storage";
  }

  private lookIn(ms: number): void {
    Timer.clear(this.#timer);
    this.#timer = Timer.set(() => {
      this.#timer = undefined;
      this.look();
    }, ms);
  }

  private enter(reason: IdentityReason | undefined): void {
    if (reason === this.reason) return;
    this.reason = reason;
    this.#parts.logs.room("identity").warn(reason ? `authorities refused: ${reason}` : "authorities good");
    this.#options.onState();
  }
}

const isCount = (value: unknown): value is number =>
  Number.isInteger(value) && (value as number) > 0 && (value as number) <= UINT32;
