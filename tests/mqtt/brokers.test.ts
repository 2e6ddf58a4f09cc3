// The session against real brokers over loopback, seen from the other side by MQTT.js.

import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { type AddressInfo, createConnection, createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Aedes } from "aedes";
import mqtt, { type MqttClient } from "mqtt";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { silentLogger } from "../../modules/base/logger";
import { MqttSession, type SessionOptions } from "../../mqtt/session";
import { limit } from "../support/limit";
import { type NetSocket, netSocket } from "../support/net-socket";
import { bytes, text } from "./support";

interface RunningBroker {
  port: number;
  stop(): Promise<void>;
}

async function startAedes(): Promise<RunningBroker> {
  const aedes = await Aedes.createBroker();
  const server: Server = createServer((socket) => aedes.handle(socket));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    port: (server.address() as AddressInfo).port,
    stop: async () => {
      await new Promise<void>((resolve) => aedes.close(() => resolve()));
      server.close();
    },
  };
}

// Debian installs it where a user's PATH does not look.
const env = { ...process.env, PATH: `${process.env.PATH}:/usr/sbin:/usr/local/sbin` };
const hasMosquitto = spawnSync("mosquitto", ["-h"], { env }).error === undefined;

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function startMosquitto(): Promise<RunningBroker> {
  const port = await freePort();
  const folder = mkdtempSync(join(tmpdir(), "aerolink-mosquitto-"));
  const file = join(folder, "mosquitto.conf");
  writeFileSync(file, `listener ${port} 127.0.0.1\nallow_anonymous true\n`);
  const broker: ChildProcess = spawn("mosquitto", ["-c", file], { env, stdio: "ignore" });
  const ended = new Promise<void>((resolve) => broker.once("exit", () => resolve()));
  await vi.waitFor(
    () =>
      new Promise<void>((resolve, reject) => {
        const probe = createConnection({ port, host: "127.0.0.1" });
        probe.once("error", reject);
        probe.once("connect", () => resolve(void probe.destroy()));
      }),
    { timeout: 5000 },
  );
  return {
    port,
    stop: async () => {
      broker.kill();
      await ended;
      rmSync(folder, { recursive: true });
    },
  };
}

const until = (check: () => void): Promise<void> =>
  vi.waitFor(check, { timeout: limit(10_000), interval: 10 });

const BROKERS: [name: string, version: 4 | 5, start: () => Promise<RunningBroker>][] = [
  ["aedes, 3.1.1", 4, startAedes],
];
if (hasMosquitto) BROKERS.push(["mosquitto, 3.1.1", 4, startMosquitto], ["mosquitto, 5", 5, startMosquitto]);
else console.log("tests/mqtt/brokers.test.ts: without mosquitto, which is not installed");

