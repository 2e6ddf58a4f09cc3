import { QUANTITIES, STEPS_PER_UNIT } from "../payload/quantities";
import { QUANTITY_COLUMNS } from "./columns";
import type { Devices } from "./devices";
import type { Scope } from "./scope";
import { type Cell, DAY_SECONDS, dayOf, type Engine, HOUR_SECONDS, type Row } from "./sql";

export interface ReadingRow {
  /** The MQTT id. */
  readonly device: string;
  readonly epoch: string;
  readonly seq: number;
  /** When it was taken, Unix time, s. */
  readonly time: number;
  /** In units, in the order of `QUANTITIES`; `null`: no value. */
  readonly values: readonly (number | null)[];
}

/** One that the device has not dated (yet): its boot, and the seconds since. */
export interface UndatedRow extends Omit<ReadingRow, "time"> {
  readonly boot: number;
  readonly uptime: number;
}

/** Where to go on: the last reading that was seen. */
export interface Place {
  readonly device: string;
  readonly time: number;
  readonly epoch: string;
  readonly seq: number;
}

export interface ReadingQuery {
  /** MQTT ids; absent: all that the scope sees. Those that it does not see are passed over. */
  readonly devices?: readonly string[];
  /** Unix times, s: from, and before. */
  readonly from: number;
  readonly to: number;
  readonly after?: Place;
}

/** Rows that are read at once. */
const PAGE = 1_000;
/** Days that one question spans: PostgreSQL plans a part for each. */
const DAYS_AT_ONCE = 31;

const COLUMNS = ["epoch", "seq", "taken", ...QUANTITY_COLUMNS].join(", ");
const DIVISORS = QUANTITIES.map((quantity) => STEPS_PER_UNIT[quantity]);

/** What was measured. A page of rows is in memory at a time, and nothing is open between two of them. */
export class Readings {
  #engine: Engine;
  #devices: Devices;

  constructor(engine: Engine, devices: Devices) {
    this.#engine = engine;
    this.#devices = devices;
  }

  /** Device by device in order of their ids, each in order of time. */
  async *pages(scope: Scope, query: ReadingQuery): AsyncGenerator<ReadingRow[]> {
    const wanted = query.devices && new Set(query.devices);
    for (const { key, id } of await this.#devices.visible(scope)) {
      if (wanted && !wanted.has(id)) continue;
      if (query.after && id < query.after.device) continue;
      yield* this.#pagesOf(key, id, query);
    }
  }

  async *rows(scope: Scope, query: ReadingQuery): AsyncGenerator<ReadingRow> {
    for await (const page of this.pages(scope, query)) yield* page;
  }

