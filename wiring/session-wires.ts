import type { Logger } from "../modules/base/logger";
import { OFFLINE_REPORT } from "../modules/diagnostics/status-report";
import type { Message, Subscription } from "../mqtt/encode";
import type { SessionFailure } from "../mqtt/failure";
import type { DroppedMessage, MessageFlags, SessionOptions } from "../mqtt/session-options";
import { CloudWires } from "./cloud-wires";
import { encodeText } from "./text";

/** What the diagnostics call it; `undefined`: it is told elsewhere. */
const COUNTED = Object.freeze(
  {
    oversized: undefined,
    "qos-2": undefined,
    refused: "message-refused",
    "too-large": "message-too-large",
    "cut-off": "message-cut-off",
    "subscription-refused": "subscription-refused",
  } as const satisfies Record<DroppedMessage["reason"], string | undefined>,
  true,
);

/** Of the MQTT session: what the settings say of it, and in which order the others hear of it. */
export class SessionWires extends CloudWires implements SessionOptions {
  get clientId(): string {
    return this.cloud.filled("clientId");
  }

  get user(): string {
    return this.cloud.filled("brokerUser");
  }

  get password(): string {
    return this.cloud.profile.brokerPassword;
  }

  get topicPrefix(): string {
    return this.cloud.filled("topicPrefix");
  }

  get protocolVersion(): 4 | 5 {
    return this.cloud.profile.mqttVersion === 5 ? 5 : 4;
  }

  get keepAliveSeconds(): number {
    return this.cloud.parts.settings.get("keepAliveSeconds");
  }

  get will(): Message {
    return { topic: this.cloud.topic("status"), payload: encodeText(OFFLINE_REPORT), qos: 1, retain: true };
  }

  get subscriptions(): readonly Subscription[] {
    return this.cloud.remote.subscriptions;
  }

  get logger(): Logger {
    return this.cloud.parts.logs.room("mqtt");
  }

  onUp(): void {
    const { cloud } = this;
    cloud.connects++;
    cloud.link.sessionUp();
    cloud.parts.timeKeeper.online();
    cloud.parts.monitor.cloudUp();
    cloud.parts.setup.cloudUp();
    cloud.parts.updates.sessionUp();
    cloud.remote.online();
    cloud.parts.renewal.look();
    cloud.publisher.online();
  }

  onProven(): void {
    this.cloud.broker.reached(this.cloud.profile);
    this.cloud.parts.credentials.proven();
  }

  onDown(reason: SessionFailure): void {
    const { publisher, parts, link } = this.cloud;
    publisher.offline();
    parts.monitor.cloudDown();
    parts.updates.sessionDown();
    parts.credentials.failed(reason);
    link.sessionDown(reason);
  }

  onDrain(): void {
    this.cloud.publisher.drain();
    this.cloud.remote.drain();
  }

  onMessage(topic: string, payload: Uint8Array, flags: MessageFlags): void {
    this.cloud.remote.take(topic, payload, flags);
  }

  onDropped({ reason }: DroppedMessage): void {
    if (reason === "oversized") this.cloud.remote.takeOversized();
    if (reason === "subscription-refused") {
      this.cloud.broker.attemptFailed(reason);
      this.cloud.parts.credentials.failed(reason);
    }
    const counted = COUNTED[reason];
    if (counted) this.cloud.parts.failures.count(counted);
  }
}