describe.each(BROKERS)("with %s", (_name, protocolVersion, start) => {
  let broker: RunningBroker;
  let cloud: MqttClient;
  let seen: string[] = [];
  const open: MqttSession[] = [];

  beforeAll(async () => {
    broker = await start();
    cloud = await mqtt.connectAsync(`mqtt://127.0.0.1:${broker.port}`, { protocolVersion });
    cloud.on("message", (topic, payload) => seen.push(`${topic} ${payload}`));
    await cloud.subscribeAsync("device/#", { qos: 1 });
  });
  afterEach(() => {
    for (const session of open.splice(0)) session.close();
    seen = [];
  });
  afterAll(async () => {
    await cloud.endAsync(true);
    await broker.stop();
  });

  function device(clientId: string, options: Partial<SessionOptions> = {}) {
    const log: string[] = [];
    const session = new MqttSession({
      logger: silentLogger,
      clientId,
      protocolVersion,
      subscriptions: [{ topic: `${clientId}/command`, qos: 1 }],
      onUp: ({ sessionPresent }) => log.push(`up ${sessionPresent}`),
      onDown: (reason) => log.push(`down ${reason}`),
      onMessage: (topic, payload) => log.push(`${topic} ${text(payload)}`),
      onDropped: ({ reason }) => log.push(`dropped ${reason}`),
      ...options,
    });
    open.push(session);
    const connect = async (): Promise<NetSocket> => {
      const socket = netSocket(broker.port);
      const before = log.length;
      session.connect(socket.open);
      await until(() => expect(log.slice(before).join()).toMatch(/^up/));
      return socket;
    };
    const publish = (topic: string, payload: string) => {
      const outcomes: string[] = [];
      session.publish({ topic, payload: bytes(payload), qos: 1 }, (outcome) => outcomes.push(outcome));
      return outcomes;
    };
    /** Long enough for the broker to have taken the subscription. */
    const settle = () => new Promise((resolve) => setTimeout(resolve, 50));
    return { session, log, connect, publish, settle };
  }

  it("delivers at QoS 1, also what is larger than the socket's window", async () => {
    const { connect, publish } = device("a");
    await connect();
    const small = publish("device/a", "hello");
    const large = publish("device/a", "x".repeat(5000));
    await until(() => expect([small, large]).toEqual([["acknowledged"], ["acknowledged"]]));
    await until(() => expect(seen).toEqual(["device/a hello", `device/a ${"x".repeat(5000)}`]));
  });

  it("sends again with DUP when the acknowledgement was lost", async () => {
    const { session, connect, publish, log } = device("b");
    const first = await connect();
    first.deafen();
    const outcomes = publish("device/b", "reading");
    await until(() => expect(seen).toContain("device/b reading"));
    first.destroy();
    await until(() => expect(log).toContain("down closed"));
    expect(outcomes).toEqual([]);
    const second = await connect();
    await until(() => expect(outcomes).toEqual(["acknowledged"]));
    expect(log.at(-1)).toBe("up true");
    // QoS 1 with DUP, QoS 1 without.
    expect(second.writes.filter((piece) => piece[0]! >> 4 === 3).map((piece) => piece[0])).toEqual([0x3a]);
    expect(first.writes.filter((piece) => piece[0]! >> 4 === 3).map((piece) => piece[0])).toEqual([0x32]);
    expect(session.inFlight).toBe(0);
  });

  it("gets a command that was queued while it was away, once", async () => {
    const { session, connect, settle, log } = device("c");
    await connect();
    await settle();
    session.disconnect();
    await until(() => expect(log).toEqual(["up false", "down disconnected"]));
    await cloud.publishAsync("c/command", "restart", { qos: 1 });
    await connect();
    await until(() => expect(log.slice(2)).toEqual(["up true", "c/command restart"]));
    await settle();
    session.disconnect();
    await until(() => expect(session.state).toBe("idle"));
    await connect();
    await settle();
    expect(log.filter((line) => line.includes("restart"))).toHaveLength(1);
  });

  it("gets a command again that it had no time to acknowledge", async () => {
    const { session, connect, settle, log } = device("d");
    const first = await connect();
    await settle();
    first.deafen();
    await cloud.publishAsync("d/command", "lost", { qos: 1 });
    await settle();
    first.destroy();
    await until(() => expect(session.state).toBe("idle"));
    await connect();
    await until(() => expect(log.at(-1)).toBe("d/command lost"));
  });

  it("is rid of an oversized command for good, and gets the one behind it", async () => {
    const { session, connect, settle, log } = device("e");
    await connect();
    await settle();
    session.disconnect();
    await until(() => expect(session.state).toBe("idle"));
    await cloud.publishAsync("e/command", "x".repeat(20_000), { qos: 1 });
    await cloud.publishAsync("e/command", "behind", { qos: 1 });
    await connect();
    await until(() => expect(log.at(-1)).toBe("e/command behind"));
    await settle();
    session.disconnect();
    await until(() => expect(session.state).toBe("idle"));
    log.length = 0;
    await connect();
    await settle();
    expect(log).toEqual(["up true"]);
  });

  it("says its will itself before a goodbye, once, and leaves it when it vanishes", async () => {
    const will = { topic: "device/f", payload: bytes("gone"), qos: 1, retain: false } as const;
    const { session, connect, settle, log } = device("f", { will });
    await connect();
    session.disconnect();
    await until(() => expect(session.state).toBe("idle"));
    await settle();
    expect(seen).toEqual(["device/f gone"]);
    (await connect()).destroy();
    await until(() => expect(seen).toEqual(["device/f gone", "device/f gone"]));
    expect(log.at(-1)).toBe("down closed");
  });

  it("tells when nobody listens at the port", async () => {
    const { session, log } = device("g");
    session.connect(netSocket(await freePort()).open);
    await until(() => expect(log).toEqual(["down connect-refused"]));
  });

  it("is told when another connection takes its name", async () => {
    const { connect, log } = device("h");
    await connect();
    await device("h").connect();
    // Mosquitto 2.0.11 closes without its DISCONNECT when the session is resumed.
    await until(() => expect(log[1]).toMatch(/^down (closed|session-taken-over)$/));
  });
});
