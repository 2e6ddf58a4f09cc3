/** Logs of the device: one line an event, "level room: text". Never a password, never a key. */
export type LogLevel = "error" | "warn" | "info" | "debug";

export const LOG_LEVELS: readonly LogLevel[] = Object.freeze(["error", "warn", "info", "debug"] as const);

export interface Logger {
  error(text: string): void;
  warn(text: string): void;
  info(text: string): void;
  debug(text: string): void;
}

/** What {@link Logs} writes to: the serial console (`trace`), a ring for diagnostics, a test's list. */
export type LogSink = (level: LogLevel, room: string, text: string) => void;

/** A logger that says nothing, for tools and tests: no part of a device is without its log. */
export const silentLogger: Logger = Object.freeze({
  error() {},
  warn() {},
  info() {},
  debug() {},
});

/** One logger a room over one sink; lines above `level` in detail are not formatted further. */
export class Logs {
  level: LogLevel;
  #sink: LogSink;

  constructor(sink: LogSink, level: LogLevel = "info") {
    this.#sink = sink;
    this.level = level;
  }

  room(room: string): Logger {
    return new RoomLogger(this, room);
  }

  write(level: LogLevel, room: string, text: string): void {
    if (LOG_LEVELS.indexOf(level) <= LOG_LEVELS.indexOf(this.level)) this.#sink(level, room, text);
  }
}

/** A class, since its methods lie in flash; five functions a room were a fifth of the heap. */
class RoomLogger implements Logger {
  #logs: Logs;
  #room: string;

  constructor(logs: Logs, room: string) {
    this.#logs = logs;
    this.#room = room;
  }

  error(text: string): void {
    this.#logs.write("error", this.#room, text);
  }

  warn(text: string): void {
    this.#logs.write("warn", this.#room, text);
  }

  info(text: string): void {
    this.#logs.write("info", this.#room, text);
  }

  debug(text: string): void {
    this.#logs.write("debug", this.#room, text);
  }
}
