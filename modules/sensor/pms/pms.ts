import Time from "time";
import { type Command, codeOf, command, type Next, type Traits, wordsOf } from "../polled-sensor";
import { type SerialOptions, SerialSensor } from "../serial/serial-sensor";
import { EPA_2021 } from "./epa-2021";
import {
  countOf,
  errorOf,
  formatCommand,
  PmsFramer,
  type PmsModel,
  parseFrame,
  sumIn,
  versionOf,
} from "./pms-protocol";

// Upper byte of the code: the command; lower: its data. Words: whether a frame must have come until then.
/** The fan and the laser on, if it sleeps. It hears nothing for a moment. */
const WAKE = command(0xe401, 100);
/** Frames by itself: what it does after power-on, unless somebody told it otherwise. */
const SEND_BY_ITSELF = command(0xe101, 3_000, 1);
/** The latest frame. */
const LISTEN = command(0, 0, 1);
const SLEEP = 0xe400;

const TRAITS: Traits = Object.freeze(
  {
    family: "PMS5003",
    start: [WAKE, SEND_BY_ITSELF],
    poll: [LISTEN],
    pollMs: 5_000,
    /** "Stable data should be got at least 30 seconds after the sensor wakeup" (its manual). */
    warmUpMs: 30_000,
  },
  true,
);

/** So long the same frame, digit for digit, from air that has particles in it: it counts no longer. */
const STUCK_MS = 10 * 60_000;
/** In 0.1 l. What is counted scatters by the root of its number; with fewer, chance may repeat a frame. */
const STUCK_COUNT = 100;

export type PmsStatus =
  /** Its error code, which its maker explains nowhere; the log has it. */
  | "reports an error"
  /** It sends the same frame for ten minutes: fan or laser stands still. Its values are worthless. */
  | "values do not change";

export interface PmsOptions extends SerialOptions {
  /** As it stands on it: it does not say. */
  readonly model: PmsModel;
}

/** Plantower PMS5003, PMS7003 or PMS5003T on a serial line: particles, and from the last temperature and humidity. */
export class Pms extends SerialSensor {
  readonly pmCorrection = EPA_2021;
  #options: PmsOptions;
  #framer = new PmsFramer();
  #latest: Uint8Array | undefined;
  #sum = -1;
  #changedAt = 0;
  #told: PmsStatus | undefined;

  /** @throws Error of the UART when its pins or its port cannot be used */
  constructor(options: PmsOptions) {
    super(options, TRAITS, true);
    this.#options = options;
    this.model = options.model;
  }

  protected override closeBus(): void {
    // Its laser lives a year or two; nobody listens any more.
    this.write(formatCommand(SLEEP));
    super.closeBus();
  }

  protected override get status(): PmsStatus | undefined {
    return this.#told;
  }

  protected override hear(byte: number): void {
    if (this.#framer.feed(byte)) this.#latest = this.#framer.frame.slice();
  }

  protected override send(command: Command): void {
    if (command !== LISTEN) this.write(formatCommand(codeOf(command)));
    if (command === SEND_BY_ITSELF) this.#latest = undefined;
  }

  protected override receive(): Uint8Array {
    const latest = this.#latest;
    this.#latest = undefined;
    if (!latest) throw new Error("no whole frame");
    return latest;
  }

  protected override take(command: Command, frame: Uint8Array): Next {
    if (wordsOf(command) === 0) return undefined;
    const started = command === SEND_BY_ITSELF;
    if (started) this.firmware = versionOf(frame);
    if (started || sumIn(frame) !== this.#sum || countOf(frame) < STUCK_COUNT) this.#changedAt = Time.ticks;
    this.#sum = sumIn(frame);
    const isStuck = Time.delta(this.#changedAt) >= STUCK_MS;
    this.#told = isStuck ? "values do not change" : errorOf(frame) ? "reports an error" : undefined;
    this.keep(this.isWarm && !isStuck ? parseFrame(frame, this.#options.model) : {});
    return undefined;
  }
}
