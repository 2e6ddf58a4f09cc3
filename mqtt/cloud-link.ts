import Timer from "timer";
import { type Logger, silentLogger } from "../modules/base/logger";
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
  readonly session: LinkSession;
  openTlsSocket(options: TlsSocketOptions): Socket;
  readonly identity: TlsIdentity;
  /** Looks `host` up; calls back once, later, with an address or the reason why there is none. */
  resolve(host: string, done: (found: { address: string } | { reason: Reason }) => void): Cancellable;
  /** Is there a time to check certificates against? When not, {@link CloudLink.timeKnown} tells. */
  isTimeKnown(): boolean;
  /** Finds out why the broker was not reached; calls back once, later. */
  diagnose(failed: FailedAttempt<Reason>, done: (failure: Failure, cause: Cause) => void): Cancellable;
  /** Delay before the next attempt, ms. */
  nextDelayMs(cause: Cause): number;
  /** Connected long enough for the backoff to start anew. */
  onStable(): void;
  /** An attempt failed; another follows by itself. `failure`: what the diagnosis made of `reason`. */
  onFailure(failure: Failure, reason: Reason, cause: Cause): void;
  readonly log?: Logger;
}

type Where = Pick<TlsSocketOptions, "address" | "host" | "port" | "identity">;

/** A class, since it lives as long as the connection: its methods lie in flash. */
class BrokerSocketOptions implements TlsSocketOptions {
  readonly address: string;
  readonly host: string;
  readonly port: number;
  readonly identity: TlsIdentity;
  #callbacks: SocketCallbacks;

  constructor({ address, host, port, identity }: Where, callbacks: SocketCallbacks) {
    this.address = address;
    this.host = host;
    this.port = port;
    this.identity = identity;
    this.#callbacks = callbacks;
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
export const STABLE_MS = 60_000;

type State =
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
 */
export class CloudLink<Reason extends string, Failure extends string> {
  #options: CloudLinkOptions<Reason, Failure>;
  #log: Logger;
  #state: State = "stopped";
  #timer: Timer | undefined;
  #running: Cancellable | undefined;
  #address: string | undefined;

  constructor(options: CloudLinkOptions<Reason, Failure>) {
    this.#options = options;
    this.#log = options.log ?? silentLogger;
  }

  get state(): State {
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
    this.#timer = Timer.set(() => this.#options.onStable(), STABLE_MS);
  }

  /** The session's connection ended or never began. */
  sessionDown(reason: Reason): void {
    const wasUp = this.#state === "up";
    if (wasUp) this.#log.warn(`connection to the broker lost: ${reason}`);
    else if (this.#state !== "opening") return;
    this.failed(reason, wasUp);
  }

  private attempt(): void {
    if (!this.#options.isTimeKnown()) {
      this.enter("waiting-for-time");
      return;
    }
    this.enter("resolving");
    const host = this.#options.host();
    this.#address = undefined;
    this.#running = this.#options.resolve(host, (found) => {
      if (this.#state !== "resolving") return;
      if ("reason" in found) this.failed(found.reason, false);
      else this.open(host, found.address);
    });
  }

  private open(host: string, address: string): void {
    this.#address = address;
    this.enter("opening");
    const { session, identity } = this.#options;
    const port = this.#options.port();
    this.#log.info(`connecting to ${host}:${port} (${address})`);
    session.connect((callbacks) =>
      this.#options.openTlsSocket(new BrokerSocketOptions({ address, host, port, identity }, callbacks)),
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

  private enter(next: State): void {
    Timer.clear(this.#timer);
    this.#timer = undefined;
    this.#running?.cancel();
    this.#running = undefined;
    this.#state = next;
  }
}
