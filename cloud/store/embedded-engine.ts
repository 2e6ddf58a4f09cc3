import { mkdirSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname } from "node:path";
import type Database from "libsql";
import { QUANTITIES } from "../payload/quantities";
import { fleetSchema } from "./fleet-schema";
import { type Dialect, SCHEMA_VERSION, schema } from "./schema";
import {
  type Cell,
  DAY_SECONDS,
  type Engine,
  HOUR_SECONDS,
  marks,
  OF_HOUR,
  type ReadingToKeep,
  type Row,
  type Sql,
} from "./sql";

const DIALECT: Dialect = {
  long: "INTEGER",
  bytes: "BLOB",
  real: "REAL",
  counted: "INTEGER PRIMARY KEY AUTOINCREMENT",
  readings: (columns) => [
    `CREATE TABLE IF NOT EXISTS readings (${columns},
      day INTEGER GENERATED ALWAYS AS (taken / ${DAY_SECONDS}) VIRTUAL,
      PRIMARY KEY (device, epoch, seq)) WITHOUT ROWID`,
    `CREATE INDEX IF NOT EXISTS readings_by_time ON readings (device, taken)`,
  ],
};

/** Rows that one statement of retention deletes, so that nobody waits long for it. */
const DELETED_AT_ONCE = 1_000;
/** Another process holds the file: of the same store at most one writes, and only for milliseconds. */
const BUSY_MS = 10_000;

/**
 * SQLite in this process (libsql): a file and its log of changes beside it. COMMIT returns when the change is on disk.
 * Two connections, so that reads see no half of a transaction.
 */
export class EmbeddedEngine implements Engine {
  readonly name = "embedded";
  #writer: Connection;
  #reader: Connection;
  #turn: Promise<unknown> = Promise.resolve();

  private constructor(writer: Connection, reader: Connection) {
    this.#writer = writer;
    this.#reader = reader;
  }

  /** @param file made with its folder where it is missing */
  static open(file: string): EmbeddedEngine {
    mkdirSync(dirname(file), { recursive: true });
    const writer = new Connection(file);
    try {
      writer.script("PRAGMA journal_mode = WAL");
      // A COMMIT in the log alone would not outlive a power cut.
      writer.script("PRAGMA synchronous = FULL");
      writer.script("BEGIN IMMEDIATE");
      for (const statement of [...schema(DIALECT), ...fleetSchema(DIALECT)]) writer.script(statement);
      writer.change("INSERT INTO facts VALUES ('schema', ?) ON CONFLICT DO NOTHING", [
        String(SCHEMA_VERSION),
      ]);
      writer.script("COMMIT");
      const [fact] = writer.rows("SELECT value FROM facts WHERE name = 'schema'", []);
      if (fact?.value !== String(SCHEMA_VERSION))
        throw new Error(
          `${file} is of another version of this program (${fact?.value}, not ${SCHEMA_VERSION})`,
        );
      return new EmbeddedEngine(writer, new Connection(file));
    } catch (error) {
      writer.close();
      throw error;
    }
  }

  async all(text: string, parameters: readonly Cell[] = []): Promise<Row[]> {
    return this.#reader.rows(text, parameters);
  }

  run(text: string, parameters: readonly Cell[] = []): Promise<number> {
    return this.transaction((sql) => sql.run(text, parameters));
  }

  transaction<T>(body: (sql: Sql) => Promise<T>): Promise<T> {
    const turn = this.#turn.then(async () => {
      this.#writer.script("BEGIN IMMEDIATE");
      try {
        const result = await body(this.#writer);
        this.#writer.script("COMMIT");
        return result;
      } catch (error) {
        if (this.#writer.isInTransaction) this.#writer.script("ROLLBACK");
        throw error;
      }
    });
    this.#turn = turn.catch(() => {});
    return turn;
  }

  async prepareDays(): Promise<void> {}

  /** One writer at a time: nothing to lock. */
  async lockDevices(): Promise<void> {}

  async keepReadings(_sql: Sql, readings: readonly ReadingToKeep[]): Promise<number> {
    const writer = this.#writer;
    let added = 0;
    for (const { device, epoch, seq, taken, boot, uptime, steps } of readings) {
      const key = [device, epoch, seq];
      const [known] = writer.rows(KNOWN, key);
      if (taken === null) {
        if (!known) added += writer.change(KEEP_UNDATED, [...key, boot, uptime, ...steps]);
        continue;
      }
      if (known?.taken === taken) continue;
      if (known) writer.change(DUE, [device, hourOf(known.taken as number)]);
      const wasUndated = !known && writer.change(DATED_NOW, key) > 0;
      writer.change(KEEP, [...key, taken, ...steps]);
      if (!known && !wasUndated) added++;
      writer.change(DUE, [device, hourOf(taken)]);
    }
    return added;
  }

