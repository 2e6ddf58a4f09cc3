import Time from "time";
import Timer from "timer";

const SAMPLE_MS = 20;
/** A change counts when it has lasted this long: contacts bounce, and GPIO 39 glitches while Wi-Fi is on. */
export const DEBOUNCE_MS = 50;
export const HOLD_MS = Object.freeze({ setup: 3_000, "factory-reset": 10_000 } as const, true);

export type Hold = keyof typeof HOLD_MS;

export interface ButtonOptions {
  /** True while pressed, as the pin says now. */
  read(): boolean;
  /** Still held, and long enough for this. Comes for `setup`, then for `factory-reset`. */
  onHold(hold: Hold): void;
  /** Let go after a hold: now do it. */
  onRelease(hold: Hold): void;
  /** Let go before any hold. */
  onPress?(): void;
}

type ButtonState =
  /** Not pressed. */
  | "up"
  /** Pressed, not yet 3 s. */
  | "down"
  /** Held 3 s or more: setup mode when let go. */
  | "setup"
  /** Held 10 s or more: factory reset when let go. */
  | "factory-reset";

/**
 * A sampled, debounced button.
 *
 * - Nothing happens while it is held but `onHold`: a button that is stuck does nothing.
 * - Times count from the first sample of a press; `Time.delta` carries them across the wrap of the clock.
 * - `close` is idempotent and silences the callbacks, also from inside one.
 */
export class Button {
  #options: ButtonOptions;
  #state: ButtonState = "up";
  #level = false;
  #levelSince = Time.ticks;
  #pressedAt = 0;
  #sampling: Timer | undefined;

  constructor(options: ButtonOptions) {
    this.#options = options;
    this.#sampling = Timer.repeat(() => this.sample(), SAMPLE_MS);
  }

  close(): void {
    Timer.clear(this.#sampling);
    this.#sampling = undefined;
  }

  private sample(): void {
    const now = Time.ticks;
    const level = this.#options.read();
    if (level !== this.#level) {
      this.#level = level;
      this.#levelSince = now;
    }
    const steady = Time.delta(this.#levelSince, now) >= DEBOUNCE_MS;
    if (this.#state === "up") {
      if (level && steady) {
        this.#pressedAt = this.#levelSince;
        this.#state = "down";
      }
    } else if (!level && steady) this.release();
    else if (level) this.hold(Time.delta(this.#pressedAt, now));
  }

  private hold(heldMs: number): void {
    const held = this.#state;
    if (held === "down" && heldMs >= HOLD_MS.setup) this.enterHold("setup");
    else if (held === "setup" && heldMs >= HOLD_MS["factory-reset"]) this.enterHold("factory-reset");
  }

  private enterHold(hold: Hold): void {
    this.#state = hold;
    this.#options.onHold(hold);
  }

  private release(): void {
    const held = this.#state;
    this.#state = "up";
    if (held === "setup" || held === "factory-reset") this.#options.onRelease(held);
    else this.#options.onPress?.();
  }
}
