import Timer from "timer";
import type { Socket, SocketCallbacks, SocketFailure } from "../modules/network/socket";
import {
  type Acknowledgement,
  type Connack,
  Decoder,
  type InboundPacket,
  type InboundPublish,
  type Suback,
} from "./decode";
import {
  type ConnectFields,
  encodeAcknowledgement,
  encodeConnect,
  encodeDisconnect,
  encodePing,
  type ProtocolVersion,
} from "./encode";
import { goodbye, refusal, type SessionFailure } from "./failure";
import { Framer, type FramerOptions, type OversizedPacket } from "./framer";
import { KeepAlive, type KeepAliveOptions } from "./keep-alive";
import { Outgoing, type OutgoingPacket } from "./outgoing";
import type { DropReason, MessageFlags } from "./session-options";

export type ConnectionState =
  /** The socket connects (TCP, TLS). */
  | "opening"
  /** CONNECT is on its way; waiting for CONNACK. */
  | "greeting"
  /** CONNACK accepted, keep-alive alive. */
  | "up"
  /** DISCONNECT is on its way; then the peer closes. */
  | "leaving"
  /** Over; the socket is closed. */
  | "closed";

export interface ConnectionOptions extends ConnectFields {
  readonly pingLimitMs: number;
  readonly connackLimitMs: number;
}

/** Whose connection it is. An object, and not five functions, which would take RAM for each connection. */
export interface ConnectionOwner {
  /** CONNACK accepted. */
  connectionUp(connection: Connection, connack: Connack): void;
  /** PUBACK or SUBACK. */
  connectionPacket(connection: Connection, packet: Acknowledgement | Suback): void;
  /** What the broker publishes; QoS 1 is acknowledged after this returns. */
  connectionMessage(topic: string, payload: Uint8Array, flags: MessageFlags): void;
  /** What it publishes, and was not taken. */
  connectionDropped(reason: DropReason, topic: string, bytes: number): void;
  /** Nothing waits to be written any more. */
  connectionFlushed(connection: Connection): void;
  /** The end, once; not after `close`. `code` is the broker's number, where it gave one. */
  connectionEnded(reason: SessionFailure, code?: number): void;
}

/** Control packet type. */
const PUBLISH = 3;
/** Bytes taken from the socket at once. */
const READ_BYTES = 1024;
/** With so many packets unwritten nothing is read: their acknowledgements would pile up. */
const READ_PAUSE_PACKETS = 32;
/** A packet that grows by less from one PINGREQ to the next is no long message on a slow link. */
const STUCK_BYTES = 1024;
/** Reason codes of a DISCONNECT of ours: protocol error; implementation specific error. */
const FAREWELLS = Object.freeze<{ readonly [Reason in SessionFailure]?: number }>({
  "protocol-error": 0x82,
  "acknowledgement-timeout": 0x83,
});
/** For DISCONNECT to leave and the peer to close. */
const LEAVE_LIMIT_MS = 2_000;

/**
 * One network connection to a broker, from the socket's opening to its end. It is what its socket, its framer and its
 * keep-alive call back: their options are its own members.
 */
export class Connection implements SocketCallbacks, FramerOptions, KeepAliveOptions {
  #options: ConnectionOptions;
  readonly version: ProtocolVersion;
  #owner: ConnectionOwner;
  #state: ConnectionState = "opening";
  #socket: Socket;
  #window = 0;
  #timer: Timer | undefined;
  #framer: Framer;
  #decoder: Decoder;
  #outgoing = new Outgoing();
  #keepAlive: KeepAlive;
  /** Whole packets and bytes that arrived since the last PINGREQ; undefined before the first. */
  #sincePing: { packets: number; bytes: number } | undefined;

  constructor(
    options: ConnectionOptions,
    version: ProtocolVersion,
    owner: ConnectionOwner,
    open: (callbacks: SocketCallbacks) => Socket,
  ) {
    this.#options = options;
    this.version = version;
    this.#owner = owner;
    this.#decoder = new Decoder(version);
    this.#framer = new Framer(this);
    this.#keepAlive = new KeepAlive(this);
    this.#socket = open(this);
  }