  async *#pagesOf(key: number, id: string, query: ReadingQuery): AsyncGenerator<ReadingRow[]> {
    const known = await spanOf(this.#engine, key);
    if (!known) return;
    const { to, after } = query;
    const from = Math.ceil(Math.max(query.from, known.first));
    const end = Math.ceil(Math.min(to, known.last + HOUR_SECONDS));
    let place: readonly [number, number, number] =
      after?.device === id
        ? [after.time, Number.parseInt(after.epoch, 16), after.seq]
        : [from - 1, Number.MAX_SAFE_INTEGER, 0];
    let day = dayOf(Math.max(place[0], 0));
    while (day * DAY_SECONDS < end) {
      const rows = await this.#engine.all(
        `SELECT ${COLUMNS} FROM readings WHERE device = ? AND day >= ? AND day < ? AND taken >= ? AND taken < ?
          AND (taken, epoch, seq) > (?, ?, ?) ORDER BY taken, epoch, seq LIMIT ${PAGE}`,
        [key, day, day + DAYS_AT_ONCE, Math.max(place[0], from), end, ...place],
      );
      const last = rows.at(-1);
      if (last) {
        place = [last.taken as number, last.epoch as number, last.seq as number];
        yield rows.map((row) => readingOf(id, row));
        // The embedded store answers at once, and holds what its statements took until the event loop has had a turn.
        await new Promise((resolve) => setImmediate(resolve));
      }
      if (rows.length === PAGE) day = dayOf(place[0]);
      else {
        const next = await this.#nextHour(key, (day + DAYS_AT_ONCE) * DAY_SECONDS);
        if (next === undefined) return;
        day = dayOf(next);
      }
    }
  }

  /** The first hour from there on in which the device has readings: a device may have been silent for years. */
  async #nextHour(key: number, from: number): Promise<number | undefined> {
    const first = (table: string): string =>
      `SELECT MIN(hour) AS hour FROM ${table} WHERE device = ? AND hour >= ?`;
    const [row] = await this.#engine.all(
      `SELECT MIN(hour) AS hour FROM (${first("hours")} UNION ALL ${first("hours_due")}) AS both_of_them`,
      [key, from, key, from],
    );
    const { hour } = row as { hour: Cell };
    return hour === null ? undefined : Number(hour);
  }

  /** The newest reading of each device that has one, taken before `before`, Unix time, s: a device may be wrong. */
  async latest(scope: Scope, before: number, devices?: readonly string[]): Promise<ReadingRow[]> {
    const wanted = devices && new Set(devices);
    const found: ReadingRow[] = [];
    for (const { key, id } of await this.#devices.visible(scope)) {
      if (wanted && !wanted.has(id)) continue;
      const row = await this.#latestOf(key, Math.ceil(before));
      if (row) found.push(readingOf(id, row));
    }
    return found;
  }

  async #latestOf(key: number, before: number): Promise<Row | undefined> {
    const span = await spanOf(this.#engine, key, before);
    if (!span) return undefined;
    const newest = (from: number, to: number): Promise<Row[]> =>
      this.#engine.all(
        `SELECT ${COLUMNS} FROM readings WHERE device = ? AND day >= ? AND day <= ? AND taken >= ? AND taken < ?
          ORDER BY taken DESC, epoch DESC, seq DESC LIMIT 1`,
        [key, dayOf(from), dayOf(to), from, to],
      );
    const [row] = await newest(span.last, Math.min(span.last + HOUR_SECONDS, before));
    // An hour that is due may have lost its only reading to another one.
    return row ?? (await newest(span.first, span.last))[0];
  }

  /** Those that nobody could date, of one device. */
  async undated(scope: Scope, device: string): Promise<UndatedRow[]> {
    const found = await this.#devices.find(scope, device);
    if (!found) return [];
    const rows = await this.#engine.all("SELECT * FROM undated WHERE device = ? ORDER BY epoch, seq", [
      found.key,
    ]);
    return rows.map((row) => ({
      ...identityOf(found.id, row),
      boot: row.boot as number,
      uptime: row.uptime as number,
    }));
  }
}

/** The first and the last hour in which a device has readings, or may have. */
export async function spanOf(
  engine: Engine,
  key: number,
  before = Number.MAX_SAFE_INTEGER,
): Promise<{ first: number; last: number } | undefined> {
  const part = (table: string): string =>
    `SELECT MIN(hour) AS first, MAX(hour) AS last FROM ${table} WHERE device = ? AND hour < ?`;
  const [row] = await engine.all(
    `SELECT MIN(first) AS first, MAX(last) AS last FROM (${part("hours")} UNION ALL ${part("hours_due")}) AS both_of_them`,
    [key, before, key, before],
  );
  const { first, last } = row as { first: Cell; last: Cell };
  return first === null || last === null ? undefined : { first: Number(first), last: Number(last) };
}

const identityOf = (device: string, row: Row) => ({
  device,
  epoch: (row.epoch as number).toString(16).padStart(8, "0"),
  seq: row.seq as number,
  values: QUANTITY_COLUMNS.map((column, i) => {
    const steps = row[column] as number | null;
    return steps === null ? null : steps / DIVISORS[i]!;
  }),
});

const readingOf = (device: string, row: Row): ReadingRow => ({
  ...identityOf(device, row),
  time: row.taken as number,
});
