// Hourly rows beside the raw ones: a year of a device is 8,760 of them, and they stay when the raw ones have had their
// time. Which hours are due stands in a table, written in the transaction that brings the readings.
import { QUANTITIES, STEPS_PER_UNIT } from "../payload/quantities";
import { columnOf, QUANTITY_COLUMNS } from "./columns";
import type { Devices } from "./devices";
import { spanOf } from "./readings";
import { HOUR_CELLS } from "./schema";
import type { Scope } from "./scope";
import { type Cell, DAY_SECONDS, dayOf, type Engine, HOUR_SECONDS, marks, type Row, type Sql } from "./sql";

/** Of one quantity over a span, in units. */
export interface Average {
  /** How many values. */
  readonly count: number;
  readonly mean: number;
  readonly least: number;
  readonly most: number;
}

export interface AverageRow {
  readonly device: string;
  /** Begin of the span, Unix time, s. */
  readonly time: number;
  readonly readings: number;
  /** In the order of `QUANTITIES`; `null`: no value. */
  readonly values: readonly (Average | null)[];
}

export interface AverageQuery {
  readonly device: string;
  /** Unix times, s: from, and before; both fall on begins of spans, or are cut there. */
  readonly from: number;
  readonly to: number;
  /** Length of a span: spans begin at its multiples since 1970. */
  readonly seconds: number;
}

/** Devices whose hours are made in one transaction. */
const DEVICES_AT_ONCE = 50;

const RAW_CELLS = QUANTITY_COLUMNS.map(
  (column) => `COUNT(${column}) AS ${column}_n, SUM(${column}) AS ${column}_sum,
    MIN(${column}) AS ${column}_min, MAX(${column}) AS ${column}_max`,
).join(", ");
const JOINED_CELLS = QUANTITY_COLUMNS.map(
  // Types that PostgreSQL adds up fast, and says in few letters: its sum of BIGINT is NUMERIC. Below 2^53 all are exact.
  (column) => `SUM(CAST(${column}_n AS INTEGER)) AS ${column}_n,
    SUM(CAST(${column}_sum AS DOUBLE PRECISION)) AS ${column}_sum,
    MIN(${column}_min) AS ${column}_min, MAX(${column}_max) AS ${column}_max`,
).join(", ");

const DAY_OF_HOUR = `CAST(d.hour / ${DAY_SECONDS} AS INTEGER)`;

export class Hours {
  #engine: Engine;
  #devices: Devices;

  constructor(engine: Engine, devices: Devices) {
    this.#engine = engine;
    this.#devices = devices;
  }

