import type { Board } from "../modules/board/board";

/** 32 bits of the hardware's generator. */
export function randomUint32(board: Board): number {
  return new DataView(board.randomBytes(4).buffer as ArrayBuffer).getUint32(0);
}

/** 0 ≤ random < 1, of the same. */
export function random(board: Board): number {
  return randomUint32(board) / 2 ** 32;
}
