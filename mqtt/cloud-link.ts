import Timer from "timer";
import type { Logger } from "../modules/base/logger";
import type { Cause } from "../modules/network/line-check";
import type {
  Socket,
  SocketCallbacks,
  SocketFailure,
  TlsIdentity,
  TlsSocketOptions,
} from "../modules/network/socket";

/** What the link asks of the MQTT session (session.ts). */
export interface LinkSession {
  connect(open: (callbacks: SocketCallbacks) => Socket): void;
  disconnect(): void;
}

/** A running resolution; `cancel` silences it. */
export interface Cancellable {
  cancel(): void;
}

/** How an attempt ended, for the diagnosis. */
export interface FailedAttempt<Reason extends string> {
  /** IPv4 address of the broker; absent when its name was not resolved. */
  readonly address: string | undefined;
  readonly reason: Reason;
  /** The session had been up: the path was good, then something broke. */
  readonly wasUp: boolean;
}

/** `Reason`: what resolver and session report; `Failure`: what the diagnosis makes of it. */
export interface CloudLinkOptions<Reason extends string, Failure extends string> {
  host(): string;
  port(): number;
  /** For ALPN; empty: none. */
  alpn?(): string;
  readonly session: LinkSession;
  openTlsSocket(options: TlsSocketOptions): Socket;
  readonly identity: TlsIdentity;
  /** Looks `host` up; calls back once, later, with its addresses or the reason why there are none. */
  resolve(
    host: string,
    done: (found: { addresses: readonly string[] } | { reason: Reason }) => void,
  ): Cancellable;
  /** An attempt at one address failed so that another address may do better. */
  isOfAddress(reason: Reason): boolean;
  /** Of the reasons of two addresses the one that tells more. */
  moreTelling(first: Reason, second: Reason): Reason;
  /** Is there a time to check certificates against? When not, {@link CloudLink.timeKnown} tells. */
  isTimeKnown(): boolean;
  /** Finds out why the broker was not reached; calls back once, later. */
  diagnose(failed: FailedAttempt<Reason>, done: (failure: Failure, cause: Cause) => void): Cancellable;
  /** Delay before the next attempt, ms. */
  nextDelayMs(cause: Cause): number;
  /** The broker's certificate was verified, and says that it is valid from then on, Unix milliseconds. */
  onVerified(validFromMs: number): void;
  /** Connected long enough for the backoff to start anew. */
  onStable(): void;
  /** An attempt failed; another follows by itself. `failure`: what the diagnosis made of `reason`. */
  onFailure(failure: Failure, reason: Reason, cause: Cause): void;
  readonly log: Logger;
}

type Where = Pick<TlsSocketOptions, "address" | "host" | "port" | "alpn" | "identity">;

/** A class, since it lives as long as the connection: its methods lie in flash. */
class BrokerSocketOptions implements TlsSocketOptions {
  readonly address: string;
  readonly host: string;
  readonly port: number;
  readonly alpn: string;
  readonly identity: TlsIdentity;
  #callbacks: SocketCallbacks;
  #link: Pick<CloudLinkOptions<string, string>, "onVerified">;

  constructor(
    { address, host, port, alpn = "", identity }: Where,
    callbacks: SocketCallbacks,
    link: Pick<CloudLinkOptions<string, string>, "onVerified">,
  ) {
    this.#link = link;
    this.address = address;
    this.host = host;
    this.port = port;
    this.alpn = alpn;
    this.identity = identity;
    this.#callbacks = callbacks;
  }

  onVerified(validFromMs: number): void {
    this.#link.onVerified(validFromMs);
  }

  onReadable(bytes: number): void {
    this.#callbacks.onReadable(bytes);
  }

  onWritable(bytes: number): void {
    this.#callbacks.onWritable(bytes);
  }

  onError(reason: SocketFailure): void {
    this.#callbacks.onError(reason);
  }
}

/** How long a connection must hold before the backoff forgets the failures before it. */
export const STABLE_LINK_MS = 60_000;

export type CloudLinkState =
  /** Not wanted. */
  | "stopped"
  /** Waiting for the clock to be set or estimated. */
  | "waiting-for-time"
  /** Asking DNS. */
  | "resolving"
  /** TCP, TLS, CONNECT: up to CONNACK. */
  | "opening"
  /** CONNACK accepted. */
  | "up"
  /** The attempt failed; finding out why. */
  | "diagnosing"
  /** Waiting out the backoff. */
  | "waiting";

