import { randomUUID } from "node:crypto";
import mqtt, { type IClientOptions, type MqttClient } from "mqtt";
import { type DecodedReading, decodeTelemetry, isTelemetry } from "../../cloud/payload/decode-telemetry";
import {
  conflictsOf,
  DesiredConflict,
  type DesiredState,
  formatDesired,
  mergeDesired,
  nextVersion,
  parseDesired,
  type SettingChanges,
  withoutRefused,
} from "./desired-state";
import {
  type CommandResult,
  type DeviceStatus,
  filterOf,
  type IdentityState,
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
  /** How long what the broker keeps may take to come, once it is asked for. Default: 1 s. */
  readonly retainedMs?: number;
  /** How long the broker may take to acknowledge an offer. Default: 10 s. */
  readonly acknowledgeMs?: number;
}

/** What devices say. Payloads that are not what docs/protocol.md promises go to `onFault` only. */
export interface CloudListener {
  onReadings?(deviceId: string, readings: readonly DecodedReading[], compressedBytes: number): void;
  onStatus?(deviceId: string, status: DeviceStatus): void;
  onResult?(deviceId: string, result: CommandResult): void;
  onReported?(deviceId: string, reported: ReportedConfiguration): void;
  onUpdate?(deviceId: string, state: UpdateState): void;
  onIdentity?(deviceId: string, state: IdentityState): void;
  /** It asks for a certificate; only once {@link Cloud.serveRenewals} has subscribed to it. */
  onRequest?(deviceId: string, payload: Uint8Array): void;
  /** What is desired of it, by whomever; only once {@link Cloud.desired} or {@link Cloud.desire} has asked for it. */
  onDesired?(deviceId: string, payload: string): void;
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
/** After SUBACK what is retained follows; by then there is nothing. */
const RETAINED_MS = 1_000;
/** Each time somebody else was in between. */
const MERGES = 4;

/** The cloud's side of docs/protocol.md, over any MQTT broker. */
export class Cloud {
  #client: MqttClient;
  #retainedMs: number;
  #acknowledgeMs: number;
  #listeners = new Set<CloudListener>();
  /** Published last. */
  #version: number | undefined;
  #prefix: string | undefined;

