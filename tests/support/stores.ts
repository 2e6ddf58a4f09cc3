import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ReadingInSteps } from "../../cloud/payload/decode-telemetry";
import { QUANTITIES } from "../../cloud/payload/quantities";
import { EmbeddedEngine } from "../../cloud/store/embedded-engine";
import { PostgresEngine } from "../../cloud/store/postgres-engine";
import type { Engine } from "../../cloud/store/sql";
import { Store, type StoreOptions } from "../../cloud/store/store";
import type { PostgresCluster } from "../../tools/bench/cloud/postgres";

export interface OpenStore {
  readonly store: Store;
  /** Below it. */
  readonly engine: Engine;
  close(): Promise<void>;
}

/** A store of its own in a new folder. */
export async function embeddedStore(options: Omit<StoreOptions, "engine"> = {}): Promise<OpenStore> {
  const folder = mkdtempSync(join(tmpdir(), "aerolink-store-"));
  const engine = EmbeddedEngine.open(join(folder, "store.db"));
  const store = await Store.open({ ...options, engine });
  return {
    store,
    engine,
    close: async () => {
      await store.close();
      rmSync(folder, { recursive: true });
    },
  };
}

/** A store of its own in a new database of the cluster. */
export async function postgresStore(
  cluster: PostgresCluster,
  options: Omit<StoreOptions, "engine"> = {},
): Promise<OpenStore> {
  const engine = await PostgresEngine.open({ url: cluster.newDatabase() });
  const store = await Store.open({ ...options, engine });
  return { store, engine, close: () => store.close() };
}

/** A reading with a number in each column that tells them apart. */
export const readingAt = (
  seq: number,
  unixSeconds: number | undefined,
  epoch = "5c0ffee1",
): ReadingInSteps => ({
  epoch,
  seq,
  ...(unixSeconds === undefined ? { boot: 12, uptimeSeconds: seq } : { unixSeconds }),
  steps: QUANTITIES.map((_, i) => seq * 10 + i),
});
