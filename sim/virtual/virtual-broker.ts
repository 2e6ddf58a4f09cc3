import mqtt, { type Packet } from "mqtt-packet";
import type { TcpCallbacks } from "../sdk/machine";
import type { TcpService } from "../world/gateway";
import type { Scheduler } from "../world/scheduler";
import { TCP_WINDOW } from "../world/wire";

/** Time from the board's stack to the broker and back, one way. */
const LATENCY_MS = 20;

export interface Publication {
  readonly clientId: string;
  readonly topic: string;
  readonly payload: Uint8Array;
  readonly dup: boolean;
  readonly retain: boolean;
}

/**
 * Where a connection can be struck. `open`: the TCP opening; `connect`, `subscribe`, `publish`, `pingreq`: the packet
 * has arrived and is not looked at; `connack`, `suback`, `puback`: it has been acted on, and the answer is lost.
 */
export type BrokerStep =
  | "open"
  | "connect"
  | "connack"
  | "subscribe"
  | "suback"
  | "publish"
  | "puback"
  | "pingreq";

/** What can be made to go wrong. Read at each step, so a change acts at once. */
export interface BrokerFaults {
  /** CONNACK return code instead of 0. */
  refuse?: 1 | 2 | 3 | 4 | 5;
  /** Refuses any other user name and password, with code 4. */
  credentials?: { readonly user: string; readonly password: string };
  /** Refuses the TCP opening. */
  down?: boolean;
  /** Says nothing at the given step. */
  mute?: "connack" | "puback" | "pingresp" | "everything";
  /** Sends each PUBACK twice. */
  duplicatePuback?: boolean;
  /** Closes the connection when a PUBLISH comes, before it is acknowledged. */
  dropOnPublish?: boolean;
  /** Ends the connection over a PUBLISH, or a SUBSCRIBE (no payload), before it is looked at: as AWS and RabbitMQ do. */
  closesOver?: (topic: string, payload: Uint8Array | undefined) => boolean;
  /** Never stores nor acknowledges such a PUBLISH. */
  swallows?: (topic: string, payload: Uint8Array) => boolean;
  /** Answers no such PUBLISH, and none that follows on its connection: as RabbitMQ does above its max_message_size. */
  silencedBy?: (topic: string, payload: Uint8Array) => boolean;
  /** Grants no such subscription: SUBACK says 0x80. */
  grantsNot?: (topic: string) => boolean;
  /** Says that it has a session, and has forgotten its subscriptions. */
  forgetsSubscriptions?: boolean;
  /** Every connection ends, or falls silent for good in both directions, when it comes to this step. */
  strike?: { readonly at: BrokerStep; readonly by: "reset" | "black-hole" };
}

interface Session {
  readonly subscriptions: Set<string>;
  readonly queue: { topic: string; payload: Uint8Array }[];
  /** Sent and not acknowledged, by packet id. */
  readonly unacknowledged: Map<number, { topic: string; payload: Uint8Array; retain: boolean }>;
  lastId: number;
}

interface Connection {
  readonly callbacks: TcpCallbacks;
  clientId: string | undefined;
  will: { topic: string; payload: Uint8Array; retain: boolean } | undefined;
  open: boolean;
  /** In a black hole: nothing passes any more, and neither side is told. */
  lost: boolean;
  lastHeard: number;
  keepAliveMs: number;
  /** By `silencedBy`. */
  silent?: boolean;
}

/**
 * A small MQTT 3.1.1 broker on virtual time: sessions, retained messages, QoS 0 and 1, will, keep-alive. Only for
 * the virtual world; real brokers carry the end-to-end tests.
 */
export class VirtualBroker implements TcpService {
  readonly faults: BrokerFaults = {};
  readonly retained = new Map<string, Uint8Array>();
  /** CONNECT packets that were answered with CONNACK 0. */
  connects = 0;
  /** Connections struck by `faults.strike`. */
  strikes = 0;
  /** Connections that `faults.closesOver` ended. */
  closes = 0;
  onPublish: (publication: Publication) => void = () => {};
  /** A TCP opening arrived. */
  onAttempt: () => void = () => {};
  #time: Scheduler;
  #sessions = new Map<string, Session>();
  #connections = new Set<Connection>();

  constructor(time: Scheduler) {
    this.#time = time;
  }

