import { LOG_LEVELS } from "../base/logger";

/** What every setting has. */
interface Common {
  /** Key in NVS, at most 15 characters. Never reused for another meaning. */
  readonly key: string;
  /** Who may change it: the cloud's desired configuration too, or only this device (portal, command, firmware). */
  readonly access: "cloud" | "device";
  /** Its value is never logged, shown or sent. */
  readonly secret?: true;
  /** Survives a factory reset. */
  readonly survivesReset?: true;
}

export interface IntegerSpec extends Common {
  readonly type: "integer";
  readonly least: number;
  readonly most: number;
  readonly unit: string;
  readonly default: number;
}

export interface BooleanSpec extends Common {
  readonly type: "boolean";
  readonly default: boolean;
}

export interface ChoiceSpec extends Common {
  readonly type: "choice";
  readonly choices: readonly string[];
  readonly default: string;
}

export interface TextSpec extends Common {
  readonly type: "text";
  /** Bytes of UTF-8. */
  readonly mostBytes: number;
  readonly default: string;
}

/** A host name or an IPv4 literal; empty: none. */
export interface HostSpec extends Common {
  readonly type: "host";
  readonly default: string;
}

/** One to `most` host names or IPv4 literals, in order of preference. */
export interface HostsSpec extends Common {
  readonly type: "hosts";
  readonly most: number;
  readonly default: readonly string[];
}

export type SettingSpec = IntegerSpec | BooleanSpec | ChoiceSpec | TextSpec | HostSpec | HostsSpec;

/** nvs_set_str takes 4000 bytes with the NUL (ESP-IDF nvs.h). */
const LONGEST_NVS_STRING = 3_999;

/** 2100-01-01, the latest time that the clock believes. */
const YEAR_2100_SECONDS = 4_102_444_800;
const UINT32 = 0xffff_ffff;

