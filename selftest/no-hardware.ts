import type { Buses } from "./bus-steps";

export const BUSES: Buses = Object.freeze({});
export const stackLeft = (): undefined => undefined;
