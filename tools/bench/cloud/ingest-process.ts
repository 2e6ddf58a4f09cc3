// An ingest as a process of its own, to be killed: `node BUNDLE JSON`.
import { Ingest, type IngestCounts, type IngestOptions } from "../../../cloud/ingest/ingest";
import { EmbeddedEngine } from "../../../cloud/store/embedded-engine";
import { PostgresEngine } from "../../../cloud/store/postgres-engine";
import { Store } from "../../../cloud/store/store";
import { SUM_MS, Upkeep } from "../../../cloud/store/upkeep";

export interface IngestProcessOptions extends Omit<IngestOptions, "store" | "onTrouble"> {
  /** A file, or postgres:// */
  readonly store: string;
  /** Between two sums of hours; default: as {@link Upkeep} does. */
  readonly sumMs?: number;
  /** Unix milliseconds that the store takes for now; default: the computer's. */
  readonly now?: number;
}

/** What it tells whoever started it, four times a second. */
export interface IngestReport extends IngestCounts {
  readonly cpuSeconds: number;
  readonly bytes: number;
  /** Of JavaScript's heap in use, rubbish included, and of buffers. */
  readonly heapBytes: number;
}

const {
  store: where,
  now,
  sumMs = SUM_MS,
  ...options
} = JSON.parse(process.argv[2]!) as IngestProcessOptions;
const onTrouble = (error: Error): void => {
  process.stderr.write(`${error.message}\n`);
};
const engine = where.startsWith("postgres:")
  ? await PostgresEngine.open({ url: where })
  : EmbeddedEngine.open(where);
const store = await Store.open({ engine, ...(now !== undefined && { now: () => now }) });
const ingest = new Ingest({
  ...options,
  store,
  onTrouble,
});
ingest.start();
const upkeep = new Upkeep(store, { sumMs, onTrouble });
if (process.send)
  setInterval(() => {
    const { user, system } = process.cpuUsage();
    const cpuSeconds = (user + system) / 1e6;
    const { rss: bytes, heapUsed, external } = process.memoryUsage();
    const heapBytes = heapUsed + external;
    process.send?.({ ...ingest.counts, cpuSeconds, bytes, heapBytes } satisfies IngestReport);
  }, 250).unref();
process.once("SIGTERM", async () => {
  await upkeep.close();
  await ingest.close();
  await store.close();
});
