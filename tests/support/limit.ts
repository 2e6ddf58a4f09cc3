/**
 * How much slower this computer is, with all that runs on it, than the quiet one of two cores on which limits were chosen:
 * 1 or more, measured once a run (vitest.config.ts).
 */
export const SLOWNESS = Number(process.env.AEROLINK_SLOWNESS ?? 1);

/** A time limit of a test, ms, as this computer needs it. What is meant to take a time is no limit. */
export const limit = (ms: number): number => Math.ceil(ms * SLOWNESS);
