import type { Logs } from "../base/logger";
import type { CommandStore } from "../commands/command-memory";
import { type CommandActions, Commands } from "../commands/commands";
import type { BrokerTrial } from "../configuration/broker-trial";
import { Configuration } from "../configuration/configuration";
import type { Settings } from "../configuration/settings";
import { type Diagnostics, formatDiagnostics } from "../diagnostics/diagnostics";
import { formatStatusReport } from "../diagnostics/status-report";
import { HomeAssistant } from "../home-assistant/home-assistant";
import type { Reading } from "../telemetry/reading";
import type { Clock } from "../time/clock";
import { Outbox } from "./outbox";

export interface RemoteMessage {
  readonly topic: string;
  readonly payload: string;
  readonly qos: 0 | 1;
  readonly retain: boolean;
}

export interface RemoteOptions {
  readonly deviceId: string;
  /** Number of this boot. */
  readonly boot: number;
  readonly settings: Settings;
  readonly broker: BrokerTrial;
  readonly commandStore: CommandStore;
  readonly clock: Clock;
  /** What commands do, but for `get-diagnostics`. */
  readonly actions: Omit<CommandActions, "diagnostics">;
  diagnostics(): Omit<Diagnostics, "commands">;
  /** Is the broker there? */
  isUp(): boolean;
  /** Hands a message to the session; false: not now. `onSettled` as for `Commands`. */
  publish(message: RemoteMessage, onSettled?: () => void): boolean;
  readonly logs: Logs;
}

/** Everything between the device and its cloud but readings: commands, configuration, status, Home Assistant. */
export class Remote {
  /** Asked of the broker at QoS 1. */
  readonly subscriptions: readonly string[];
  #options: RemoteOptions;
  #base: string;
  #commands: Commands;
  #configuration: Configuration;
  #outbox: Outbox;
  #homeAssistant: HomeAssistant;

  constructor(options: RemoteOptions) {
    const { deviceId, settings, broker, clock, actions, publish, logs } = options;
    const base = `aerolink/v1/${deviceId}`;
    this.#options = options;
    this.#base = base;
    this.subscriptions = [`${base}/command`, `${base}/config/desired`];
    this.#outbox = new Outbox(
      (topic, payload) => options.isUp() && publish({ topic, payload, qos: 1, retain: true }),
    );
    this.#commands = new Commands({
      actions: { ...actions, diagnostics: () => this.diagnostics() },
      store: options.commandStore,
      boot: options.boot,
      uptimeMs: () => clock.uptimeMs,
      unixMs: () => clock.unixMs,
      publish: (payload, qos, onSettled) =>
        publish({ topic: `${base}/command/result`, payload, qos, retain: false }, onSettled),
      log: logs.room("command"),
    });
    this.#configuration = new Configuration({
      settings,
      broker,
      onReport: () => this.putReport(),
      log: logs.room("config"),
    });
    this.#homeAssistant = new HomeAssistant({
      device: () => {
        const { sensor, firmware, network } = options.diagnostics();
        return { deviceId, base, sensor: sensor.model, firmware, mac: network.mac };
      },
      isEnabled: () => settings.get("homeAssistant"),
      expireSeconds: () => 3 * settings.get("samplingSeconds") + 60,
      put: (topic, format) => this.#outbox.put(topic, format),
    });
    settings.onChange("homeAssistant", (enabled) => {
      if (!enabled) this.#homeAssistant.withdraw();
    });
    // When a value expires is in the announcement.
    settings.onChange("samplingSeconds", () => this.#homeAssistant.renew());
  }

  /** The broker accepted us: it hears where we stand. */
  online(): void {
    this.#options.broker.reached();
    this.#homeAssistant.renew();
    this.putStatus();
    this.putReport();
    this.drain();
  }

  /** The session takes messages again. */
  drain(): void {
    this.#commands.drain();
    this.#outbox.drain();
  }

  take(topic: string, payload: Uint8Array, flags: { readonly retain: boolean; readonly dup: boolean }): void {
    if (topic === this.subscriptions[1]) this.#configuration.take(payload);
    // An empty message is one that is retained no more.
    else if (topic === this.subscriptions[0] && payload.length > 0) this.#commands.take(payload, flags);
  }

  /** A message to us was too large to be kept. */
  takeOversized(): void {
    this.#commands.takeOversized();
  }

  readingTaken(reading: Reading | undefined): void {
    if (reading && this.#options.isUp()) this.#homeAssistant.readingTaken(reading);
  }

  /** Something that the status tells has changed. */
  statusChanged(): void {
    if (this.#options.isUp()) this.putStatus();
  }

  brokerTried(reached: boolean): void {
    this.#configuration.brokerTried(reached);
  }

  /** Does what takes the device off the cloud; first the results that are owed, if the broker is there. */
  whenAnswered(action: () => void): void {
    if (this.#options.isUp()) this.#commands.whenAnswered(action);
    else action();
  }

  private diagnostics(): string {
    return formatDiagnostics({ ...this.#options.diagnostics(), commands: this.#commands.counts });
  }

  private putStatus(): void {
    this.#outbox.put(`${this.#base}/status`, () => formatStatusReport(this.#options.diagnostics()));
  }

  private putReport(): void {
    this.#outbox.put(`${this.#base}/config/reported`, () => this.#configuration.report());
  }
}
