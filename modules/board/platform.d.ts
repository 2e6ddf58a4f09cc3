import type { Board } from "./board";

/** The board under the firmware. Which file this is, the manifest of this folder says for each platform. */
export declare const board: Board;
