import mqtt from "mqtt";
import pg from "pg";
import { decodeSteps } from "../../../cloud/payload/decode-telemetry";
import { EmbeddedEngine } from "../../../cloud/store/embedded-engine";
import { load, type Rig, sleep } from "./rig";

const RATE = 1_000;
const SECONDS = 120;
const DEVICES = 10_000;
const CONNECTIONS = 128;
/** Of the naive way: as much as it takes in this time. */
const NAIVE_SECONDS = 20;
const TICK_MS = 20;

/** 1,000 messages of five readings a second for two minutes, and the naive way beside it. */
export async function loadBench(rig: Rig): Promise<void> {
  console.log(
    `${RATE} messages/s of five readings for ${SECONDS} s, ${DEVICES} devices; ${CONNECTIONS} connections of one ingest`,
  );
  for (const [name, store] of rig.stores("load")) {
    const ingest = await rig.ingest(store, `load-${name}`, CONNECTIONS);
    const before = load();
    const begun = Date.now();
    let sent = 0;
    let most = 0;
    const under: Promise<void>[] = [];
    while (Date.now() - begun < SECONDS * 1_000) {
      const due = Math.floor(((Date.now() - begun) / 1_000) * RATE);
      for (; sent < due; sent++) under.push(rig.publish(sent, DEVICES));
      await sleep(TICK_MS);
      most = Math.max(most, sent - (ingest.last?.messages ?? 0));
    }
    const behind = sent - ingest.last!.messages;
    await Promise.all(under);
    await settled(() => ingest.last!.messages, sent);
    const seconds = (Date.now() - begun) / 1_000;
    const { messages, added, repeated, transactions, cpuSeconds, bytes } = ingest.last!;
    console.log(
      `${name}: sent ${sent}, kept ${messages} (${added} rows, ${repeated} twice) after ${seconds.toFixed(1)} s, ` +
        `${(messages / seconds).toFixed(0)} messages/s; behind at the end ${behind}, at the most ${most}; ` +
        `${(messages / transactions).toFixed(1)} messages a transaction, ${cpuSeconds.toFixed(0)} s of processor, ` +
        `${(bytes / 1e6).toFixed(0)} MB; load ${before} before, ${load()} after`,
    );
    await ingest.close();
    await naive(rig, name, store);
  }
}

/** One connection, and an INSERT a message that is its own transaction: what a first reader looks like. */
async function naive(rig: Rig, name: string, store: string): Promise<void> {
  const insert = await naiveStore(store);
  const reader = mqtt.connect(rig.url, { protocolVersion: 5, clientId: `naive-${name}`, clean: true });
  let kept = 0;
  reader.handleMessage = ({ topic, payload }, done) => {
    insert(topic.split("/")[2]!, decodeSteps(payload as Buffer)).then(
      () => {
        kept++;
        done();
      },
      (error: Error) => done(error),
    );
  };
  await new Promise<void>((resolve) => reader.once("connect", () => resolve()));
  await reader.subscribeAsync("aerolink/v1/+/telemetry/#", { qos: 1 });
  const begun = Date.now();
  let sent = 0;
  const under: Promise<void>[] = [];
  while (Date.now() - begun < NAIVE_SECONDS * 1_000) {
    const due = Math.floor(((Date.now() - begun) / 1_000) * RATE);
    for (; sent < due; sent++) under.push(rig.publish(1e7 + sent, DEVICES));
    await sleep(TICK_MS);
  }
  console.log(
    `${name}, the naive way: of ${sent} in ${NAIVE_SECONDS} s it kept ${kept}, ${(kept / NAIVE_SECONDS).toFixed(0)} messages/s; load ${load()}`,
  );
  await Promise.all(under);
  await reader.endAsync(true);
}

type Insert = (device: string, readings: ReturnType<typeof decodeSteps>) => Promise<unknown>;

async function naiveStore(store: string): Promise<Insert> {
  const table =
    "CREATE TABLE naive (device TEXT, epoch TEXT, seq BIGINT, taken BIGINT, steps TEXT, PRIMARY KEY (device, epoch, seq))";
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
    return (device, readings) =>
      engine.run(
        values(() => "?"),
        rowsOf(device, readings),
      );
  }
  const client = new pg.Client({ connectionString: store });
  await client.connect();
  await client.query(table);
  return (device, readings) =>
    client.query(
      values((i) => `$${i + 1}`),
      rowsOf(device, readings),
    );
}

/** Until `count` has come to `goal`, or stands for ten seconds. */
export async function settled(count: () => number, goal: number): Promise<void> {
  let last = -1;
  for (let since = Date.now(); Date.now() - since < 10_000 && count() < goal; await sleep(100)) {
    if (count() !== last) since = Date.now();
    last = count();
  }
}

/** 10,000 devices bring four batches each, as fast as the broker takes them. */
export async function drainBench(rig: Rig): Promise<void> {
  const messages = DEVICES * 4;
  console.log(`A herd's drain: ${messages} messages at once`);
  for (const [name, store] of rig.stores("drain")) {
    const ingest = await rig.ingest(store, `drain-${name}`, CONNECTIONS);
    const begun = Date.now();
    const first = ingest.reports.length;
    let under: Promise<void>[] = [];
    for (let n = 0; n < messages; n++) {
      under.push(rig.publish(n, DEVICES));
      if (under.length < 1_000) continue;
      await Promise.all(under);
      under = [];
    }
    await Promise.all(under);
    const sentAfter = (Date.now() - begun) / 1_000;
    await settled(() => ingest.last!.messages, messages);
    const seconds = (Date.now() - begun) / 1_000;
    const bytes = ingest.reports.slice(first).map((each) => each.bytes / 1e6);
    const quarter = (i: number): string =>
      Math.max(
        ...bytes.slice(
          Math.floor((bytes.length * i) / 4),
          Math.max(1, Math.ceil((bytes.length * (i + 1)) / 4)),
        ),
      ).toFixed(0);
    console.log(
      `${name}: the broker had them after ${sentAfter.toFixed(1)} s, the store ${ingest.last!.messages} after ${seconds.toFixed(1)} s ` +
        `(${(ingest.last!.messages / seconds).toFixed(0)}/s); most memory of the ingest in each quarter of that time ` +
        `${[0, 1, 2, 3].map(quarter).join(", ")} MB; load ${load()}`,
    );
    await ingest.close();
  }
}
