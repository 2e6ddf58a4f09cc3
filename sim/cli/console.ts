import type { DecodedReading } from "../../cloud/payload/decode-telemetry";
import type { Status } from "../../modules/device/status";
import type { PageEvent } from "../live/protocol";
import { QUANTITIES, type QuantityName } from "../page/quantities";
import { SIGHT_OF_STATUS } from "../world/led-observer";

const RESET = "\x1b[0m";
const DOT_COLOUR = {
  setup: "\x1b[33m",
  joining: "\x1b[37m",
  connecting: "\x1b[34m",
  online: "\x1b[34m",
  offline: "\x1b[97m",
} as const satisfies Record<Status, string>;

const MEANING = {
  setup: "setup mode",
  joining: "joining Wi-Fi",
  connecting: "Wi-Fi connected, cloud connecting",
  online: "Wi-Fi and cloud connected",
  offline: "no connection",
} as const satisfies Record<Status, string>;

/** What a run begins with. */
export interface Beginning {
  readonly scene: string;
  readonly title: string;
  readonly deviceId: string;
  readonly mac: string;
  readonly samplingSeconds: number;
  /** Host and port. */
  readonly broker: string;
  readonly ownBroker: boolean;
  /** Whether the cloud's side is there to show what arrives. */
  readonly readsAlong: boolean;
  /** Address of the page; absent: headless. */
  readonly page?: string;
  /** Where the cloud's side keeps readings; absent: it keeps none, for the reason below, or with a foreign broker. */
  readonly store?: string;
  /** The cloud's API, on this machine alone. */
  readonly api?: string;
  readonly storeFault?: string;
}

/** Writes what happens, one line an event, as a person likes to read it. */
export class SimulatorConsole {
  #write: (line: string) => void;
  #colour: boolean;
  #verbose: boolean;
  #start = performance.now();
  #status: Status | undefined;

  constructor(options: { write(line: string): void; colour: boolean; verbose: boolean }) {
    this.#write = options.write;
    this.#colour = options.colour;
    this.#verbose = options.verbose;
  }

  begins(facts: Beginning): void {
    this.#write(`Scene "${facts.scene}": ${facts.title}`);
    this.#write(
      `Device ${facts.deviceId}, MAC ${facts.mac}; a reading each ${facts.samplingSeconds} s. ` +
        `Broker ${facts.broker}${facts.ownBroker ? " (mutual TLS)" : ""}.`,
    );
    if (!facts.readsAlong)
      this.#write("What arrives there is not shown: that takes --cloud-cert and --cloud-key.");
    if (facts.store) this.#write(`What arrives is kept in ${facts.store}.`);
    if (facts.api)
      this.#write(
        `The cloud's page: ${facts.api}/, its API: ${facts.api}/api/openapi.json. This machine needs no sign-in.`,
      );
    if (facts.storeFault)
      this.#write(
        `What arrives is shown, and not kept: the cloud's store does not open (${facts.storeFault}).`,
      );
    if (facts.page) this.#write(`Open ${facts.page} in a browser. Ctrl-C ends.`);
  }

  ends(sight: string): void {
    this.#write(`Stopped; the light was: ${sight}.`);
  }

  event(event: PageEvent): void {
    if (event.t === "hello") {
      for (const line of event.logs) this.event({ t: "log", line });
      for (const message of event.messages) this.event({ t: "message", message });
    } else if (event.t === "log") {
      const { level, room, text } = event.line;
      if (level === "sim") this.#line("⌂", text);
      else this.firmware(room ? `${level} ${room}: ${text}` : text);
    } else if (event.t === "message" && event.message.readings)
      this.batch(event.message.readings, event.message.bytes);
  }

  /** A line of the firmware's own console. */
  firmware(line: string): void {
    const match = /^(error|warn|info|debug) ([\w-]+): (.*)$/.exec(line);
    if (!match) return this.#line("·", line);
    const [, level, room, text] = match as unknown as [string, string, string, string];
    if (room === "monitor" && text in MEANING) return this.#statusLine(text as Status);
    if (level === "warn" || level === "error")
      return this.#line(level === "warn" ? "!" : "✗", `${room}: ${text}`);
    if (this.#verbose || level === "info") this.#line("·", `${room}: ${text}`);
  }

  /** A batch as the cloud decoded it. */
  batch(readings: readonly DecodedReading[], compressedBytes: number): void {
    const first = readings[0];
    const last = readings.at(-1);
    if (!first || !last) return;
    const range = first === last ? `#${first.seq}` : `#${first.seq}–${last.seq}`;
    const values = Object.entries(last.values)
      .map(([name, value]) => {
        const { label, unit } = QUANTITIES[name as QuantityName];
        return `${label} ${value}${unit && ` ${unit}`}`;
      })
      .join(", ");
    this.#line("☁", `${plural(readings.length, "reading")} ${range} in ${compressedBytes} bytes: ${values}`);
  }

  #statusLine(status: Status): void {
    if (status === this.#status) return;
    this.#status = status;
    const dot = this.#colour ? `${DOT_COLOUR[status]}●${RESET}` : "●";
    this.#line(dot, `LED ${SIGHT_OF_STATUS[status]}: ${MEANING[status]}`);
  }

  #line(mark: string, text: string): void {
    const seconds = ((performance.now() - this.#start) / 1000).toFixed(1).padStart(6);
    this.#write(`${seconds} ${mark} ${text}`);
  }
}

function plural(count: number, word: string): string {
  return `${count} ${word}${count === 1 ? "" : "s"}`;
}
