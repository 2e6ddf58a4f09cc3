import type { Board } from "./board";
import { BOARD } from "./chosen";
import { Esp32Board } from "./esp32";

export const openBoard = (): Board => new Esp32Board(BOARD);
