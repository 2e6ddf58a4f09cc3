import I2C from "embedded:io/i2c";
import Serial from "embedded:io/serial";
import { BOARD } from "../../modules/board/chosen";
import type { Buses } from "../bus-steps";
import { leastStack } from "./stack";

export const BUSES: Buses = Object.freeze({
  i2c: { io: I2C as never, ...BOARD.i2c },
  serial: (BOARD.serial ?? []).map((pins) => ({ io: Serial as never, ...pins })),
});
export const stackLeft = (): number => leastStack();
