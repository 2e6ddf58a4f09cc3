import mqtt, { type MqttClient } from "mqtt";
import pg from "pg";
import { decodeSteps } from "../../../cloud/payload/decode-telemetry";
import { EmbeddedEngine } from "../../../cloud/store/embedded-engine";
import { load, type Rig, sleep } from "./rig";

const RATE = 1_000;
const SECONDS = Number(process.env.AEROLINK_BENCH_SECONDS ?? 120);
const DEVICES = 10_000;
const CONNECTIONS = 8;
/** Of the naive way: as much as it takes in this time. */
const NAIVE_SECONDS = Math.min(20, SECONDS);
const TICK_MS = 20;
/** Batches of each device in a drain. */
const ROUNDS = Number(process.env.AEROLINK_BENCH_BATCHES ?? 4);

/** 1,000 messages of five readings a second for two minutes, and the naive way beside it. */
export async function loadBench(rig: Rig): Promise<void> {
  console.log(
    `${RATE} messages/s of five readings for ${SECONDS} s, ${DEVICES} devices; ${CONNECTIONS} connections of one ingest`,
  );
  for (const [name, store] of rig.stores("load")) {
    const ingest = await rig.ingest(store, `load-${name}`, CONNECTIONS);
    const before = load();
    const start = rig.processors();
    const begun = Date.now();
    let most = 0;
    const sent = await offer(rig, 0, SECONDS, (sentSoFar) => {
      most = Math.max(most, sentSoFar - (ingest.last?.messages ?? 0));
    });
    const behind = sent - ingest.last!.messages;
    await settled(() => ingest.last!.messages, sent);
    const seconds = (Date.now() - begun) / 1_000;
    const { messages, added, repeated, transactions, cpuSeconds, bytes } = ingest.last!;
    const used = rig.processors();
    const each = (spent: number): string => ((spent / messages) * 1e6).toFixed(0);
    console.log(
      `${name}: sent ${sent}, kept ${messages} (${added} rows, ${repeated} twice) after ${seconds.toFixed(1)} s, ` +
        `${(messages / seconds).toFixed(0)} messages/s; behind at the end ${behind}, at the most ${most}; ` +
        `${(messages / transactions).toFixed(1)} messages a transaction, ingest ${(bytes / 1e6).toFixed(0)} MB; ` +
        `processor for a message, µs: ingest ${each(cpuSeconds)}, PostgreSQL ${each(used.postgres - start.postgres)}, ` +
        `broker ${each(used.broker - start.broker)}, herd ${each(used.herd - start.herd)}; ` +
        `load ${before} before, ${load()} after`,
    );
    await ingest.close();
    await naive(rig, name, store);
  }
}

/** Offers {@link RATE} messages/s, from message `first` on. Returns how many. */
async function offer(
  rig: Rig,
  first: number,
  seconds: number,
  onTick: (sent: number) => void = () => {},
): Promise<number> {
  const begun = Date.now();
  let sent = 0;
  while (Date.now() - begun < seconds * 1_000) {
    const due = Math.floor(((Date.now() - begun) / 1_000) * RATE);
    for (; sent < due; sent++) rig.publish(first + sent, DEVICES);
    await sleep(TICK_MS);
    onTick(sent);
  }
  await rig.taken();
  return sent;
}

/** One connection, and an INSERT a message that is its own transaction: what a first reader looks like. */
async function naive(rig: Rig, name: string, store: string): Promise<void> {
  const reader = await NaiveReader.open(rig, name, store);
  const sent = await offer(rig, 1e7, NAIVE_SECONDS);
  console.log(
    `${name}, the naive way: of ${sent} in ${NAIVE_SECONDS} s it kept ${reader.kept}, ${(reader.kept / NAIVE_SECONDS).toFixed(0)} messages/s; load ${load()}`,
  );
  await reader.close();
}

class NaiveReader {
  kept = 0;
  #client: MqttClient;
  #table: NaiveTable;

  private constructor(client: MqttClient, table: NaiveTable) {
    this.#client = client;
    this.#table = table;
  }

  static async open(rig: Rig, name: string, store: string): Promise<NaiveReader> {
    const table = await naiveTable(store);
    const client = mqtt.connect(rig.url, { protocolVersion: 5, clientId: `naive-${name}`, clean: true });
    const reader = new NaiveReader(client, table);
    client.handleMessage = ({ topic, payload }, done) => {
      table.insert(topic.split("/")[2]!, decodeSteps(payload as Buffer)).then(
        () => {
          reader.kept++;
          done();
        },
        (error: Error) => done(error),
      );
    };
    await new Promise<void>((resolve) => client.once("connect", () => resolve()));
    await client.subscribeAsync("aerolink/v1/+/telemetry/#", { qos: 1 });
    return reader;
  }

