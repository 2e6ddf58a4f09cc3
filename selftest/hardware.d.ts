import type { Buses } from "./bus-steps";

/** What hangs on the board's pins. Which file this is, the manifest of this folder says for each platform. */
export declare const BUSES: Buses;
/** Bytes of the machine's stack that were never used; `undefined`: the platform does not tell. */
export declare function stackLeft(): number | undefined;
