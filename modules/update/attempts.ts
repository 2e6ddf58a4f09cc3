import { formatRecord, parseRecord, wholeOf } from "./text-record";
import { resetKindOf } from "./trial/trial";
import type { UpdateMemory } from "./trial/trial-watch-options";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
/** After the first failed download, the second, and so on; after the last there is none. */
const PAUSES_MS: readonly number[] = Object.freeze([15 * MINUTE_MS, 6 * HOUR_MS, 24 * HOUR_MS, 24 * HOUR_MS]);
/** Where the server is busy and does not say for how long. */
const BUSY_MS = 15 * MINUTE_MS;

export interface AttemptsOptions {
  readonly memory: UpdateMemory;
  /** As the board words it. */
  readonly resetReason: string;
  uptimeMs(): number;
  unixMs(): number | undefined;
}

/**
 * Downloads of one image: how often they failed, and when the next may begin. In NVS, in one write a change; another
 * image begins anew.
 *
 * What brought a new block counts as none that failed, however it ended: the image comes nearer. A run that a crash
 * ended in the middle of a download is one that failed.
 */
export class Attempts {
  #options: AttemptsOptions;
  #image = "";
  #failures = 0;
  #asked = false;
  #under = false;
  /** Until then (uptime) no download begins. */
  #pauseUntil = 0;

  constructor(options: AttemptsOptions) {
    this.#options = options;
    const { image, ...fields } = parseRecord(options.memory.get("updateAttempts")) ?? {};
    if (image === undefined) return;
    this.#image = image;
    this.#failures = wholeOf(fields.failures) ?? 0;
    this.#asked = fields.asked === "1";
    if (fields.under === "1" && resetKindOf(options.resetReason) === "crash") this.failed(false, undefined);
    else if (this.#failures > 0) this.#pauseUntil = this.leftOf(wholeOf(fields.at));
  }

  /** A person has asked for it. */
  get isAsked(): boolean {
    return this.#asked;
  }

  get isExhausted(): boolean {
    return this.#failures > PAUSES_MS.length;
  }

  get isPausing(): boolean {
    return this.#options.uptimeMs() < this.#pauseUntil;
  }

  /** `image` is offered. */
  offered(image: string): void {
    if (image !== this.#image) this.reset(image, false);
  }

  reset(image: string, asked: boolean): void {
    this.#image = image;
    this.#failures = this.#pauseUntil = 0;
    this.#asked = asked;
    this.#under = false;
    this.keep();
  }

  /** A download begins. */
  began(): void {
    this.#under = true;
    this.keep();
  }

  /** It ended well, or for a reason that says nothing. */
  ended(): void {
    this.#under = false;
    this.keep();
  }

  /** The server asks to be left alone: no failure of the download. */
  busy(retryMs: number = BUSY_MS): void {
    this.#pauseUntil = this.#options.uptimeMs() + Math.max(retryMs, MINUTE_MS);
    this.ended();
  }

  failed(cameNearer: boolean, retryMs: number | undefined): void {
    this.#failures = cameNearer ? 1 : this.#failures + 1;
    const pauseMs = Math.max(PAUSES_MS[this.#failures - 1] ?? 0, retryMs ?? 0);
    this.#pauseUntil = this.#options.uptimeMs() + pauseMs;
    this.ended();
  }

  /** What is left of a pause that began before this boot: all of it where nobody knows. */
  private leftOf(at: number | undefined): number {
    const unixMs = this.#options.unixMs();
    const pauseMs = PAUSES_MS[this.#failures - 1] ?? 0;
    const passed = at === undefined || unixMs === undefined ? 0 : unixMs - at * 1000;
    return this.#options.uptimeMs() + Math.min(Math.max(pauseMs - passed, 0), pauseMs);
  }

  private keep(): void {
    const unixMs = this.#options.unixMs();
    const record = formatRecord([
      ["image", this.#image],
      ["failures", this.#failures],
      ["at", unixMs === undefined ? undefined : Math.floor(unixMs / 1000)],
      ["asked", this.#asked ? 1 : undefined],
      ["under", this.#under ? 1 : undefined],
    ]);
    this.#options.memory.set("updateAttempts", record);
  }
}