  sumsOfDue(cells: string, which: string): string {
    return `SELECT d.device, d.hour, COUNT(*) AS readings, ${cells} FROM hours_due d JOIN readings r ON ${OF_HOUR}
      WHERE ${which} GROUP BY d.device, d.hour`;
  }

  async dropBefore(day: number): Promise<number> {
    const end = day * DAY_SECONDS;
    let dropped = 0;
    // Device by device, by the index of their times: a look through all readings would hold up everybody.
    for (const { key } of this.#reader.rows("SELECT key FROM devices", []))
      while (this.#reader.rows(ANY_BEFORE, [key!, end]).length > 0) {
        dropped += await this.run(DROP_BEFORE, [key!, end]);
        // Nothing else of this process had its turn meanwhile.
        await new Promise((resolve) => setImmediate(resolve));
      }
    return dropped;
  }

  isRefusal(error: unknown): boolean {
    const code = String((error as { code?: unknown }).code);
    return /^SQLITE_(CONSTRAINT|TOOBIG|MISMATCH|RANGE)/.test(code);
  }

  /** Waits for what has begun. */
  async close(): Promise<void> {
    await this.#turn;
    // The file alone is the whole then: the log beside it is empty.
    if (this.#writer.isOpen) this.#writer.rows("PRAGMA wal_checkpoint(TRUNCATE)", []);
    this.#reader.close();
    this.#writer.close();
  }
}

const ANY_BEFORE = "SELECT 1 FROM readings WHERE device = ? AND taken < ? LIMIT 1";
const DROP_BEFORE = `DELETE FROM readings WHERE (device, epoch, seq) IN
  (SELECT device, epoch, seq FROM readings WHERE device = ? AND taken < ? LIMIT ${DELETED_AT_ONCE})`;
const KNOWN = "SELECT taken FROM readings WHERE device = ? AND epoch = ? AND seq = ?";
const DUE = "INSERT INTO hours_due VALUES (?, ?) ON CONFLICT DO NOTHING";
const DATED_NOW = "DELETE FROM undated WHERE device = ? AND epoch = ? AND seq = ?";
const KEEP_UNDATED = `INSERT INTO undated VALUES (${marks(5 + QUANTITIES.length)}) ON CONFLICT DO NOTHING`;
const KEEP = `INSERT INTO readings VALUES (${marks(4 + QUANTITIES.length)})
  ON CONFLICT (device, epoch, seq) DO UPDATE SET taken = excluded.taken`;

const hourOf = (taken: number): number => Math.floor(taken / HOUR_SECONDS) * HOUR_SECONDS;

/** Loaded when a store is opened: a platform for which libsql has no build can do all the rest. */
const load = (): typeof Database => createRequire(import.meta.url)("libsql");

/** One connection of libsql, which answers at once; what was prepared is kept. */
class Connection implements Sql {
  #database: Database.Database;
  #statements = new Map<string, Database.Statement>();
  #isOpen = true;

  constructor(file: string) {
    this.#database = new (load())(file, { timeout: BUSY_MS });
  }

  get isInTransaction(): boolean {
    return this.#database.inTransaction;
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  script(text: string): void {
    this.#database.exec(text);
  }

  rows(text: string, parameters: readonly Cell[]): Row[] {
    return this.#prepared(text).all(parameters) as Row[];
  }

  change(text: string, parameters: readonly Cell[]): number {
    return this.#prepared(text).run(parameters).changes;
  }

  async all(text: string, parameters: readonly Cell[] = []): Promise<Row[]> {
    return this.rows(text, parameters);
  }

  async run(text: string, parameters: readonly Cell[] = []): Promise<number> {
    return this.change(text, parameters);
  }

  close(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#statements.clear();
    this.#database.close();
  }

  #prepared(text: string): Database.Statement {
    const known = this.#statements.get(text);
    if (known) return known;
    const statement = this.#database.prepare(text);
    this.#statements.set(text, statement);
    return statement;
  }
}
