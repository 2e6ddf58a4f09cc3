/**
 * A share of `all`, chosen by `seed`: the same seed chooses the same.
 * @template T @param {T[]} all @param {number} share 0 to 1 @param {number} seed @returns {T[]}
 */
export function sample(all, share, seed) {
  if (share >= 1) return all;
  let state = seed >>> 0 || 1;
  return all.filter(() => {
    // xorshift32
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    state >>>= 0;
    return state / 2 ** 32 < share;
  });
}
