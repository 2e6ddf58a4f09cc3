import Timer from "timer";
import { type Logger, silentLogger } from "../base/logger";
import { encodeBase64Url } from "../signed/base64url";
import type { Credential, Validity } from "./credential-tools";
import type { IdentityReason, IdentityState, IdentityWait } from "./identity-report";
import { parseRenewalAnswer } from "./renewal-answer";
import type { RenewalOptions } from "./renewal-options";

/** A request that waits for its answer. The key is here alone until it is on trial. */
interface Request {
  readonly id: string;
  readonly key: Uint8Array;
}

const SECOND_MS = 1_000;
const HOUR_MS = 3_600_000;
/** Parts of the lifetime: when it begins, and over how much of it a fleet spreads. */
const BEGIN = 2 / 3;
const SPREAD = 1 / 20;
/** An answer may take so long, and no pause is longer; of a certificate that lives for minutes a part of its life. */
const ANSWER_MS = 600_000;
const LONGEST_PAUSE_MS = 24 * HOUR_MS;
const PAUSE_PART = 1 / 24;
const SHORTEST_MS = 10 * SECOND_MS;
/** While something speaks against it, and while the session takes nothing. */
const LOOK_MS = 60 * SECOND_MS;
const RETRY_MS = 5 * SECOND_MS;

/**
 * Renews the device's certificate over the session: a new key, a request signed by it, an answer that is judged before
 * it is tried (credentials.ts). It begins by itself at two thirds of the lifetime, or when a person asks; what fails is
 * tried again after growing pauses. A device whose identity names no service begins nothing.
 */
export class Renewal {
  #options: RenewalOptions;
  #log: Logger;
  #state: Exclude<IdentityState, "trial"> = "current";
  #reason: IdentityReason | undefined;
  #wait: IdentityWait | undefined;
  #request: Request | undefined;
  #isAsked = false;
  #failures = 0;
  /** Uptime until which it pauses. */
  #notBefore = 0;
  /** Its place in the fleet. */
  #share: number;
  #timer: Timer | undefined;

  constructor(options: RenewalOptions) {
    this.#options = options;
    this.#log = options.log ?? silentLogger;
    this.#share = options.random();
  }

  get state(): Exclude<IdentityState, "trial"> {
    return this.#state;
  }

  get reason(): IdentityReason | undefined {
    return this.#reason;
  }

  get wait(): IdentityWait | undefined {
    return this.#wait;
  }

  /** The identity names a service, and the flash has a place for what it issues. */
  get isEnabled(): boolean {
    const { credentials } = this.#options;
    return credentials.canKeep && credentials.identity.renewal !== undefined;
  }

  /** Of the certificate that is in force or on trial. */
  get validity(): Validity | undefined {
    const { tools, credentials } = this.#options;
    return tools.validity(credentials.identity.certificateChain[0]!);
  }

