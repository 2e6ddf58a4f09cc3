// From a monitor's flash to a row, with everything killed on the way: each reading once, with the device's time.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { EmbeddedEngine } from "../../cloud/store/embedded-engine";
import { PostgresEngine } from "../../cloud/store/postgres-engine";
import { Store } from "../../cloud/store/store";
import { findPostgres, type PostgresCluster, startPostgres } from "../../tools/bench/cloud/postgres";
import { flashToRow, type StoreUnderTest } from "../support/cloud/flash-to-row";
import { buildFirmware } from "../support/firmware";
import { FULL, LONG, SEED } from "../support/volume";

/** `test:full`: the issue's own figures; each of the two is killed every ten seconds, as there. */
const VOLUME = FULL
  ? { devices: 50, hours: 24, killMs: 5_000 }
  : LONG
    ? { devices: 5, hours: 24, killMs: 2_000 }
    : { devices: 2, hours: 1, killMs: 150 };
const LIMIT_MS = FULL ? 3_600_000 : LONG ? 900_000 : 120_000;

const programs = findPostgres();
const folder = mkdtempSync(join(tmpdir(), "aerolink-row-"));
let built: Awaited<ReturnType<typeof buildFirmware>>;
let cluster: PostgresCluster | undefined;
beforeAll(async () => {
  built = await buildFirmware();
});
afterAll(async () => {
  await cluster?.stop();
  rmSync(folder, { recursive: true, force: true });
});

const stores: StoreUnderTest[] = [
  {
    name: "embedded",
    where: join(folder, "store.db"),
    open: () => Store.open({ engine: EmbeddedEngine.open(join(folder, "store.db")) }),
  },
];

test(`${VOLUME.devices} devices, ${VOLUME.hours} h, power cuts, kills of broker and ingest: each reading is one row, with its time`, {
  timeout: LIMIT_MS,
}, async () => {
  // A transaction of one message waits for the disk each time: PostgreSQL has its turn in the long runs.
  if (programs && LONG) {
    cluster = await startPostgres(programs);
    const where = cluster.newDatabase();
    const open = async () => Store.open({ engine: await PostgresEngine.open({ url: where }) });
    stores.push({ name: "postgresql", where, open });
  }
  const outcome = await flashToRow({ built, seed: SEED, ...VOLUME, stores });
  if (LONG) console.log(JSON.stringify(outcome));
  expect({ wrong: outcome.wrong, lostOnTheWay: outcome.lostOnTheWay }, outcome.complaints).toEqual({
    wrong: Object.fromEntries(stores.map(({ name }) => [name, []])),
    lostOnTheWay: [],
  });
  expect(outcome.readings).toBeGreaterThan(VOLUME.devices * VOLUME.hours * 60 * 0.8);
  expect(outcome.ingestKills).toBeGreaterThan(0);
  expect(outcome.brokerKills).toBeGreaterThan(0);
  expect(outcome.powerCuts).toBeGreaterThan(0);
  expect(outcome.repetitions).toBeGreaterThan(0);
});
