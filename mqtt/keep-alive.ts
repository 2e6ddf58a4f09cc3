import Time from "time";
import Timer from "timer";

export interface KeepAliveOptions {
  /** How long the peer may be silent after a PINGREQ. */
  readonly pingLimitMs: number;
  /** A PINGREQ is due. */
  onPing(): void;
  /** Nothing arrived within the limit; the keep-alive has stopped. */
  onDead(): void;
}

type State =
  /** Before `start` and after `stop`. */
  | "stopped"
  /** Waiting until one of the two directions has been silent for the period. */
  | "watching"
  /** A PINGREQ is out. */
  | "pinged";

/**
 * Finds out that a link is dead within the period plus the ping limit after the last byte that arrived.
 *
 * A PINGREQ is due when nothing was sent for the period [MQTT-3.1.2-23], and also when nothing arrived for it:
 * a device that publishes into a half-open connection would otherwise never ask. Any byte that arrives answers,
 * since a PINGRESP may wait behind a long message on a slow link.
 */
export class KeepAlive {
  #options: KeepAliveOptions;
  #state: State = "stopped";
  #timer: Timer | undefined;
  #periodMs = 0;
  #sentAt = 0;
  #receivedAt = 0;

  constructor(options: KeepAliveOptions) {
    this.#options = options;
  }

  start(periodMs: number): void {
    this.#periodMs = periodMs;
    this.#sentAt = this.#receivedAt = Time.ticks;
    this.watch(periodMs);
  }

  /** Bytes were sent. */
  sent(): void {
    this.#sentAt = Time.ticks;
  }

  /** Bytes have arrived. */
  received(): void {
    this.#receivedAt = Time.ticks;
    if (this.#state === "pinged") this.watch(this.#periodMs - this.silentMs());
  }

  stop(): void {
    this.enter("stopped");
  }

  private silentMs(): number {
    return Math.max(Time.delta(this.#sentAt), Time.delta(this.#receivedAt));
  }

  private watch(delayMs: number): void {
    this.enter("watching");
    this.#timer = Timer.set(
      () => {
        this.#timer = undefined;
        const leftMs = this.#periodMs - this.silentMs();
        if (leftMs > 0) this.watch(leftMs);
        else this.ping();
      },
      Math.max(delayMs, 0),
    );
  }

  private ping(): void {
    this.enter("pinged");
    this.#timer = Timer.set(() => {
      this.#timer = undefined;
      this.enter("stopped");
      this.#options.onDead();
    }, this.#options.pingLimitMs);
    this.#options.onPing();
  }

  private enter(state: State): void {
    if (this.#timer) Timer.clear(this.#timer);
    this.#timer = undefined;
    this.#state = state;
  }
}
