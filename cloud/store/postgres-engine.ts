import pg from "pg";
import { fleetSchema } from "./fleet-schema";
import { PostgresDays } from "./postgres-days";
import { POSTGRES, PostgresReadings } from "./postgres-readings";
import { SCHEMA_VERSION, schema } from "./schema";
import { type Cell, DAY_SECONDS, type Engine, OF_HOUR, type ReadingToKeep, type Row, type Sql } from "./sql";

export interface PostgresOptions {
  /** postgres://user:password@host:port/database, with `?sslmode=…` */
  readonly url: string;
  /** Connections of this process. Default: 4. */
  readonly connections?: number;
  /** A connection that the server ended while nobody used it. */
  onError?(error: Error): void;
}

/** Of the locks that this program takes; any other number would do. */
const LOCK = { schema: 1_095_062_087, device: 1_095_062_088 };

const NUMBERS = [pg.types.builtins.INT8, pg.types.builtins.NUMERIC] as readonly number[];
const types: pg.CustomTypesConfig = {
  // Times and sequence numbers are far below 2^53.
  getTypeParser: ((oid: number, format: "text" | "binary") =>
    NUMBERS.includes(oid) ? Number : pg.types.getTypeParser(oid, format)) as typeof pg.types.getTypeParser,
};

/** PostgreSQL, for a fleet: several processes may write at once. Readings lie in a partition for each day. */
export class PostgresEngine implements Engine {
  readonly name = "postgresql";
  readonly ownTables = ["reading_days"];
  #pool: pg.Pool;
  #days: PostgresDays;
  #readings = new PostgresReadings();

  private constructor(pool: pg.Pool) {
    this.#pool = pool;
    this.#days = new PostgresDays(this);
  }

  static async open({ url, connections = 4, onError }: PostgresOptions): Promise<PostgresEngine> {
    const pool = new pg.Pool({
      connectionString: url,
      max: connections,
      // What a transaction asks without waiting goes out at once.
      pipeline: true,
      types,
      application_name: "aerolink",
    });
    pool.on("error", (error) => onError?.(error));
    const engine = new PostgresEngine(pool);
    try {
      await engine.transaction(async (sql) => {
        // Several processes may come to an empty database at once.
        await sql.all("SELECT pg_advisory_xact_lock(?)", [LOCK.schema]);
        const [known] = await sql.all("SELECT to_regclass('facts')::text AS facts");
        if (known!.facts === null) for (const statement of schema(POSTGRES)) await sql.run(statement);
        for (const statement of fleetSchema(POSTGRES)) await sql.run(statement);
        await sql.run("INSERT INTO facts VALUES ('schema', ?) ON CONFLICT DO NOTHING", [
          String(SCHEMA_VERSION),
        ]);
        const [fact] = await sql.all("SELECT value FROM facts WHERE name = 'schema'");
        if (fact?.value !== String(SCHEMA_VERSION))
          throw new Error(
            `the database is of another version of this program (${fact?.value}, not ${SCHEMA_VERSION})`,
          );
      });
      return engine;
    } catch (error) {
      await pool.end();
      throw error;
    }
  }

  all(text: string, parameters: readonly Cell[] = []): Promise<Row[]> {
    return ask(this.#pool, text, parameters).then(({ rows }) => rows);
  }

  run(text: string, parameters: readonly Cell[] = []): Promise<number> {
    return ask(this.#pool, text, parameters).then(({ rowCount }) => rowCount ?? 0);
  }

  async transaction<T>(body: (sql: Sql) => Promise<T>): Promise<T> {
    const client = await this.#pool.connect();
    let broken: Error | undefined;
    // Without a listener a connection that the server ends would end the process.
    const onError = (error: Error): void => {
      broken = error;
    };
    client.on("error", onError);
    const sql: Sql = {
      all: (text, parameters = []) => ask(client, text, parameters).then(({ rows }) => rows),
      run: (text, parameters = []) => ask(client, text, parameters).then(({ rowCount }) => rowCount ?? 0),
    };
    try {
      // Nothing is done outside of it: BEGIN fails where the connection does, and everything after it.
      const [, result] = await Promise.all([client.query("BEGIN"), body(sql)]);
      await client.query("COMMIT");
      return result;
    } catch (error) {
      await client.query("ROLLBACK").catch((fault: Error) => {
        broken ??= fault;
      });
      throw error;
    } finally {
      client.off("error", onError);
      client.release(broken);
    }
  }

  prepareDays(days: readonly number[], today: number): Promise<void> {
    return this.#days.prepare(days, today);
  }

  async lockDevices(sql: Sql, devices: readonly number[]): Promise<void> {
    if (devices.length > 0)
      await sql.all("SELECT pg_advisory_xact_lock(?::int, key) FROM unnest(?::int[]) AS keys(key)", [
        LOCK.device,
        devices as unknown as Cell,
      ]);
  }

  keepReadings(sql: Sql, readings: readonly ReadingToKeep[]): Promise<number> {
    return this.#readings.keep(sql, readings);
  }

  sumsOfDue(cells: string, which: string, days: readonly number[]): string {
    // A join that can be made by going through the whole table is made so, sooner or later. Days as numbers: the plan
    // is of their partitions alone.
    return `SELECT d.device, d.hour, s.* FROM hours_due d CROSS JOIN LATERAL (
      SELECT COUNT(*) AS readings, ${cells} FROM readings r
        WHERE ${OF_HOUR} AND r.day = CAST(d.hour / ${DAY_SECONDS} AS INTEGER) AND r.day IN (${days.join(", ")})
      ) AS s WHERE ${which} AND s.readings > 0`;
  }

  dropBefore(day: number): Promise<number> {
    return this.#days.dropBefore(day);
  }

  isRefusal(error: unknown): boolean {
    // Data exceptions, and violations of integrity (PostgreSQL, appendix A).
    return /^2[23]...$/.test(String((error as { code?: unknown }).code));
  }

  async close(): Promise<void> {
    await this.#pool.end();
  }
}

const texts = new Map<string, string>();

/** `?` in our SQL stands for a parameter and nothing else; PostgreSQL numbers them. */
function numbered(text: string): string {
  const known = texts.get(text);
  if (known !== undefined) return known;
  let n = 0;
  const result = text.replaceAll("?", () => `$${++n}`);
  // Texts are fixed, but for lists of marks of any length.
  if (texts.size < 1_000) texts.set(text, result);
  return result;
}

const ask = (
  on: pg.Pool | pg.PoolClient,
  text: string,
  parameters: readonly Cell[],
): Promise<pg.QueryResult> => on.query(numbered(text), parameters as Cell[]);
