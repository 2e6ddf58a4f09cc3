import mqtt, { type IClientOptions, type IPublishPacket, type MqttClient } from "mqtt";

export interface ConnectionOptions {
  /** mqtts://host:port */
  readonly url: string;
  /** What MQTT.js takes beside that: TLS, sign-in, client id. */
  readonly mqtt: IClientOptions;
  readonly filters: string[];
  onTrouble?(error: Error): void;
  /**
   * `done` is called once: with `true` the message is acknowledged, else it stays the broker's. `isWanted` turns false
   * when the connection has gone on which it came.
   */
  onMessage(packet: IPublishPacket, isWanted: () => boolean, done: (isKept: boolean) => void): void;
}

/** How long the broker keeps what nobody has acknowledged. Devices keep theirs for a month or so. */
const SESSION_SECONDS = 7 * 86_400;
const RECONNECT_MS = 1_000;
/** MQTT.js waits as long for the answer to its ping. */
const SILENCE_MS = 30_000;
/** Messages that a broker sends ahead of our acknowledgements, if it allows as many: what is in memory here. */
export const UNDER_WAY = 128;

/**
 * One persistent session at the broker, with many messages under way at once.
 *
 * - MQTT.js takes one message at a time, and acknowledges it when it goes on to the next. Here it is told at once that
 *   the message has come to nothing (it goes on, and acknowledges nothing), and the acknowledgement is ours to write.
 * - An acknowledgement belongs to the connection on which its message came: on a later one the same number may be
 *   another message's.
 * - A broker of MQTT 5 is told how many may be under way. One of 3.1.1, which cannot be, finds the socket unread, and so
 *   does mosquitto 2.0.11: after 50 acknowledgements of 128 messages it had sent 1,315.
 * - The answer to a ping stands behind all of that in the socket. MQTT.js ends a connection that has not shown it after
 *   30 s; here one that brings messages, or is not read, is alive.
 */
export class Connection {
  #options: ConnectionOptions;
  #client: MqttClient;
  #underWay = 0;
  /** Of the computer's running time. */
  #heardAt = 0;
  /** Of this turn: those of a transaction go out together. */
  #acknowledgements: Buffer[] = [];
  /** MQTT.js waits for it when as much is under way as may be. */
  #goOn: (() => void) | undefined;

  constructor(options: ConnectionOptions) {
    this.#options = options;
    const isFive = options.mqtt.protocolVersion === 5;
    this.#client = mqtt.connect(options.url, {
      reconnectPeriod: RECONNECT_MS,
      ...options.mqtt,
      clean: false,
      resubscribe: false,
      ...(isFive && { properties: { sessionExpiryInterval: SESSION_SECONDS, receiveMaximum: UNDER_WAY } }),
    });
    this.#client.on("connect", () => this.#subscribe());
    this.#client.on("error", (error) => options.onTrouble?.(error)); // it connects again by itself
    const end = this.#client.onKeepaliveTimeout.bind(this.#client);
    this.#client.onKeepaliveTimeout = () => {
      const isSilent = !this.#goOn && performance.now() - this.#heardAt > SILENCE_MS;
      if (isSilent) end();
      // MQTT.js comes back to it, and the broker hears of us.
      else this.#client.sendPing();
    };
    this.#client.handleMessage = (packet, goOn) => this.#take(packet, () => goOn(NOT_BY_YOU));
  }

  get isConnected(): boolean {
    return this.#client.connected;
  }

  /** The session stays at the broker. */
  async close(): Promise<void> {
    await this.#client.endAsync(true);
  }

  #subscribe(): void {
    const { filters, onTrouble } = this.#options;
    this.#client.subscribe(filters, { qos: 1 }, (error, granted = []) => {
      const refused = granted.find(({ qos }) => qos >= 128);
      if (refused) onTrouble?.(new Error(`the broker refuses ${refused.topic}`));
      else if (error && this.#client.connected) onTrouble?.(error);
    });
  }

  #take(packet: IPublishPacket, goOn: () => void): void {
    const { stream } = this.#client;
    const isWanted = (): boolean => this.#client.stream === stream && this.#client.connected;
    this.#underWay++;
    this.#heardAt = performance.now();
    const done = (isKept: boolean): void => {
      this.#underWay--;
      if (isKept && packet.qos > 0 && isWanted()) this.#acknowledge(packet.messageId!);
      const waiting = this.#goOn;
      this.#goOn = undefined;
      waiting?.();
    };
    this.#options.onMessage(packet, isWanted, done);
    if (this.#underWay < UNDER_WAY) goOn();
    else this.#goOn = goOn;
  }

  #acknowledge(messageId: number): void {
    this.#acknowledgements.push(puback(messageId));
    if (this.#acknowledgements.length > 1) return;
    const { stream } = this.#client;
    queueMicrotask(() => {
      const bytes = Buffer.concat(this.#acknowledgements.splice(0));
      if (this.#client.stream === stream && !stream.destroyed) stream.write(bytes);
    });
  }
}

const NOT_BY_YOU = new Error("acknowledged when it is kept");

/** Of both versions of MQTT: in 5 a reason code that is absent is success [MQTT 5, 3.4.2.1]. */
const puback = (messageId: number): Buffer => Buffer.from([0x40, 2, messageId >> 8, messageId & 0xff]);