/**
 * Reaches the broker and keeps reaching it while there is an address: clock, name, TLS, MQTT; on failure a
 * diagnosis, a backoff, again. It owns the attempts; the session owns what must survive them.
 *
 * An attempt goes through all addresses of the broker's name, at most four, each time from the one after that at which
 * the last one ended, or from the one that was up.
 */
export class CloudLink<Reason extends string, Failure extends string> {
  #options: CloudLinkOptions<Reason, Failure>;
  #log: Logger;
  #state: CloudLinkState = "stopped";
  #timer: Timer | undefined;
  #running: Cancellable | undefined;
  #addresses: readonly string[] = [];
  /** Tried last; undefined: the name is not resolved. */
  #address: string | undefined;
  /** Counts addresses, over all attempts; the next one to try. */
  #turn = 0;
  /** Addresses that this attempt has left. */
  #left = 0;
  #reason: Reason | undefined;

  constructor(options: CloudLinkOptions<Reason, Failure>) {
    this.#options = options;
    this.#log = options.log;
  }

  get state(): CloudLinkState {
    return this.#state;
  }

  /** CONNACK accepted, and the connection alive. */
  get isUp(): boolean {
    return this.#state === "up";
  }

  /** There is an address. */
  start(): void {
    if (this.#state !== "stopped") return;
    this.attempt();
  }

  /** The address is gone, or the link is not wanted; idempotent. */
  stop(): void {
    if (this.#state === "stopped") return;
    this.enter("stopped");
    this.#options.session.disconnect();
  }

  /** The clock was set or estimated. */
  timeKnown(): void {
    if (this.#state === "waiting-for-time") this.attempt();
  }

  /** The session's CONNACK came. */
  sessionUp(): void {
    if (this.#state !== "opening") return;
    this.enter("up");
    this.#timer = Timer.set(() => this.#options.onStable(), STABLE_LINK_MS);
  }

  /** The session's connection ended or never began. */
  sessionDown(reason: Reason): void {
    const wasUp = this.#state === "up";
    if (wasUp) {
      this.#log.warn(`connection to the broker lost: ${reason}`);
      return this.failed(reason, true);
    }
    if (this.#state !== "opening") return;
    const before = this.#reason;
    this.#reason = before === undefined ? reason : this.#options.moreTelling(before, reason);
    this.#turn++;
    if (!this.#options.isOfAddress(reason)) this.failed(reason, false);
    else if (this.#left > 0) this.open();
    else this.failed(this.#reason, false);
  }

  private attempt(): void {
    if (!this.#options.isTimeKnown()) {
      this.enter("waiting-for-time");
      return;
    }
    this.enter("resolving");
    this.#address = undefined;
    this.#reason = undefined;
    this.#running = this.#options.resolve(this.#options.host(), (found) => {
      if (this.#state !== "resolving") return;
      if ("reason" in found) return this.failed(found.reason, false);
      this.#addresses = found.addresses;
      this.#left = found.addresses.length;
      this.open();
    });
  }

  private open(): void {
    this.#left--;
    this.enter("opening");
    const { session, identity } = this.#options;
    const host = this.#options.host();
    const port = this.#options.port();
    const alpn = this.#options.alpn?.() ?? "";
    const address = this.#addresses[this.#turn % this.#addresses.length]!;
    this.#address = address;
    this.#log.info(`connecting to ${host}:${port} (${address})`);
    session.connect((callbacks) =>
      this.#options.openTlsSocket(
        new BrokerSocketOptions({ address, host, port, alpn, identity }, callbacks, this.#options),
      ),
    );
  }

  private failed(reason: Reason, wasUp: boolean): void {
    this.enter("diagnosing");
    this.#running = this.#options.diagnose({ address: this.#address, reason, wasUp }, (failure, cause) => {
      if (this.#state !== "diagnosing") return;
      const delayMs = this.#options.nextDelayMs(cause);
      this.enter("waiting");
      this.#timer = Timer.set(() => this.attempt(), delayMs);
      this.#log.warn(`${failure} (${reason}); next attempt in ${Math.ceil(delayMs / 1000)} s`);
      this.#options.onFailure(failure, reason, cause);
    });
  }

  private enter(next: CloudLinkState): void {
    Timer.clear(this.#timer);
    this.#timer = undefined;
    this.#running?.cancel();
    this.#running = undefined;
    this.#state = next;
  }
}
