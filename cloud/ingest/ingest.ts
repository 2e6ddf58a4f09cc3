import mqtt, { type IClientOptions, type IPublishPacket, type MqttClient } from "mqtt";
import { STATE_TOPICS } from "../payload/states";
import { filterOf } from "../payload/topics";
import type { Arrival, Taken } from "../store/intake";
import type { Store } from "../store/store";
import { GroupCommit } from "./group-commit";
import { understand } from "./understand";

export interface IngestOptions {
  readonly store: Store;
  /** mqtts://host:port */
  readonly url: string;
  /** PEM, and what else MQTT.js takes for TLS and sign-in. */
  readonly connection?: Pick<
    IClientOptions,
    "ca" | "cert" | "key" | "servername" | "username" | "password" | "rejectUnauthorized"
  >;
  /**
   * Begin of the client ids, the same at each start: the broker keeps a session for each, and what was not
   * acknowledged. Each process of a fleet has its own.
   */
  readonly name: string;
  /** 5: readings come by a shared subscription, so that several connections and processes divide them. */
  readonly protocolVersion: 4 | 5;
  /** Of MQTT 5, default 32. Each has one message under way, so this is the largest transaction. With 3.1.1 it is one. */
  readonly connections?: number;
  /** Of the shared subscription; default "readers". */
  readonly group?: string;
  /** What the devices' topics begin with, `{id}` in it; default: `aerolink/v1/{id}`. */
  readonly prefix?: string;
  onTrouble?(error: Error): void;
}

/** What has come since the start. */
export interface IngestCounts {
  readonly connected: number;
  readonly messages: number;
  readonly transactions: number;
  readonly added: number;
  readonly repeated: number;
  readonly tooOld: number;
}

/** How long the broker keeps what nobody has acknowledged. Devices keep theirs for a month or so. */
const SESSION_SECONDS = 7 * 86_400;
const RECONNECT_MS = 1_000;
/** What devices say last counts, retained. */
const STATES = ["status", ...Object.keys(STATE_TOPICS)];
/** What a broker sends ahead of our acknowledgements: a PINGRESP waits behind it. */
const UNDER_WAY = 20;

/**
 * From the broker to the store. A message is acknowledged when the transaction that holds it has been committed, never
 * before; one that is not as promised is put aside and acknowledged too.
 */
export class Ingest {
  #options: IngestOptions;
  #commit: GroupCommit;
  #clients: MqttClient[] = [];
  #counts = { messages: 0, transactions: 0, added: 0, repeated: 0, tooOld: 0 };

  constructor(options: IngestOptions) {
    this.#options = options;
    this.#commit = new GroupCommit({
      store: options.store,
      onTrouble: (error) => options.onTrouble?.(error),
      onTaken: (taken, messages) => this.#taken(taken, messages),
    });
  }

  get counts(): IngestCounts {
    return { ...this.#counts, connected: this.#clients.filter(({ connected }) => connected).length };
  }

  /** Connects, and goes on trying; resolves at once. */
  start(): void {
    const { protocolVersion, connections = 32, group = "readers", prefix } = this.#options;
    const telemetry = filterOf("telemetry/#", prefix);
    const own = protocolVersion === 5 ? `$share/${group}/${telemetry}` : telemetry;
    for (let i = 0; i < (protocolVersion === 5 ? connections : 1); i++)
      // A shared subscription keeps no order, and of two statuses the later one counts: each process hears all.
      this.#connect(i, i === 0 ? [own, ...STATES.map((name) => filterOf(name, prefix))] : [own]);
  }

  /** Ends with what is under way; the sessions stay at the broker. */
  async close(): Promise<void> {
    await this.#commit.close();
    await Promise.all(this.#clients.splice(0).map((client) => client.endAsync(true)));
  }

  #connect(number: number, filters: string[]): void {
    const { url, name, protocolVersion, connection } = this.#options;
    const client = mqtt.connect(url, {
      ...connection,
      clientId: `${name}-${number}`,
      clean: false,
      protocolVersion,
      reconnectPeriod: RECONNECT_MS,
      resubscribe: false,
      ...(protocolVersion === 5 && {
        properties: { sessionExpiryInterval: SESSION_SECONDS, receiveMaximum: UNDER_WAY },
      }),
    });
    this.#clients.push(client);
    // An acknowledgement belongs to the connection on which its message came: on a later one the same number may be
    // another message's.
    let connections = 0;
    client.on("connect", () => {
      connections++;
      client.subscribe(filters, { qos: 1 }, (error, granted = []) => {
        const refused = granted.find(({ qos }) => qos >= 128);
        if (refused) this.#options.onTrouble?.(new Error(`the broker refuses ${refused.topic}`));
        else if (error && client.connected) this.#options.onTrouble?.(error);
      });
    });
    client.on("error", (error) => this.#options.onTrouble?.(error)); // it connects again by itself
    client.handleMessage = (packet, acknowledge) => {
      const connection = connections;
      const isWanted = (): boolean => connection === connections && client.connected;
      const done = (isKept: boolean): void =>
        isKept && isWanted() ? acknowledge() : acknowledge(new Error("not kept"));
      this.#take(packet, isWanted, done);
    };
  }

  #take(packet: IPublishPacket, isWanted: () => boolean, done: (isKept: boolean) => void): void {
    const { store, prefix } = this.#options;
    const payload = typeof packet.payload === "string" ? Buffer.from(packet.payload) : packet.payload;
    const message = { topic: packet.topic, payload: new Uint8Array(payload) };
    const arrival = understand(message, store.seconds, prefix);
    if (!arrival) return done(true);
    this.#commit.add({ arrival, aside: asideOf(arrival, message, store.seconds), isWanted, done });
  }

  #taken({ added, repeated, tooOld }: Taken, messages: number): void {
    this.#counts.messages += messages;
    this.#counts.transactions++;
    this.#counts.added += added;
    this.#counts.repeated += repeated;
    this.#counts.tooOld += tooOld;
  }
}

const asideOf = (
  arrival: Arrival,
  { topic, payload }: { topic: string; payload: Uint8Array },
  at: number,
): Arrival => ({ kind: "aside", device: arrival.device, topic, reason: "refused", payload, at });
