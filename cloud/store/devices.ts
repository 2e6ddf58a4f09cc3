import { byId } from "./order";
import type { Scope } from "./scope";
import type { Cell, Engine, Row, Sql } from "./sql";
import { marks } from "./sql";
import { uuidOf } from "./uuid";

export interface Device {
  /** The MQTT client id: the common name of its certificate. */
  readonly id: string;
  /** A UUID made of `id`: what TSI's API calls `device_id`. */
  readonly cloudId: string;
  readonly account: string;
  readonly model: string;
  readonly serial: string;
  readonly friendlyName: string;
  readonly isIndoor: boolean;
  readonly isPublic: boolean;
  readonly latitude: number | null;
  readonly longitude: number | null;
  /** Unix time, s. */
  readonly createdAt: number;
  readonly updatedAt: number;
}

/** A device with its number in the tables of readings. */
export interface KeyedDevice extends Device {
  readonly key: number;
}

export type DeviceFilter = {
  readonly [name in "id" | "cloudId" | "model" | "serial" | "isIndoor" | "isPublic"]?: Device[name];
};

export type DeviceChanges = {
  readonly [name in
    | "account"
    | "model"
    | "serial"
    | "friendlyName"
    | "isIndoor"
    | "isPublic"
    | "latitude"
    | "longitude"]?: Device[name];
};

const COLUMNS = {
  id: "id",
  cloudId: "cloud_id",
  account: "account",
  model: "model",
  serial: "serial",
  friendlyName: "friendly_name",
  isIndoor: "is_indoor",
  isPublic: "is_public",
  latitude: "latitude",
  longitude: "longitude",
  createdAt: "created_at",
  updatedAt: "updated_at",
} as const satisfies Record<keyof Device, string>;

/** What the hardware is called where nobody has said something else. */
const MODEL = "Aerolink";

export class Devices {
  #engine: Engine;

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  /**
   * Whatever reads of devices begins here: the one place where a scope becomes a condition. In order of their ids.
   */
  async visible(scope: Scope, filter: DeviceFilter = {}): Promise<KeyedDevice[]> {
    const conditions = ["1 = 1"];
    const parameters: Cell[] = [];
    if ("account" in scope) {
      conditions.push("account = ?");
      parameters.push(scope.account);
    }
    for (const [name, value] of Object.entries(filter) as [keyof DeviceFilter, string | boolean][]) {
      if (value === undefined) continue;
      conditions.push(`${COLUMNS[name]} = ?`);
      parameters.push(cellOf(value));
    }
    const rows = await this.#engine.all(
      `SELECT * FROM devices WHERE ${conditions.join(" AND ")}`,
      parameters,
    );
    return rows.map(deviceOf).sort(byId);
  }

  /** By its MQTT id or by its UUID; `undefined`: there is none, or none for this scope. */
  async find(scope: Scope, id: string): Promise<KeyedDevice | undefined> {
    const [byId] = await this.visible(scope, { id });
    return byId ?? (await this.visible(scope, { cloudId: id }))[0];
  }

  /** Devices register by being heard, or here, beforehand. Returns whether it is new. */
  async add(
    device: { readonly id: string; readonly account: string } & DeviceChanges,
    now: number,
  ): Promise<boolean> {
    const isNew = await this.#engine.transaction((sql) => register(sql, [device.id], device.account, now));
    await this.change({ fleet: true }, device.id, device, now);
    return isNew > 0;
  }

  /** Returns whether the scope has such a device. */
  async change(scope: Scope, id: string, changes: DeviceChanges, now: number): Promise<boolean> {
    const device = await this.find(scope, id);
    if (!device) return false;
    const entries = (Object.keys(COLUMNS) as (keyof Device)[]).flatMap((name) => {
      const value = name === "id" ? undefined : (changes as Partial<Device>)[name];
      return value === undefined ? [] : [[COLUMNS[name], cellOf(value)] as const];
    });
    await this.#engine.run(
      `UPDATE devices SET ${[...entries.map(([column]) => `${column} = ?, `)].join("")}updated_at = ? WHERE key = ?`,
      [...entries.map(([, value]) => value), now, device.key],
    );
    return true;
  }

  /** Deletes all that a device has said, and with `andItself` that there is such a device. */
  async forget(scope: Scope, id: string, { andItself = false } = {}): Promise<boolean> {
    const device = await this.find(scope, id);
    if (!device) return false;
    await this.#engine.transaction(async (sql) => {
      await this.#engine.lockDevices(sql, [device.key]);
      for (const table of [
        "readings",
        "undated",
        "hours",
        "hours_due",
        "statuses",
        "device_states",
        ...(this.#engine.ownTables ?? []),
      ])
        await sql.run(`DELETE FROM ${table} WHERE device = ?`, [device.key]);
      await sql.run("DELETE FROM asides WHERE device = ?", [device.id]);
      if (andItself) await sql.run("DELETE FROM device_tags WHERE device = ?", [device.key]);
      if (andItself) await sql.run("DELETE FROM devices WHERE key = ?", [device.key]);
    });
    return true;
  }
}

/** Puts devices that were never heard of into `account`. Returns how many. */
export async function register(
  sql: Sql,
  ids: readonly string[],
  account: string,
  now: number,
): Promise<number> {
  let added = 0;
  for (const id of ids)
    added += await sql.run(
      `INSERT INTO devices (id, cloud_id, account, model, serial, friendly_name, is_indoor, is_public, created_at, updated_at)
        VALUES (${marks(10)}) ON CONFLICT DO NOTHING`,
      [id, uuidOf(id), account, MODEL, id, id, 1, 0, now, now],
    );
  return added;
}

/** The numbers of devices, by id. */
export async function keysOf(sql: Sql, ids: readonly string[]): Promise<Map<string, number>> {
  const rows = await sql.all(`SELECT id, key FROM devices WHERE id IN (${marks(ids.length)})`, ids);
  return new Map(rows.map(({ id, key }) => [id as string, key as number]));
}

const cellOf = (value: string | number | boolean | null): Cell =>
  typeof value === "boolean" ? Number(value) : value;

function deviceOf(row: Row): KeyedDevice {
  return {
    key: row.key as number,
    id: row.id as string,
    cloudId: row.cloud_id as string,
    account: row.account as string,
    model: row.model as string,
    serial: row.serial as string,
    friendlyName: row.friendly_name as string,
    isIndoor: row.is_indoor === 1,
    isPublic: row.is_public === 1,
    latitude: row.latitude as number | null,
    longitude: row.longitude as number | null,
    createdAt: row.created_at as number,
    updatedAt: row.updated_at as number,
  };
}