  /** Makes the rows that are due. Returns how many; call it every minute or so, in one process or in several. */
  async sumUp(): Promise<number> {
    let made = 0;
    let last = 0;
    for (;;) {
      const due = await this.#engine.all(
        "SELECT DISTINCT device FROM hours_due WHERE device > ? ORDER BY device LIMIT ?",
        [last, DEVICES_AT_ONCE],
      );
      if (due.length === 0) return made;
      const devices = due.map(({ device }) => device as number);
      last = devices.at(-1)!;
      made += await this.#engine.transaction((sql) => this.#sumUp(sql, devices));
    }
  }

  async #sumUp(sql: Sql, devices: readonly number[]): Promise<number> {
    // What arrives for them meanwhile waits, and is due again.
    await this.#engine.lockDevices(sql, devices);
    const these = `device IN (${marks(devices.length)})`;
    await sql.run(
      `DELETE FROM hours WHERE ${these} AND EXISTS
        (SELECT 1 FROM hours_due d WHERE d.device = hours.device AND d.hour = hours.hour)`,
      devices,
    );
    const days = await daysDue(sql, these, devices);
    if (days.length > 0)
      await sql.run(
        `INSERT INTO hours (device, hour, readings, ${HOUR_CELLS.join(", ")})
          ${this.#engine.sumsOfDue(RAW_CELLS, `d.${these}`, days)}`,
        devices,
      );
    return sql.run(`DELETE FROM hours_due WHERE ${these}`, devices);
  }

  /**
   * Means, least and most over spans: of whole hours from the hourly rows, shorter ones from the readings. What has
   * arrived and is not summed up yet is in them.
   */
  async averages(scope: Scope, query: AverageQuery): Promise<AverageRow[]> {
    const device = await this.#devices.find(scope, query.device);
    if (!device) return [];
    const span = await spanOf(this.#engine, device.key);
    if (!span) return [];
    const { seconds } = query;
    const from = Math.floor(Math.max(query.from, span.first) / seconds) * seconds;
    const to = Math.ceil(Math.min(query.to, span.last + HOUR_SECONDS) / seconds) * seconds;
    const rows =
      seconds % HOUR_SECONDS === 0
        ? await this.#ofHours(device.key, from, to, seconds)
        : await this.#ofReadings(device.key, from, to, seconds);
    return rows.map((row) => averageOf(device.id, row));
  }

  #ofReadings(key: number, from: number, to: number, seconds: number): Promise<Row[]> {
    return this.#engine.all(
      `SELECT taken - taken % ${seconds} AS span, COUNT(*) AS readings, ${RAW_CELLS} FROM readings
        WHERE device = ? AND day >= ? AND day <= ? AND taken >= ? AND taken < ? GROUP BY 1 ORDER BY 1`,
      [key, dayOf(from), dayOf(to), from, to],
    );
  }

  async #ofHours(key: number, from: number, to: number, seconds: number): Promise<Row[]> {
    const these = "device = ? AND hour >= ? AND hour < ?";
    const parameters: Cell[] = [key, from, to];
    const days = await daysDue(this.#engine, these, parameters);
    // What becomes due on another day from here on is read as it was.
    const isDue = `EXISTS (SELECT 1 FROM hours_due d WHERE d.device = h.device AND d.hour = h.hour
      AND ${DAY_OF_HOUR} IN (${days.join(", ")}))`;
    const due = this.#engine.sumsOfDue(RAW_CELLS, "d.device = ? AND d.hour >= ? AND d.hour < ?", days);
    return this.#engine.all(
      `SELECT hour - hour % ${seconds} AS span, SUM(readings) AS readings, ${JOINED_CELLS} FROM (
        SELECT device, hour, readings, ${HOUR_CELLS.join(", ")} FROM hours h WHERE ${these}
        ${days.length > 0 ? `AND NOT ${isDue} UNION ALL ${due}` : ""}
      ) AS each_hour GROUP BY 1 ORDER BY 1`,
      days.length > 0 ? [...parameters, ...parameters] : parameters,
    );
  }
}

/** Of the hours that are due. */
async function daysDue(sql: Pick<Sql, "all">, these: string, parameters: readonly Cell[]): Promise<number[]> {
  const rows = await sql.all(
    `SELECT DISTINCT ${DAY_OF_HOUR} AS day FROM hours_due d WHERE ${these}`,
    parameters,
  );
  return rows.map(({ day }) => day as number);
}

/** What the cells of a quantity are called, and its steps in a unit. */
const CELLS = QUANTITIES.map((quantity) => {
  const column = columnOf(quantity);
  return {
    n: `${column}_n`,
    sum: `${column}_sum`,
    min: `${column}_min`,
    max: `${column}_max`,
    units: STEPS_PER_UNIT[quantity],
  };
});

function averageOf(device: string, row: Row): AverageRow {
  return {
    device,
    time: Number(row.span),
    readings: Number(row.readings),
    values: CELLS.map(({ n, sum, min, max, units }) => {
      const count = Number(row[n]);
      if (count === 0) return null;
      return {
        count,
        mean: Number(row[sum]) / count / units,
        least: Number(row[min]) / units,
        most: Number(row[max]) / units,
      };
    }),
  };
}
