import Digital from "embedded:io/digital";
import I2C from "embedded:io/i2c";
import Serial from "embedded:io/serial";
import { OneColourDriver } from "../../led/one-colour/one-colour-driver";
import { Pms } from "../sensor/pms/pms";
import { SenseairS8 } from "../sensor/senseair-s8/senseair-s8";
import { Sgp41 } from "../sensor/sgp41/sgp41";
import type { BoardParts } from "./board-parts";
import { WatchdogPin } from "./watchdog-pin";

/**
 * AirGradient Open Air O-1PST: the ONE's board with one plain LED, and a PMS5003T, which measures temperature and humidity
 * too. Pins as there (BoardDef.cpp, OPEN_AIR_OUTDOOR). The maker's firmware looks for each sensor on both UARTs; here the
 * particles are on UART0 and CO₂ on UART1, which it tries first. Variants with two PMS5003T (O-1PP, O-1PPT) are not known here.
 */
export const BOARD: BoardParts = Object.freeze(
  {
    name: "AirGradient Open Air",
    i2c: { data: 7, clock: 6 },
    serial: [
      { port: 0, transmit: 21, receive: 20 },
      { port: 1, transmit: 1, receive: 0 },
    ],
    button: { pin: 9 },
    openLed: () => new OneColourDriver({ pin: 10 }),
    openSensors: (log, settings) => {
      const [particles, co2] = BOARD.serial!;
      const pms = new Pms({ model: "PMS5003T", sensor: { io: Serial as never, ...particles! }, log });
      return [
        pms,
        new SenseairS8({ sensor: { io: Serial as never, ...co2! }, log, settings }),
        new Sgp41({ sensor: { io: I2C as never, ...BOARD.i2c }, climate: pms, log }),
      ];
    },
    openWatchdog: () => new WatchdogPin(new Digital({ pin: 2, mode: Digital.Output })),
  },
  true,
);
