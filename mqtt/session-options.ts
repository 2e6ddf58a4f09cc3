import TextEncoder from "text/encoder";
import type { Logger } from "../modules/base/logger";
import type { ConnectionState } from "./connection";
import type { Message, ProtocolVersion, Subscription } from "./encode";
import type { SessionFailure } from "./failure";

export type SessionState =
  /** No connection; `connect` may be called. */
  | "idle"
  | Exclude<ConnectionState, "closed">
  /** For good. */
  | "closed";

export interface SessionOptions {
  /** 1 to 65,535 bytes of UTF-8; names the broker's session. */
  readonly clientId: string;
  /** User name; with none no password is sent either [MQTT-3.1.2-22]. */
  readonly user?: string;
  readonly password?: string;
  /** What the topics of ours begin with that change when the session moves ({@link MqttSession.moved}). */
  readonly topicPrefix?: string;
  /** 4 is MQTT 3.1.1. Default 4. */
  readonly protocolVersion?: ProtocolVersion;
  /** Default 60 s: with the ping limit a dead link is seen within 70 s. */
  readonly keepAliveSeconds?: number;
  /** How long the broker may be silent after a PINGREQ. Default 10 s. */
  readonly pingLimitMs?: number;
  /** How long the broker may take to answer CONNECT. Default 10 s. */
  readonly connackLimitMs?: number;
  /** QoS 1 messages that are not acknowledged, at most. Default 4. */
  readonly inFlightLimit?: number;
  /** Their bytes, at most; also the bound for what QoS 0 may queue. Default 8,192: two packets of 4 KB. */
  readonly inFlightBytes?: number;
  /** Inbound packets above are skipped. Default 4,096. */
  readonly maxPacketBytes?: number;
  /** MQTT 5: how long the broker keeps the session. Default one day. */
  readonly sessionExpirySeconds?: number;
  /** What the broker publishes when this client vanishes. */
  readonly will?: Message;
  /** Asked for at every connection, and again later where the broker does not grant them. */
  readonly subscriptions?: readonly Subscription[];
  readonly logger: Logger;
  /** CONNACK accepted. */
  onUp?(info: { readonly sessionPresent: boolean }): void;
  /**
   * The broker has taken a message of ours on this connection and granted all subscriptions of QoS 1; may come more
   * than once on a connection.
   */
  onProven?(): void;
  /** A connection ended, or an attempt failed. */
  onDown?(reason: SessionFailure): void;
  /** QoS 1 is acknowledged after this returns. */
  onMessage?(topic: string, payload: Uint8Array, flags: MessageFlags): void;
  /** A publish that was turned down may be tried again. */
  onDrain?(): void;
  /** A message was given up, or came and was not taken; or a subscription was not granted. */
  onDropped?(drop: DroppedMessage): void;
}

export interface MessageFlags {
  readonly retain: boolean;
  readonly dup: boolean;
}

export interface DroppedMessage {
  readonly reason: DropReason;
  /** Empty where it was not kept. */
  readonly topic: string;
  readonly bytes: number;
}

export type DropReason =
  /** Inbound, above `maxPacketBytes`. */
  | "oversized"
  /** Inbound at QoS 2, which is never subscribed to. */
  | "qos-2"
  /** Outbound, refused by the broker (MQTT 5). */
  | "refused"
  /** Outbound, above the broker's Maximum Packet Size (MQTT 5). */
  | "too-large"
  /** Outbound: three times the broker ended the connection when it had nothing else to answer. */
  | "cut-off"
  /** A topic filter that the broker does not grant; asked for again later. */
  | "subscription-refused";

/** The values of {@link SessionOptions} with the defaults filled in. */
export interface SessionValues {
  readonly clientId: string;
  readonly user: string;
  readonly password: string;
  readonly topicPrefix: string;
  readonly protocolVersion: ProtocolVersion;
  readonly keepAliveSeconds: number;
  readonly pingLimitMs: number;
  readonly connackLimitMs: number;
  readonly inFlightLimit: number;
  readonly inFlightBytes: number;
  readonly maxPacketBytes: number;
  readonly sessionExpirySeconds: number;
  readonly will: Message | undefined;
  readonly subscriptions: readonly Subscription[];
}

/** Strings and wills carry a length of two bytes. */
const MAX_FIELD_BYTES = 65535;
const DAY_SECONDS = 86_400;

/** @throws RangeError for options out of range. */
export function completeOptions(options: SessionOptions): SessionValues {
  const settings: SessionValues = {
    clientId: options.clientId,
    user: options.user ?? "",
    password: options.password ?? "",
    topicPrefix: options.topicPrefix ?? "",
    protocolVersion: options.protocolVersion ?? 4,
    keepAliveSeconds: options.keepAliveSeconds ?? 60,
    pingLimitMs: options.pingLimitMs ?? 10_000,
    connackLimitMs: options.connackLimitMs ?? 10_000,
    inFlightLimit: options.inFlightLimit ?? 4,
    inFlightBytes: options.inFlightBytes ?? 8192,
    maxPacketBytes: options.maxPacketBytes ?? 4096,
    sessionExpirySeconds: options.sessionExpirySeconds ?? DAY_SECONDS,
    will: options.will,
    subscriptions: options.subscriptions ?? [],
  };
  checkRange("clientId", utf8Length(settings.clientId), 1, MAX_FIELD_BYTES);
  checkRange("user", utf8Length(settings.user), 0, MAX_FIELD_BYTES);
  checkRange("password", utf8Length(settings.password), 0, MAX_FIELD_BYTES);
  checkRange("protocolVersion", settings.protocolVersion, 4, 5);
  checkRange("keepAliveSeconds", settings.keepAliveSeconds, 1, 65535);
  checkRange("pingLimitMs", settings.pingLimitMs, 1, 600_000);
  checkRange("connackLimitMs", settings.connackLimitMs, 1, 600_000);
  checkRange("inFlightLimit", settings.inFlightLimit, 1, 1000);
  checkRange("inFlightBytes", settings.inFlightBytes, 1, 0x7fffffff);
  checkRange("maxPacketBytes", settings.maxPacketBytes, 64, 0x7fffffff);
  checkRange("sessionExpirySeconds", settings.sessionExpirySeconds, 0, 0xffffffff);
  for (const { topic } of settings.subscriptions) {
    checkRange("topic of a subscription", utf8Length(topic), 1, MAX_FIELD_BYTES);
  }
  if (settings.will) {
    checkMessage(settings.will);
    checkRange("payload of the will", settings.will.payload.length, 0, MAX_FIELD_BYTES);
  }
  return settings;
}

/** @throws RangeError for a topic that cannot be published to [MQTT-3.3.2-2], [MQTT-4.7.3-1] to [MQTT-4.7.3-3]. */
export function checkMessage({ topic, qos }: Message): void {
  checkRange("topic", utf8Length(topic), 1, MAX_FIELD_BYTES);
  if (topic.includes("#") || topic.includes("+") || topic.includes("\0")) throw new RangeError("topic");
  checkRange("qos", qos, 0, 1);
}

function utf8Length(text: string): number {
  return new TextEncoder().encode(text).length;
}

function checkRange(name: string, value: number, least: number, most: number): void {
  if (!Number.isInteger(value) || value < least || value > most) throw new RangeError(`${name}: ${value}`);
}
