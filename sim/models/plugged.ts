import { BOARD as AIRGRADIENT_ONE } from "../../modules/board/airgradient-one";
import { BOARD as AIRGRADIENT_OPEN_AIR } from "../../modules/board/airgradient-open-air";
import type { BoardParts } from "../../modules/board/board-parts";
import { BOARD as ESP32C3_DEVKIT } from "../../modules/board/esp32c3-devkit";
import { BOARD as SEN66_KIT } from "../../modules/board/sen66-kit";
import type { I2cPeripheral, Machine, SerialPeripheral } from "../sdk/machine";
import { Sgp41Twin, Sht4xTwin } from "../sensors/gas-twins";
import { Sen5xTwin, Sen6xTwin } from "../sensors/particle-twin";
import type { SensirionTwin } from "../sensors/sensirion-twin";
import { PmsTwin, SenseairS8Twin } from "../sensors/serial-twins";
import type { Twin, TwinOptions } from "../sensors/twin";
import type { MODELS, ModelName } from "./names";

type I2cTwin = SensirionTwin & I2cPeripheral;
type SerialTwin = Twin & SerialPeripheral;

/** A twin, and where its plug is: on the board's I²C, or at one of its UARTs. */
type Plug = { readonly i2c: I2cTwin } | { readonly port: number; readonly serial: SerialTwin };

interface Model<Sensor extends string> {
  readonly board: BoardParts;
  readonly plugs: { readonly [name in Sensor]: (options: TwinOptions) => Plug };
}

type Models = { readonly [name in ModelName]: Model<(typeof MODELS)[name]["sensors"][number]> };

const S8 = (options: TwinOptions): Plug => ({ port: 1, serial: new SenseairS8Twin(options) });
const SGP41 = (options: TwinOptions): Plug => ({ i2c: new Sgp41Twin(options) });

/** The boards' own files, and what is plugged into them. */
const HARDWARE: Models = {
  "airgradient-one": {
    board: AIRGRADIENT_ONE,
    plugs: {
      PMS5003: (options) => ({ port: 0, serial: new PmsTwin({ ...options, model: "PMS5003" }) }),
      S8,
      SHT40: (options) => ({ i2c: new Sht4xTwin(options) }),
      SGP41,
    },
  },
  "airgradient-open-air": {
    board: AIRGRADIENT_OPEN_AIR,
    plugs: {
      PMS5003T: (options) => ({ port: 0, serial: new PmsTwin({ ...options, model: "PMS5003T" }) }),
      S8,
      SGP41,
    },
  },
  "sen66-kit": {
    board: SEN66_KIT,
    plugs: { SEN66: (options) => ({ i2c: new Sen6xTwin({ ...options, model: "SEN66" }) }) },
  },
  sen55: {
    board: ESP32C3_DEVKIT,
    plugs: { SEN55: (options) => ({ i2c: new Sen5xTwin({ ...options, model: "SEN55" }) }) },
  },
};

export interface PluggedModel {
  readonly board: BoardParts;
  readonly twins: ReadonlyMap<string, Twin>;
}

/**
 * The board `name` on `machine`, its sensors' twins plugged in at the pins where the board's file has them; at others
 * nobody answers. Made by each life of the firmware, whose timers they run on: a reset of the board is one of the sensors.
 */
export function plugIn(name: ModelName, machine: Machine, options: TwinOptions): PluggedModel {
  const { board, plugs } = HARDWARE[name];
  const twins = new Map<string, Twin>();
  const onI2c = new Map<number, I2cTwin>();
  const onSerial = new Map<number, SerialTwin>();
  for (const [sensor, make] of Object.entries(plugs as Record<string, (options: TwinOptions) => Plug>)) {
    const plug = make(options);
    if ("i2c" in plug) onI2c.set(plug.i2c.address, plug.i2c);
    else onSerial.set(plug.port, plug.serial);
    twins.set(sensor, "i2c" in plug ? plug.i2c : plug.serial);
  }
  machine.i2c = ({ data, clock, address }) =>
    data === board.i2c.data && clock === board.i2c.clock ? onI2c.get(address) : undefined;
  machine.serial = ({ port, transmit, receive }) => {
    const pins = board.serial?.find((each) => each.port === port);
    return pins && pins.transmit === transmit && pins.receive === receive ? onSerial.get(port!) : undefined;
  };
  return { board, twins };
}