  /** A person wants it now. Why not, if so. */
  ask(): "no-renewal" | "on-trial" | undefined {
    if (!this.isEnabled) return "no-renewal";
    if (this.#options.credentials.trial) return "on-trial";
    this.#isAsked = true;
    this.#notBefore = 0;
    this.look();
    return undefined;
  }

  sessionUp(): void {
    this.look();
  }

  /** A message of the topic `identity/renew`. */
  take(payload: Uint8Array): void {
    const request = this.#request;
    const answer = parseRenewalAnswer(payload);
    if (!request || (typeof answer === "object" && answer.id !== request.id)) {
      this.#log.warn("an answer to no request of now is passed over");
      return;
    }
    if (answer === "bad-answer") return this.failed(answer);
    if ("error" in answer) return this.failed(answer.error, answer.retryAfterMs);
    this.judge({ privateKey: request.key, certificateChain: answer.certificates });
  }

  /** The trial of a certificate is over. */
  trialEnded(reached: boolean): void {
    if (!reached) return this.failed("trial-failed");
    this.#failures = 0;
    this.#isAsked = false;
    this.enter("current");
    this.look();
  }

  close(): void {
    Timer.clear(this.#timer);
    this.#timer = undefined;
  }

  private look(): void {
    if (!this.isEnabled || this.#request || this.#options.credentials.trial) return;
    const dueMs = this.#isAsked ? 0 : this.dueMs();
    if (dueMs > 0) return this.lookIn(dueMs);
    const pauseMs = this.#notBefore - this.#options.uptimeMs();
    if (pauseMs > 0) return this.lookIn(pauseMs);
    const wait = this.#options.speaksAgainst();
    if (!wait) return this.begin();
    if (this.#state !== "waiting" || this.#wait !== wait) this.enter("waiting", this.#reason, wait);
    this.lookIn(LOOK_MS);
  }

  /** The clock may be set in between. */
  private lookIn(ms: number): void {
    this.close();
    this.#timer = Timer.set(
      () => {
        this.#timer = undefined;
        this.look();
      },
      Math.min(Math.max(ms, 1), HOUR_MS),
    );
  }

  private dueMs(): number {
    const now = this.#options.unixMs();
    const { validity } = this;
    if (now === undefined || !validity) return HOUR_MS;
    return validity.fromMs + (BEGIN + this.#share * SPREAD) * lifeOf(validity) - now;
  }

  /** The key and its signature each take as long as a step of a handshake: a turn each. */
  private begin(): void {
    const key = this.#options.tools.newKey();
    if (!key) return this.failed("no-request");
    this.close();
    this.#timer = Timer.set(() => {
      this.#timer = undefined;
      this.send(key);
    });
  }

  private send(key: Uint8Array): void {
    const { tools, credentials } = this.#options;
    const der = tools.requestFor(key, credentials.identity.certificateChain[0]!);
    if (!der) return this.failed("no-request");
    const id = this.#options.randomUint32().toString(16).padStart(8, "0");
    if (!this.#options.publishRequest(JSON.stringify({ id, csr: encodeBase64Url(der) })))
      return this.lookIn(RETRY_MS);
    this.#request = { id, key };
    this.#log.info(`certificate requested (${id})`);
    this.enter("requested");
    this.#timer = Timer.set(() => {
      this.#timer = undefined;
      this.failed("no-answer");
    }, this.partOfLife(ANSWER_MS));
  }

  private judge(candidate: Credential): void {
    const { tools, credentials } = this.#options;
    const wait = this.#options.speaksAgainst();
    if (credentials.trial || (wait && wait !== "offline")) return this.failed("interrupted");
    const fault = tools.judge(candidate, credentials.identity, this.#options.isSynced());
    if (fault) return this.failed(fault);
    this.close();
    this.#request = undefined;
    if (!credentials.tryCredential(candidate)) return this.failed("storage");
    this.enter("current");
  }

  private failed(reason: IdentityReason, leastMs = 0): void {
    this.#log.warn(`certificate not renewed: ${reason}`);
    this.#request = undefined;
    this.#isAsked = false;
    const bound = this.partOfLife(Math.min(HOUR_MS * 2 ** this.#failures, LONGEST_PAUSE_MS));
    this.#failures++;
    const pauseMs = Math.max(leastMs, bound * (0.5 + this.#options.random() / 2));
    this.#notBefore = this.#options.uptimeMs() + pauseMs;
    this.enter("refused", reason);
    this.lookIn(pauseMs);
  }

  private partOfLife(ms: number): number {
    const { validity } = this;
    return validity ? Math.min(ms, Math.max(SHORTEST_MS, lifeOf(validity) * PAUSE_PART)) : ms;
  }

  private enter(state: Renewal["state"], reason?: IdentityReason, wait?: IdentityWait): void {
    this.#state = state;
    this.#reason = reason;
    this.#wait = wait;
    this.#options.onState();
  }
}

function lifeOf({ fromMs, untilMs }: Validity): number {
  return untilMs - fromMs;
}
