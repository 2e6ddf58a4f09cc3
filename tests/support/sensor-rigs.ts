// Every driver with its simulated twin at the bus: what all of them owe is tested over this list.
import { silentLogger } from "../../modules/base/logger";
import { Pms } from "../../modules/sensor/pms/pms";
import type { PolledSensor } from "../../modules/sensor/polled-sensor";
import { Scd4x } from "../../modules/sensor/scd4x/scd4x";
import { Sen5x } from "../../modules/sensor/sen5x/sen5x";
import { Sen6x } from "../../modules/sensor/sen6x/sen6x";
import { SenseairS8 } from "../../modules/sensor/senseair-s8/senseair-s8";
import type { I2cDevice, I2cOptions } from "../../modules/sensor/sensirion/sensirion-sensor";
import type { SerialPort, SerialPortOptions } from "../../modules/sensor/serial/serial-sensor";
import { Sgp41 } from "../../modules/sensor/sgp41/sgp41";
import { Sht4x } from "../../modules/sensor/sht4x/sht4x";
import { Sps30 } from "../../modules/sensor/sps30/sps30";
import type { Measurement, Quantity } from "../../modules/telemetry/reading";
import Serial from "../../sim/sdk/serial";
import { Scd4xTwin, Sgp41Twin, Sht4xTwin } from "../../sim/sensors/gas-twins";
import { Sen5xTwin, Sen6xTwin, Sps30Twin } from "../../sim/sensors/particle-twin";
import type { SensirionTwin } from "../../sim/sensors/sensirion-twin";
import { PmsTwin, SenseairS8Twin, type SerialTwin } from "../../sim/sensors/serial-twins";

/** A kitchen after dinner. */
export const AIR: Required<Measurement> = {
  pm1: 20,
  pm2_5: 23,
  pm4: 24,
  pm10: 25,
  co2: 1234,
  temperature: 21.5,
  humidity: 45,
  voc: 180,
  nox: 3,
  hcho: 12.5,
  nc0_5: 130,
  nc1: 151,
  nc2_5: 156,
  nc4: 157,
  nc10: 157,
  particleSize: 0.512,
  vocRaw: 32_000 - 12 * 180,
  noxRaw: 17_000 - 24,
};

export const SETTINGS = { altitude: 540, co2SelfCalibration: true };

/** A transfer on a bus, and how long it keeps it busy. */
export interface Transfer {
  readonly bytes: number;
  readonly ms: number;
}

/** I²C with a twin on it: 100 kHz, each byte with its acknowledgement, the address before them. */
export class TwinBus {
  readonly transfers: Transfer[] = [];
  opened: I2cOptions | undefined;
  isClosed = false;
  readonly #twin: SensirionTwin;

  constructor(twin: SensirionTwin) {
    this.#twin = twin;
  }

