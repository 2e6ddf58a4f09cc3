import type { BoardParts } from "./board-parts";

/** The board that is built for. Which file this is, the manifest of this folder says for each platform. */
export declare const BOARD: BoardParts;
