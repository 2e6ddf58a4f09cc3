import mqtt, { type IClientOptions, type MqttClient } from "mqtt";
import { type DecodedReading, decodeTelemetry } from "../../cloud/payload/decode-telemetry";
import { parseTopic } from "../../tools/cloud/protocol";

export interface Heard {
  readonly topic: string;
  readonly text: string;
  readonly retained: boolean;
}

/** An operator that reads everything: with a session of its own, so that nothing is missed while it is away. */
export class Reader {
  readonly readings = new Map<string, DecodedReading[]>();
  readonly heard: Heard[] = [];
  readonly #client: MqttClient;
  readonly #options: IClientOptions;

  private constructor(options: IClientOptions) {
    this.#options = options;
    this.#client = mqtt.connect({
      ...options,
      clientId: "cloud-reader",
      clean: false,
      reconnectPeriod: 200,
      // RabbitMQ listens before it has read who may come.
      reconnectOnConnackError: true,
    });
    this.#client.on("error", () => {}); // it reconnects by itself
    this.#client.on("message", (topic, payload, { retain }) => this.#take(topic, payload, retain));
  }

  static async open(options: IClientOptions): Promise<Reader> {
    const reader = new Reader(options);
    await reader.subscribed();
    return reader;
  }

  /** Connected, and every subscription granted: a broker that has just begun to listen may close at first. */
  async subscribed(): Promise<void> {
    for (let tries = 0; tries < 12; tries++) {
      const limit = new Promise<"late">((resolve) => setTimeout(() => resolve("late"), 5_000));
      if ((await Promise.race([this.#subscribe(), limit])) === "granted") return;
    }
    throw new Error("the reader's subscriptions were not granted");
  }

  async #subscribe(): Promise<"granted" | "refused"> {
    try {
      if (!this.#client.connected)
        await new Promise<void>((resolve) => this.#client.once("connect", () => resolve()));
      for (const topic of ["aerolink/v1/#", "homeassistant/#"])
        await this.#client.subscribeAsync(topic, { qos: 1 });
      return "granted";
    } catch {
      return "refused";
    }
  }

  send(topic: string, value: object): Promise<unknown> {
    return this.#client.publishAsync(topic, JSON.stringify(value), { qos: 1 });
  }

  /** What the broker keeps on a topic, as somebody who comes only now gets it; undefined: nothing. */
  async retained(topic: string): Promise<string | undefined> {
    const options = {
      ...this.#options,
      clientId: `cloud-${Math.random().toString(36).slice(2)}`,
      clean: true,
    };
    const client = await mqtt.connectAsync({ ...options, reconnectPeriod: 0 });
    try {
      const kept = new Promise<string>((resolve) =>
        client.on("message", (_topic, payload, { retain }) => retain && resolve(payload.toString())),
      );
      await client.subscribeAsync(topic, { qos: 1 });
      return await Promise.race([
        kept,
        new Promise<undefined>((resolve) => setTimeout(() => resolve(undefined), 1_000)),
      ]);
    } finally {
      await client.endAsync(true);
    }
  }

  async close(): Promise<void> {
    await this.#client.endAsync(true);
  }

  #take(topic: string, payload: Buffer, retained: boolean): void {
    const { deviceId, name } = parseTopic(topic) ?? {};
    if (deviceId === undefined || name !== "telemetry")
      return void this.heard.push({ topic, text: payload.toString(), retained });
    const readings = this.readings.get(deviceId) ?? [];
    this.readings.set(deviceId, readings);
    readings.push(...decodeTelemetry(new Uint8Array(payload)));
  }
}
