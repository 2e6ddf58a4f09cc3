import { Backoff } from "../modules/base/backoff";
import { type BrokerProfile, withId } from "../modules/configuration/broker-profile";
import { BrokerTrial } from "../modules/configuration/broker-trial";
import type { SettingKey } from "../modules/configuration/settings-table";
import type { MonitorLink } from "../modules/device/monitor";
import type { Diagnostics } from "../modules/diagnostics/diagnostics";
import type { Identity } from "../modules/identity/identity";
import { InternetCheck } from "../modules/network/internet-check";
import { LineCheck } from "../modules/network/line-check";
import type { BrokerFailure } from "../modules/network/link-diagnosis";
import type { Socket } from "../modules/network/socket";
import { Remote } from "../modules/remote/remote";
import { Publisher } from "../modules/telemetry/publisher";
import type { FetchCallbacks } from "../modules/update/fetch/http-get-options";
import { NamedSocket } from "../modules/update/fetch/named-socket";
import { AttemptDiagnosis, type AttemptFailure } from "../mqtt/attempt-diagnosis";
import { CloudLink } from "../mqtt/cloud-link";
import type { SessionFailure } from "../mqtt/failure";
import { MqttSession } from "../mqtt/session";
import { BrokerWires, PublisherWires, RemoteWires } from "./cloud-wires";
import { CheckWires, DiagnosisWires, LinkWires, UpdateSocketWires } from "./link-wires";
import type { Parts } from "./parts";
import { SessionWires } from "./session-wires";

/** Everything between the journal and the broker, as the rest of the device sees it. */
export interface Cloud extends MonitorLink {
  /** Which broker is the device's; absent: it has no cloud. */
  readonly broker?: BrokerTrial;
  /** The broker has accepted us, and the connection lives. */
  readonly isUp: boolean;
  /** The clock was set or estimated. */
  timeKnown(): void;
  /** Reading `seq` is in the journal. */
  readingTaken(seq: number): void;
  /** Readings that were delivered have another time now. */
  readingsRedated(): void;
  /** Something that the status tells has changed. */
  statusChanged(): void;
  settingChanged(key: SettingKey): void;
  /** What `update/state` tells has changed. */
  updateChanged(): void;
  /** A new broker is on trial. */
  readonly isTryingBroker: boolean;
  readonly brokerHost: string;
  /** Connections to the broker that were accepted since the boot. */
  readonly connects?: number;
  readonly remote?: { readonly commandCounts: Diagnostics["commands"] };
  /** The connection to the broker makes room for another one's memory, or may come back. */
  hold(holds: boolean): void;
  /** A stream to the host of updates, shown our certificate. */
  openUpdate(host: string, callbacks: FetchCallbacks): Socket;
  /** Does what takes the device off the cloud, once the broker has what it is owed. */
  whenAnswered(action: () => void): void;
}

/** Without an identity there is nobody to be. */
export const NO_CLOUD: Cloud = Object.freeze({
  isUp: false,
  start() {},
  stop() {},
  timeKnown() {},
  readingTaken() {},
  readingsRedated() {},
  statusChanged() {},
  settingChanged() {},
  updateChanged() {},
  isTryingBroker: false,
  brokerHost: "",
  hold() {},
  openUpdate() {
    throw new Error("no identity");
  },
  whenAnswered: (action: () => void) => action(),
});

/** The cloud of a device that has an identity. */
export class OpenCloud implements Cloud {
  readonly parts: Parts;
  readonly broker: BrokerTrial;
  readonly remote: Remote;
  readonly session: MqttSession;
  readonly publisher: Publisher;
  readonly diagnosis: AttemptDiagnosis;
  readonly link: CloudLink<BrokerFailure | SessionFailure, AttemptFailure>;
  readonly backoff = new Backoff();
  /** Of the connection that is there: one that is to come takes effect with {@link reconnect}. */
  profile: BrokerProfile;
  connects = 0;
  private isHeld = false;

  constructor(parts: Parts) {
    this.parts = parts;
    this.broker = new BrokerTrial(new BrokerWires(this));
    this.profile = this.broker.profile;
    this.remote = new Remote(new RemoteWires(this));
    this.session = new MqttSession(new SessionWires(this));
    this.publisher = new Publisher(new PublisherWires(this));
    const wires = new CheckWires(this);
    const line = new LineCheck(wires);
    this.diagnosis = new AttemptDiagnosis(new DiagnosisWires(this, new InternetCheck(wires), line));
    this.link = new CloudLink(new LinkWires(this));
  }

  /** It may be another one with the next connection. */
  get identity(): Identity {
    return this.parts.credentials.identity;
  }

  get isUp(): boolean {
    return this.link.isUp;
  }

  /** `name` below the device's own part of the topics. */
  topic(name: string): string {
    return `${this.filled("topicPrefix")}/${name}`;
  }

  /** A part of the profile, with the device's id in its place. */
  filled(key: "topicPrefix" | "clientId" | "brokerUser"): string {
    return withId(this.profile[key], this.identity.deviceId);
  }

  get isTryingBroker(): boolean {
    return this.broker.trying;
  }

  get brokerHost(): string {
    return this.profile.brokerHost;
  }

  start(): void {
    if (this.isHeld) return;
    this.link.start();
    this.broker.watch();
    this.parts.credentials.watch();
  }

  stop(): void {
    this.link.stop();
    this.parts.credentials.pause();
  }

  /** The broker is another one now, or the device another one to it. */
  reconnect(): void {
    this.profile = this.broker.profile;
    this.session.moved();
    this.startAnew();
  }

  /** The device is another one to the broker, or trusts others. */
  startAnew(): void {
    if (this.link.state === "stopped") return;
    this.publisher.offline();
    this.parts.monitor.cloudDown();
    this.link.stop();
    this.start();
  }

  hold(holds: boolean): void {
    this.isHeld = holds;
    if (holds) this.stop();
    // In setup mode, or without an address, it is not wanted anyway.
    else if (this.parts.monitor.status === "connecting") this.start();
  }

  openUpdate(host: string, callbacks: FetchCallbacks): Socket {
    return new NamedSocket(new UpdateSocketWires(this, host), callbacks);
  }

  updateChanged(): void {
    this.remote.updateChanged();
  }

  timeKnown(): void {
    this.link.timeKnown();
  }

  readingTaken(seq: number): void {
    const { settings, journal } = this.parts;
    this.publisher.readingTaken(seq);
    if (settings.get("homeAssistant")) this.remote.readingTaken(journal.read(seq, 1)[0]);
  }

  readingsRedated(): void {
    this.publisher.redated();
  }

  statusChanged(): void {
    this.remote.statusChanged();
  }

  settingChanged(key: SettingKey): void {
    this.remote.settingChanged(key);
  }

  whenAnswered(action: () => void): void {
    this.remote.whenAnswered(action);
  }
}
