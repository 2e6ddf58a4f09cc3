import { BOARD_FAULTS } from "./faults/board";
import { BROKER_FAULTS } from "./faults/broker";
import type { Fault } from "./faults/fault";
import { INTERNET_FAULTS } from "./faults/internet";
import { ROOM_FAULTS } from "./faults/room";
import { UPDATE_FAULTS } from "./faults/update";

/** Everything that is made to go wrong, alone and in pairs (tests/e2e/fault-matrix.test.ts). */
export const FAULTS: readonly Fault[] = [
  ...ROOM_FAULTS,
  ...INTERNET_FAULTS,
  ...BROKER_FAULTS,
  ...BOARD_FAULTS,
  ...UPDATE_FAULTS,
];
