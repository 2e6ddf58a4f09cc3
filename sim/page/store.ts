import type { DecodedReading } from "../../cloud/payload/decode-telemetry";
import {
  type Action,
  KEPT,
  type LogLine,
  type Message,
  type PageEvent,
  type Rgb,
  type State,
} from "../live/protocol";

/** How often the page is drawn anew at most; the light goes its own way. */
const DRAW_MS = 100;
/** The simulator says something once a second: after so much silence it is gone, or stands still. */
const SILENCE_MS = 10_000;
/** A browser that has given up does not ask again by itself. */
const AGAIN_MS = 2_000;
/** `EventSource.CLOSED`. */
const GIVEN_UP = 2;
const OFF: Rgb = { r: 0, g: 0, b: 0 };

/** Opens the stream of events; a browser's asks again by itself, until it gives up. */
export type Connect = (on: { message(data: string): void; error(): void }) => {
  readonly readyState: number;
};

/** What the page knows; lists are bounded. `onDraw` when it should be drawn, `onLed` at each step of the light. */
export class Store {
  state: State | undefined;
  connected = false;
  /** Why the last thing that a person asked for was not done. */
  refusal = "";
  logs: LogLine[] = [];
  messages: Message[] = [];
  /** Each reading once, in the order of the time when it was taken. */
  readings: DecodedReading[] = [];
  onDraw: () => void = () => {};
  onLed: (led: Rgb) => void = () => {};
  #known = new Set<string>();
  #led: Rgb = OFF;
  #drawing: ReturnType<typeof setTimeout> | undefined;
  #silence: ReturnType<typeof setTimeout> | undefined;

  open(connect: Connect): void {
    const events = connect({
      message: (data) => {
        this.take(JSON.parse(data) as PageEvent);
        this.#listen();
      },
      error: () => {
        this.lose();
        if (events.readyState === GIVEN_UP) setTimeout(() => this.open(connect), AGAIN_MS);
      },
    });
    this.#listen();
  }

  /** What the lamp shows: nothing, when nobody is there who knows. */
  get led(): Rgb {
    return this.connected ? this.#led : OFF;
  }

  /** Nobody answers. */
  lose(): void {
    this.connected = false;
    this.onLed(this.led);
    this.#draw();
  }

  #listen(): void {
    clearTimeout(this.#silence);
    this.#silence = setTimeout(() => this.lose(), SILENCE_MS);
  }

  take(event: PageEvent): void {
    if (!this.connected) {
      // After a loss a hello comes first; after a silence what comes goes on from there.
      this.connected = true;
      this.onLed(this.led);
    }
    switch (event.t) {
      case "hello":
        this.state = event.state;
        this.logs = [...event.logs];
        this.messages = [...event.messages];
        this.readings = [];
        this.#known.clear();
        this.#add(event.readings);
        this.#light(event.led);
        break;
      case "state":
        this.state = event.state;
        break;
      case "led":
        this.#light(event.led);
        return;
      case "log":
        this.logs = kept(this.logs, event.line, KEPT.logs);
        break;
      case "message":
        this.messages = kept(this.messages, event.message, KEPT.messages);
        if (event.message.readings) this.#add(event.message.readings);
    }
    this.#draw();
  }

  async act(action: Action): Promise<void> {
    try {
      const response = await fetch("/act", { method: "POST", body: JSON.stringify(action) });
      this.refusal = response.ok ? "" : await response.text();
    } catch {
      this.refusal = "The simulator does not answer.";
    }
    this.#draw();
  }

  #light(led: Rgb): void {
    this.#led = led;
    this.onLed(led);
  }

  #add(readings: readonly DecodedReading[]): void {
    for (const reading of readings) {
      const key = `${reading.epoch}:${reading.seq}`;
      const list = this.readings;
      // A repetition may know the time better (docs/payload.md).
      const before = this.#known.has(key)
        ? list.findLastIndex((each) => `${each.epoch}:${each.seq}` === key)
        : -1;
      if (before >= 0) list.splice(before, 1);
      this.#known.add(key);
      let at = list.length;
      while (at > 0 && order(list[at - 1]!) > order(reading)) at--;
      list.splice(at, 0, reading);
    }
    const excess = this.readings.length - KEPT.readings;
    if (excess > KEPT.readings / 10)
      for (const { epoch, seq } of this.readings.splice(0, excess)) this.#known.delete(`${epoch}:${seq}`);
  }

  #draw(): void {
    this.#drawing ??= setTimeout(() => {
      this.#drawing = undefined;
      this.onDraw();
    }, DRAW_MS);
  }
}

function order({ unixSeconds, seq }: DecodedReading): number {
  return unixSeconds ?? seq;
}

function kept<T>(list: readonly T[], item: T, most: number): T[] {
  return [...list.slice(1 - most), item];
}
