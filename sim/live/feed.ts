import type { DecodedReading } from "../../cloud/payload/decode-telemetry";
import { readMessage } from "./message";
import { KEPT, type LogLine, type Message, type PageEvent } from "./protocol";

/** What has been said and sent, the newest of it kept, and every reading counted once. */
export class Feed {
  readonly logs: LogLine[] = [];
  readonly messages: Message[] = [];
  /** In order of first arrival, each once, as the newest repetition has it. */
  readonly readings: DecodedReading[] = [];
  #publish: (event: PageEvent) => void;
  #n = 0;
  #messageCount = 0;
  /** Per epoch: numbers that arrived. */
  #arrived = new Map<string, { readonly seqs: Set<number>; least: number; most: number }>();

  constructor(publish: (event: PageEvent) => void) {
    this.#publish = publish;
  }

  log(unixMs: number, level: LogLine["level"], room: string, text: string): void {
    const line: LogLine = { n: ++this.#n, unixMs, level, room, text };
    keep(this.logs, line, KEPT.logs);
    this.#publish({ t: "log", line });
  }

  message(unixMs: number, topic: string, payload: Uint8Array): Message {
    const read = readMessage(topic, payload);
    let repeated = 0;
    for (const reading of read.readings ?? []) {
      if (this.#isNew(reading)) keep(this.readings, reading, KEPT.readings);
      else {
        this.#correct(reading);
        repeated++;
      }
    }
    const message: Message = { n: ++this.#n, unixMs, ...read, ...(repeated > 0 && { repeated }) };
    this.#messageCount++;
    keep(this.messages, message, KEPT.messages);
    this.#publish({ t: "message", message });
    return message;
  }

  /** `missing`: numbers between the first and the last of an epoch that have not arrived. */
  get counts(): { messages: number; readings: number; missing: number } {
    let readings = 0;
    let missing = 0;
    for (const { seqs, least, most } of this.#arrived.values()) {
      readings += seqs.size;
      missing += most - least + 1 - seqs.size;
    }
    return { messages: this.#messageCount, readings, missing };
  }

  #correct(reading: DecodedReading): void {
    const { epoch, seq } = reading;
    const at = this.readings.findLastIndex((each) => each.seq === seq && each.epoch === epoch);
    if (at >= 0) this.readings[at] = reading;
  }

  #isNew({ epoch, seq }: DecodedReading): boolean {
    const arrived = this.#arrived.get(epoch);
    if (!arrived) this.#arrived.set(epoch, { seqs: new Set([seq]), least: seq, most: seq });
    else if (arrived.seqs.has(seq)) return false;
    else {
      arrived.seqs.add(seq);
      arrived.least = Math.min(arrived.least, seq);
      arrived.most = Math.max(arrived.most, seq);
    }
    return true;
  }
}

/** Cuts in tenths rather than one by one: `splice` moves the rest. */
function keep<T>(list: T[], item: T, most: number): void {
  list.push(item);
  if (list.length > most * 1.1) list.splice(0, list.length - most);
}