  get maxPacketBytes(): number {
    return this.#options.maxPacketBytes;
  }

  get pingLimitMs(): number {
    return this.#options.pingLimitMs;
  }

  onPacket(bytes: Uint8Array): void {
    if (this.#sincePing) this.#sincePing.packets++;
    this.take(this.#decoder.decode(bytes));
  }

  onOversized(packet: OversizedPacket): void {
    if (this.#sincePing) this.#sincePing.packets++;
    this.takeOversized(packet);
  }

  onPing(): void {
    this.ping();
  }

  onDead(): void {
    this.end("ping-timeout");
  }

  onReadable(): void {
    this.receive();
  }

  onWritable(bytes: number): void {
    this.writable(bytes);
  }

  onError(reason: SocketFailure): void {
    if (this.#state === "leaving") this.end("disconnected");
    else this.end(this.#state === "greeting" && reason === "closed" ? "closed-on-connect" : reason);
  }

  get state(): ConnectionState {
    return this.#state;
  }

  /** Bytes that wait for the socket. */
  get backlogBytes(): number {
    return this.#outgoing.bytes;
  }

  /** Sends, unless the connection is not up any more: nothing follows a DISCONNECT [MQTT-3.14.4-2]. */
  send(bytes: Uint8Array): void {
    this.sendPacket({ bytes, started: false, finished: false });
  }

  /** As {@link send}, for a packet whose progress somebody follows. */
  sendPacket(packet: OutgoingPacket): void {
    if (this.#state !== "up") return;
    this.#outgoing.add(packet);
    this.flush();
  }

  /** Says `lastWords` and goodbye, so that the broker drops the will; ends with "disconnected". */
  leave(lastWords: Uint8Array | undefined): void {
    if (this.#state === "leaving" || this.#state === "closed") return;
    const limitMs = this.#state === "opening" ? 0 : LEAVE_LIMIT_MS;
    if (this.#state === "up" && lastWords)
      this.#outgoing.add({ bytes: lastWords, started: false, finished: false });
    this.#keepAlive.stop();
    this.enter("leaving");
    this.#timer = Timer.set(() => this.end("disconnected"), limitMs);
    if (limitMs === 0) return;
    const bytes = encodeDisconnect(this.version);
    this.#outgoing.add({ bytes, started: false, finished: false });
    this.flush();
  }

  /** Closes at once and calls back no more. */
  close(): void {
    if (this.#state === "closed") return;
    this.enter("closed");
    this.#keepAlive.stop();
    this.#framer.close();
    this.#outgoing.clear();
    this.#socket.close();
  }

  /** Ends the connection for what the session found in a packet. */
  fail(reason: SessionFailure): void {
    this.end(reason);
  }

  private enter(state: ConnectionState): void {
    if (this.#timer) Timer.clear(this.#timer);
    this.#timer = undefined;
    this.#state = state;
  }

  private end(reason: SessionFailure, code?: number): void {
    if (this.#state === "closed") return;
    this.tellWhy(reason);
    this.close();
    this.#owner.connectionEnded(reason, code);
  }

  /** MQTT 5 lets the client say why it goes (5, section 4.13), where no packet is half written. */
  private tellWhy(reason: SessionFailure): void {
    const code = FAREWELLS[reason];
    if (code === undefined || this.version !== 5 || this.#state !== "up" || this.#outgoing.packets > 0)
      return;
    const bytes = encodeDisconnect(5, code);
    if (bytes.length <= this.#window) this.#socket.write(bytes);
  }

  private writable(bytes: number): void {
    this.#window = bytes;
    if (this.#state === "opening") this.greet();
    const waited = this.#outgoing.packets > 0;
    this.flush();
    this.receive();
    if (waited && this.#state === "up" && this.#outgoing.packets === 0) this.#owner.connectionFlushed(this);
  }

  private greet(): void {
    this.enter("greeting");
    this.#timer = Timer.set(() => this.end("connack-timeout"), this.#options.connackLimitMs);
    const bytes = encodeConnect(this.#options, this.version);
    this.#outgoing.add({ bytes, started: false, finished: false });
  }

  private flush(): void {
    const written = this.#outgoing.flush(this.#socket, this.#window);
    this.#window -= written;
    if (written > 0) this.#keepAlive.sent();
  }

  /**
   * A wrong length makes a packet that never ends: it would swallow everything, and the answers to our pings would
   * keep such a connection for ever.
   */
  private ping(): void {
    const since = this.#sincePing;
    if (since?.packets === 0 && since.bytes < STUCK_BYTES) return this.end("protocol-error");
    this.#sincePing = { packets: 0, bytes: 0 };
    this.send(encodePing(this.version));
  }

  private receive(): void {
    while (this.#state !== "closed" && this.#outgoing.packets <= READ_PAUSE_PACKETS) {
      const bytes = this.#socket.read(READ_BYTES);
      if (!bytes) return;
      this.#keepAlive.received();
      if (this.#sincePing) this.#sincePing.bytes += bytes.byteLength;
      // What arrives after our goodbye is read, so that closing does not reset the connection under it.
      if (this.#state === "leaving") continue;
      if (!this.#framer.feed(new Uint8Array(bytes))) this.end("protocol-error");
    }
  }

  private take(packet: InboundPacket | undefined): void {
    if (this.#state === "leaving") return;
    if (!packet || (packet.cmd === "connack") !== (this.#state === "greeting")) {
      // Also a second CONNACK, and any packet before the first [MQTT-3.2.0-1].
      this.end("protocol-error");
    } else if (packet.cmd === "connack") this.greeted(packet);
    else if (packet.cmd === "disconnect") this.end(goodbye(packet.code), packet.code);
    else if (packet.cmd === "publish") this.takeMessage(packet);
    else if (packet.cmd === "pubrel") this.acknowledge("pubcomp", packet.packetId);
    else if (packet.cmd !== "pingresp") this.#owner.connectionPacket(this, packet);
  }

  private takeMessage({ topic, payload, qos, retain, dup, packetId }: InboundPublish): void {
    if (qos === 2) {
      // Never subscribed to, but an older subscription may be left in the broker. Answered, or it would come back
      // at every connection [MQTT-4.3.3-2]; dropped, so that no ids need remembering.
      this.acknowledge("pubrec", packetId);
      this.#owner.connectionDropped("qos-2", topic, payload.length);
      return;
    }
    this.#owner.connectionMessage(topic, payload, { retain, dup });
    // [MQTT-4.3.2-2]
    if (qos === 1) this.acknowledge("puback", packetId);
  }

  private acknowledge(cmd: "puback" | "pubrec" | "pubcomp", packetId: number): void {
    this.send(encodeAcknowledgement(cmd, packetId, this.version));
  }

  private greeted(connack: Connack): void {
    if (connack.code !== 0) return this.end(refusal(connack.code), connack.code);
    if (!connack.suitable) return this.end("broker-unsuitable");
    this.enter("up");
    this.#keepAlive.start(this.keepAliveSeconds(connack.serverKeepAlive) * 1000);
    this.#owner.connectionUp(this, connack);
  }

  /** The broker's period when it is shorter [MQTT5-3.2.2-21]; asking more often than a longer one is allowed. */
  private keepAliveSeconds(ofServer: number | undefined): number {
    return Math.min(ofServer || this.#options.keepAliveSeconds, this.#options.keepAliveSeconds);
  }

  private takeOversized(packet: OversizedPacket): void {
    if (this.#state === "leaving") return;
    if (this.#state === "greeting" || packet.type !== PUBLISH || (packet.qos > 0 && packet.packetId === 0)) {
      this.end("protocol-error");
      return;
    }
    if (packet.qos > 0) this.acknowledge(packet.qos === 1 ? "puback" : "pubrec", packet.packetId);
    this.#owner.connectionDropped("oversized", "", packet.bytes);
  }
}
