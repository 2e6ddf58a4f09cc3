import type { Devices } from "./devices";
import type { Scope } from "./scope";
import { type Engine, marks } from "./sql";

/** Who did what. Rows are only ever added; retention takes them after their time. */
export interface AuditRow {
  readonly id: number;
  /** Unix time, s. */
  readonly at: number;
  readonly account: string | null;
  /** A client's id, or a person by the name that the provider gives. */
  readonly actor: string;
  readonly action: string;
  readonly device: string | null;
  readonly detail: unknown;
}

export class Audit {
  #engine: Engine;

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  async add({ at, account, actor, action, device, detail }: Omit<AuditRow, "id">): Promise<void> {
    await this.#engine.run(
      "INSERT INTO audit (at, account, actor, action, device, detail) VALUES (?, ?, ?, ?, ?, ?)",
      [at, account, actor, action, device, JSON.stringify(detail ?? null)],
    );
  }

  /** Newest first; `before`: the id of the last one seen. */
  async visible(scope: Scope, { before = Number.MAX_SAFE_INTEGER, limit = 100 } = {}): Promise<AuditRow[]> {
    const own = "account" in scope ? " AND account = ?" : "";
    const rows = await this.#engine.all(`SELECT * FROM audit WHERE id < ?${own} ORDER BY id DESC LIMIT ?`, [
      before,
      ...("account" in scope ? [scope.account] : []),
      limit,
    ]);
    return rows.map((row) => ({
      id: row.id as number,
      at: row.at as number,
      account: row.account as string | null,
      actor: row.actor as string,
      action: row.action as string,
      device: row.device as string | null,
      detail: JSON.parse(row.detail as string),
    }));
  }
}

/** A message that is not as docs/payload.md and docs/protocol.md promise: looked at by a person, and not again by us. */
export interface Aside {
  readonly id: number;
  readonly receivedAt: number;
  readonly device: string | null;
  readonly topic: string;
  readonly reason: string;
  readonly payload: Uint8Array;
}

/** What devices last said of themselves on `status`, and what was put aside. */
export class Notes {
  #engine: Engine;
  #devices: Devices;

  constructor(engine: Engine, devices: Devices) {
    this.#engine = engine;
    this.#devices = devices;
  }

  /**
   * By device id; `ids`: of these alone, of those that the scope sees. `status` is the last one that said more than that
   * the device is away.
   */
  async statuses(scope: Scope, ids?: readonly string[]): Promise<Map<string, DeviceStatusRow>> {
    const wanted = ids && new Set(ids);
    const visible = (await this.#devices.visible(scope)).filter(({ id }) => !wanted || wanted.has(id));
    const devices = new Map(visible.map(({ key, id }) => [key, id]));
    if (devices.size === 0) return new Map();
    const these = wanted ? ` WHERE device IN (${marks(devices.size)})` : "";
    const rows = await this.#engine.all(`SELECT * FROM statuses${these}`, wanted ? [...devices.keys()] : []);
    return new Map(
      rows.flatMap((row) => {
        const id = devices.get(row.device as number);
        return id === undefined ? [] : [[id, statusOf(row)]];
      }),
    );
  }

  /** Newest first. An account sees those of its devices; those that name no device are the operator's. */
  async asides(scope: Scope, limit = 100): Promise<Aside[]> {
    const own = "account" in scope;
    const rows = await this.#engine.all(
      `SELECT a.* FROM asides a${own ? " JOIN devices d ON d.id = a.device AND d.account = ?" : ""} ORDER BY a.id DESC LIMIT ?`,
      [...("account" in scope ? [scope.account] : []), limit],
    );
    return rows.map((row) => ({
      id: row.id as number,
      receivedAt: row.received_at as number,
      device: row.device as string | null,
      topic: row.topic as string,
      reason: row.reason as string,
      payload: new Uint8Array(row.payload as Uint8Array),
    }));
  }

  /** What was counted since the store was made: messages put aside by reason, readings too old to keep. */
  async counts(): Promise<Record<string, number>> {
    const rows = await this.#engine.all("SELECT name, value FROM counts");
    return Object.fromEntries(rows.map(({ name, value }) => [name, value as number]));
  }
}

export interface DeviceStatusRow {
  readonly isOnline: boolean;
  readonly status: Readonly<Record<string, unknown>> | null;
  /** Unix time, s. */
  readonly receivedAt: number;
}

const statusOf = (row: { readonly [name: string]: unknown }): DeviceStatusRow => ({
  isOnline: row.online === 1,
  status: row.status === null ? null : JSON.parse(row.status as string),
  receivedAt: row.received_at as number,
});
