import { setTimeout as delay } from "node:timers/promises";
import type { SecureContextOptions } from "node:tls";
import mqtt, { type IClientOptions, type MqttClient } from "mqtt";
import { silentLogger } from "../../../modules/base/logger";
import { formatBatch } from "../../../modules/telemetry/batch";
import type { Reading } from "../../../modules/telemetry/reading";
import { zlibEncode } from "../../../modules/telemetry/zlib-encoder";
import { MqttSession } from "../../../mqtt/session";
import { blockOf } from "../../../tests/xs/sample-readings";
import type { CountedBroker } from "./counted-broker";
import { type NodeSocketOptions, nodeSocket } from "./node-socket";

/** A session over real TLS, up. */
export async function openSession(
  broker: CountedBroker,
  more: Partial<NodeSocketOptions> = {},
  keepAliveSeconds = 600,
): Promise<MqttSession> {
  const session = await new Promise<MqttSession>((resolve, reject) => {
    const opened: MqttSession = new MqttSession({
      logger: silentLogger,
      clientId: broker.deviceId,
      protocolVersion: 4,
      keepAliveSeconds,
      onUp: () => resolve(opened),
      onDown: (reason) => reject(new Error(reason)),
    });
    opened.connect(nodeSocket({ port: broker.port, credentials: broker.credentials, ...more }));
  });
  return session;
}

/** MQTT.js over the same TLS, connected. */
export async function openMqttJs(broker: CountedBroker): Promise<MqttClient> {
  const options: IClientOptions & SecureContextOptions & { checkServerIdentity(): undefined } = {
    protocol: "mqtts",
    host: "127.0.0.1",
    port: broker.port,
    clientId: broker.deviceId,
    clean: true,
    keepalive: 600,
    ...broker.credentials,
    minVersion: "TLSv1.2",
    maxVersion: "TLSv1.2",
    checkServerIdentity: () => undefined,
  };
  return mqtt.connectAsync(options as IClientOptions);
}

interface Traffic {
  readonly up: number;
  readonly down: number;
}

const settle = (): Promise<void> => delay(50);

const topicOf = ({ deviceId }: CountedBroker, name: string): string => `aerolink/v1/${deviceId}/${name}`;

/** Bytes for `readings` in batches of `size`, our way, with the preset dictionary or without. */
export async function ours(
  broker: CountedBroker,
  readings: readonly Reading[],
  size: number,
  dictionary = "",
): Promise<Traffic> {
  const topic = topicOf(broker, dictionary ? "telemetry/zd1" : "telemetry");
  const session = await openSession(broker);
  await settle();
  broker.take();
  for (let from = 0; from < readings.length; from += size) {
    const { json } = formatBatch(blockOf(readings.slice(from, from + size)), "5c0ffee1", dictionary);
    const payload = zlibEncode(json, dictionary.length);
    await new Promise<void>((resolve) => {
      session.publish({ topic, payload, qos: 1 }, () => resolve());
    });
  }
  await settle();
  const traffic = broker.take();
  session.close();
  await settle();
  return traffic;
}

/** Bytes for one uncompressed JSON object per reading, QoS 1, by MQTT.js. */
export async function jsonPerReading(broker: CountedBroker, readings: readonly Reading[]): Promise<Traffic> {
  return withMqttJs(broker, async (client) => {
    for (const { seq, unixSeconds, values } of readings) {
      const json = JSON.stringify({ seq, time: unixSeconds, ...values });
      await client.publishAsync(topicOf(broker, "telemetry"), json, { qos: 1 });
    }
  });
}

/** Bytes for one topic per value, QoS 1, by MQTT.js: what home automation firmwares do. */
export async function topicPerValue(broker: CountedBroker, readings: readonly Reading[]): Promise<Traffic> {
  return withMqttJs(broker, async (client) => {
    for (const { values } of readings)
      for (const [quantity, value] of Object.entries(values))
        await client.publishAsync(topicOf(broker, quantity), String(value), { qos: 1 });
  });
}

async function withMqttJs(
  broker: CountedBroker,
  publishAll: (client: MqttClient) => Promise<void>,
): Promise<Traffic> {
  const client = await openMqttJs(broker);
  await settle();
  broker.take();
  await publishAll(client);
  await settle();
  const traffic = broker.take();
  await client.endAsync(true);
  await settle();
  return traffic;
}

/** Bytes of a PINGREQ with its answer. */
export async function ping(broker: CountedBroker): Promise<Traffic> {
  const session = await openSession(broker, {}, 10);
  await settle();
  broker.take();
  await delay(10_500);
  const traffic = broker.take();
  session.close();
  await settle();
  return traffic;
}

interface Connecting extends Traffic {
  /** From the opening of TCP to CONNACK; the fastest. */
  readonly ms: number;
}

/** From nothing to CONNACK, `times` times: TLS in full, and resumed. */
export async function connecting(
  broker: CountedBroker,
  times: number,
): Promise<{ full: Connecting; resumed: Connecting }> {
  let kept: Buffer | undefined;
  const connect = async (more: Partial<NodeSocketOptions>): Promise<Connecting> => {
    broker.take();
    const startedAt = performance.now();
    const session = await openSession(broker, more);
    const ms = performance.now() - startedAt;
    await settle();
    const traffic = broker.take();
    session.close();
    await settle();
    return { ...traffic, ms };
  };
  const fastest = async (more: () => Partial<NodeSocketOptions>): Promise<Connecting> => {
    const each: Connecting[] = [];
    for (let i = 0; i < times; i++) each.push(await connect(more()));
    return each.reduce((best, next) => (next.ms < best.ms ? next : best));
  };
  const onSession = (session: Buffer): void => {
    kept = session;
  };
  const full = await fastest(() => ({ onSession }));
  const resumed = await fastest(() => ({ onSession, ...(kept && { session: kept }) }));
  return { full, resumed };
}
