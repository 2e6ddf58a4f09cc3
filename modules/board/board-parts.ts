import type { LedDriver } from "../../led/led";
import type { Logger } from "../base/logger";
import type { ExternalWatchdog } from "../device/watchdog-feeder";
import type { Sensor, SensorChoice, SensorSettings } from "../sensor/sensor";

/** What differs between boards with an ESP32. One file a board, which exports it as `BOARD`; the manifest chooses it. */
export interface BoardParts {
  readonly name: string;
  /** I²C: GPIO of SDA and SCL. */
  readonly i2c: { readonly data: number; readonly clock: number };
  /** UARTs with something on them, seen from the board. */
  readonly serial?: readonly SerialPins[];
  /** A button to ground. */
  readonly button: ButtonPin;
  openLed(): LedDriver;
  openSensors(log: Logger, settings: SensorSettings): readonly Sensor[];
  /** Which sensor a quantity is taken from, by its place in that list (board.ts). */
  readonly wins?: SensorChoice;
  /** A watchdog outside the chip. */
  openWatchdog?(): ExternalWatchdog;
}

export interface SerialPins {
  readonly port: number;
  readonly transmit: number;
  readonly receive: number;
}

export interface ButtonPin {
  readonly pin: number;
  /** The board has a resistor, or the pin has none inside (ESP32: GPIO 34 to 39). Default: pulled up inside. */
  readonly externalPullUp?: boolean;
}
