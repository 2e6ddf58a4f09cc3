import Digital from "embedded:io/digital";
import I2C from "embedded:io/i2c";
import Serial from "embedded:io/serial";
import { NeoPixelDriver } from "../../led/neopixel/neopixel-driver";
import { Pms } from "../sensor/pms/pms";
import { SenseairS8 } from "../sensor/senseair-s8/senseair-s8";
import { Sgp41 } from "../sensor/sgp41/sgp41";
import { Sht4x } from "../sensor/sht4x/sht4x";
import type { BoardParts } from "./board-parts";
import { WatchdogPin } from "./watchdog-pin";

/**
 * AirGradient ONE, its board v9 with an ESP32-C3-MINI: eleven lamps on GPIO 10, a watchdog on GPIO 2. Pins after the
 * maker's firmware (airgradienthq/arduino 2fd53ac: src/Main/BoardDef.cpp, ONE_INDOOR; HardwareWatchdog.cpp); UART0's are the
 * chip's own. Later deliveries may carry an SPS30 in place of the PMS5003 (OneOpenAir.ino): that one is not spoken with here.
 */
export const BOARD: BoardParts = Object.freeze(
  {
    name: "AirGradient ONE",
    i2c: { data: 7, clock: 6 },
    serial: [
      { port: 0, transmit: 21, receive: 20 },
      { port: 1, transmit: 1, receive: 0 },
    ],
    button: { pin: 9 },
    openLed: () => new NeoPixelDriver({ pin: 10, length: 11 }),
    openSensors: (log, settings) => {
      const [particles, co2] = BOARD.serial!;
      const bus = { io: I2C as never, ...BOARD.i2c };
      const climate = new Sht4x({ sensor: bus, log });
      return [
        new Pms({ model: "PMS5003", sensor: { io: Serial as never, ...particles! }, log }),
        new SenseairS8({ sensor: { io: Serial as never, ...co2! }, log, settings }),
        climate,
        new Sgp41({ sensor: bus, climate, log }),
      ];
    },
    openWatchdog: () => new WatchdogPin(new Digital({ pin: 2, mode: Digital.Output })),
  },
  true,
);
