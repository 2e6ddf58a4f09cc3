import { createServer, type Server, type Socket } from "node:net";
import { afterEach, expect, test, vi } from "vitest";
import { Connection, UNDER_WAY } from "../../cloud/ingest/connection";

/** As much of a broker as it takes: it sends what it is told to, and keeps the bytes that come. */
class BareBroker {
  readonly received: Buffer[] = [];
  connections = 0;
  #server: Server;
  #socket: Socket | undefined;

  private constructor(server: Server) {
    this.#server = server;
    server.on("connection", (socket) => {
      this.#socket = socket;
      this.connections++;
      socket.once("data", (connect) => {
        // The protocol's level stands after its name. CONNACK, with no properties in MQTT 5.
        socket.write(Buffer.from(connect[8] === 5 ? [0x20, 3, 0, 0, 0] : [0x20, 2, 0, 0]));
        socket.on("data", (bytes) => this.received.push(bytes));
      });
      socket.on("error", () => {});
    });
  }

  static async open(): Promise<BareBroker> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return new BareBroker(server);
  }

  get url(): string {
    return `mqtt://127.0.0.1:${(this.#server.address() as { port: number }).port}`;
  }

  /** QoS 1, topic "t", and one byte; of MQTT 3.1.1. */
  publish(...ids: readonly number[]): void {
    for (const id of ids) this.send(0x32, 6, 0, 1, 0x74, id >> 8, id & 0xff, id & 0xff);
  }

  send(...bytes: readonly number[]): void {
    this.#socket!.write(Buffer.from(bytes));
  }

  /** What was acknowledged, in that order. */
  get acknowledged(): number[] {
    return this.#packets(0x40).map((packet) => packet.readUInt16BE(2));
  }

  get pings(): number {
    return this.#packets(0xc0).length;
  }

  #packets(type: number): Buffer[] {
    const bytes = Buffer.concat(this.received);
    const found: Buffer[] = [];
    for (let at = 0; at < bytes.length; at += 2 + bytes[at + 1]!)
      if (bytes[at] === type) found.push(bytes.subarray(at, at + 2 + bytes[at + 1]!));
    return found;
  }

  drop(): void {
    this.#socket!.destroy();
  }

  async close(): Promise<void> {
    this.#socket?.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

let ends: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0)) await end();
  ends = [];
});

interface Taken {
  readonly id: number;
  readonly isWanted: () => boolean;
  done(isKept: boolean): void;
}

async function rig() {
  const broker = await BareBroker.open();
  const taken: Taken[] = [];
  const connection = new Connection({
    url: broker.url,
    mqtt: { clientId: "reader", protocolVersion: 4, reconnectPeriod: 5 },
    filters: ["t"],
    onMessage: ({ messageId }, isWanted, done) => taken.push({ id: messageId!, isWanted, done }),
  });
  ends.push(
    () => connection.close(),
    () => broker.close(),
  );
  await until(() => connection.isConnected);
  return { broker, connection, taken };
}

test("Many messages are under way at once, each is acknowledged when it is kept, and one that is not kept never", async () => {
  const { broker, taken } = await rig();
  broker.publish(1, 2, 3, 300);
  await until(() => taken.length === 4);
  expect(broker.acknowledged).toEqual([]);
  taken[0]!.done(true);
  taken[1]!.done(false);
  taken[2]!.done(true);
  taken[3]!.done(true);
  await until(() => broker.acknowledged.length === 3);
  expect(broker.acknowledged).toEqual([1, 3, 300]);
});

test("What a broker says behind messages, as the answer to a ping, is heard while they wait for the store", async () => {
  const { broker, taken } = await rig();
  broker.publish(1, 2);
  broker.send(0xd0, 0); // PINGRESP
  broker.publish(3);
  await until(() => taken.length === 3);
  expect(broker.acknowledged).toEqual([]);
});

test("A broker that does not know how many may be under way is held at as many, and goes on when one is kept", async () => {
  const { broker, taken } = await rig();
  broker.publish(...Array.from({ length: UNDER_WAY + 10 }, (_, i) => i + 1));
  await until(() => taken.length >= UNDER_WAY);
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(taken.length).toBe(UNDER_WAY);
  taken[0]!.done(true);
  await until(() => taken.length === UNDER_WAY + 1);
  for (let i = 1; i < UNDER_WAY + 10; i++) {
    await until(() => taken.length > i);
    taken[i]!.done(true);
  }
  await until(() => broker.acknowledged.length === UNDER_WAY + 10);
});

test("The answer to a ping that stands behind messages which wait for the store ends no connection; silence does", async () => {
  vi.useFakeTimers({ toFake: ["setInterval", "clearInterval", "performance", "Date"] });
  try {
    const { broker, connection, taken } = await rig();
    broker.publish(...Array.from({ length: UNDER_WAY }, (_, i) => i + 1));
    await until(() => taken.length === UNDER_WAY);
    vi.advanceTimersByTime(10 * 60_000);
    await until(() => broker.pings > 5);
    expect(connection.isConnected).toBe(true);
    taken[0]!.done(true); // it is read again, and nothing comes
    vi.advanceTimersByTime(60_000);
    await until(() => !connection.isConnected);
  } finally {
    vi.useRealTimers();
  }
});

test("What came on a connection that has gone is not acknowledged on the next one, where its number is another's", async () => {
  const { broker, connection, taken } = await rig();
  broker.publish(1);
  await until(() => taken.length === 1);
  broker.drop();
  await until(() => !connection.isConnected);
  expect(taken[0]!.isWanted()).toBe(false);
  await until(() => broker.connections === 2 && connection.isConnected);
  broker.publish(1);
  await until(() => taken.length === 2);
  taken[0]!.done(true);
  taken[1]!.done(false);
  broker.publish(2);
  await until(() => taken.length === 3);
  taken[2]!.done(true);
  await until(() => broker.acknowledged.length === 1);
  expect(broker.acknowledged).toEqual([2]);
});

async function until(is: () => boolean): Promise<void> {
  for (const since = process.hrtime.bigint(); !is(); ) {
    if (process.hrtime.bigint() - since > 10_000_000_000n) throw new Error("it did not come to that");
    await new Promise((resolve) => setImmediate(resolve));
  }
}