  private constructor(
    client: MqttClient,
    { prefix, retainedMs = RETAINED_MS, acknowledgeMs = ANSWER_MS }: CloudOptions,
  ) {
    this.#client = client;
    this.#prefix = prefix;
    this.#retainedMs = retainedMs;
    this.#acknowledgeMs = acknowledgeMs;
    client.on("message", (topic, payload) => this.#take(topic, payload));
    client.on("error", () => {}); // it reconnects by itself
  }

  /** Connects, and subscribes to what devices say: all of them, or `deviceId` only. @throws CloudTimeout */
  static async connect(options: CloudOptions, deviceId = "+"): Promise<Cloud> {
    const { url, clientId, prefix, connectMs = CONNECT_MS, retainedMs, acknowledgeMs, ...tls } = options;
    const settings: IClientOptions = {
      ...tls,
      clientId: clientId ?? `cloud-${randomUUID()}`,
      clean: clientId === undefined,
      reconnectPeriod: 500,
      rejectUnauthorized: true,
    };
    const client = mqtt.connect(url, settings);
    const cloud = new Cloud(client, options);
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
    const names = [
      "telemetry/#",
      "status",
      "command/result",
      "config/reported",
      "update/state",
      "identity/state",
    ];
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
   * Changes what is desired of a device and waits until it has taken or refused it; a new broker is still being tried
   * then. What the broker keeps is the whole: `changes` over what stands there, so that a device that was away for
   * several of them finds them all. A change to `null` is to the default. `version` counts up by itself.
   * @throws DesiredConflict: somebody else changed the same settings at the same time, and theirs stand
   * @throws CloudTimeout: no answer; {@link desired} tells what the broker keeps
   */
  async desire(
    deviceId: string,
    changes: SettingChanges,
    options: { version?: number; timeoutMs?: number } = {},
  ): Promise<ReportedConfiguration> {
    const { version, timeoutMs = ANSWER_MS } = options;
    // From before the look at what stands: whatever comes after it is somebody else's.
    const seen: string[] = [];
    const stop = this.listen({ onDesired: (device, text) => device === deviceId && seen.push(text) });
    try {
      const standing = await this.#standing(deviceId);
      const first = await this.#publish({ deviceId, changes, seen, timeoutMs }, standing, version);
      // What stood was refused and not ours to change: without it, then.
      const isOfOthers = Object.keys(first.errors ?? {}).some((key) => !Object.hasOwn(changes, key));
      const isOld = first.fault === "older-version" && first.newest !== null;
      if (version !== undefined || (!isOld && !(first.state === "refused" && isOfOthers))) return first;
      if (isOld) this.#version = first.newest ?? undefined;
      return await this.#publish({ deviceId, changes, seen, timeoutMs }, await this.#standing(deviceId));
    } finally {
      stop();
    }
  }

  /** What the broker keeps for a device, whether it has it already or not; `undefined`: nothing. */
  async desired(deviceId: string): Promise<DesiredState | undefined> {
    const text = await this.#retained(deviceId, "config/desired", "onDesired");
    return text === undefined ? undefined : parseDesired(text as string);
  }

  /** What stands, without what the device has refused of it. */
  async #standing(deviceId: string): Promise<DesiredState | undefined> {
    const [state, reported] = await Promise.all([
      this.desired(deviceId),
      this.#retained(deviceId, "config/reported", "onReported"),
    ]);
    return withoutRefused(state, reported as ReportedConfiguration | undefined);
  }

  async #publish(
    desire: { deviceId: string; changes: SettingChanges; seen: string[]; timeoutMs: number },
    standing: DesiredState | undefined,
    wanted?: number,
  ): Promise<ReportedConfiguration> {
    const { deviceId, changes, seen, timeoutMs } = desire;
    let before = standing;
    for (let turn = 0; turn < MERGES; turn++) {
      const now = Math.floor(Date.now() / 1000);
      const version = wanted ?? nextVersion([this.#version, before?.version], now);
      this.#version = version;
      const text = formatDesired(mergeDesired(before, changes, version));
      const answer = this.#next<ReportedConfiguration>((from, listener) => {
        listener.onReported = (device, reported) => {
          if (device === deviceId && reported.version === version) from(reported);
        };
      }, timeoutMs);
      const theirs = await this.#sendDesired(deviceId, text, before, seen);
      if (theirs === undefined) return answer;
      // Ours came after theirs and knew nothing of it. Both are put together, and where they disagree theirs was first.
      const lost = conflictsOf(before, theirs, changes);
      before = { version: nextVersion([version], theirs.version), settings: theirs.settings };
      if (lost.length === 0) continue;
      const ours = Object.fromEntries(Object.entries(changes).filter(([key]) => !lost.includes(key)));
      const both = mergeDesired(before, ours, nextVersion([before.version], now));
      await this.#sendDesired(deviceId, formatDesired(both), before, seen);
      throw new DesiredConflict(
        `somebody else changed ${lost.join(", ")} of ${deviceId} at the same time, and theirs stands; look, and change it again if it is to be yours`,
      );
    }
    throw new DesiredConflict(`others change the settings of ${deviceId} all the time; try again later`);
  }

