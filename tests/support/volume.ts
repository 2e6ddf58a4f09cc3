import type fc from "fast-check";

/** True in `npm run test:full`: what no longer fits into the half hour of `test:long` (CONTRIBUTING.md, "Volumes"). */
export const FULL = process.env.AEROLINK_FULL === "1";

/** True in `npm run test:long`: full fuzz and soak volumes, or the share of them that fits. */
export const LONG = FULL || process.env.AEROLINK_LONG === "1";

/** Cases per fuzzed parser: 2,000, or 100,000 in the long run; the mutation lane asks for fewer. */
export const FUZZ_CASES = Number(process.env.AEROLINK_CASES ?? (LONG ? 100_000 : 2_000));

/** Seed of every property test; printed by fast-check on failure, settable to replay one. */
export const SEED = Number(process.env.AEROLINK_SEED ?? Math.floor(Math.random() * 0x7fffffff));

/** Options for `fc.assert` in a fuzz test. */
export const fuzz = (numRuns = FUZZ_CASES): fc.Parameters<unknown> => ({ numRuns, seed: SEED });
