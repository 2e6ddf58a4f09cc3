import { QUANTITIES } from "../../payload/quantities";
import type { KeyedDevice } from "../../store/devices";
import type { Place, ReadingRow } from "../../store/readings";
import type { Scope } from "../../store/scope";
import type { Store } from "../../store/store";
import { AqiOfDay, type AqiQuantity } from "./aqi";
import type { Period } from "./selection";

/** What a record is made of, whatever its form. */
export interface TelemetryRow {
  readonly device: KeyedDevice;
  /** Unix seconds; of an average the begin of its span. */
  readonly time: number;
  /** In units, in the order of `QUANTITIES`. */
  readonly values: readonly (number | null)[];
  readonly aqi: Readonly<Record<AqiQuantity, number | null>>;
  readonly place: Place;
}

export interface RowQuery {
  readonly devices: readonly KeyedDevice[];
  readonly period: Period;
  readonly averageMinutes?: number;
  readonly after?: Place;
  /** Whether somebody wants to know the AQI: it costs a look at the hours. */
  readonly withAqi: boolean;
}

const HOUR = 3_600;
const DAY = 86_400;
/** Spans that are asked for at once. */
const SPANS = 2_000;
/** Days of hourly means that are in memory. */
const AQI_DAYS = 31;

/** Telemetry of devices that the scope sees, device by device, each in order of time. A page is in memory at a time. */
export async function* telemetryRows(
  store: Store,
  scope: Scope,
  query: RowQuery,
): AsyncGenerator<TelemetryRow> {
  const rows =
    query.period.kind === "latest"
      ? latestRows(store, scope, query, query.period.asOf)
      : query.averageMinutes === undefined
        ? readingRows(store, scope, query, query.period)
        : averageRows(store, scope, query, query.period, query.averageMinutes * 60);
  const aqi = new AqiSource(store, scope);
  for await (const { device, time, until, values, place } of rows) {
    const index = query.withAqi ? await aqi.at(device, until) : { pm2_5: null, pm10: null };
    yield { device, time, values, aqi: index, place };
  }
}

/** `until`: the end of what it is of. */
type BareRow = Omit<TelemetryRow, "aqi"> & { readonly until: number };

async function* readingRows(
  store: Store,
  scope: Scope,
  { devices, after }: RowQuery,
  { from, to }: { from: number; to: number },
): AsyncGenerator<BareRow> {
  const byId = new Map(devices.map((device) => [device.id, device]));
  const pages = store.readings.pages(scope, { devices: [...byId.keys()], from, to, ...(after && { after }) });
  for await (const page of pages) for (const row of page) yield bare(byId.get(row.device)!, row);
}

const bare = (device: KeyedDevice, row: ReadingRow): BareRow => ({
  device,
  time: row.time,
  until: row.time,
  values: row.values,
  place: { device: device.id, time: row.time, epoch: row.epoch, seq: row.seq },
});

async function* averageRows(
  store: Store,
  scope: Scope,
  { devices, after }: RowQuery,
  { from, to }: { from: number; to: number },
  seconds: number,
): AsyncGenerator<BareRow> {
  for (const device of devices) {
    if (after && device.id < after.device) continue;
    let start = after?.device === device.id ? after.time + seconds : from;
    if (seconds % HOUR !== 0) start = Math.max(start, await firstTime(store, scope, device, start, to));
    start -= start % seconds;
    for (; start < to; start += SPANS * seconds) {
      const end = Math.min(start + SPANS * seconds, to);
      const found = await store.hours.averages(scope, { device: device.id, from: start, to: end, seconds });
      for (const { time, values } of found)
        yield {
          device,
          time,
          until: time + seconds,
          values: values.map((value) => value && rounded(value.mean)),
          place: { device: device.id, time, epoch: "00000000", seq: 0 },
        };
    }
  }
}

/** So that a request of many years does not ask for each of their minutes. */
async function firstTime(
  store: Store,
  scope: Scope,
  device: KeyedDevice,
  from: number,
  to: number,
): Promise<number> {
  for await (const row of store.readings.rows(scope, { devices: [device.id], from, to })) return row.time;
  return to;
}

/** A mean has more digits than it knows. */
const rounded = (mean: number): number => Math.round(mean * 1000) / 1000;

async function* latestRows(
  store: Store,
  scope: Scope,
  { devices, after }: RowQuery,
  asOf: number,
): AsyncGenerator<BareRow> {
  // One row a device: a page goes on with the next one.
  const rest = devices.filter(({ id }) => !after || id > after.device);
  const byId = new Map(rest.map((device) => [device.id, device]));
  for (const row of await store.readings.latest(scope, asOf + 1, [...byId.keys()]))
    yield bare(byId.get(row.device)!, row);
}

/** The hourly means around the time that is asked for, one device and one month at a time. */
class AqiSource {
  #store: Store;
  #scope: Scope;
  #loaded: { device: number; from: number; to: number; index: AqiOfDay } | undefined;

  constructor(store: Store, scope: Scope) {
    this.#store = store;
    this.#scope = scope;
  }

  async at(device: KeyedDevice, time: number): Promise<TelemetryRow["aqi"]> {
    const { device: key, from = 0, to = 0 } = this.#loaded ?? {};
    if (key !== device.key || time < from || time >= to) await this.#load(device, time);
    const { index } = this.#loaded!;
    return { pm2_5: index.at("pm2_5", time), pm10: index.at("pm10", time) };
  }

  async #load(device: KeyedDevice, time: number): Promise<void> {
    const from = time - (time % HOUR);
    const to = from + AQI_DAYS * DAY;
    const hours = await this.#store.hours.averages(this.#scope, {
      device: device.id,
      from: from - DAY,
      to,
      seconds: HOUR,
    });
    this.#loaded = { device: device.key, from, to, index: new AqiOfDay(hours) };
  }
}

export const measured = (row: TelemetryRow, quantity: (typeof QUANTITIES)[number]): number | null =>
  row.values[QUANTITIES.indexOf(quantity)] ?? null;
