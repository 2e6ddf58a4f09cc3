import { DAY_SECONDS, type Engine, type Sql } from "./sql";

/** Days for which partitions are made; readings of a device that is wrong about its time lie in the rest. */
const BEFORE = 800;
const AFTER = 2;

const PATIENCE_MS = 300;
const AGAIN_MS = 60_000;
/** PostgreSQL, appendix A. */
const LOCK_NOT_AVAILABLE = "55P03";

/** Of the lock under which partitions are made. */
const LOCK = 1_095_062_089;

/** The partitions of `readings`: one for each day that has readings, and `readings_rest` for days out of reason. */
export class PostgresDays {
  #engine: Pick<Engine, "all" | "transaction">;
  #made = new Set<number>();
  /** Of the computer's running time. */
  #notBefore = 0;

  constructor(engine: Pick<Engine, "all" | "transaction">) {
    this.#engine = engine;
  }

  /**
   * Makes the partitions of days, if they are missing. Outside of the transaction that writes readings: to attach one
   * waits for the transactions that are at `readings_rest`, and they must not wait for us. Where somebody reads for long
   * (a backup) the day's readings go to the rest, and from there to their partition when it is made.
   */
  async prepare(days: readonly number[], today: number): Promise<void> {
    for (const day of days) {
      if (this.#made.has(day) || day < today - BEFORE || day > today + AFTER) continue;
      if (performance.now() < this.#notBefore) return;
      if (await this.#attempt((sql) => make(sql, day))) this.#made.add(day);
      else this.#notBefore = performance.now() + AGAIN_MS;
    }
  }

  async dropBefore(day: number): Promise<number> {
    const partitions = await this.#engine.all(
      "SELECT inhrelid::regclass::text AS name FROM pg_inherits WHERE inhparent = 'readings'::regclass",
    );
    let dropped = 0;
    for (const { name } of partitions as { name: string }[]) {
      const own = dayOfPartition(name);
      if (own === undefined || own >= day) continue;
      if (!(await this.#attempt((sql) => sql.run(`DROP TABLE IF EXISTS ${name}`)))) break;
      this.#made.delete(own);
      dropped++;
    }
    return this.#engine.transaction(async (sql) => {
      await sql.run("DELETE FROM reading_days WHERE day < ?", [day]);
      return dropped + (await sql.run("DELETE FROM readings_rest WHERE day < ?", [day]));
    });
  }

  /**
   * What shuts out everybody else. `false`: somebody reads for long. Whoever writes stands in line behind us, so we do
   * not wait for the reader.
   */
  async #attempt(task: (sql: Sql) => Promise<unknown>): Promise<boolean> {
    try {
      await this.#engine.transaction(async (sql) => {
        await sql.run(`SET LOCAL lock_timeout = ${PATIENCE_MS}`);
        await task(sql);
      });
      return true;
    } catch (error) {
      if ((error as { code?: unknown }).code === LOCK_NOT_AVAILABLE) return false;
      throw error;
    }
  }
}

async function make(sql: Sql, day: number): Promise<void> {
  const name = partitionOf(day);
  await sql.all("SELECT pg_advisory_xact_lock(?)", [LOCK]);
  const [known] = await sql.all("SELECT to_regclass(?)::text AS name", [name]);
  if (known!.name !== null) return;
  await sql.run(`CREATE TABLE ${name} (LIKE readings INCLUDING ALL)`);
  await sql.run("LOCK TABLE readings_rest IN ACCESS EXCLUSIVE MODE");
  await sql.run(
    `WITH early AS (DELETE FROM readings_rest WHERE day = ${day} RETURNING *) INSERT INTO ${name} SELECT * FROM early`,
  );
  await sql.run(`ALTER TABLE readings ATTACH PARTITION ${name} FOR VALUES FROM (${day}) TO (${day + 1})`);
}

/** readings_20260701 */
const partitionOf = (day: number): string =>
  `readings_${new Date(day * DAY_SECONDS * 1000).toISOString().slice(0, 10).replaceAll("-", "")}`;

function dayOfPartition(name: string): number | undefined {
  const [, year, month, date] = /^readings_(\d{4})(\d\d)(\d\d)$/.exec(name) ?? [];
  return year === undefined ? undefined : Date.UTC(+year, +month! - 1, +date!) / 1000 / DAY_SECONDS;
}
