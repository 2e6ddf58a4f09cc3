import type { Board } from "./board";

/** The board under the firmware, once. Which file this is, the manifest of this folder says for each platform. */
export declare function openBoard(): Board;
