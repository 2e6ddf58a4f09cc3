/** What SQL takes and gives here: the schema has no other types. Bytes are payloads that were put aside. */
export type Cell = number | string | Uint8Array | null;
export type Row = Readonly<Record<string, Cell>>;

/** Text with `?` for each parameter, in the SQL that both engines understand. */
export interface Sql {
  all(text: string, parameters?: readonly Cell[]): Promise<Row[]>;
  /** Returns how many rows changed. */
  run(text: string, parameters?: readonly Cell[]): Promise<number>;
}

/** A reading that is to be kept; `device` is its number in `devices`. */
export interface ReadingToKeep {
  readonly device: number;
  readonly epoch: number;
  readonly seq: number;
  /** Unix time, s; `null`: not known yet, and `boot` and `uptime` are. */
  readonly taken: number | null;
  readonly boot: number | null;
  readonly uptime: number | null;
  readonly steps: readonly (number | null)[];
}

/** What differs between the two databases; {@link Store} is all the rest, once. */
export interface Engine extends Sql {
  readonly name: "embedded" | "postgresql";
  /** When it resolves, what `body` did is on disk; when it rejects, nothing of it is. */
  transaction<T>(body: (sql: Sql) => Promise<T>): Promise<T>;
  /**
   * Writes readings inside a transaction, each key at most once among them; the newest repetition wins, but for one
   * that knows no time where one is known. Returns the rows that are new.
   */
  keepReadings(sql: Sql, readings: readonly ReadingToKeep[]): Promise<number>;
  /** Before a transaction that keeps readings of these days (since 1970). */
  prepareDays(days: readonly number[], today: number): Promise<void>;
  /** Nobody else writes or sums up what is of these devices until the transaction ends. */
  lockDevices(sql: Sql, devices: readonly number[]): Promise<void>;
  /**
   * SQL of `device`, `hour`, `readings` and `cells` (made of readings) for the rows `d` of `hours_due` that meet `which`
   * and have readings, which lie in these days. A plan must find them by device and time, and not go through a day.
   */
  sumsOfDue(cells: string, which: string, days: readonly number[]): string;
  /** Drops readings taken before that day (days since 1970). Returns how many rows or, of whole days, partitions. */
  dropBefore(day: number): Promise<number>;
  /** Was it about what was to be written, and would be so again? Everything else is weather. */
  isRefusal(error: unknown): boolean;
  /** Tables of this engine alone that have a column `device`. */
  readonly ownTables?: readonly string[];
  close(): Promise<void>;
}

/** `?, ?, ?` */
export const marks = (count: number): string => Array(count).fill("?").join(", ");

export const DAY_SECONDS = 86_400;
export const HOUR_SECONDS = 3_600;

/** Readings `r` of an hour `d` that is due, but for their day. */
export const OF_HOUR = `r.device = d.device AND r.taken >= d.hour AND r.taken < d.hour + ${HOUR_SECONDS}`;

export const dayOf = (unixSeconds: number): number => Math.floor(unixSeconds / DAY_SECONDS);