  /** Publishes, and sees it come back. Returns what somebody else published since `before`, and before us. */
  async #sendDesired(
    deviceId: string,
    text: string,
    before: DesiredState | undefined,
    seen: string[],
  ): Promise<DesiredState | undefined> {
    const back = this.#next<void>((from, listener) => {
      listener.onDesired = (device, payload) => {
        if (device === deviceId && payload === text) from();
      };
    }, ANSWER_MS);
    await this.#client.publishAsync(topicOf(deviceId, "config/desired", this.#prefix), text, {
      qos: 1,
      retain: true,
    });
    await back;
    // What stood before comes too, of the subscription that asked for it.
    const states = seen.splice(0, seen.indexOf(text) + 1).map(parseDesired);
    return states.slice(0, -1).findLast((state) => state && state.version !== before?.version);
  }

  /** Of a new subscription the broker delivers what it keeps. */
  async #retained(deviceId: string, name: string, callback: "onDesired" | "onReported"): Promise<unknown> {
    const kept = this.#next<unknown>((from, listener) => {
      listener[callback] = (device: string, value: unknown) => {
        if (device === deviceId) from(value);
      };
    }, ANSWER_MS);
    await this.#subscribeAnew(topicOf(deviceId, name, this.#prefix));
    return Promise.race([
      kept,
      new Promise((resolve) => setTimeout(() => resolve(undefined), this.#retainedMs)),
    ]);
  }

  /** What the device reports now: of a session of its own the broker delivers it once more. */
  async reported(deviceId: string, timeoutMs = ANSWER_MS): Promise<ReportedConfiguration> {
    const answer = this.#next<ReportedConfiguration>((from, listener) => {
      listener.onReported = (device, reported) => {
        if (device === deviceId) from(reported);
      };
    }, timeoutMs);
    await this.#subscribeAnew(topicOf(deviceId, "config/reported", this.#prefix));
    return answer;
  }

  /**
   * Offers an update, retained: a compact JWS (docs/updates.md). Empty: there is none any more. @throws CloudTimeout:
   * the broker went away meanwhile; it may have it
   */
  async offer(deviceId: string, jws: string): Promise<void> {
    const topic = topicOf(deviceId, "update/offer", this.#prefix);
    await within(this.#acknowledgeMs, this.#client.publishAsync(topic, jws, { qos: 1, retain: true }));
  }

  /** Tells a device whom to trust, retained: a compact JWS (docs/identity.md). */
  async trust(deviceId: string, jws: string): Promise<void> {
    await this.#client.publishAsync(topicOf(deviceId, "identity/trust", this.#prefix), jws, {
      qos: 1,
      retain: true,
    });
  }

  /** Subscribes to what devices ask for. */
  async serveRenewals(): Promise<void> {
    await this.#client.subscribeAsync(filterOf("identity/request", this.#prefix), { qos: 1 });
  }

  /** Answers a request for a certificate; not retained: it is for the device that waits for it. */
  async renew(deviceId: string, text: string): Promise<void> {
    await this.#client.publishAsync(topicOf(deviceId, "identity/renew", this.#prefix), text, { qos: 1 });
  }

  /** MQTT.js does not ask again for what it is subscribed to, and aedes would not deliver again what it keeps. */
  async #subscribeAnew(topic: string): Promise<void> {
    await this.#client.unsubscribeAsync(topic);
    await this.#client.subscribeAsync(topic, { qos: 1 });
  }

  async close(): Promise<void> {
    this.#listeners.clear();
    await this.#client.endAsync(true);
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
    if (deviceId === undefined || name === undefined || payload.length === 0) return;
    try {
      if (isTelemetry(name)) {
        const readings = decodeTelemetry(new Uint8Array(payload));
        for (const each of [...this.#listeners]) each.onReadings?.(deviceId, readings, payload.length);
        return;
      }
      if (name === "identity/request") {
        for (const each of [...this.#listeners]) each.onRequest?.(deviceId, new Uint8Array(payload));
        return;
      }
      if (name === "config/desired") {
        for (const each of [...this.#listeners]) each.onDesired?.(deviceId, payload.toString());
        return;
      }
      const value = JSON.parse(payload.toString());
      for (const each of [...this.#listeners]) {
        if (name === "status") each.onStatus?.(deviceId, value);
        if (name === "command/result") each.onResult?.(deviceId, value);
        if (name === "config/reported") each.onReported?.(deviceId, value);
        if (name === "update/state") each.onUpdate?.(deviceId, value);
        if (name === "identity/state") each.onIdentity?.(deviceId, value);
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
