import type { IdentityState, StateTopic, UpdateState } from "../payload/states";
import type { Devices } from "./devices";
import type { Arrival } from "./intake";
import type { Scope } from "./scope";
import type { Engine, Sql } from "./sql";

export interface Said<T> {
  readonly value: T;
  /** Since when it says so, as far as was heard; Unix time, s. */
  readonly since: number;
}

/** What a device said last of updates and of its certificate; absent: nothing yet. */
export interface DeviceStates {
  readonly update?: Said<UpdateState>;
  readonly identity?: Said<IdentityState>;
}

const MEMBERS = { "update/state": "update", "identity/state": "identity" } as const satisfies Record<
  StateTopic,
  keyof DeviceStates
>;

export class States {
  #engine: Engine;
  #devices: Devices;

  constructor(engine: Engine, devices: Devices) {
    this.#engine = engine;
    this.#devices = devices;
  }

  /** By device id; of one device alone where `id` is named. */
  async visible(scope: Scope, id?: string): Promise<Map<string, DeviceStates>> {
    const devices = await this.#devices.visible(scope, id === undefined ? {} : { id });
    const ids = new Map(devices.map((device) => [device.key, device.id]));
    const [one] = devices;
    const rows =
      id === undefined
        ? await this.#engine.all("SELECT * FROM device_states")
        : await this.#engine.all("SELECT * FROM device_states WHERE device = ?", [one?.key ?? -1]);
    const states = new Map<string, DeviceStates>();
    for (const row of rows) {
      const device = ids.get(row.device as number);
      if (device === undefined) continue;
      const said = { value: JSON.parse(row.text as string), since: row.changed_at as number };
      states.set(device, { ...states.get(device), [MEMBERS[row.topic as StateTopic]]: said });
    }
    return states;
  }
}

/** The broker says it again at each connection: that is no news. */
export async function putState(
  sql: Sql,
  key: number,
  { topic, text, at }: Extract<Arrival, { kind: "state" }>,
): Promise<void> {
  await sql.run(
    `INSERT INTO device_states VALUES (?, ?, ?, ?) ON CONFLICT (device, topic) DO UPDATE SET
      text = excluded.text, changed_at = excluded.changed_at WHERE device_states.text <> excluded.text`,
    [key, topic, text, at],
  );
}
