import type { Hops, PageEvent, State } from "../live/protocol";
import type { Beginning } from "./console";

/** Writes what happens as one JSON object a line, `t` saying what it is: for machines. */
export class JsonLines {
  #write: (line: string) => void;
  #seen = "";

  constructor(write: (line: string) => void) {
    this.#write = write;
  }

  begins(facts: Beginning): void {
    this.#put({ t: "begins", ...facts });
  }

  ends(sight: string): void {
    this.#put({ t: "ends", sight });
  }

  event(event: PageEvent): void {
    switch (event.t) {
      case "hello":
        this.#state(event.state);
        for (const line of event.logs) this.#put({ t: "log", ...line });
        for (const message of event.messages) this.#put({ t: "message", ...message });
        break;
      case "state":
        this.#state(event.state);
        break;
      case "log":
        this.#put({ t: "log", ...event.line });
        break;
      case "message":
        this.#put({ t: "message", ...event.message });
        break;
      case "led": // thirty a second: what is seen of it comes with the state
    }
  }

  /** Only when what a person would see has changed. */
  #state({ device, hops, done, counts }: State): void {
    const failing = faultsOf(hops);
    const { on, status, sight } = device;
    const facts = { on, status: status ?? null, sight: sight ?? null, faults: failing, done };
    const text = JSON.stringify(facts);
    if (text === this.#seen) return;
    this.#seen = text;
    this.#put({ t: "state", ...facts, ...counts });
  }

  #put(value: object): void {
    this.#write(JSON.stringify(value));
  }
}

function faultsOf(hops: Hops): Record<string, string> {
  return Object.fromEntries(
    Object.entries(hops).flatMap(([name, { reason }]) => (reason === undefined ? [] : [[name, reason]])),
  );
}
