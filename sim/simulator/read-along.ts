import mqtt, { type MqttClient } from "mqtt";
import { type DecodedReading, decodeTelemetry, isTelemetry } from "../../cloud/payload/decode-telemetry";
import type { SimulatorOptions } from "./simulator-options";

/** The cloud's side: MQTT.js, knowing no more than docs/payload.md. */
export async function readAlong(
  options: Pick<SimulatorOptions, "onMessage" | "onBatch">,
  filter: string,
  clientId: string,
  connection: { url: string; servername?: string; ca: string; key: string; cert: string },
): Promise<MqttClient> {
  const { url, ...tls } = connection;
  const client = mqtt.connect(url, {
    ...tls,
    clientId,
    clean: false,
    reconnectPeriod: 200,
    rejectUnauthorized: true,
  });
  client.on("message", (topic, payload) => {
    options.onMessage?.(topic, new Uint8Array(payload));
    if (!isTelemetry(topic)) return;
    let readings: DecodedReading[];
    try {
      readings = decodeTelemetry(new Uint8Array(payload));
    } catch {
      return; // somebody else's: onMessage has shown it
    }
    options.onBatch?.(readings, payload.length, topic);
  });
  client.on("error", () => {}); // it reconnects by itself; the device's own log tells what is wrong
  client.on("connect", () => client.subscribe(filter, { qos: 1 }));
  await new Promise<void>((resolve) => {
    client.once("connect", () => resolve());
    setTimeout(resolve, 3_000);
  });
  return client;
}

/** Ends the session too, as far as the broker can be told: nothing is to wait there for a simulator that has gone. */
export async function leave(client: MqttClient, filter: string): Promise<void> {
  if (client.connected)
    await Promise.race([
      client.unsubscribeAsync(filter).catch(() => {}),
      new Promise((resolve) => setTimeout(resolve, 500)),
    ]);
  await client.endAsync(true);
}
