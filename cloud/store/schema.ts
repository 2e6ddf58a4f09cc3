// One schema for both engines: whole numbers, text, and bytes of what was put aside. Readings are kept in steps
// (docs/payload.md); times are Unix seconds; yes and no are 1 and 0. What differs is in the two `Dialect`s.
import { QUANTITY_COLUMNS } from "./columns";

export interface Dialect {
  /** A whole number of 64 bits. */
  readonly long: string;
  readonly bytes: string;
  readonly real: string;
  /** A primary key that counts by itself. */
  readonly counted: string;
  readonly readings: (columns: string) => string[];
}

/** Counted up when a table changes; a store of another version is not opened. */
export const SCHEMA_VERSION = 1;

const steps = QUANTITY_COLUMNS.map((column) => `${column} INTEGER`).join(", ");

/** Of `hours`: how many values, their sum, least and most, in steps. */
export const HOUR_CELLS = QUANTITY_COLUMNS.flatMap((column) =>
  ["n", "sum", "min", "max"].map((what) => `${column}_${what}`),
);

export function schema({ long, bytes, real, counted, readings }: Dialect): string[] {
  return [
    `CREATE TABLE IF NOT EXISTS facts (name TEXT PRIMARY KEY, value TEXT NOT NULL)`,
    `CREATE TABLE IF NOT EXISTS accounts (
      id TEXT PRIMARY KEY, name TEXT NOT NULL, created_at ${long} NOT NULL)`,
    // `id` is the MQTT client id; `cloud_id` the UUID under which TSI's clients know it.
    `CREATE TABLE IF NOT EXISTS devices (
      key ${counted}, id TEXT NOT NULL UNIQUE, cloud_id TEXT NOT NULL UNIQUE, account TEXT NOT NULL,
      model TEXT NOT NULL, serial TEXT NOT NULL, friendly_name TEXT NOT NULL,
      is_indoor INTEGER NOT NULL, is_public INTEGER NOT NULL, latitude ${real}, longitude ${real},
      created_at ${long} NOT NULL, updated_at ${long} NOT NULL)`,
    `CREATE INDEX IF NOT EXISTS devices_of_account ON devices (account)`,
    `CREATE TABLE IF NOT EXISTS clients (
      id TEXT PRIMARY KEY, name TEXT NOT NULL, account TEXT NOT NULL, secret_hash TEXT NOT NULL,
      scopes TEXT NOT NULL, addresses TEXT NOT NULL, ends_at ${long}, revoked INTEGER NOT NULL,
      created_at ${long} NOT NULL)`,
    ...readings(
      `device INTEGER NOT NULL, epoch ${long} NOT NULL, seq ${long} NOT NULL, taken ${long} NOT NULL, ${steps}`,
    ),
    // Taken before the device knew the time, and not dated since.
    `CREATE TABLE IF NOT EXISTS undated (
      device INTEGER NOT NULL, epoch ${long} NOT NULL, seq ${long} NOT NULL,
      boot ${long} NOT NULL, uptime ${long} NOT NULL, ${steps}, PRIMARY KEY (device, epoch, seq))`,
    `CREATE TABLE IF NOT EXISTS hours (
      device INTEGER NOT NULL, hour ${long} NOT NULL, readings INTEGER NOT NULL,
      ${HOUR_CELLS.map((cell) => `${cell} ${long}`).join(", ")}, PRIMARY KEY (device, hour))`,
    // Hours whose row is not made yet, or no longer true.
    `CREATE TABLE IF NOT EXISTS hours_due (
      device INTEGER NOT NULL, hour ${long} NOT NULL, PRIMARY KEY (device, hour))`,
    `CREATE TABLE IF NOT EXISTS statuses (
      device INTEGER PRIMARY KEY, online INTEGER NOT NULL, status TEXT, received_at ${long} NOT NULL)`,
    `CREATE TABLE IF NOT EXISTS asides (
      id ${counted}, received_at ${long} NOT NULL, device TEXT, topic TEXT NOT NULL, reason TEXT NOT NULL,
      payload ${bytes} NOT NULL)`,
    `CREATE TABLE IF NOT EXISTS counts (name TEXT PRIMARY KEY, value ${long} NOT NULL)`,
    `CREATE TABLE IF NOT EXISTS audit (
      id ${counted}, at ${long} NOT NULL, account TEXT, actor TEXT NOT NULL, action TEXT NOT NULL,
      device TEXT, detail TEXT NOT NULL)`,
    `CREATE INDEX IF NOT EXISTS audit_of_account ON audit (account, id)`,
  ];
}
