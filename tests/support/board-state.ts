import type { BoardState } from "../../sim/world/board-state";

/** A board that has just booted, but for `changes`. */
export function board(changes: Partial<BoardState> = {}): BoardState {
  return {
    boot: 1,
    status: "joining",
    joined: false,
    link: "stopped",
    connects: 0,
    clock: "none",
    heard: false,
    failures: 0,
    ...changes,
  };
}
