import Time from "time";
import Timer from "timer";
import { type Logger, silentLogger } from "../modules/base/logger";
import type { Socket, SocketCallbacks } from "../modules/network/socket";
import { Connection, type ConnectionOwner, type ConnectionState } from "./connection";
import type { Acknowledgement, Connack, InboundPacket, InboundPublish, Suback } from "./decode";
import {
  encodeAcknowledgement,
  encodePublish,
  encodeSubscribe,
  type Message,
  type ProtocolVersion,
} from "./encode";
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
import { type Filter, Subscriptions } from "./subscriptions";
import { isOverAMessage, orderOf, SUSPECT_CLOSES } from "./suspicion";

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
 * What a broker that lives has not acknowledged for so long it has lost, whatever else it acknowledges, and only a new
 * connection sends it again [MQTT-4.4.0-1].
 */
const ACKNOWLEDGEMENT_LIMIT_MS = 300_000;
/** So long a new connection is the others' before what is late is sent again. */
const LATE_PAUSE_MS = 20_000;
/** One broker that restarts is no reason to change the version. */
const UNANSWERED_LIMIT = 2;
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
 * - A message over which the broker ends the connection stops no other (suspicion.ts): after two closes everything goes
 *   one by one, and what was alone in flight at three of them is given up as "cut-off".
 */
export class MqttSession implements ConnectionOwner {
  #options: SessionOptions;
  #settings: SessionValues;
  #logger: Logger;
  #inFlight: InFlight;
  #connection: Connection | "none" | "closed" = "none";
  /** Of the connection that is there, or of the next one. */
  #version: ProtocolVersion;
  /** Attempts in a row that ended while the broker had CONNECT, without a reason. */
  #unanswered = 0;
  #subscriptions: Subscriptions;
  /** Of the SUBSCRIBE that waits for its SUBACK; 0: none. */
  #subscribeId = 0;
  #subscribedAt = 0;
  /** Ticks of the last CONNACK. */
  #upAt = 0;
  /** What was not granted waits to be asked for again. */
  #resubscribeTimer: Timer | undefined;
  /** CONNACK was accepted on the connection that is there. */
  #wasUp = false;
  /** The last connection that was up ended over a message, as far as can be told. */
  #wasStruck = false;
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
    this.#version = this.#settings.protocolVersion;
    this.#logger = options.logger ?? silentLogger;
    this.#inFlight = new InFlight(this.#settings.inFlightLimit, this.#settings.inFlightBytes);
    this.#subscriptions = new Subscriptions(this.#settings.subscriptions);
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

  /** The broker may be closing over a message: only further connections tell over which. */
  get isDoubting(): boolean {
    return this.#wasStruck || this.mostCloses() > 0;
  }

