import { Accounts, Clients } from "./clients";
import { Devices } from "./devices";
import { Hours } from "./hours";
import { type Arrival, Intake, type Taken } from "./intake";
import { Audit, Notes } from "./notes";
import { Readings } from "./readings";
import { Rollouts } from "./rollouts";
import { DAY_SECONDS, dayOf, type Engine } from "./sql";
import { States } from "./states";
import { Tags } from "./tags";
import { uuidOf } from "./uuid";

/** For how long, in days; `null`: for ever. */
export interface Retention {
  readonly readings: number | null;
  readonly hours: number | null;
  readonly asides: number | null;
  readonly audit: number | null;
}

export const RETENTION: Retention = { readings: 400, hours: null, asides: 30, audit: 400 };

export interface StoreOptions {
  readonly engine: Engine;
  readonly retention?: Partial<Retention>;
  /** Name of the account that gets devices which nobody has registered. Default: "home". */
  readonly homeAccount?: string;
  /** Unix milliseconds. */
  now?(): number;
}

/** All that the cloud keeps. Whatever reads of devices wants a scope, and has it checked in {@link Devices.visible}. */
export class Store {
  readonly accounts: Accounts;
  readonly devices: Devices;
  readonly clients: Clients;
  readonly readings: Readings;
  readonly hours: Hours;
  readonly notes: Notes;
  readonly audit: Audit;
  readonly states: States;
  readonly tags: Tags;
  readonly rollouts: Rollouts;
  /** The id of the account that gets devices which nobody has registered. */
  readonly homeAccount: string;
  #engine: Engine;
  #intake: Intake;
  #retention: Retention;
  #now: () => number;

  private constructor(options: StoreOptions) {
    const { engine, retention, homeAccount = "home", now = Date.now } = options;
    this.#engine = engine;
    this.#now = now;
    const kept = { ...RETENTION, ...retention };
    // By its hours a device's readings are found: they stay as long.
    const hours = kept.readings === null || kept.hours === null ? null : Math.max(kept.hours, kept.readings);
    this.#retention = { ...kept, hours };
    this.homeAccount = uuidOf(`account ${homeAccount}`);
    this.accounts = new Accounts(engine);
    this.devices = new Devices(engine);
    this.clients = new Clients(engine);
    this.readings = new Readings(engine, this.devices);
    this.hours = new Hours(engine, this.devices);
    this.notes = new Notes(engine, this.devices);
    this.audit = new Audit(engine);
    this.states = new States(engine, this.devices);
    this.tags = new Tags(engine, this.devices);
    this.rollouts = new Rollouts(engine);
    this.#intake = new Intake(engine, {
      homeAccount: this.homeAccount,
      keptFrom: () => (this.#firstDay(this.#retention.readings) ?? 0) * DAY_SECONDS,
    });
  }

  static async open(options: StoreOptions): Promise<Store> {
    const store = new Store(options);
    const name = options.homeAccount ?? "home";
    await store.accounts.put({ id: store.homeAccount, name, createdAt: store.seconds });
    return store;
  }

  get engine(): Engine["name"] {
    return this.#engine.name;
  }

  /** Unix time, s. */
  get seconds(): number {
    return Math.floor(this.#now() / 1000);
  }

  /** When it resolves, all of it is on disk, and may be acknowledged; when it rejects, nothing of it is. */
  take(arrivals: readonly Arrival[]): Promise<Taken> {
    return this.#intake.take(arrivals, this.seconds);
  }

  /** Was a failure about what was to be written, and would be the same again? */
  isRefusal(error: unknown): boolean {
    return this.#engine.isRefusal(error);
  }

  /** Deletes what has had its time. Returns what was dropped: rows, and whole days of readings on PostgreSQL. */
  async retain(): Promise<number> {
    const { readings, hours, asides, audit } = this.#retention;
    let dropped = 0;
    const rows = [
      // First: an hour that is summed up when its readings have gone would be an empty one.
      ["hours_due", "hour", readings],
      ["hours", "hour", hours],
      ["asides", "received_at", asides],
      ["audit", "at", audit],
    ] as const;
    for (const [table, column, days] of rows) {
      const first = this.#firstDay(days);
      if (first !== undefined)
        dropped += await this.#engine.run(`DELETE FROM ${table} WHERE ${column} < ?`, [first * DAY_SECONDS]);
    }
    const over = this.#firstDay(audit);
    if (over !== undefined) dropped += await this.rollouts.dropBefore(over * DAY_SECONDS);
    const day = this.#firstDay(readings);
    return dropped + (day === undefined ? 0 : await this.#engine.dropBefore(day));
  }

  close(): Promise<void> {
    return this.#engine.close();
  }

  #firstDay(days: number | null): number | undefined {
    return days === null ? undefined : dayOf(this.seconds) - days;
  }
}
