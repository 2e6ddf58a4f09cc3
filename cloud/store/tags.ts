import type { Devices } from "./devices";
import type { Scope } from "./scope";
import type { Engine } from "./sql";

/** Words that an operator has given to devices, to choose them by. */
export class Tags {
  #engine: Engine;
  #devices: Devices;

  constructor(engine: Engine, devices: Devices) {
    this.#engine = engine;
    this.#devices = devices;
  }

  /** By the number of the device, in alphabetical order; a device without any is not in it. */
  async visible(scope: Scope): Promise<Map<number, string[]>> {
    const keys = new Set((await this.#devices.visible(scope)).map(({ key }) => key));
    const tags = new Map<number, string[]>();
    for (const row of await this.#engine.all("SELECT device, tag FROM device_tags")) {
      const key = row.device as number;
      if (keys.has(key)) tags.set(key, [...(tags.get(key) ?? []), row.tag as string].sort());
    }
    return tags;
  }

  /** In place of those that it has. Returns whether the scope has such a device. */
  async set(scope: Scope, id: string, tags: readonly string[]): Promise<boolean> {
    const device = await this.#devices.find(scope, id);
    if (!device) return false;
    await this.#engine.transaction(async (sql) => {
      await sql.run("DELETE FROM device_tags WHERE device = ?", [device.key]);
      for (const tag of new Set(tags))
        await sql.run("INSERT INTO device_tags VALUES (?, ?) ON CONFLICT DO NOTHING", [device.key, tag]);
    });
    return true;
  }
}