  /**
   * One attempt over the socket that `open` makes. A connection that is leaving makes way for it without an
   * `onDown`. @throws Error while another attempt or connection lasts, and after `close`.
   */
  connect(open: (callbacks: SocketCallbacks) => Socket): void {
    if (this.state !== "idle" && this.state !== "leaving") throw new Error(`connect while ${this.state}`);
    if (typeof this.#connection !== "string") this.#connection.close();
    this.#connection = "none";
    this.#wasUp = false;
    this.#connection = new Connection(this.#settings, this.#version, this, open);
  }

  connectionUp(_connection: Connection, connack: Connack): void {
    this.up(connack);
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

  /**
   * Says goodbye; ends in `onDown("disconnected")`. The broker drops the will then, so that we say it ourselves. Without
   * a connection nothing happens.
   */
  disconnect(): void {
    if (typeof this.#connection === "string") return;
    const { will } = this.#settings;
    this.#connection.leave(will && encodePublish({ ...will, qos: 0 }, 0, this.#version));
  }

  close(): void {
    if (typeof this.#connection !== "string") this.#connection.close();
    this.#connection = "closed";
    Timer.clear(this.#dropTimer);
    Timer.clear(this.#resubscribeTimer);
    this.#dropTimer = this.#resubscribeTimer = undefined;
    this.#inFlight.clear();
    this.watchOwed();
  }

  private publishAtMostOnce(message: Message): boolean {
    const connection = this.#connection;
    if (typeof connection === "string" || connection.state !== "up") return false;
    if (connection.backlogBytes >= this.#settings.inFlightBytes) return this.turnDown();
    const bytes = encodePublish(message, 0, this.#version);
    // [MQTT5-3.2.2-15]
    if (bytes.length > this.#maximumPacketSize) this.dropped("too-large", message.topic, bytes.length);
    else connection.send(bytes);
    return true;
  }

  private publishAtLeastOnce(message: Message, onSettled?: (outcome: PublishOutcome) => void): boolean {
    const { topic, kind = "reading", strikes } = message;
    if (!this.#inFlight.hasRoomFor(kind)) return this.turnDown();
    const id = this.#inFlight.nextId(this.#subscribeId);
    const bytes = encodePublish(message, id, this.#version);
    if (bytes.length > this.#settings.inFlightBytes) throw new RangeError("message larger than the window");
    const version = this.#version;
    if (!this.#inFlight.add({ id, topic, kind, bytes, version, strikes, onSettled })) return this.turnDown();
    this.pump();
    return true;
  }

  private turnDown(): false {
    this.#drainOwed = true;
    return false;
  }

  private up(connack: Connack): void {
    const version = this.#version;
    const { sessionPresent } = connack;
    this.#logger.info(`connected, session ${sessionPresent ? "resumed" : "new"}`);
    this.#wasUp = true;
    this.#upAt = Time.ticks;
    this.#unanswered = 0;
    this.#receiveMaximum = connack.receiveMaximum ?? MAX_RECEIVE_MAXIMUM;
    this.#maximumPacketSize = connack.maximumPacketSize ?? Number.MAX_SAFE_INTEGER;
    // 3.1.1 sends all of it again [MQTT-4.4.0-1]. In 5 a new session knows no redelivery [MQTT5-3.2.2-5]: the
    // messages are published anew. That a resumed session is no news to us [MQTT5-3.2.2-4] holds after a restart
    // too: its state is the client id and what the owner publishes again.
    this.#inFlight.restart(sessionPresent || version === 4, version);
    this.#subscribeId = 0;
    this.#subscriptions.restart();
    this.watchOwed();
    // What the owner has to say now goes before what may end the connection.
    if (!this.isOneByOne()) this.pump();
    this.#options.onUp?.({ sessionPresent });
    this.pump();
  }

  private down(reason: SessionFailure, code?: number): void {
    const guilty = this.#wasUp ? this.judge(reason, code) : undefined;
    if (!this.#wasUp) this.chooseVersion(reason);
    this.#connection = "none";
    this.#wasUp = false;
    this.#subscribeId = 0;
    this.watchOwed();
    this.#logger.info(`disconnected: ${reason}${code === undefined ? "" : ` (${code})`}`);
    this.#options.onDown?.(reason);
    if (guilty) this.giveUp(guilty, "cut-off");
  }

  /**
   * A broker that takes no MQTT 5 is spoken to in 3.1.1. Some say so, some close or answer nonsense: where neither
   * version is answered they are tried in turn.
   */
  private chooseVersion(reason: SessionFailure): void {
    if (this.#settings.protocolVersion === 4) return;
    const isMute = reason === "closed-on-connect" || reason === "protocol-error";
    this.#unanswered = isMute ? this.#unanswered + 1 : 0;
    if (reason !== "refused-protocol-version" && this.#unanswered < UNANSWERED_LIMIT) return;
    this.#unanswered = 0;
    this.#version = this.#version === 5 ? 4 : 5;
    this.#logger.warn(`MQTT ${this.#version === 5 ? "5" : "3.1.1"} from here on`);
  }

  /** What the end of a connection says of what was in flight. Returns the message that is not to be sent again. */
  private judge(reason: SessionFailure, code: number | undefined): InFlightPacket | undefined {
    // A message that is never answered may hold the others back for its limit, but not again and again.
    if (reason === "acknowledgement-timeout") {
      this.#inFlight.forgive();
      this.#inFlight.late();
      this.#subscriptions.forgive();
    }
    this.#wasStruck =
      isOverAMessage(reason, code) && (this.#subscribeId !== 0 || !!this.#inFlight.oldestSent);
    if (!this.#wasStruck) return undefined;
    const filter = this.#subscriptions.struck(this.#inFlight.oldestSent === undefined);
    if (filter) this.notGranted(filter, "the broker ends the connection over it");
    return this.#inFlight.struck(this.#subscribeId === 0 ? 0 : 1);
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
    connection.send(encodeAcknowledgement(cmd, packetId, this.#version));
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
    const filter = this.#subscriptions.asked;
    if (packetId !== this.#subscribeId || !filter) return;
    this.#subscribeId = 0;
    // [MQTT-3.8.4-5]
    if (granted.length !== 1) return connection.fail("protocol-error");
    if (granted[0]! < REFUSED) this.#subscriptions.granted(filter);
    else {
      filter.state = "refused";
      this.notGranted(filter, `refused with ${granted[0]}`);
    }
    this.watchOwed();
    this.pump();
    this.drain(connection);
  }

  private notGranted({ subscription }: Filter, why: string): void {
    const { topic } = subscription;
    this.#logger.warn(`no subscription to ${topic}: ${why}`);
    this.#options.onDropped?.({ reason: "subscription-refused", topic, bytes: 0 });
    this.#resubscribeTimer ??= Timer.set(() => {
      this.#resubscribeTimer = undefined;
      this.#subscriptions.retry();
      this.pump();
    }, this.#subscriptions.nextPauseMs());
  }

  private mostCloses(): number {
    return Math.max(this.#inFlight.mostCloses, this.#subscriptions.mostCloses);
  }

  /** Something is suspect: one thing is in flight at a time, so that the next close tells. */
  private isOneByOne(): boolean {
    return this.mostCloses() >= SUSPECT_CLOSES;
  }

  /** Sends what waits in the window, up to the broker's Receive Maximum [MQTT5-3.3.4-7], and asks for subscriptions. */
  private pump(): void {
    for (;;) {
      const connection = this.#connection;
      if (typeof connection === "string" || connection.state !== "up") return;
      const oneByOne = this.isOneByOne();
      if (oneByOne && (this.#subscribeId !== 0 || this.#inFlight.oldestSent)) return;
      let packet = this.#inFlight.next(oneByOne ? 1 : this.#receiveMaximum);
      if (packet?.isLate && this.latePauseMs() > 0) packet = undefined;
      const filter = this.#subscribeId === 0 ? this.#subscriptions.next() : undefined;
      if (filter && (!oneByOne || !packet || orderOf(filter) < orderOf(packet))) this.ask(connection, filter);
      else if (packet) this.send(connection, packet);
      else return;
    }
  }

  private ask(connection: Connection, filter: Filter): void {
    const id = this.#inFlight.nextId();
    const bytes = encodeSubscribe(filter.subscription, id, this.#version);
    // [MQTT5-3.2.2-15]
    if (bytes.length > this.#maximumPacketSize) {
      filter.state = "refused";
      return this.notGranted(filter, "too large for the broker");
    }
    filter.state = "asked";
    this.#subscribeId = id;
    this.#subscribedAt = Time.ticks;
    connection.send(bytes);
    this.watchOwed();
  }

  private send(connection: Connection, packet: InFlightPacket): void {
    // [MQTT5-3.2.2-15]
    if (packet.bytes.length > this.#maximumPacketSize) {
      packet.progress = "too-large";
      this.#dropTimer ??= Timer.set(() => this.dropTooLarge(), 0);
      return;
    }
    packet.progress = "sent";
    packet.sentAt = Time.ticks;
    connection.sendPacket(packet);
    this.watchOwed();
  }

  /** Waits for the acknowledgement that has been owed for longest, if there is one. */
  private watchOwed(): void {
    Timer.clear(this.#owedTimer);
    this.#owedTimer = undefined;
    const connection = this.#connection;
    if (typeof connection === "string") return;
    const packet = this.#inFlight.oldestSent;
    if (this.#subscribeId === 0 && !packet) return this.watchLate();
    let owedMs = packet ? Time.delta(packet.sentAt) : 0;
    if (this.#subscribeId !== 0) owedMs = Math.max(owedMs, Time.delta(this.#subscribedAt));
    this.#owedTimer = Timer.set(
      () => {
        this.#owedTimer = undefined;
        connection.fail("acknowledgement-timeout");
      },
      Math.max(0, ACKNOWLEDGEMENT_LIMIT_MS - owedMs),
    );
  }

  /** Nothing is owed: what is late may go when its pause is over. */
  private watchLate(): void {
    if (!this.#inFlight.next(1)?.isLate) return;
    this.#owedTimer = Timer.set(
      () => {
        this.#owedTimer = undefined;
        this.pump();
      },
      Math.max(1, this.latePauseMs()),
    );
  }

  private latePauseMs(): number {
    return LATE_PAUSE_MS - Time.delta(this.#upAt);
  }

  private dropTooLarge(): void {
    this.#dropTimer = undefined;
    for (const packet of this.#inFlight.takeTooLarge()) this.giveUp(packet, "too-large");
    this.drain(this.#connection);
  }

  private giveUp(
    { topic, bytes, onSettled }: InFlightPacket,
    reason: Exclude<PublishOutcome, "acknowledged">,
  ): void {
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
    this.#logger.warn(`gave up a message of ${bytes} bytes${topic && ` to ${topic}`}: ${reason}`);
    this.#options.onDropped?.({ reason, topic, bytes });
  }
}
