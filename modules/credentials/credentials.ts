import Timer from "timer";
import type { Logger } from "../base/logger";
import { formatParts, parseParts, type RenewedParts } from "../identity/fields";
import type { Identity } from "../identity/identity";
import type { TlsIdentity } from "../network/socket";
import { CONFIRMED, type CredentialFlash, CredentialStore, type RecordKind, TRIED } from "./credential-store";

export interface CredentialsOptions {
  readonly factory: Identity;
  /** Where what is renewed lies; `undefined`: the partition table has no place for it. */
  readonly flash: CredentialFlash | undefined;
  /** Whether the board's TLS can be this device. */
  canUse(identity: TlsIdentity): boolean;
  /** {@link Credentials.identity} is another one now: connect anew, and then {@link Credentials.watch}. */
  onSwitch(): void;
  /** A trial ended. `reached`: what was tried is in force; otherwise what was before is again. */
  onEnd(kind: RecordKind, reached: boolean): void;
  readonly log: Logger;
}

/** How long it may take to be accepted with what is new. */
export const TRIAL_MS = 300_000;
/** So long a session must hold with it. */
export const HOLD_MS = 60_000;

/**
 * Who the device is to its cloud, and whom it trusts: the factory's identity, with the newest certificate and the newest
 * authorities that have worked. What is newer than these is on trial until a session with it has held; when none has within
 * {@link TRIAL_MS}, those that have worked are back. Over a power cut a trial goes on, for three boots at most.
 */
export class Credentials {
  /** In force, or on trial. */
  identity: Identity;
  /** Number of the trust list of {@link identity}; 0: its authorities are the factory's. */
  list = 0;
  /** The certificate is not the factory's any more. */
  isRenewed = false;
  /** What is on trial. */
  trial: RecordKind | undefined;
  /** Why the last attempt of the last trial failed, where one told. */
  failure: string | undefined;
  /** Where there is a place for what is renewed. */
  readonly store: CredentialStore | undefined;
  #options: CredentialsOptions;
  /** Of the trial, and of the session that is to hold. */
  #timer: Timer | undefined;
  #hold: Timer | undefined;

  constructor(options: CredentialsOptions) {
    const { flash } = options;
    this.#options = options;
    this.store = flash && new CredentialStore(flash);
    this.identity = options.factory;
    this.load();
  }

  /** Begins the trial of a certificate with its key, or of authorities. False: they cannot be stored, or not used. */
  begin(parts: RenewedParts): boolean {
    const kind = parts.privateKey ? "certificate" : "authorities";
    if (!this.store?.put(kind, formatParts(parts))) return false;
    this.failure = undefined;
    this.load();
    if (!this.trial) return false;
    this.#options.log.warn(`${kind} on trial`);
    this.pause();
    this.#options.onSwitch();
    return true;
  }

  /** There is a way to the broker: a trial's time runs. */
  watch(): void {
    if (this.trial) this.#timer ??= Timer.set(() => this.timeOver(), TRIAL_MS);
  }

  /** The device is off the cloud by its own will: the time stands still, and begins anew. */
  pause(): void {
    Timer.clear(this.#timer);
    Timer.clear(this.#hold);
    this.#timer = this.#hold = undefined;
  }

  /** The broker takes and gives what it should. The flash may refuse: then the next session is the trial's end. */
  proven(): void {
    if (this.trial)
      this.#hold ??= Timer.set(() => {
        this.#hold = undefined;
        if (this.store!.mark(CONFIRMED)) this.ended(true);
      }, HOLD_MS);
  }

  /** A session ended, or an attempt failed. */
  failed(reason: string): void {
    Timer.clear(this.#hold);
    this.#hold = undefined;
    if (this.trial) this.failure = reason;
  }

  /** What flash has, in the order of trust: a candidate that still has a try, what has worked, the factory's. */
  private load(): void {
    const { store } = this;
    const { factory, log } = this.#options;
    let candidate = store?.find();
    if (candidate && !(parseParts(candidate.fields) && store!.mark(TRIED))) {
      log.error("what was renewed has had three boots to work");
      store!.drop();
      candidate = undefined;
    }
    for (;;) {
      const found: RenewedParts[] = [];
      for (const kind of ["certificate", "authorities"] as const) {
        const record = candidate?.kind === kind ? candidate : store?.find(kind);
        found.push((record && parseParts(record.fields)) ?? {});
      }
      const [credential, authorities] = found;
      const { list = 0, ...trusted } = authorities!;
      const identity = { ...factory, ...credential, ...trusted };
      const isUsable = this.#options.canUse(identity);
      if (candidate && !isUsable) {
        store!.drop();
        candidate = undefined;
        continue;
      }
      this.trial = candidate?.kind;
      this.identity = isUsable ? identity : factory;
      this.isRenewed = isUsable && credential!.privateKey !== undefined;
      this.list = isUsable ? list : 0;
      return;
    }
  }

  private ended(reached: boolean): void {
    const kind = this.trial!;
    this.pause();
    this.trial = undefined;
    this.#options.log.warn(reached ? `${kind} in force` : `${kind} not accepted: ${this.failure}`);
    if (!reached) {
      this.store!.drop();
      this.load();
      this.#options.onSwitch();
    }
    this.#options.onEnd(kind, reached);
  }

  private timeOver(): void {
    this.#timer = undefined;
    if (this.#hold) this.watch();
    else this.ended(false);
  }
}
