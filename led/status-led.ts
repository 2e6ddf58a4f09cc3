import Time from "time";
import Timer from "timer";
import type { Status } from "../modules/device/status";
import type { LedDriver, Rgb } from "./led";
import { colourAt, moves, OVERLAY_PATTERNS, type Pattern, STATUS_PATTERNS } from "./patterns";

/** 30 steps a second: below what the eye sees as steps, above what costs time. */
const STEP_MS = 33;

export interface StatusLedOptions {
  readonly driver: LedDriver;
  /** Percent, 1 to 100, as the eye sees it. Default 100. */
  readonly brightness?: number;
}

/**
 * The device's light.
 *
 * - Shows the status; a held button goes over it, and so does `identify`, in this order.
 * - Dark until the first `show`. A timer runs only while the pattern moves; the driver is written only when the
 *   colour changes.
 * - The phase comes from the clock: a late step does not shift the pulse.
 * - `close` leaves the light dark.
 */
export class StatusLed {
  #driver: LedDriver;
  #brightness: number;
  #status: Status | undefined;
  #held: "setup" | "factory-reset" | undefined;
  #identifying: Timer | undefined;
  #pattern: Pattern | undefined;
  #stepping: Timer | undefined;
  #written: Rgb | undefined;
  #closed = false;

  constructor(options: StatusLedOptions) {
    this.#brightness = checkedBrightness(options.brightness ?? 100);
    this.#driver = options.driver;
  }

  get brightness(): number {
    return this.#brightness;
  }

  /** Takes effect at once. */
  set brightness(percent: number) {
    this.#brightness = checkedBrightness(percent);
    this.step();
  }

  show(status: Status): void {
    this.#status = status;
    this.choose();
  }

  /** The button is held long enough for this; `undefined`: it is not held any more. */
  acknowledge(held: "setup" | "factory-reset" | undefined): void {
    this.#held = held;
    this.choose();
  }

  /** Flashes for `durationMs`, so that a person finds the device; 0 ends it. */
  identify(durationMs: number): void {
    Timer.clear(this.#identifying);
    this.#identifying = undefined;
    if (durationMs > 0 && !this.#closed)
      this.#identifying = Timer.set(() => {
        this.#identifying = undefined;
        this.choose();
      }, durationMs);
    this.choose();
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    Timer.clear(this.#identifying);
    Timer.clear(this.#stepping);
    this.#stepping = undefined;
    this.#driver.close();
  }

  private choose(): void {
    if (this.#closed) return;
    const own = this.#driver.patterns;
    const overlays = own ?? OVERLAY_PATTERNS;
    let pattern: Pattern | undefined = this.#status && (own ?? STATUS_PATTERNS)[this.#status];
    if (this.#identifying) pattern = overlays.identify;
    if (this.#held) pattern = overlays[`hold-${this.#held}`];
    this.#pattern = pattern;

    const moving = pattern !== undefined && moves(pattern);
    if (moving && !this.#stepping) this.#stepping = Timer.repeat(() => this.step(), STEP_MS);
    if (!moving) {
      Timer.clear(this.#stepping);
      this.#stepping = undefined;
    }
    this.step();
  }

  private step(): void {
    if (this.#closed || !this.#pattern) return;
    const colour = colourAt(this.#pattern, Time.ticks >>> 0, this.#brightness);
    const written = this.#written;
    if (written && written.r === colour.r && written.g === colour.g && written.b === colour.b) return;
    this.#written = colour;
    this.#driver.write(colour);
  }
}

function checkedBrightness(percent: number): number {
  if (!(percent >= 1 && percent <= 100)) throw new RangeError("brightness must be 1 to 100 percent");
  return percent;
}
