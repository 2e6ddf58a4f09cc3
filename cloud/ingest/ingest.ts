import type { IClientOptions, IPublishPacket } from "mqtt";
import { STATE_TOPICS } from "../payload/states";
import { filterOf } from "../payload/topics";
import type { Arrival, Taken } from "../store/intake";
import type { Store } from "../store/store";
import { Connection } from "./connection";
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
  /** Of MQTT 5, default 8: a broker hands each so many messages ahead, and no more. With 3.1.1 it is one. */
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

/** What devices say last counts, retained. */
const STATES = ["status", ...Object.keys(STATE_TOPICS)];

/**
 * From the broker to the store. A message is acknowledged when the transaction that holds it has been committed, never
 * before; one that is not as promised is put aside and acknowledged too.
 */
export class Ingest {
  #options: IngestOptions;
  #commit: GroupCommit;
  #connections: Connection[] = [];
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
    return { ...this.#counts, connected: this.#connections.filter(({ isConnected }) => isConnected).length };
  }

  /** Connects, and goes on trying; resolves at once. */
  start(): void {
    const { protocolVersion, connections = 8, group = "readers", prefix } = this.#options;
    const telemetry = filterOf("telemetry/#", prefix);
    const own = protocolVersion === 5 ? `$share/${group}/${telemetry}` : telemetry;
    for (let i = 0; i < (protocolVersion === 5 ? connections : 1); i++)
      // A shared subscription keeps no order, and of two statuses the later one counts: each process hears all.
      this.#connect(i, i === 0 ? [own, ...STATES.map((name) => filterOf(name, prefix))] : [own]);
  }

  /** Ends with what is under way; the sessions stay at the broker. */
  async close(): Promise<void> {
    await this.#commit.close();
    await Promise.all(this.#connections.splice(0).map((each) => each.close()));
  }

  #connect(number: number, filters: string[]): void {
    const { url, name, protocolVersion, connection, onTrouble } = this.#options;
    this.#connections.push(
      new Connection({
        url,
        mqtt: { ...connection, clientId: `${name}-${number}`, protocolVersion },
        filters,
        ...(onTrouble && { onTrouble }),
        onMessage: (packet, isWanted, done) => this.#take(packet, isWanted, done),
      }),
    );
  }

  #take(
    { topic, payload: bytes }: IPublishPacket,
    isWanted: () => boolean,
    done: (isKept: boolean) => void,
  ): void {
    const { store, prefix } = this.#options;
    // A copy: what MQTT.js hands out is a part of all that the socket brought at once.
    const payload = new Uint8Array(typeof bytes === "string" ? Buffer.from(bytes) : bytes);
    const message = { topic, payload };
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
