import { randomUUID } from "node:crypto";
import mqtt, { type IClientOptions, type MqttClient } from "mqtt";
import { type DecodedReading, decodeTelemetry } from "./decode-telemetry";
import {
  type CommandResult,
  type DeviceStatus,
  filterOf,
  parseTopic,
  type ReportedConfiguration,
  topicOf,
  type UpdateState,
} from "./protocol";

export interface CloudOptions {
  /** mqtts://host:port */
  readonly url: string;
  /** The broker's name in its certificate, where it is not the URL's. */
  readonly servername?: string;
  /** PEM: the broker's authority, and this client's certificate and key. */
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
  /** Default: one made up, with a session of its own that ends with it. */
  readonly clientId?: string;
  /** 4 is MQTT 3.1.1, the default. */
  readonly protocolVersion?: 4 | 5;
  /** What the devices' topics begin with, `{id}` in it; default: `aerolink/v1/{id}`. */
  readonly prefix?: string;
  /** How long the first connection may take. Default: 10 s. */
  readonly connectMs?: number;
}

/** What devices say. Payloads that are not what docs/protocol.md promises go to `onFault` only. */
export interface CloudListener {
  onReadings?(deviceId: string, readings: readonly DecodedReading[], compressedBytes: number): void;
  onStatus?(deviceId: string, status: DeviceStatus): void;
  onResult?(deviceId: string, result: CommandResult): void;
  onReported?(deviceId: string, reported: ReportedConfiguration): void;
  onUpdate?(deviceId: string, state: UpdateState): void;
  onFault?(deviceId: string, topic: string, error: Error): void;
  /** The connection to the broker was lost, or is there again. */
  onConnection?(up: boolean): void;
}

/** The device's answer did not come in time, or the broker was not reached. */
export class CloudTimeout extends Error {
  override name = "CloudTimeout";
}

const CONNECT_MS = 10_000;
const ANSWER_MS = 10_000;

/** The cloud's side of docs/protocol.md, over any MQTT broker. */
export class Cloud {
  #client: MqttClient;
  #listeners = new Set<CloudListener>();
  #version = 0;
  #prefix: string | undefined;

  private constructor(client: MqttClient, prefix: string | undefined) {
    this.#client = client;
    this.#prefix = prefix;
    client.on("message", (topic, payload) => this.#take(topic, payload));
    client.on("error", () => {}); // it reconnects by itself
  }

  /** Connects, and subscribes to what devices say: all of them, or `deviceId` only. @throws CloudTimeout */
  static async connect(options: CloudOptions, deviceId = "+"): Promise<Cloud> {
    const { url, clientId, prefix, connectMs = CONNECT_MS, ...tls } = options;
    const settings: IClientOptions = {
      ...tls,
      clientId: clientId ?? `cloud-${randomUUID()}`,
      clean: clientId === undefined,
      reconnectPeriod: 500,
      rejectUnauthorized: true,
    };
    const client = mqtt.connect(url, settings);
    const cloud = new Cloud(client, prefix);
    let last = "";
    client.on("error", (error) => {
      last = error.message;
    });
    client.on("close", () => {
      last ||= "the broker closed the connection; does it accept this certificate?";
    });
    try {
      await within(connectMs, new Promise<void>((resolve) => client.once("connect", () => resolve())));
    } catch {
      await cloud.close();
      throw new CloudTimeout(`${url} was not reached${last && `: ${last}`}`);
    }
    cloud.#tellConnection();
    const names = ["telemetry", "status", "command/result", "config/reported", "update/state"];
    await client.subscribeAsync(
      names.map((name) => (deviceId === "+" ? filterOf(name, prefix) : topicOf(deviceId, name, prefix))),
      { qos: 1 },
    );
    return cloud;
  }

  /** Returns how to stop listening. */
  listen(listener: CloudListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /**
   * Sends a command and waits for its result. @throws CloudTimeout: it may have had its effect; send it again under
   * the same id.
   */
  async command(
    deviceId: string,
    name: string,
    args?: Readonly<Record<string, unknown>>,
    options: { id?: string; timeoutMs?: number } = {},
  ): Promise<CommandResult> {
    const { id = randomUUID(), timeoutMs = ANSWER_MS } = options;
    const expires = Math.ceil((Date.now() + timeoutMs) / 1000) + 1;
    const answer = this.#next<CommandResult>((from, listener) => {
      listener.onResult = (device, result) => {
        if (device === deviceId && result.id === id) from(result);
      };
    }, timeoutMs);
    await this.#send(
      topicOf(deviceId, "command", this.#prefix),
      { id, name, ...(args && { args }), expires },
      false,
    );
    return answer;
  }

