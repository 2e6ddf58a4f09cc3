import Timer from "timer";
import { type Logger, silentLogger } from "../modules/base/logger";
import type { Socket, SocketCallbacks } from "../modules/network/socket";
import { Connection, type ConnectionOwner, type ConnectionState } from "./connection";
import type { Acknowledgement, Connack, InboundPacket, InboundPublish, Suback } from "./decode";
import { encodeAcknowledgement, encodePublish, encodeSubscribe, type Message } from "./encode";
import type { SessionFailure } from "./failure";
import type { OversizedPacket } from "./framer";
import { InFlight, type InFlightPacket, type PublishOutcome } from "./in-flight";
import {
  checkMessage,
  completeOptions,
  type DropReason,
  type SessionOptions,
  type SessionValues,
} from "./session-options";

export type { Message, Subscription } from "./encode";
export type { SessionFailure } from "./failure";
export type { PublishOutcome } from "./in-flight";
export type { DroppedMessage, MessageFlags, SessionOptions } from "./session-options";

export type SessionState =
  /** No connection; `connect` may be called. */
  | "idle"
  | Exclude<ConnectionState, "closed">
  /** For good. */
  | "closed";

/** Without the property (5, section 3.2.2.3.3). */
const MAX_RECEIVE_MAXIMUM = 65535;
/**
 * A broker that lives and acknowledges nothing for so long has lost what it was sent, and only a new connection sends
 * it again [MQTT-4.4.0-1].
 */
const ACKNOWLEDGEMENT_LIMIT_MS = 300_000;
/** Reason codes from here on are failures (5, section 2.4); 0x80 is 3.1.1's only one. */
const REFUSED = 0x80;

/**
 * An MQTT session that outlives its connections: QoS 1 messages stay until the broker has acknowledged them.
 * Clauses are cited as [MQTT-…] for 3.1.1 and [MQTT5-…] for 5.
 *
 * - `connect` makes one attempt, which ends in one `onDown`. When to try again is the owner's affair.
 * - Callbacks run from the socket's and the timers' turns, never inside a call of this class (but for `onDropped`
 *   inside `publish`). Every method may be called from inside them.
 * - `close` is final and silences all callbacks.
 */
export class MqttSession implements ConnectionOwner {
  #options: SessionOptions;
  #settings: SessionValues;
  #logger: Logger;
  #inFlight: InFlight;
  #connection: Connection | "none" | "closed" = "none";
  /** Of the SUBSCRIBE that waits for its SUBACK; 0: none. */
  #subscribeId = 0;
  /** The broker's session has our subscriptions, as far as we know. */
  #subscribed = false;
  /** A publish was turned down; `onDrain` is owed. */
  #drainOwed = false;
  #receiveMaximum = MAX_RECEIVE_MAXIMUM;
  #maximumPacketSize = Number.MAX_SAFE_INTEGER;
  #dropTimer: Timer | undefined;
  /** Runs while the broker owes an acknowledgement. */
  #owedTimer: Timer | undefined;

  /** @throws RangeError for options out of range. */
  constructor(options: SessionOptions) {
    this.#options = options;
    this.#settings = completeOptions(options);
    this.#logger = options.logger ?? silentLogger;
    this.#inFlight = new InFlight(this.#settings.inFlightLimit, this.#settings.inFlightBytes);
  }

