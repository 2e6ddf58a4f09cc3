import FlashStorage from "embedded:storage/flash";
import type { Logger, LogLevel } from "../modules/base/logger";
import { BROKER_CHECKS } from "../modules/configuration/broker-profile";
import type { SettingsOptions, SettingsStore } from "../modules/configuration/settings";
import {
  SETTING_KEYS,
  SETTINGS,
  type SettingKey,
  type SettingSpec,
  type SettingValues,
} from "../modules/configuration/settings-table";
import type { ButtonOptions, Hold } from "../modules/device/button";
import { FactoryReset, RESET_MARK } from "../modules/device/factory-reset";
import type { LastResortOptions, RestartReason } from "../modules/device/last-resort";
import type { MonitorLink, MonitorOptions, MonitorSetup, MonitorStation } from "../modules/device/monitor";
import type { Status } from "../modules/device/status";
import type { Identity } from "../modules/identity/identity";
import type { FlashJournalOptions } from "../modules/journal/flash-journal";
import type { Flash } from "../modules/journal/sector-ring";
import type { SamplerOptions } from "../modules/sensor/sampler";
import type { SensorSettings } from "../modules/sensor/sensor";
import type { Stamp } from "../modules/telemetry/reading";
import { parseNetworks } from "../wifi/saved-networks";
import { type Parts, Wires } from "./parts";
import { randomUint32 } from "./random";
import { openTexts } from "./sdk";
import { restartDevice } from "./update-wires";

/** Where log lines go: the serial console. */
export const toConsole = (level: LogLevel, room: string, text: string): void =>
  trace(`${level} ${room}: ${text}\n`);

const CHECKS: NonNullable<SettingsOptions["checks"]> = Object.freeze({
  ...BROKER_CHECKS,
  networks: (text: string) => parseNetworks(text) !== undefined,
});

/** Of a device without an identity. */
const NOTHING: Pick<Identity, "broker" | "calibration"> = Object.freeze({});

/** Of the settings: the build's defaults, and who is told of a change. */
export class SettingsWires extends Wires implements SettingsOptions {
  get store(): SettingsStore {
    return openTexts("aerolink");
  }

  get defaults(): Partial<SettingValues> {
    const { build, identity } = this.parts;
    const { brokerHost, brokerPort } = build;
    const { broker, calibration } = typeof identity === "string" ? NOTHING : identity;
    return { brokerHost, brokerPort, ...broker, ...calibration };
  }

  get checks(): NonNullable<SettingsOptions["checks"]> {
    return CHECKS;
  }

  get log(): Logger {
    return this.parts.logs.room("settings");
  }

  onChanged(key: SettingKey): void {
    const { logs, settings, led, sampler, sensors, cloud } = this.parts;
    if (key === "logLevel") logs.level = settings.get(key);
    else if (key === "ledBrightness") led.brightness = settings.get(key);
    else if (key === "samplingSeconds") sampler.restart();
    else if (key === "altitude" || key === "co2SelfCalibration") sensors.configure();
    else if (key.endsWith("Offset") || key === "pmCorrection") cloud.statusChanged();
    cloud.settingChanged(key);
  }
}

export class JournalWires extends Wires implements FlashJournalOptions {
  get flash(): Flash {
    return FlashStorage.open({ path: "journal", mode: "r+" });
  }

  newEpoch(): number {
    return randomUint32(this.parts.board);
  }
}

/**
 * Of the sensors: what the settings say that they must know. Of the sampler: a reading is dated by a synced clock only,
 * and the cloud is told of each.
 */
export class SamplerWires extends Wires implements SamplerOptions, SensorSettings {
  get altitude(): number {
    return this.parts.settings.get("altitude");
  }

  get co2SelfCalibration(): boolean {
    return this.parts.settings.get("co2SelfCalibration");
  }

  get sensor(): SamplerOptions["sensor"] {
    return this.parts.sensors;
  }

  get journal(): SamplerOptions["journal"] {
    return this.parts.journal;
  }

  intervalMs(): number {
    return this.parts.settings.get("samplingSeconds") * 1000;
  }