  /**
   * Publishes the desired configuration, retained, and waits until the device has taken or refused it. A new broker
   * is still being tried then. `version` counts up by itself: seconds since 1970, and never the same twice; a device
   * that has a newer one gets its successor.
   */
  async desire(
    deviceId: string,
    settings: Readonly<Record<string, unknown>>,
    options: { version?: number; timeoutMs?: number } = {},
  ): Promise<ReportedConfiguration> {
    const { version, timeoutMs = ANSWER_MS } = options;
    const answer = await this.#desire(deviceId, settings, version ?? this.#nextVersion(), timeoutMs);
    if (version !== undefined || answer.fault !== "older-version" || answer.newest === null) return answer;
    this.#version = (answer.newest + 1) >>> 0;
    return this.#desire(deviceId, settings, this.#version, timeoutMs);
  }

  async #desire(
    deviceId: string,
    settings: Readonly<Record<string, unknown>>,
    version: number,
    timeoutMs: number,
  ): Promise<ReportedConfiguration> {
    const answer = this.#next<ReportedConfiguration>((from, listener) => {
      listener.onReported = (device, reported) => {
        if (device === deviceId && reported.version === version) from(reported);
      };
    }, timeoutMs);
    await this.#send(topicOf(deviceId, "config/desired", this.#prefix), { version, settings }, true);
    return answer;
  }

  /** What the device reports now: of a session of its own the broker delivers it once more. */
  async reported(deviceId: string, timeoutMs = ANSWER_MS): Promise<ReportedConfiguration> {
    const answer = this.#next<ReportedConfiguration>((from, listener) => {
      listener.onReported = (device, reported) => {
        if (device === deviceId) from(reported);
      };
    }, timeoutMs);
    await this.#client.subscribeAsync(topicOf(deviceId, "config/reported", this.#prefix), { qos: 1 });
    return answer;
  }

  /** Offers an update, retained: a compact JWS (docs/updates.md). Empty: there is none any more. */
  async offer(deviceId: string, jws: string): Promise<void> {
    await this.#client.publishAsync(topicOf(deviceId, "update/offer"), jws, { qos: 1, retain: true });
  }

  async close(): Promise<void> {
    this.#listeners.clear();
    await this.#client.endAsync(true);
  }

  #nextVersion(): number {
    this.#version = Math.max(this.#version + 1, Math.floor(Date.now() / 1000));
    return this.#version;
  }

  async #send(topic: string, message: object, retain: boolean): Promise<void> {
    await this.#client.publishAsync(topic, JSON.stringify(message), { qos: 1, retain });
  }

  #next<T>(set: (from: (value: T) => void, listener: CloudListener) => void, timeoutMs: number): Promise<T> {
    const listener: CloudListener = {};
    const answer = new Promise<T>((resolve) => set(resolve, listener));
    const stop = this.listen(listener);
    const limited = within(timeoutMs, answer).finally(stop);
    limited.catch(() => {}); // whoever awaits it later is told then
    return limited;
  }

  #tellConnection(): void {
    let up = true;
    const tell = (now: boolean): void => {
      if (now === up) return;
      up = now;
      for (const each of [...this.#listeners]) each.onConnection?.(up);
    };
    this.#client.on("connect", () => tell(true));
    this.#client.on("close", () => tell(false));
  }

  #take(topic: string, payload: Buffer): void {
    const { deviceId, name } = parseTopic(topic, this.#prefix) ?? {};
    if (deviceId === undefined || payload.length === 0) return;
    try {
      if (name === "telemetry") {
        const readings = decodeTelemetry(new Uint8Array(payload));
        for (const each of [...this.#listeners]) each.onReadings?.(deviceId, readings, payload.length);
        return;
      }
      const value = JSON.parse(payload.toString());
      for (const each of [...this.#listeners]) {
        if (name === "status") each.onStatus?.(deviceId, value);
        if (name === "command/result") each.onResult?.(deviceId, value);
        if (name === "config/reported") each.onReported?.(deviceId, value);
        if (name === "update/state") each.onUpdate?.(deviceId, value);
      }
    } catch (error) {
      for (const each of [...this.#listeners]) each.onFault?.(deviceId, topic, error as Error);
    }
  }
}

async function within<T>(timeoutMs: number, promise: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new CloudTimeout(`no answer within ${timeoutMs} ms`)), timeoutMs);
  });
  try {
    return await Promise.race([promise, limit]);
  } finally {
    clearTimeout(timer);
  }
}
