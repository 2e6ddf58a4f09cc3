import type { Board } from "./board";

/** `parts`: of the firmware, as they come to be: a simulated board tells of them. The board under the firmware, once. Which file this is, the manifest of this folder says for each platform. */
export declare function openBoard(parts: object): Board;