  get io(): new (
    options: I2cOptions,
  ) => I2cDevice {
    const bus = this;
    return class {
      constructor(options: I2cOptions) {
        if (options.address !== bus.#twin.address) throw new Error("nobody has this address");
        bus.opened = options;
      }
      write(bytes: Uint8Array) {
        bus.note(bytes);
        bus.#twin.write(bytes);
      }
      read(bytes: Uint8Array) {
        bus.note(bytes);
        return bus.#twin.read(bytes);
      }
      close() {
        bus.isClosed = true;
      }
    };
  }

  private note(bytes: Uint8Array): void {
    this.transfers.push({ bytes: bytes.length, ms: ((bytes.length + 1) * 9 * 1000) / this.opened!.hz });
  }
}

export interface I2cRig {
  readonly name: string;
  readonly twin: SensirionTwin;
  readonly bus: TwinBus;
  open(): PolledSensor;
}

export interface SerialRig {
  readonly name: string;
  readonly twin: SerialTwin;
  open(): PolledSensor;
}

const air = () => AIR;
const PINS = { data: 7, clock: 6 };
export const SERIAL_PINS = { receive: 20, transmit: 21, port: 0 };

function onI2c<Twin extends SensirionTwin>(
  name: string,
  twin: Twin,
  make: (options: { sensor: { io: TwinBus["io"]; data: number; clock: number } }) => PolledSensor,
): I2cRig {
  const bus = new TwinBus(twin);
  return { name, twin, bus, open: () => make({ sensor: { io: bus.io, ...PINS } }) };
}

const log = silentLogger;
const settings = SETTINGS;

/** Name → a rig of its own each time. */
export const I2C_RIGS = {
  SEN55: () => onI2c("SEN55", new Sen5xTwin({ air }), (on) => new Sen5x({ ...on, log })),
  SEN63C: () =>
    onI2c("SEN63C", new Sen6xTwin({ air, model: "SEN63C" }), (on) => new Sen6x({ ...on, log, settings })),
  SEN65: () =>
    onI2c("SEN65", new Sen6xTwin({ air, model: "SEN65" }), (on) => new Sen6x({ ...on, log, settings })),
  SEN66: () =>
    onI2c("SEN66", new Sen6xTwin({ air, model: "SEN66" }), (on) => new Sen6x({ ...on, log, settings })),
  SEN68: () =>
    onI2c("SEN68", new Sen6xTwin({ air, model: "SEN68" }), (on) => new Sen6x({ ...on, log, settings })),
  SPS30: () => onI2c("SPS30", new Sps30Twin({ air }), (on) => new Sps30({ ...on, log })),
  SCD40: () =>
    onI2c("SCD40", new Scd4xTwin({ air, model: "SCD40" }), (on) => new Scd4x({ ...on, log, settings })),
  SCD41: () => onI2c("SCD41", new Scd4xTwin({ air }), (on) => new Scd4x({ ...on, log, settings })),
  SCD43: () =>
    onI2c("SCD43", new Scd4xTwin({ air, model: "SCD43" }), (on) => new Scd4x({ ...on, log, settings })),
  SHT4x: () => onI2c("SHT4x", new Sht4xTwin({ air }), (on) => new Sht4x({ ...on, log })),
  SGP41: () => onI2c("SGP41", new Sgp41Twin({ air }), (on) => new Sgp41({ ...on, log })),
} satisfies Record<string, () => I2cRig>;

/** The SDK's Serial as far as the drivers' typed part of it. */
export const SERIAL = Serial as unknown as new (options: SerialPortOptions) => SerialPort;

function onSerial<Twin extends SerialTwin>(name: string, twin: Twin, open: () => PolledSensor): SerialRig {
  Serial.plugged.set(SERIAL_PINS.port, twin);
  return { name, twin, open };
}

const onLine = { sensor: { io: SERIAL, ...SERIAL_PINS }, log };

export const SERIAL_RIGS = {
  PMS5003: () => onSerial("PMS5003", new PmsTwin({ air }), () => new Pms({ ...onLine, model: "PMS5003" })),
  PMS7003: () =>
    onSerial(
      "PMS7003",
      new PmsTwin({ air, model: "PMS7003" }),
      () => new Pms({ ...onLine, model: "PMS7003" }),
    ),
  PMS5003T: () =>
    onSerial(
      "PMS5003T",
      new PmsTwin({ air, model: "PMS5003T" }),
      () => new Pms({ ...onLine, model: "PMS5003T" }),
    ),
  S8: () => onSerial("S8", new SenseairS8Twin({ air }), () => new SenseairS8({ ...onLine, settings })),
} satisfies Record<string, () => SerialRig>;

const PM: readonly Quantity[] = ["pm1", "pm2_5", "pm4", "pm10"];
const CLIMATE: readonly Quantity[] = ["temperature", "humidity"];
const NUMBERS: readonly Quantity[] = ["nc0_5", "nc1", "nc2_5", "nc4", "nc10"];

/** What each measures. */
export const MEASURES: Record<keyof typeof I2C_RIGS | keyof typeof SERIAL_RIGS, readonly Quantity[]> = {
  SEN55: [...PM, ...CLIMATE, "voc", "nox"],
  SEN63C: [...PM, ...CLIMATE, ...NUMBERS, "co2"],
  SEN65: [...PM, ...CLIMATE, ...NUMBERS, "voc", "nox"],
  SEN66: [...PM, ...CLIMATE, ...NUMBERS, "voc", "nox", "co2"],
  SEN68: [...PM, ...CLIMATE, ...NUMBERS, "voc", "nox", "hcho"],
  SPS30: [...PM, ...NUMBERS, "particleSize"],
  SCD40: [...CLIMATE, "co2"],
  SCD41: [...CLIMATE, "co2"],
  SCD43: [...CLIMATE, "co2"],
  SHT4x: CLIMATE,
  SGP41: ["vocRaw", "noxRaw"],
  PMS5003: ["pm1", "pm2_5", "pm10", "nc0_5", "nc1", "nc2_5", "nc10"],
  PMS7003: ["pm1", "pm2_5", "pm10", "nc0_5", "nc1", "nc2_5", "nc10"],
  PMS5003T: ["pm1", "pm2_5", "pm10", "nc0_5", "nc1", "nc2_5", ...CLIMATE],
  S8: ["co2"],
};

/** What no value may exceed, whatever the bus says. */
export const RANGES: Record<Quantity, readonly [from: number, to: number]> = {
  pm1: [0, 65_535],
  pm2_5: [0, 65_535],
  pm4: [0, 65_535],
  pm10: [0, 65_535],
  co2: [1, 65_534],
  temperature: [-3276.8, 3276.7],
  humidity: [0, 100],
  voc: [1, 500],
  nox: [1, 500],
  hcho: [0, 6553.4],
  nc0_5: [0, 65_535],
  nc1: [0, 65_535],
  nc2_5: [0, 65_535],
  nc4: [0, 65_535],
  nc10: [0, 65_535],
  particleSize: [0, 65.535],
  vocRaw: [0, 65_535],
  noxRaw: [0, 65_535],
};

/** The first value that is out of its range. */
export function impossible(values: Measurement): string | undefined {
  for (const [quantity, value] of Object.entries(values)) {
    const [from, to] = RANGES[quantity as Quantity];
    if (!(value >= from && value <= to)) return `${quantity} ${value}`;
  }
  return undefined;
}
