import type { ReadingInSteps } from "../payload/decode-telemetry";
import type { StateTopic } from "../payload/states";
import { keysOf, register } from "./devices";
import { type Cell, dayOf, type Engine, marks, type ReadingToKeep, type Sql } from "./sql";
import { putState } from "./states";

/** One message, as ingest has understood it. */
export type Arrival =
  | { readonly kind: "readings"; readonly device: string; readonly readings: readonly ReadingInSteps[] }
  | {
      readonly kind: "status";
      readonly device: string;
      readonly isOnline: boolean;
      /** Absent: it says no more than that the device is away. */
      readonly status?: string;
      readonly at: number;
    }
  | {
      readonly kind: "state";
      readonly device: string;
      readonly topic: StateTopic;
      readonly text: string;
      readonly at: number;
    }
  | {
      readonly kind: "aside";
      readonly device: string | null;
      readonly topic: string;
      readonly reason: AsideReason;
      readonly payload: Uint8Array;
      readonly at: number;
    };

export type AsideReason =
  | "no-device"
  | "not-telemetry"
  | "out-of-range"
  | "not-status"
  | "not-state"
  | "too-long"
  /** The database refuses this message, and took the others. */
  | "refused";

export interface Taken {
  /** Readings that were not there before. */
  readonly added: number;
  /** Readings that were there already, or came twice among these. */
  readonly repeated: number;
  /** Taken before what retention keeps. */
  readonly tooOld: number;
}

/** Payloads put aside that are kept, per device and of all; the others are counted only. */
const ASIDES_OF_DEVICE = 100;
const ASIDES = 10_000;

/** Writes what arrived, all of it in one transaction. */
export class Intake {
  #engine: Engine;
  #homeAccount: string;
  #keptFrom: () => number;

  /** `homeAccount`: of devices that nobody has registered. `keptFrom`: readings before it are too old, Unix time, s. */
  constructor(engine: Engine, options: { readonly homeAccount: string; keptFrom(): number }) {
    this.#engine = engine;
    this.#homeAccount = options.homeAccount;
    this.#keptFrom = () => options.keptFrom();
  }

  /** When it resolves, all of it is on disk, and may be acknowledged. */
  async take(arrivals: readonly Arrival[], now: number): Promise<Taken> {
    await this.#engine.prepareDays(this.#days(arrivals), dayOf(now));
    return this.#engine.transaction(async (sql) => {
      const ids = arrivals.flatMap((each) => (each.kind === "aside" ? [] : [each.device]));
      const keys = await this.#keys(sql, [...new Set(ids)].sort(), now);
      await this.#engine.lockDevices(
        sql,
        [...keys.values()].sort((a, b) => a - b),
      );
      const { readings, came, tooOld } = this.#distinct(arrivals, keys);
      const added = readings.length === 0 ? 0 : await this.#engine.keepReadings(sql, readings);
      if (tooOld > 0) await count(sql, "too-old", tooOld);
      for (const each of arrivals) {
        if (each.kind === "status") await putStatus(sql, keys.get(each.device)!, each);
        if (each.kind === "state") await putState(sql, keys.get(each.device)!, each);
        if (each.kind === "aside") await putAside(sql, each);
      }
      return { added, repeated: came - added - tooOld, tooOld };
    });
  }

  #days(arrivals: readonly Arrival[]): number[] {
    const keptFrom = this.#keptFrom();
    const days = new Set<number>();
    for (const each of arrivals)
      if (each.kind === "readings")
        for (const { unixSeconds } of each.readings)
          if (unixSeconds !== undefined && unixSeconds >= keptFrom) days.add(dayOf(unixSeconds));
    return [...days];
  }

  async #keys(sql: Sql, ids: readonly string[], now: number): Promise<Map<string, number>> {
    if (ids.length === 0) return new Map();
    const keys = await keysOf(sql, ids);
    if (keys.size === ids.length) return keys;
    const unknown = ids.filter((id) => !keys.has(id));
    await register(sql, unknown, this.#homeAccount, now);
    return new Map([...keys, ...(await keysOf(sql, unknown))]);
  }

  /** Each key once: the newest, but one without a time gives way to one that has it. */
  #distinct(arrivals: readonly Arrival[], keys: ReadonlyMap<string, number>) {
    const keptFrom = this.#keptFrom();
    const byKey = new Map<string, ReadingToKeep>();
    let came = 0;
    let tooOld = 0;
    for (const each of arrivals) {
      if (each.kind !== "readings") continue;
      const device = keys.get(each.device)!;
      for (const { epoch, seq, unixSeconds, boot, uptimeSeconds, steps } of each.readings) {
        came++;
        if (unixSeconds !== undefined && unixSeconds < keptFrom) {
          tooOld++;
          continue;
        }
        const key = `${device} ${epoch} ${seq}`;
        if (unixSeconds === undefined && byKey.get(key)?.taken != null) continue;
        byKey.set(key, {
          device,
          epoch: Number.parseInt(epoch, 16),
          seq,
          taken: unixSeconds ?? null,
          boot: unixSeconds === undefined ? boot! : null,
          uptime: unixSeconds === undefined ? uptimeSeconds! : null,
          steps,
        });
      }
    }
    return { readings: [...byKey.values()], came, tooOld };
  }
}

async function putStatus(
  sql: Sql,
  key: number,
  { isOnline, status, at }: Extract<Arrival, { kind: "status" }>,
): Promise<void> {
  await sql.run(
    `INSERT INTO statuses VALUES (?, ?, ?, ?) ON CONFLICT (device) DO UPDATE SET online = excluded.online,
      status = COALESCE(excluded.status, statuses.status), received_at = excluded.received_at`,
    [key, Number(isOnline), status ?? null, at],
  );
}

async function putAside(sql: Sql, aside: Extract<Arrival, { kind: "aside" }>): Promise<void> {
  const { device, topic, reason, payload, at } = aside;
  await count(sql, reason, 1);
  const [all] = await sql.all("SELECT COUNT(*) AS n FROM asides");
  const [own] = await sql.all("SELECT COUNT(*) AS n FROM asides WHERE device = ?", [device]);
  if ((all!.n as number) >= ASIDES || (own!.n as number) >= ASIDES_OF_DEVICE) return;
  const cells: Cell[] = [at, device, topic, reason, payload];
  await sql.run(
    `INSERT INTO asides (received_at, device, topic, reason, payload) VALUES (${marks(5)})`,
    cells,
  );
}

const count = (sql: Sql, name: string, by: number): Promise<number> =>
  sql.run(
    "INSERT INTO counts VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = counts.value + excluded.value",
    [name, by],
  );
