import TextEncoder from "text/encoder";
import { parseJsonObject } from "../base/json";
import { type CommandName, isCommandName } from "./command-table";
import { isId } from "./parse-command";

/** Commands that are remembered, by id. */
export const REMEMBERED = 32;

export type CommandProgress =
  /** About to be run, or being run: after a power cut nobody knows how far it came. */
  | "begun"
  /** Its result is not acknowledged by the broker yet. */
  | "owed"
  /** The broker has its result. */
  | "answered";

export interface RememberedCommand {
  /** Counts up by one a command; its place is this modulo {@link REMEMBERED}. */
  readonly seq: number;
  readonly id: string;
  /** What was asked for; `undefined`: refused before that mattered. */
  readonly name: CommandName | undefined;
  /** Kept over a power cut. */
  readonly durable: boolean;
  progress: CommandProgress;
  /** Members of the result after `id`, JSON without braces; empty: none yet, or to be had again by asking again. */
  body: string;
}

/** Key-value storage opened with `format: "string"`. */
export interface CommandStore {
  read(key: string): unknown;
  write(key: string, value: string): void;
}

const LIMITS = Object.freeze({ mostBytes: 256, mostDepth: 2, mostParts: 16 } as const, true);

/**
 * The last {@link REMEMBERED} commands. Those that act are in flash from before they are run until they are pushed
 * out: a flash write of some 100 bytes for each step of their progress, spread over as many keys.
 */
export class CommandMemory {
  #store: CommandStore;
  /** By seq modulo REMEMBERED. */
  #commands: (RememberedCommand | undefined)[] = [];
  #nextSeq = 1;

  constructor(store: CommandStore) {
    this.#store = store;
    for (let place = 0; place < REMEMBERED; place++) {
      const command = this.load(place);
      this.#commands.push(command);
      if (command) this.#nextSeq = Math.max(this.#nextSeq, command.seq + 1);
    }
  }

  find(id: string): RememberedCommand | undefined {
    for (const command of this.#commands) if (command?.id === id) return command;
    return undefined;
  }

  /** The oldest for which `wanted` holds. */
  oldest(wanted: (command: RememberedCommand) => boolean): RememberedCommand | undefined {
    for (let seq = Math.max(1, this.#nextSeq - REMEMBERED); seq < this.#nextSeq; seq++) {
      const command = this.#commands[seq % REMEMBERED];
      if (command && wanted(command)) return command;
    }
    return undefined;
  }

  /**
   * Remembers one more in place of the oldest. "full": the oldest is not answered yet; "storage": the flash refused.
   * What is durable is in flash when this returns.
   */
  add(
    fields: Pick<RememberedCommand, "id" | "name" | "durable" | "progress" | "body">,
  ): RememberedCommand | "full" | "storage" {
    const seq = this.#nextSeq;
    const place = seq % REMEMBERED;
    const before = this.#commands[place];
    if (before && before.progress !== "answered") return "full";
    const command: RememberedCommand = { seq, ...fields };
    if (!this.save(command)) return "storage";
    this.#commands[place] = command;
    this.#nextSeq++;
    return command;
  }

  /** False: the flash refused; in RAM it holds all the same. */
  advance(command: RememberedCommand, progress: CommandProgress, body = command.body): boolean {
    command.progress = progress;
    command.body = body;
    return this.save(command);
  }

  private save({ seq, id, name, durable, progress, body }: RememberedCommand): boolean {
    if (!durable) return true;
    try {
      this.#store.write(String(seq % REMEMBERED), `${seq} ${progress} ${name} ${id} ${body}`);
      return true;
    } catch {
      return false;
    }
  }

  /** Stored bytes are as much from outside as any: what is damaged is not there. */
  private load(place: number): RememberedCommand | undefined {
    let stored: unknown;
    try {
      stored = this.#store.read(String(place));
    } catch {
      return undefined;
    }
    if (typeof stored !== "string") return undefined;
    const [number, progress, name, id, ...rest] = stored.split(" ");
    const seq = Number(number);
    const body = rest.join(" ");
    if (!Number.isSafeInteger(seq) || seq < 1 || seq % REMEMBERED !== place) return undefined;
    if (progress !== "begun" && progress !== "owed" && progress !== "answered") return undefined;
    if (!isCommandName(name) || !isId(id)) return undefined;
    const message = new TextEncoder().encode(`{${body}}`);
    if (typeof parseJsonObject(message, LIMITS) === "string") return undefined;
    return { seq, id, name, durable: true, progress, body };
  }
}
