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

/** A logger that says nothing, for callers that need none. */
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
    const write = (level: LogLevel, text: string): void => {
      if (LOG_LEVELS.indexOf(level) <= LOG_LEVELS.indexOf(this.level)) this.#sink(level, room, text);
    };
    return {
      error: (text) => write("error", text),
      warn: (text) => write("warn", text),
      info: (text) => write("info", text),
      debug: (text) => write("debug", text),
    };
  }
}