  /** Cuts every connection, as a crash would. Sessions stay unless `forget`. */
  crash(options: { forget?: boolean } = {}): void {
    for (const connection of [...this.#connections]) this.#end(connection);
    if (options.forget) {
      this.#sessions.clear();
      this.retained.clear();
    }
  }

  /** Sends to whoever subscribed, as another client would (QoS 1). */
  publish(topic: string, payload: Uint8Array, options: { retain?: boolean } = {}): void {
    if (options.retain) this.#retain(topic, payload);
    for (const [clientId, session] of this.#sessions) {
      if (!session.subscriptions.has(topic)) continue;
      const connection = [...this.#connections].find((each) => each.clientId === clientId);
      if (connection) this.#deliver(connection, topic, payload, false);
      else session.queue.push({ topic, payload });
    }
  }

  /** Topics that anybody has subscribed to. */
  get subscribedTopics(): string[] {
    return [...this.#sessions.values()].flatMap(({ subscriptions }) => [...subscriptions]);
  }

  /** Sends bytes as they are to every client that is connected. */
  inject(bytes: Uint8Array): void {
    for (const connection of this.#connections)
      if (connection.clientId !== undefined) this.#sendBytes(connection, bytes);
  }

  connect(callbacks: TcpCallbacks): ReturnType<TcpService["connect"]> {
    this.onAttempt();
    const parser = mqtt.parser();
    const connection: Connection = {
      callbacks,
      clientId: undefined,
      will: undefined,
      open: true,
      lost: false,
      lastHeard: this.#time.now(),
      keepAliveMs: 0,
    };
    parser.on("packet", (packet: Packet) => this.#take(connection, packet));
    parser.on("error", () => this.#end(connection));
    this.#time.set(() => {
      if (this.faults.down) callbacks.onEnd();
      else if (!this.#struck(connection, "open")) {
        this.#connections.add(connection);
        callbacks.onOpen(TCP_WINDOW);
      }
    }, LATENCY_MS);
    return {
      remoteAddress: "",
      remotePort: 0,
      send: (bytes) => {
        this.#time.set(() => {
          if (!connection.open || connection.lost) return;
          connection.lastHeard = this.#time.now();
          callbacks.onWindow(bytes.length);
          if (this.faults.mute !== "everything") parser.parse(Buffer.from(bytes));
        }, LATENCY_MS);
      },
      close: () => this.#time.set(() => this.#end(connection), LATENCY_MS),
    };
  }

  #take(connection: Connection, packet: Packet): void {
    // What arrives while the end is on its way reaches nobody: a crash may have taken the session with it.
    if (!this.#connections.has(connection)) return;
    switch (packet.cmd) {
      case "connect":
        if (this.#struck(connection, "connect")) return;
        return this.#accept(connection, packet);
      case "publish":
        return this.#published(connection, packet);
      case "subscribe": {
        if (this.#struck(connection, "subscribe")) return;
        const session = this.#sessions.get(connection.clientId!)!;
        const asked = packet.subscriptions.map(({ topic }) => topic);
        if (asked.some((topic) => this.faults.closesOver?.(topic, undefined)))
          return this.#closeOver(connection);
        const refuses = (topic: string): boolean => this.faults.grantsNot?.(topic) ?? false;
        const topics = asked.filter((topic) => !refuses(topic));
        for (const topic of topics) session.subscriptions.add(topic);
        if (this.#struck(connection, "suback")) return;
        const granted = asked.map((topic) => (refuses(topic) ? 0x80 : 1));
        this.#send(connection, { cmd: "suback", messageId: packet.messageId!, granted });
        for (const topic of topics) {
          const kept = this.retained.get(topic);
          if (kept) this.#deliver(connection, topic, kept, true);
        }
        return;
      }
      case "puback":
        this.#sessions.get(connection.clientId!)?.unacknowledged.delete(packet.messageId!);
        return;
      case "pingreq":
        if (this.#struck(connection, "pingreq")) return;
        if (this.faults.mute !== "pingresp") this.#send(connection, { cmd: "pingresp" });
        return;
      case "disconnect":
        connection.will = undefined;
        return this.#end(connection);
      default:
    }
  }

  #accept(connection: Connection, packet: Extract<Packet, { cmd: "connect" }>): void {
    if (this.faults.mute === "connack") return;
    const { credentials } = this.faults;
    const isKnown =
      !credentials ||
      (packet.username === credentials.user && String(packet.password ?? "") === credentials.password);
    const refuse = this.faults.refuse ?? (isKnown ? undefined : 4);
    if (refuse) {
      this.#send(connection, { cmd: "connack", sessionPresent: false, returnCode: refuse });
      return this.#end(connection);
    }
    const { clientId } = packet;
    for (const other of [...this.#connections]) if (other.clientId === clientId) this.#end(other);
    const known = this.#sessions.get(clientId);
    const session = known && !packet.clean ? known : newSession();
    this.#sessions.set(clientId, session);
    connection.clientId = clientId;
    connection.keepAliveMs = (packet.keepalive ?? 0) * 1500;
    connection.will = packet.will && {
      topic: packet.will.topic,
      payload: new Uint8Array(packet.will.payload as Buffer),
      retain: packet.will.retain ?? false,
    };
    if (this.#struck(connection, "connack")) return;
    this.connects++;
    if (this.faults.forgetsSubscriptions) session.subscriptions.clear();
    this.#send(connection, { cmd: "connack", sessionPresent: session === known, returnCode: 0 });
    // [MQTT-4.4.0-1]
    for (const [id, message] of session.unacknowledged) this.#sendMessage(connection, id, message, true);
    for (const { topic, payload } of session.queue.splice(0))
      this.#deliver(connection, topic, payload, false);
    this.#watch(connection);
  }

  #published(connection: Connection, packet: Extract<Packet, { cmd: "publish" }>): void {
    if (this.faults.dropOnPublish) return this.#end(connection);
    if (this.#struck(connection, "publish")) return;
    const payload = new Uint8Array(Buffer.from(packet.payload as Buffer));
    if (this.faults.closesOver?.(packet.topic, payload)) return this.#closeOver(connection);
    if (this.faults.swallows?.(packet.topic, payload)) return;
    connection.silent ||= this.faults.silencedBy?.(packet.topic, payload) ?? false;
    if (connection.silent) return;
    if (packet.retain) this.#retain(packet.topic, payload);
    this.onPublish({
      clientId: connection.clientId ?? "",
      topic: packet.topic,
      payload,
      dup: packet.dup,
      retain: packet.retain,
    });
    if (packet.qos === 0 || this.faults.mute === "puback" || this.#struck(connection, "puback")) return;
    for (let i = this.faults.duplicatePuback ? 2 : 1; i > 0; i--)
      this.#send(connection, { cmd: "puback", messageId: packet.messageId! });
  }

  /** [MQTT-3.3.1-10] Nothing takes away what was kept. */
  #retain(topic: string, payload: Uint8Array): void {
    if (payload.length > 0) this.retained.set(topic, payload);
    else this.retained.delete(topic);
  }

  #deliver(connection: Connection, topic: string, payload: Uint8Array, retain: boolean): void {
    const session = this.#sessions.get(connection.clientId!)!;
    session.lastId = (session.lastId % 65_535) + 1;
    const message = { topic, payload, retain };
    session.unacknowledged.set(session.lastId, message);
    this.#sendMessage(connection, session.lastId, message, false);
  }

  #sendMessage(
    connection: Connection,
    messageId: number,
    { topic, payload, retain }: { topic: string; payload: Uint8Array; retain: boolean },
    dup: boolean,
  ): void {
    const body = Buffer.from(payload);
    this.#send(connection, { cmd: "publish", topic, payload: body, qos: 1, dup, retain, messageId });
  }

  /** [MQTT-3.1.2-24] A client that is silent for one and a half keep-alive periods is gone. */
  #watch(connection: Connection): void {
    if (!connection.open || connection.keepAliveMs === 0) return;
    const left = connection.lastHeard + connection.keepAliveMs - this.#time.now();
    if (left <= 0) this.#end(connection);
    else this.#time.set(() => this.#watch(connection), left);
  }

  #send(connection: Connection, packet: Packet): void {
    this.#sendBytes(connection, new Uint8Array(mqtt.generate(packet)));
  }

  #sendBytes(connection: Connection, bytes: Uint8Array): void {
    this.#time.set(() => {
      if (connection.open && !connection.lost) connection.callbacks.onData(bytes);
    }, LATENCY_MS);
  }

  #closeOver(connection: Connection): void {
    this.closes++;
    this.#end(connection);
  }

  #struck(connection: Connection, step: BrokerStep): boolean {
    const { strike } = this.faults;
    if (strike?.at !== step) return false;
    this.strikes++;
    if (strike.by === "reset") this.#end(connection);
    else connection.lost = true;
    return true;
  }

  #end(connection: Connection): void {
    if (!connection.open) return;
    const { will } = connection;
    this.#time.set(() => {
      if (!connection.open) return;
      connection.open = false;
      if (!connection.lost) connection.callbacks.onEnd();
    }, LATENCY_MS);
    if (!this.#connections.delete(connection)) return;
    if (will && connection.clientId !== undefined) {
      if (will.retain) this.retained.set(will.topic, will.payload);
      this.onPublish({ clientId: connection.clientId, ...will, dup: false });
    }
  }
}

const newSession = (): Session => ({
  subscriptions: new Set(),
  queue: [],
  unacknowledged: new Map(),
  lastId: 0,
});
