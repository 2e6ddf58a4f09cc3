import Timer from "timer";
import type { RenewedParts } from "../identity/fields";
import { encodeBase64Url } from "../signed/base64url";
import { toHex } from "../signed/jws";
import type { Credential, Validity } from "./credential-tools";
import type { IdentityReason, IdentityState, IdentityWait } from "./identity-report";
import { parseRenewalAnswer } from "./renewal-answer";
import type { RenewalOptions, RenewalParts } from "./renewal-parts";

/** A request that waits for its answer. The key is here alone until it is on trial. */
interface Request {
  readonly id: string;
  readonly key: Uint8Array;
}

const HOUR_MS = 3_600_000;
/** Parts of the lifetime: when it begins, and over how much of it a fleet spreads. */
const BEGIN = 2 / 3;
const SPREAD = 1 / 20;
/** An answer may take so long, and no pause is longer; of a certificate that lives for minutes a part of its life. */
const ANSWER_MS = 600_000;
const LONGEST_PAUSE_MS = 24 * HOUR_MS;
const PAUSE_PART = 1 / 24;
const SHORTEST_MS = 10_000;
/** While something speaks against it, and while the session takes nothing. */
const LOOK_MS = 60_000;
const RETRY_MS = 5_000;
const ID_BYTES = 4;

/**
 * Renews the device's certificate over the session: a new key, a request signed by it, an answer that is judged before
 * it is tried (credentials.ts). It begins by itself at two thirds of the lifetime, or when a person asks; what fails is
 * tried again after growing pauses. A device whose identity names no service begins nothing.
 */
export class Renewal {
  state: Exclude<IdentityState, "trial"> = "current";
  /** Why the last try came to nothing. */
  reason: IdentityReason | undefined;
  wait: IdentityWait | undefined;
  #parts: RenewalParts;
  #options: RenewalOptions;
  #request: Request | undefined;
  #isAsked = false;
  #failures = 0;
  /** Uptime until which it pauses. */
  #notBefore = 0;
  /** Its place in the fleet, 0 to 1. */
  #share: number;
  #timer: Timer | undefined;

  constructor(parts: RenewalParts, options: RenewalOptions) {
    this.#parts = parts;
    this.#options = options;
    const [byte = 0] = parts.board.randomBytes(1);
    this.#share = byte / 256;
  }

  /** The identity names a service, and the flash has a place for what it issues. */
  get isEnabled(): boolean {
    const { store, identity } = this.#parts.credentials;
    return store !== undefined && identity.renewal !== undefined;
  }

  /** Of the certificate that is in force or on trial. */
  get validity(): Validity | undefined {
    const { board, credentials } = this.#parts;
    return board.credentials.validity(credentials.identity.certificateChain[0]!);
  }

  /** A person wants it now. Why not, if so. */
  ask(): "no-renewal" | "on-trial" | undefined {
    if (!this.isEnabled) return "no-renewal";
    if (this.#parts.credentials.trial) return "on-trial";
    this.#isAsked = true;
    this.#notBefore = 0;
    this.look();
    return undefined;
  }

  /** Something has changed: the session is up, a trial is over. */
  look(): void {
    const { clock, credentials } = this.#parts;
    if (!this.isEnabled || this.#request) return;
    // A trial of authorities does not end in a look.
    if (credentials.trial) return this.lookIn(LOOK_MS);
    const { validity } = this;
    const now = clock.unixMs;
    const dueMs =
      validity && now !== undefined
        ? validity.fromMs + (BEGIN + this.#share * SPREAD) * (validity.untilMs - validity.fromMs) - now
        : HOUR_MS;
    const pauseMs = this.#notBefore - clock.uptimeMs;
    if (dueMs > 0 && !this.#isAsked) return this.lookIn(dueMs);
    if (pauseMs > 0) return this.lookIn(pauseMs);
    const wait = this.#options.speaksAgainst();
    if (wait) {
      if (this.wait !== wait) this.enter("waiting", this.reason, wait);
      return this.lookIn(LOOK_MS);
    }
    // The key and its signature each take as long as a step of a handshake: a turn each.
    const key = this.#parts.board.credentials.newKey();
    if (!key) return this.failed("no-request");
    this.lookIn(0, () => this.send(key));
  }

  /** A message of the topic `identity/renew`. */
  take(payload: Uint8Array): void {
    const request = this.#request;
    const answer = parseRenewalAnswer(payload);
    if (!request || (answer !== "bad-answer" && answer.id !== request.id)) return;
    if (answer === "bad-answer") return this.failed(answer);
    if ("error" in answer) return this.failed(answer.error, answer.retryAfterMs);
    const { board, clock, credentials } = this.#parts;
    const candidate: Credential & RenewedParts = {
      privateKey: request.key,
      certificateChain: answer.certificates,
    };
    const wait = this.#options.speaksAgainst();
    if (credentials.trial || (wait && wait !== "offline")) return this.failed("interrupted");
    const fault = board.credentials.judge(candidate, credentials.identity, clock.quality === "synced");
    if (fault) return this.failed(fault);
    Timer.clear(this.#timer);
    this.#timer = this.#request = undefined;
    if (credentials.begin(candidate)) this.enter("current");
    else this.failed("storage");
  }

  /** The trial of a certificate is over. */
  trialEnded(reached: boolean): void {
    if (!reached) return this.failed("trial-failed");
    this.#failures = 0;
    this.#isAsked = false;
    this.enter("current");
    this.look();
  }

  /** The clock may be set in between. */
  private lookIn(ms: number, action: () => void = () => this.look()): void {
    Timer.clear(this.#timer);
    this.#timer = Timer.set(
      () => {
        this.#timer = undefined;
        action();
      },
      Math.min(Math.max(ms, 1), HOUR_MS),
    );
  }

  private send(key: Uint8Array): void {
    const { board, credentials, logs } = this.#parts;
    const der = board.credentials.requestFor(key, credentials.identity.certificateChain[0]!);
    if (!der) return this.failed("no-request");
    const id = toHex(board.randomBytes(ID_BYTES));
    if (!this.#options.publishRequest(JSON.stringify({ id, csr: encodeBase64Url(der) })))
      return this.lookIn(RETRY_MS);
    this.#request = { id, key };
    logs.room("identity").info(`certificate requested (${id})`);
    this.enter("requested");
    this.lookIn(this.partOfLife(ANSWER_MS), () => this.failed("no-answer"));
  }

  private failed(reason: IdentityReason, leastMs = 0): void {
    const { board, clock, logs } = this.#parts;
    logs.room("identity").warn(`certificate not renewed: ${reason}`);
    this.#request = undefined;
    this.#isAsked = false;
    const bound = this.partOfLife(Math.min(HOUR_MS * 2 ** this.#failures, LONGEST_PAUSE_MS));
    this.#failures++;
    const [byte = 0] = board.randomBytes(1);
    const pauseMs = Math.max(leastMs, bound * (0.5 + byte / 512));
    this.#notBefore = clock.uptimeMs + pauseMs;
    this.enter("refused", reason);
    this.lookIn(pauseMs);
  }

  private partOfLife(ms: number): number {
    const { validity } = this;
    return validity
      ? Math.min(ms, Math.max(SHORTEST_MS, (validity.untilMs - validity.fromMs) * PAUSE_PART))
      : ms;
  }

  private enter(state: Renewal["state"], reason?: IdentityReason, wait?: IdentityWait): void {
    this.state = state;
    this.reason = reason;
    this.wait = wait;
    this.#options.onState();
  }
}