  stamp(): Stamp {
    const { clock, boot } = this.parts;
    const { uptimeMs, unixMs, quality } = clock;
    const stamp = { boot, uptimeSeconds: Math.floor(uptimeMs / 1000) };
    return quality === "synced" ? { ...stamp, unixSeconds: Math.floor(unixMs! / 1000) } : stamp;
  }

  onReading(seq: number): void {
    this.parts.cloud.readingTaken(seq);
  }

  onFault(fault: string | undefined): void {
    this.parts.log.warn(fault === undefined ? "sensor works again" : `sensor: ${fault}`);
    this.parts.cloud.statusChanged();
  }

  onJournalFault(error: unknown): void {
    this.parts.log.error(`reading lost, the journal refused it: ${String(error)}`);
  }
}

export class LastResortWires extends Wires implements LastResortOptions {
  get boot(): number {
    return this.parts.boot;
  }

  get settings(): LastResortOptions["settings"] {
    return this.parts.settings;
  }

  get log(): Logger {
    return this.parts.log;
  }

  uptimeMs(): number {
    return this.parts.clock.uptimeMs;
  }

  rejoin(): void {
    const { station, timeSync, monitor } = this.parts;
    station.stop();
    timeSync.stop();
    monitor.networkLost();
    station.start();
  }

  restart(reason: RestartReason): void {
    restartDevice(this.parts, reason);
  }
}

/** Of the status machine: what it starts and stops, and who shows the status. */
export class MonitorWires extends Wires implements MonitorOptions, MonitorSetup {
  get station(): MonitorStation {
    return this.parts.station;
  }

  get link(): MonitorLink {
    return this.parts.cloud;
  }

  get setup(): MonitorSetup {
    return this;
  }

  get log(): Logger {
    return this.parts.logs.room("monitor");
  }

  hasNetworks(): boolean {
    return this.parts.networks.list.length > 0;
  }

  reached(): "nothing" | "address" | "cloud" {
    const { cloud, station } = this.parts;
    if (cloud.isUp) return "cloud";
    return station.at ? "address" : "nothing";
  }

  onStatus(status: Status): void {
    this.parts.led.show(status);
    if (status === "online") this.parts.station.cloudReached();
    this.parts.lastResort.statusChanged(status);
  }

  /** Setup mode's. Time is not asked for there: an attempt's address begins that again. */
  start(from: Status | undefined): void {
    this.parts.timeSync.stop();
    this.parts.setup.start(from === "connecting" || from === "online");
  }

  stop(): void {
    this.parts.setup.stop();
  }
}

/** Of the button: the light answers while it is held, what it does comes when it is let go. */
export class ButtonWires extends Wires implements ButtonOptions {
  read(): boolean {
    return this.parts.board.readButton?.() ?? false;
  }

  onHold(hold: Hold): void {
    this.parts.led.acknowledge(hold);
  }

  onRelease(hold: Hold): void {
    const { led, monitor } = this.parts;
    led.acknowledge(undefined);
    // The light is red again, and stays so until all is forgotten.
    if (hold === "factory-reset") factoryReset(this.parts, false);
    else monitor.setupRequested();
  }
}

/**
 * What a factory reset erases (docs/security.md). All else stays: the identity, the firmware, and every setting that
 * the table lets survive. @returns false: `ifDue`, and none was begun
 */
export function factoryReset({ board, led, log, updates }: Parts, ifDue: boolean): boolean {
  const mark = openTexts("aerolink");
  if (ifDue && mark.read(RESET_MARK) === undefined) return false;
  if (!ifDue) updates.leaving();
  log.warn("factory reset");
  led.acknowledge("factory-reset");
  const survivors = SETTING_KEYS.filter((key) => (SETTINGS[key] as SettingSpec).survivesReset).map(
    (key) => SETTINGS[key].key,
  );
  const partitions = [FlashStorage.open({ path: "journal", mode: "r+" })];
  try {
    partitions.push(FlashStorage.open({ path: "coredump", mode: "r+" }));
  } catch {
    // Not every partition table has a place for what was in RAM at a crash.
  }
  const stores = [mark, openTexts("commands")];
  new FactoryReset({ stores, survivors, partitions, board, log }).run();
  return true;
}