  get state(): SessionState {
    if (typeof this.#connection === "string") return this.#connection === "none" ? "idle" : "closed";
    // A connection that has ended is let go before anyone is told.
    return this.#connection.state as SessionState;
  }

  /** QoS 1 messages that the broker has not acknowledged. */
  get inFlight(): number {
    return this.#inFlight.size;
  }

  /**
   * One attempt over the socket that `open` makes. A connection that is leaving makes way for it without an
   * `onDown`. @throws Error while another attempt or connection lasts, and after `close`.
   */
  connect(open: (callbacks: SocketCallbacks) => Socket): void {
    if (this.state !== "idle" && this.state !== "leaving") throw new Error(`connect while ${this.state}`);
    if (typeof this.#connection !== "string") this.#connection.close();
    this.#connection = "none";
    this.#connection = new Connection(this.#settings, this, open);
  }

  connectionUp(connection: Connection, connack: Connack): void {
    this.up(connection, connack);
  }

  connectionPacket(connection: Connection, packet: InboundPacket): void {
    this.take(connection, packet);
  }

  connectionOversized(connection: Connection, packet: OversizedPacket): void {
    this.takeOversized(connection, packet);
  }

  connectionFlushed(connection: Connection): void {
    this.drain(connection);
  }

  connectionEnded(reason: SessionFailure, code?: number): void {
    this.down(reason, code);
  }

  /**
   * Takes a message. False: not now; `onDrain` (QoS 1) or `onUp` tells when to try again. A QoS 1 message that was
   * taken is settled exactly once, on this connection or a later one; one of QoS 0 is sent or lost.
   * @throws RangeError for what MQTT cannot carry or the window could never hold.
   */
  publish(message: Message, onSettled?: (outcome: PublishOutcome) => void): boolean {
    checkMessage(message);
    if (this.#connection === "closed") return false;
    return message.qos === 0 ? this.publishAtMostOnce(message) : this.publishAtLeastOnce(message, onSettled);
  }

  /** Says goodbye: the will is not sent; ends in `onDown("disconnected")`. Without a connection nothing happens. */
  disconnect(): void {
    if (typeof this.#connection !== "string") this.#connection.leave();
  }

  close(): void {
    if (typeof this.#connection !== "string") this.#connection.close();
    this.#connection = "closed";
    if (this.#dropTimer) Timer.clear(this.#dropTimer);
    this.#dropTimer = undefined;
    this.#inFlight.clear();
    this.watchOwed();
  }

  private publishAtMostOnce(message: Message): boolean {
    const connection = this.#connection;
    if (typeof connection === "string" || connection.state !== "up") return false;
    if (connection.backlogBytes >= this.#settings.inFlightBytes) return this.turnDown();
    const bytes = encodePublish(message, 0, this.#settings.protocolVersion);
    // [MQTT5-3.2.2-15]
    if (bytes.length > this.#maximumPacketSize) this.dropped("too-large", message.topic, bytes.length);
    else connection.send(bytes);
    return true;
  }

  private publishAtLeastOnce(message: Message, onSettled?: (outcome: PublishOutcome) => void): boolean {
    if (!this.#inFlight.hasRoom) return this.turnDown();
    const id = this.#inFlight.nextId(this.#subscribeId);
    const bytes = encodePublish(message, id, this.#settings.protocolVersion);
    if (bytes.length > this.#settings.inFlightBytes) throw new RangeError("message larger than the window");
    if (!this.#inFlight.add(id, message.topic, bytes, onSettled)) return this.turnDown();
    this.pump();
    return true;
  }

  private turnDown(): false {
    this.#drainOwed = true;
    return false;
  }

  private up(connection: Connection, connack: Connack): void {
    const { protocolVersion, subscriptions } = this.#settings;
    const { sessionPresent } = connack;
    this.#logger.info(`connected, session ${sessionPresent ? "resumed" : "new"}`);
    this.#receiveMaximum = connack.receiveMaximum ?? MAX_RECEIVE_MAXIMUM;
    this.#maximumPacketSize = connack.maximumPacketSize ?? Number.MAX_SAFE_INTEGER;
    // 3.1.1 sends all of it again [MQTT-4.4.0-1]. In 5 a new session knows no redelivery [MQTT5-3.2.2-5]: the
    // messages are published anew. That a resumed session is no news to us [MQTT5-3.2.2-4] holds after a restart
    // too: its state is the client id and what the owner publishes again.
    this.#inFlight.restart(sessionPresent || protocolVersion === 4);
    this.#subscribeId = 0;
    if (!sessionPresent) this.#subscribed = false;
    if (!this.#subscribed && subscriptions.length > 0) {
      this.#subscribeId = this.#inFlight.nextId();
      connection.send(encodeSubscribe(subscriptions, this.#subscribeId, protocolVersion));
    }
    this.watchOwed();
    this.pump();
    this.#options.onUp?.({ sessionPresent });
  }

  private down(reason: SessionFailure, code?: number): void {
    this.#connection = "none";
    this.#subscribeId = 0;
    this.watchOwed();
    this.#logger.info(`disconnected: ${reason}${code === undefined ? "" : ` (${code})`}`);
    this.#options.onDown?.(reason);
  }

  private take(connection: Connection, packet: InboundPacket): void {
    if (packet.cmd === "publish") this.takeMessage(connection, packet);
    else if (packet.cmd === "puback") this.settle(connection, packet);
    else if (packet.cmd === "pubrel") this.acknowledge(connection, "pubcomp", packet.packetId);
    else if (packet.cmd === "suback") this.takeSuback(connection, packet);
  }

  private takeMessage(connection: Connection, packet: InboundPublish): void {
    const { topic, payload, qos, retain, dup, packetId } = packet;
    if (qos === 2) {
      // Never subscribed to, but an older subscription may be left in the broker. Answered, or it would come back
      // at every connection [MQTT-4.3.3-2]; dropped, so that no ids need remembering.
      this.acknowledge(connection, "pubrec", packetId);
      this.dropped("qos-2", topic, payload.length);
      return;
    }
    this.#options.onMessage?.(topic, payload, { retain, dup });
    // [MQTT-4.3.2-2]
    if (qos === 1) this.acknowledge(connection, "puback", packetId);
  }

  private takeOversized(connection: Connection, packet: OversizedPacket): void {
    if (packet.qos > 0) this.acknowledge(connection, packet.qos === 1 ? "puback" : "pubrec", packet.packetId);
    this.dropped("oversized", "", packet.bytes);
  }

  private acknowledge(connection: Connection, cmd: "puback" | "pubrec" | "pubcomp", packetId: number): void {
    connection.send(encodeAcknowledgement(cmd, packetId, this.#settings.protocolVersion));
  }

  private settle(connection: Connection, { packetId, code }: Acknowledgement): void {
    const packet = this.#inFlight.acknowledge(packetId);
    if (!packet) return;
    this.watchOwed();
    if (code < REFUSED) packet.onSettled?.("acknowledged");
    else {
      this.#logger.warn(`refused by the broker with ${code}: a message to ${packet.topic}`);
      this.giveUp(packet, "refused");
    }
    this.pump();
    this.drain(connection);
  }

  private takeSuback(connection: Connection, { packetId, granted }: Suback): void {
    const { subscriptions } = this.#settings;
    if (packetId !== this.#subscribeId) return;
    this.#subscribeId = 0;
    this.watchOwed();
    // [MQTT-3.8.4-5]
    if (granted.length !== subscriptions.length) return connection.fail("protocol-error");
    this.#subscribed = true;
    for (const [i, { topic }] of subscriptions.entries()) {
      const code = granted[i]!;
      if (code < REFUSED) continue;
      this.#subscribed = false;
      this.#logger.warn(`the broker refused the subscription to ${topic} (${code})`);
    }
  }

  /** Sends what waits in the window, up to the broker's Receive Maximum [MQTT5-3.3.4-7]. */
  private pump(): void {
    const connection = this.#connection;
    if (typeof connection === "string" || connection.state !== "up") return;
    for (;;) {
      const packet = this.#inFlight.next(this.#receiveMaximum);
      if (!packet) return;
      // [MQTT5-3.2.2-15]
      const fits = packet.bytes.length <= this.#maximumPacketSize;
      packet.progress = fits ? "sent" : "too-large";
      if (!fits) this.#dropTimer ??= Timer.set(() => this.dropTooLarge(), 0);
      else {
        connection.sendPacket(packet);
        if (!this.#owedTimer) this.watchOwed();
      }
    }
  }

  /** Starts the wait for acknowledgements anew, if there is something to wait for. */
  private watchOwed(): void {
    if (this.#owedTimer) Timer.clear(this.#owedTimer);
    this.#owedTimer = undefined;
    const connection = this.#connection;
    if (typeof connection === "string" || (this.#subscribeId === 0 && !this.#inFlight.isOwed)) return;
    this.#owedTimer = Timer.set(() => {
      this.#owedTimer = undefined;
      connection.fail("acknowledgement-timeout");
    }, ACKNOWLEDGEMENT_LIMIT_MS);
  }

  private dropTooLarge(): void {
    this.#dropTimer = undefined;
    for (const packet of this.#inFlight.takeTooLarge()) this.giveUp(packet, "too-large");
    this.drain(this.#connection);
  }

  private giveUp({ topic, bytes, onSettled }: InFlightPacket, reason: "refused" | "too-large"): void {
    this.dropped(reason, topic, bytes.length);
    if (this.#connection !== "closed") onSettled?.(reason);
  }

  private drain(connection: Connection | "none" | "closed"): void {
    if (!this.#drainOwed || this.#connection !== connection || connection === "closed") return;
    if (!this.#inFlight.hasRoom) return;
    this.#drainOwed = false;
    this.#options.onDrain?.();
  }

  private dropped(reason: DropReason, topic: string, bytes: number): void {
    if (this.#connection === "closed") return;
    this.#logger.warn(`dropped a message of ${bytes} bytes: ${reason}`);
    this.#options.onDropped?.({ reason, topic, bytes });
  }
}