  async close(): Promise<void> {
    await this.#client.endAsync(true);
    await this.#table.close();
  }
}

interface NaiveTable {
  insert(device: string, readings: ReturnType<typeof decodeSteps>): Promise<unknown>;
  close(): Promise<void>;
}

async function naiveTable(store: string): Promise<NaiveTable> {
  const table =
    "CREATE TABLE IF NOT EXISTS naive (device TEXT, epoch TEXT, seq BIGINT, taken BIGINT, steps TEXT, PRIMARY KEY (device, epoch, seq))";
  const rowsOf = (device: string, readings: ReturnType<typeof decodeSteps>) =>
    readings.flatMap(({ epoch, seq, unixSeconds, steps }) => [
      device,
      epoch,
      seq,
      unixSeconds!,
      JSON.stringify(steps),
    ]);
  const values = (mark: (i: number) => string): string =>
    `INSERT INTO naive VALUES ${[0, 1, 2, 3, 4].map((row) => `(${[0, 1, 2, 3, 4].map((i) => mark(row * 5 + i)).join(", ")})`).join(", ")} ON CONFLICT DO NOTHING`;
  if (!store.startsWith("postgres:")) {
    const engine = EmbeddedEngine.open(store);
    await engine.run(table);
    return {
      insert: (device, readings) =>
        engine.run(
          values(() => "?"),
          rowsOf(device, readings),
        ),
      close: () => engine.close(),
    };
  }
  const client = new pg.Client({ connectionString: store });
  await client.connect();
  await client.query(table);
  return {
    insert: (device, readings) =>
      client.query(
        values((i) => `$${i + 1}`),
        rowsOf(device, readings),
      ),
    close: () => client.end(),
  };
}

/** Until `count` has come to `goal`, or stands for half a minute. */
export async function settled(count: () => number, goal: number): Promise<void> {
  let last = -1;
  for (let since = Date.now(); Date.now() - since < 30_000 && count() < goal; await sleep(100)) {
    if (count() !== last) since = Date.now();
    last = count();
  }
}

/** 10,000 devices bring four batches each, as fast as the broker takes them; the naive way beside it. */
export async function drainBench(rig: Rig): Promise<void> {
  const messages = DEVICES * ROUNDS;
  console.log(`A herd's drain: ${messages} messages at once`);
  for (const [name, store] of rig.stores("drain")) {
    const ingest = await rig.ingest(store, `drain-${name}`, CONNECTIONS);
    const first = ingest.reports.length;
    const begun = Date.now();
    await flood(rig, messages);
    const sentAfter = (Date.now() - begun) / 1_000;
    await settled(() => ingest.last!.messages, messages);
    const seconds = (Date.now() - begun) / 1_000;
    const { messages: kept, transactions, cpuSeconds } = ingest.last!;
    console.log(
      `${name}: the broker had them after ${sentAfter.toFixed(1)} s, the store ${kept} after ${seconds.toFixed(1)} s ` +
        `(${(kept / seconds).toFixed(0)}/s, ${(kept / transactions).toFixed(0)} a transaction, ` +
        `${((cpuSeconds / kept) * 1e6).toFixed(0)} µs of processor each); in each quarter of that time the ingest's most memory ` +
        `${quarters(ingest.reports.slice(first).map(({ bytes }) => bytes)).join(", ")} MB, and heap and buffers in use ` +
        `${quarters(ingest.reports.slice(first).map(({ heapBytes }) => heapBytes)).join(", ")} MB; load ${load()}`,
    );
    await ingest.close();
    const reader = await NaiveReader.open(rig, name, store);
    await flood(rig, messages);
    await sleep(NAIVE_SECONDS * 1_000);
    console.log(
      `${name}, the naive way: ${reader.kept} after ${NAIVE_SECONDS} s (${(reader.kept / NAIVE_SECONDS).toFixed(0)}/s); load ${load()}`,
    );
    await reader.close();
  }
}

/** As fast as the broker takes them. */
async function flood(rig: Rig, messages: number): Promise<void> {
  for (let n = 0; n < messages; n++) {
    if (n % 500 === 0)
      do await sleep(0);
      while (!rig.hasRoom);
    rig.publish(n, DEVICES);
  }
  await rig.taken();
}

/** The most in each quarter, MB. */
function quarters(bytes: readonly number[]): string[] {
  const length = bytes.length / 4;
  return [0, 1, 2, 3].map((i) => {
    const from = Math.min(Math.floor(length * i), bytes.length - 1);
    return (Math.max(...bytes.slice(from, Math.max(from + 1, Math.ceil(length * (i + 1))))) / 1e6).toFixed(0);
  });
}