/** All settings of the device: the one place for defaults, ranges and units. */
export const SETTINGS = Object.freeze(
  {
    /** Saved networks as JSON (wifi/saved-networks.ts), in the person's order. */
    networks: {
      type: "text",
      key: "networks",
      mostBytes: LONGEST_NVS_STRING,
      default: "",
      access: "device",
      secret: true,
    },
    /** The access point that last led to the cloud, as JSON. */
    lastGood: { type: "text", key: "lastGood", mostBytes: 256, default: "", access: "device" },

    /** Empty: no broker set, the device stays off the cloud. */
    brokerHost: { type: "host", key: "brokerHost", default: "", access: "cloud" },
    /** IANA secure-mqtt. */
    brokerPort: {
      type: "integer",
      key: "brokerPort",
      least: 1,
      most: 65_535,
      unit: "port",
      default: 8_883,
      access: "cloud",
    },
    /** Name of the protocol for ALPN (RFC 7301), where a port is for more than MQTT; empty: not said. */
    brokerAlpn: { type: "text", key: "brokerAlpn", mostBytes: 64, default: "", access: "cloud" },
    /** User name for the broker, `{id}` is the device's id; empty: the certificate is enough. */
    brokerUser: { type: "text", key: "brokerUser", mostBytes: 128, default: "", access: "cloud" },
    brokerPassword: {
      type: "text",
      key: "brokerPassword",
      mostBytes: 256,
      default: "",
      access: "cloud",
      secret: true,
    },
    /** What all topics begin with; `{id}` is the device's id. */
    topicPrefix: {
      type: "text",
      key: "topicPrefix",
      mostBytes: 128,
      default: "aerolink/v1/{id}",
      access: "cloud",
    },
    /** MQTT client id; `{id}` is the device's id. */
    clientId: { type: "text", key: "clientId", mostBytes: 128, default: "{id}", access: "cloud" },
    /** A broker profile on trial, kept or found bad (modules/configuration/broker-trial.ts); empty: none. */
    brokerTrial: {
      type: "text",
      key: "brokerTrial",
      mostBytes: 2_400,
      default: "",
      access: "device",
      secret: true,
    },
    /** Version of the desired configuration that was applied last. -1: none yet. */
    configVersion: {
      type: "integer",
      key: "configVersion",
      least: -1,
      most: UINT32,
      unit: "version",
      default: -1,
      access: "device",
    },
    /** MQTT protocol level: 4 is 3.1.1, which is spoken to a broker that refuses 5, too. */
    mqttVersion: {
      type: "integer",
      key: "mqttVersion",
      least: 4,
      most: 5,
      unit: "level",
      default: 4,
      access: "cloud",
    },
    keepAliveSeconds: {
      type: "integer",
      key: "keepAlive",
      least: 10,
      most: 1_200,
      unit: "s",
      default: 60,
      access: "cloud",
    },
    /** Home Assistant's MQTT discovery messages. */
    homeAssistant: { type: "boolean", key: "homeAssistant", default: false, access: "cloud" },
    sntpServers: {
      type: "hosts",
      key: "sntpServers",
      most: 3,
      default: ["0.pool.ntp.org", "1.pool.ntp.org", "2.pool.ntp.org"],
      access: "cloud",
    },

    samplingSeconds: {
      type: "integer",
      key: "sampling",
      least: 1,
      most: 3_600,
      unit: "s",
      default: 60,
      access: "cloud",
    },
    readingsPerBatch: {
      type: "integer",
      key: "perBatch",
      least: 1,
      most: 60,
      unit: "readings",
      default: 5,
      access: "cloud",
    },
    publishSeconds: {
      type: "integer",
      key: "publish",
      least: 1,
      most: 86_400,
      unit: "s",
      default: 300,
      access: "cloud",
    },
    /** Of telemetry; with the dictionary it has a topic of its own (docs/payload.md). */
    compression: {
      type: "choice",
      key: "compression",
      choices: ["zlib", "zlib-dictionary"],
      default: "zlib",
      access: "cloud",
    },
    /** Added to what the sensor says. */
    temperatureOffset: {
      type: "integer",
      key: "offTemperature",
      least: -1_000,
      most: 1_000,
      unit: "0.01 °C",
      default: 0,
      access: "cloud",
    },
    /** Added to what the sensor says; the sum stays within 0 and 100 %. */
    humidityOffset: {
      type: "integer",
      key: "offHumidity",
      least: -2_000,
      most: 2_000,
      unit: "0.01 %",
      default: 0,
      access: "cloud",
    },
    /** Added to what the sensor says; the sum is not below 0. */
    co2Offset: {
      type: "integer",
      key: "offCo2",
      least: -500,
      most: 500,
      unit: "ppm",
      default: 0,
      access: "cloud",
    },
    /** Height above the sea. What it corrects says the sensor. */
    altitude: {
      type: "integer",
      key: "altitude",
      least: 0,
      most: 3_000,
      unit: "m",
      default: 0,
      access: "cloud",
    },
    /** The CO₂ sensor takes the lowest values of the last days for fresh air: not where there never is any. */
    co2SelfCalibration: { type: "boolean", key: "co2Self", default: true, access: "cloud" },
    /** Of particle values of sensors that count the water on them (modules/sensor/sensor.ts). */
    pmCorrection: {
      type: "choice",
      key: "pmCorrection",
      choices: ["none", "epa-2021"],
      default: "none",
      access: "cloud",
    },
    ledBrightness: {
      type: "integer",
      key: "ledBrightness",
      least: 1,
      most: 100,
      unit: "%",
      default: 100,
      access: "cloud",
    },
    logLevel: { type: "choice", key: "logLevel", choices: LOG_LEVELS, default: "info", access: "cloud" },

    /** Whether new firmware is taken by itself, when a person asks, or not at all. */
    updates: {
      type: "choice",
      key: "updates",
      choices: ["automatic", "manual", "off"],
      default: "automatic",
      access: "cloud",
    },
    /** Where images of new firmware are (HTTPS, port 443); empty: at the broker's host. */
    updateHost: { type: "host", key: "updateHost", default: "", access: "cloud" },
    /** The highest release that was ever confirmed here. 0: none. */
    confirmedRelease: {
      type: "integer",
      key: "confirmed",
      least: 0,
      most: UINT32,
      unit: "release",
      default: 0,
      access: "device",
      survivesReset: true,
    },
    /** The lowest release that may run here, as one that was confirmed has said. */
    releaseFloor: {
      type: "integer",
      key: "releaseFloor",
      least: 0,
      most: UINT32,
      unit: "release",
      default: 0,
      access: "device",
      survivesReset: true,
    },
    /** The trial of an image (modules/update/trial/trial.ts); empty: there was none. */
    updateTrial: {
      type: "text",
      key: "updateTrial",
      mostBytes: 400,
      default: "",
      access: "device",
      survivesReset: true,
    },
    /** Downloads of the image that is offered (modules/update/attempts.ts). */
    updateAttempts: { type: "text", key: "updateTries", mostBytes: 400, default: "", access: "device" },

    /** Boots since the device was made. */
    bootCount: {
      type: "integer",
      key: "bootCount",
      least: 0,
      most: UINT32,
      unit: "boots",
      default: 0,
      access: "device",
      survivesReset: true,
    },
    /** The boot that ended in a restart of last resort (last-resort.ts). 0: none. */
    lastResortBoot: {
      type: "integer",
      key: "lastResort",
      least: 0,
      most: UINT32,
      unit: "boots",
      default: 0,
      access: "device",
      survivesReset: true,
    },
    /** Restarts because the radio did not answer. */
    radioRestarts: {
      type: "integer",
      key: "radioRestarts",
      least: 0,
      most: UINT32,
      unit: "restarts",
      default: 0,
      access: "device",
      survivesReset: true,
    },
    /** The latest wall clock under which the broker was reached (modules/time/time-keeper.ts). 0: none. */
    lastKnownUnixSeconds: {
      type: "integer",
      key: "lastUnix",
      least: 0,
      most: YEAR_2100_SECONDS,
      unit: "s",
      default: 0,
      access: "device",
    },
    /** Signed evidence says that it is later (modules/time/time-keeper.ts). 0: none but the build. */
    timeFloor: {
      type: "integer",
      key: "timeFloor",
      least: 0,
      most: YEAR_2100_SECONDS - 1,
      unit: "s",
      default: 0,
      access: "device",
      survivesReset: true,
    },
    /** The first boot in which time servers went back behind `lastKnownUnixSeconds`. 0: none. */
    disputedBoot: {
      type: "integer",
      key: "disputedBoot",
      least: 0,
      most: UINT32,
      unit: "boots",
      default: 0,
      access: "device",
    },
  } as const satisfies Record<string, SettingSpec>,
  true,
);

export type SettingKey = keyof typeof SETTINGS;

type ValueOf<Spec> = Spec extends { type: "integer" }
  ? number
  : Spec extends { type: "boolean" }
    ? boolean
    : Spec extends { type: "choice"; choices: readonly (infer Choice)[] }
      ? Choice
      : Spec extends { type: "hosts" }
        ? readonly string[]
        : string;

/** What `get` answers, per key. */
export type SettingValues = { readonly [Key in SettingKey]: ValueOf<(typeof SETTINGS)[Key]> };

export const SETTING_KEYS = Object.freeze(Object.keys(SETTINGS)) as readonly SettingKey[];

export function isSettingKey(key: string): key is SettingKey {
  return Object.hasOwn(SETTINGS, key);
}
