import { join } from "node:path";
import { Ingest } from "../../cloud/ingest/ingest";
import { EmbeddedEngine } from "../../cloud/store/embedded-engine";
import { Store } from "../../cloud/store/store";
import { Upkeep } from "../../cloud/store/upkeep";
import type { Simulator } from "../simulator/simulator";
import { HomeApi } from "./home-api";

/** The cloud side inside the simulator: what arrives at its own broker is kept in a file beside the board. */
export class HomeCloud {
  readonly store: Store;
  readonly file: string;
  readonly ingest: Ingest;
  readonly api: HomeApi;
  #upkeep: Upkeep;

  private constructor(parts: { store: Store; file: string; ingest: Ingest; api: HomeApi }) {
    const { store, file, ingest, api } = parts;
    this.store = store;
    this.file = file;
    this.ingest = ingest;
    this.api = api;
    this.#upkeep = new Upkeep(store);
  }

  /**
   * Returns why there is none: the simulator goes on without. `undefined`: with a foreign broker, whose devices are
   * others' affair.
   */
  static async open(simulator: Simulator, folder: string): Promise<HomeCloud | Error | undefined> {
    const { operator, broker } = simulator;
    if (!operator || !broker?.port) return undefined;
    const file = join(folder, "cloud", "store.db");
    try {
      const store = await Store.open({ engine: EmbeddedEngine.open(file) });
      // aedes knows neither MQTT 5 nor shared subscriptions.
      const ingest = new Ingest({ ...operator, store, name: "cloud-ingest", protocolVersion: 4 });
      const api = await HomeApi.open(store, operator, join(folder, "cloud"));
      ingest.start();
      return new HomeCloud({ store, file, ingest, api });
    } catch (error) {
      return error as Error;
    }
  }

  async close(): Promise<void> {
    await this.api.close();
    await this.ingest.close();
    await this.#upkeep.close();
    await this.store.hours.sumUp();
    await this.store.close();
  }
}
