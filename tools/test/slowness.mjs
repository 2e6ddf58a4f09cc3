// How much slower this computer is now than the quiet one on which the tests' time limits were chosen.

/** What {@link round} takes there, ms. */
const NOMINAL_MS = 4;
const ROUNDS = 50;
/** A limit that is longer finds nothing any more. */
const MOST = 6;

/** @returns 1 or more; takes a fifth of a second where nothing else runs */
export function measureSlowness() {
  const start = performance.now();
  let hash = 0;
  for (let i = 0; i < ROUNDS; i++) hash ^= round(i);
  const took = (performance.now() - start) / ROUNDS;
  // The sum is used, so that it is computed.
  return Math.min(MOST, Math.max(1, took / NOMINAL_MS)) + (hash === 0 ? 0 : 0);
}

/** Arithmetic and memory, as tests do. */
function round(seed) {
  const words = new Uint32Array(1 << 16);
  let hash = seed + 1;
  for (let pass = 0; pass < 40; pass++)
    for (let i = 0; i < words.length; i++) {
      hash = (Math.imul(hash ^ words[i], 0x01000193) + i) >>> 0;
      words[i] = hash;
    }
  return hash;
}
