import Timer from "timer";
import { type Logger, silentLogger } from "../base/logger";
import type { Identity } from "../identity/identity";
import type { TlsIdentity } from "../network/socket";
import {
  type Authorities,
  formatAuthorities,
  formatCredential,
  parseAuthorities,
  parseCredential,
  renewedIdentity,
} from "./credential-fields";
import { type CredentialFlash, CredentialStore, type StoredRecord } from "./credential-store";
import type { Credential } from "./credential-tools";
import type { RecordKind } from "./record";

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
  readonly log?: Logger;
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
  #options: CredentialsOptions;
  #log: Logger;
  #store: CredentialStore | undefined;
  #identity: Identity;
  #list = 0;
  #isRenewed = false;
  #trial: RecordKind | undefined;
  /** Why the last attempt failed. */
  #failure: string | undefined;
  /** Of the trial, and of the session that is to hold. */
  #timer: Timer | undefined;
  #hold: Timer | undefined;

  constructor(options: CredentialsOptions) {
    this.#options = options;
    this.#log = options.log ?? silentLogger;
    this.#store = options.flash && new CredentialStore(options.flash);
    this.#identity = options.factory;
    this.load();
  }

  /** In force, or on trial. */
  get identity(): Identity {
    return this.#identity;
  }

  /** Number of the trust list of {@link identity}; 0: its authorities are the factory's. */
  get list(): number {
    return this.#list;
  }

  /** The certificate is not the factory's any more. */
  get isRenewed(): boolean {
    return this.#isRenewed;
  }

  /** What is on trial. */
  get trial(): RecordKind | undefined {
    return this.#trial;
  }

  /** Why the last attempt of a trial failed, where one told. */
  get failure(): string | undefined {
    return this.#failure;
  }

  /** Whether there is a place for anything renewed. */
  get canKeep(): boolean {
    return this.#store !== undefined;
  }

  /** Begins the trial of a certificate with its key. False: it could not be stored, or cannot be used. */
  tryCredential(credential: Credential): boolean {
    return this.begin("certificate", formatCredential(credential));
  }

  /** The same of authorities. */
  tryAuthorities(authorities: Authorities): boolean {
    return this.begin("authorities", formatAuthorities(authorities));
  }

  /** There is a way to the broker: a trial's time runs. */
  watch(): void {
    if (this.#trial) this.#timer ??= Timer.set(() => this.timeOver(), TRIAL_MS);
  }

  /** The device is off the cloud by its own will: the time stands still, and begins anew. */
  pause(): void {
    Timer.clear(this.#timer);
    Timer.clear(this.#hold);
    this.#timer = this.#hold = undefined;
  }

  /** The broker takes and gives what it should. */
  proven(): void {
    if (this.#trial) this.#hold ??= Timer.set(() => this.held(), HOLD_MS);
  }

  sessionDown(): void {
    Timer.clear(this.#hold);
    this.#hold = undefined;
  }

  /** An attempt failed, or a session ended. */
  attemptFailed(reason: string): void {
    if (this.#trial) this.#failure = reason;
  }

  private begin(kind: RecordKind, fields: Uint8Array): boolean {
    if (!this.#store?.put(kind, fields)) return false;
    this.#failure = undefined;
    this.load();
    if (!this.#trial) return false;
    this.#log.warn(`${kind} on trial`);
    this.pause();
    this.#options.onSwitch();
    return true;
  }

  /** What flash has, in the order of trust: a candidate that still has a try, what has worked, the factory's. */
  private load(): void {
    const store = this.#store;
    this.#trial = undefined;
    const candidate = store?.candidate;
    if (store && candidate) {
      if (store.tryCandidate() && this.take(candidate)) {
        this.#trial = candidate.kind;
        return;
      }
      this.#log.error(`${candidate.kind}: cannot be used, or three boots have tried it`);
      store.drop();
    }
    this.take(undefined);
  }

  /** False: with `candidate` the device could not be anybody. Without one there is always somebody to be. */
  private take(candidate: StoredRecord | undefined): boolean {
    const store = this.#store;
    const credential = this.read("certificate", candidate, parseCredential);
    const authorities = this.read("authorities", candidate, parseAuthorities);
    const { factory } = this.#options;
    const identity = renewedIdentity(factory, credential, authorities);
    const isUsable = this.#options.canUse(identity);
    if (candidate && (!isUsable || !(candidate.kind === "certificate" ? credential : authorities)))
      return false;
    const isFactory = !store || !isUsable;
    this.#identity = isFactory ? factory : identity;
    this.#isRenewed = !isFactory && credential !== undefined;
    this.#list = isFactory ? 0 : (authorities?.list ?? 0);
    return true;
  }

  private read<Part>(
    kind: RecordKind,
    candidate: StoredRecord | undefined,
    parse: (fields: Uint8Array) => Part | undefined,
  ): Part | undefined {
    const record = candidate?.kind === kind ? candidate : this.#store?.current(kind);
    return record && parse(this.#store!.fieldsOf(record));
  }

  /** The flash may refuse: then it stays on trial, and the next session is its end. */
  private held(): void {
    this.#hold = undefined;
    const kind = this.#trial;
    if (!kind || !this.#store!.confirm()) return;
    this.pause();
    this.#trial = undefined;
    this.#log.info(`${kind} in force`);
    this.#options.onEnd(kind, true);
  }

  private timeOver(): void {
    this.#timer = undefined;
    if (this.#hold) return this.watch();
    const kind = this.#trial!;
    this.#log.error(`${kind}: not accepted (${this.#failure ?? "no answer"}): back to those before`);
    this.#store!.drop();
    this.load();
    this.#options.onSwitch();
    this.#options.onEnd(kind, false);
  }
}
