import Time from "time";
import Timer from "timer";
import type { Logger } from "../modules/base/logger";
import type { Socket, SocketCallbacks } from "../modules/network/socket";
import { Connection, type ConnectionOwner } from "./connection";
import type { Acknowledgement, Connack, Suback } from "./decode";
import { encodePublish, encodeSubscribe, type Message, type ProtocolVersion } from "./encode";
import type { SessionFailure } from "./failure";
import { InFlight, type InFlightPacket, type MessageOutcome } from "./in-flight";
import { latePauseMs, patienceMs } from "./owed";
import { Server } from "./server";
import {
  checkMessage,
  completeOptions,
  type DropReason,
  type MessageFlags,
  type SessionOptions,
  type SessionState,
  type SessionValues,
} from "./session-options";
import { type Filter, Subscriptions } from "./subscriptions";
import { isOverAMessage } from "./suspicion";
import { isOneByOne, mostCloses, nextTurn } from "./turn";

export type { Message, Subscription } from "./encode";
export type { SessionFailure } from "./failure";
export type { MessageOutcome } from "./in-flight";
export type { DroppedMessage, MessageFlags, SessionOptions, SessionState } from "./session-options";

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
  #server: Server;
  #subscriptions: Subscriptions;
  /** The next connection is to another broker, or under another name. */
  #hasMoved = false;
  /** Ticks of the last CONNACK. */
  #upAt = 0;
  /** CONNACK was accepted on the connection that is there. */
  #wasUp = false;
  /** On the connection that is there the broker took a message. */
  #wasHeard = false;
  /** The last connection that was up ended over a message, as far as can be told. */
  #wasStruck = false;
  /** A publish was turned down; `onDrain` is owed. */
  #drainOwed = false;
  #dropTimer: Timer | undefined;
  /** Runs while the broker owes an acknowledgement. */
  #owedTimer: Timer | undefined;

  /** @throws RangeError for options out of range. */
  constructor(options: SessionOptions) {
    this.#options = options;
    this.#settings = completeOptions(options);
    this.#version = this.#settings.protocolVersion;
    this.#server = new Server(this.#version);
    this.#logger = options.logger;
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
    return this.#wasStruck || mostCloses(this.#inFlight, this.#subscriptions) > 0;
  }

  /**
   * Broker, name or topics are other ones from the next connection on: the options are read anew then, and what is in
   * flight goes to the topics of then.
   */
  moved(): void {
    this.#hasMoved = true;
  }

  /**
   * One attempt over the socket that `open` makes. A connection that is leaving makes way for it without an
   * `onDown`. @throws Error while another attempt or connection lasts, and after `close`.
   */
  connect(open: (callbacks: SocketCallbacks) => Socket): void {
    if (this.state !== "idle" && this.state !== "leaving") throw new Error(`connect while ${this.state}`);
    if (typeof this.#connection !== "string") this.#connection.close();
    this.#connection = "none";
    this.#wasUp = this.#wasHeard = false;
    if (this.#hasMoved) this.move();
    this.#version = this.#server.version;
    this.#connection = new Connection(this.#settings, this.#version, this, open);
  }

  connectionPacket(connection: Connection, packet: Acknowledgement | Suback): void {
    if (packet.cmd === "suback") this.takeSuback(connection, packet);
    else this.settle(connection, packet);
  }

  connectionMessage(topic: string, payload: Uint8Array, flags: MessageFlags): void {
    this.#options.onMessage?.(topic, payload, flags);
  }

  connectionFlushed(connection: Connection): void {
    this.drain(connection);
  }

  /**
   * Takes a message. False: not now; `onDrain` (QoS 1) or `onUp` tells when to try again. A QoS 1 message that was
   * taken is settled exactly once, on this connection or a later one; one of QoS 0 is sent or lost.
   * @throws RangeError for what MQTT cannot carry or the window could never hold.
   */
  publish(message: Message, onSettled?: (outcome: MessageOutcome) => void): boolean {
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
    this.#dropTimer = undefined;
    this.#subscriptions.close();
    this.#inFlight.clear();
    this.watchOwed();
  }

  private move(): void {
    const { topicPrefix } = this.#settings;
    this.#hasMoved = false;
    this.#settings = completeOptions(this.#options);
    this.#server = new Server(this.#settings.protocolVersion);
    this.#subscriptions.close();
    this.#subscriptions = new Subscriptions(this.#settings.subscriptions);
    this.#inFlight.rename(topicPrefix, this.#settings.topicPrefix);
    this.#inFlight.forgive();
    this.#wasStruck = false;
  }

  private publishAtMostOnce(message: Message): boolean {
    const connection = this.#connection;
    if (typeof connection === "string" || connection.state !== "up") return false;
    if (connection.backlogBytes >= this.#settings.inFlightBytes) return this.turnDown();
    const bytes = encodePublish(message, 0, this.#version);
    if (!this.#server.fits(bytes.length)) this.connectionDropped("too-large", message.topic, bytes.length);
    else connection.send(bytes);
    return true;
  }

  private publishAtLeastOnce(message: Message, onSettled?: (outcome: MessageOutcome) => void): boolean {
    const { topic, kind = "reading", strikes } = message;
    if (!this.#inFlight.hasRoomFor(kind)) return this.turnDown();
    const id = this.#inFlight.nextId(this.#subscriptions.askedId);
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

  connectionUp(_connection: Connection, connack: Connack): void {
    const version = this.#version;
    const { sessionPresent } = connack;
    this.#logger.info(`connected, session ${sessionPresent ? "resumed" : "new"}`);
    this.#wasUp = true;
    this.#server.accepted(connack);
    this.#upAt = Time.ticks;
    // 3.1.1 sends all of it again [MQTT-4.4.0-1]. In 5 a new session knows no redelivery [MQTT5-3.2.2-5]: the
    // messages are published anew. That a resumed session is no news to us [MQTT5-3.2.2-4] holds after a restart
    // too: its state is the client id and what the owner publishes again.
    this.#inFlight.restart(sessionPresent || version === 4, version);
    this.#subscriptions.restart();
    this.watchOwed();
    // What the owner has to say now goes before what may end the connection.
    if (!isOneByOne(this.#inFlight, this.#subscriptions)) this.pump();
    this.#options.onUp?.({ sessionPresent });
    this.pump();
  }

  connectionEnded(reason: SessionFailure, code?: number): void {
    const guilty = this.#wasUp ? this.judge(reason, code) : undefined;
    if (!this.#wasUp && this.#server.failed(reason))
      this.#logger.warn(`MQTT ${this.#server.version === 5 ? "5" : "3.1.1"} from here on`);
    this.#connection = "none";
    this.#wasUp = false;
    this.#subscriptions.askedId = 0;
    this.watchOwed();
    this.#logger.info(`disconnected: ${reason}${code === undefined ? "" : ` (${code})`}`);
    this.#options.onDown?.(reason);
    if (guilty) this.giveUp(guilty, "cut-off");
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
      isOverAMessage(reason, code) && (this.#subscriptions.askedId !== 0 || !!this.#inFlight.oldestSent);
    if (!this.#wasStruck) return undefined;
    const filter = this.#subscriptions.struck(this.#inFlight.oldestSent === undefined);
    if (filter) this.notGranted(filter, "the broker ends the connection over it");
    return this.#inFlight.struck(this.#subscriptions.askedId === 0 ? 0 : 1);
  }

  private settle(connection: Connection, { packetId, code }: Acknowledgement): void {
    const packet = this.#inFlight.acknowledge(packetId);
    if (!packet) return;
    this.watchOwed();
    if (code < REFUSED) {
      this.#wasHeard = true;
      packet.onSettled?.("acknowledged");
      this.prove();
    } else {
      this.#logger.warn(`refused by the broker with ${code}: a message to ${packet.topic}`);
      this.giveUp(packet, "refused");
    }
    this.pump();
    this.drain(connection);
  }

  private takeSuback(connection: Connection, { packetId, granted }: Suback): void {
    const filter = this.#subscriptions.asked;
    if (packetId !== this.#subscriptions.askedId || !filter) return;
    this.#subscriptions.askedId = 0;
    // [MQTT-3.8.4-5]
    if (granted.length !== 1) return connection.fail("protocol-error");
    if (granted[0]! < REFUSED) {
      this.#subscriptions.granted(filter);
      this.prove();
    } else {
      filter.state = "refused";
      this.notGranted(filter, `refused with ${granted[0]}`);
    }
    this.watchOwed();
    this.pump();
    this.drain(connection);
  }

  /** The broker takes what we say, and lets us hear what we must. */
  private prove(): void {
    if (this.#wasHeard && this.#subscriptions.areGranted) this.#options.onProven?.();
  }

  private notGranted({ subscription }: Filter, why: string): void {
    const { topic } = subscription;
    this.#logger.warn(`no subscription to ${topic}: ${why}`);
    this.#options.onDropped?.({ reason: "subscription-refused", topic, bytes: 0 });
    this.#subscriptions.retryLater(() => this.pump());
  }

  /** Sends what waits in the window, and asks for subscriptions. */
  private pump(): void {
    for (;;) {
      const connection = this.#connection;
      if (typeof connection === "string" || connection.state !== "up") return;
      const next = nextTurn(this.#inFlight, this.#subscriptions, this.#server.receiveMaximum, this.#upAt);
      if (!next) return;
      if ("subscription" in next) this.ask(connection, next);
      else this.send(connection, next);
    }
  }

  private ask(connection: Connection, filter: Filter): void {
    const id = this.#inFlight.nextId();
    const bytes = encodeSubscribe(filter.subscription, id, this.#version);
    if (!this.#server.fits(bytes.length)) {
      filter.state = "refused";
      return this.notGranted(filter, "too large for the broker");
    }
    this.#subscriptions.ask(filter, id);
    connection.send(bytes);
    this.watchOwed();
  }

  private send(connection: Connection, packet: InFlightPacket): void {
    if (!this.#server.fits(packet.bytes.length)) {
      packet.progress = "too-large";
      this.#dropTimer ??= Timer.set(() => this.dropTooLarge(), 0);
      return;
    }
    const naming = this.#server.naming(packet);
    if (naming !== "topic") this.#inFlight.nameByAlias(packet, naming === "alias");
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
    const packet = this.#inFlight.oldestSent;
    if (typeof connection === "string") return;
    if (this.#subscriptions.askedId === 0 && !packet) return this.watchLate();
    this.#owedTimer = Timer.set(
      () => {
        this.#owedTimer = undefined;
        connection.fail("acknowledgement-timeout");
      },
      patienceMs(packet?.sentAt, this.#subscriptions.owedMs),
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
      Math.max(1, latePauseMs(this.#upAt)),
    );
  }

  private dropTooLarge(): void {
    this.#dropTimer = undefined;
    for (const packet of this.#inFlight.takeTooLarge()) this.giveUp(packet, "too-large");
    this.drain(this.#connection);
  }

  private giveUp(
    { topic, bytes, onSettled }: InFlightPacket,
    reason: Exclude<MessageOutcome, "acknowledged">,
  ): void {
    this.connectionDropped(reason, topic, bytes.length);
    if (this.#connection !== "closed") onSettled?.(reason);
  }

  private drain(connection: Connection | "none" | "closed"): void {
    if (!this.#drainOwed || this.#connection !== connection || connection === "closed") return;
    if (!this.#inFlight.hasRoom) return;
    this.#drainOwed = false;
    this.#options.onDrain?.();
  }

  connectionDropped(reason: DropReason, topic: string, bytes: number): void {
    if (this.#connection === "closed") return;
    this.#logger.warn(`gave up a message of ${bytes} bytes${topic && ` to ${topic}`}: ${reason}`);
    this.#options.onDropped?.({ reason, topic, bytes });
  }
}
