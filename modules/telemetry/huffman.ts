/** Symbols of the largest alphabet that {@link buildCodeLengths} takes. */
const MAX_SYMBOLS = 288;

/** The longest code of deflate. */
const MAX_BITS = 15;

/** Working memory of {@link buildCodeLengths} and {@link assignCodes}. */
export const HUFFMAN_BYTES = MAX_SYMBOLS * (4 + 2);

/** In a sort key the count stands above the symbol. */
const SYMBOL_BITS = 9;

/**
 * Gives every symbol that occurs the length of its Huffman code, 1 to `maxBits`, and the others 0. A single
 * symbol gets length 1 (RFC 1951, 3.2.7); none at all leaves all zero. The counts' sum must be below 65,536.
 * `memory`: at least HUFFMAN_BYTES, free again afterwards.
 *
 * Lengths come from Moffat and Katajainen's in-place algorithm ("In-Place Calculation of Minimum-Redundancy
 * Codes", 1995); where they exceed `maxBits` the longest codes are shortened at the cost of the next ones.
 */
export function buildCodeLengths(
  counts: Uint16Array,
  lengths: Uint8Array,
  maxBits: number,
  memory: ArrayBuffer,
): void {
  const keys = new Uint32Array(memory, 0, counts.length);
  let used = 0;
  for (let symbol = 0; symbol < counts.length; symbol++) {
    lengths[symbol] = 0;
    if (counts[symbol]) keys[used++] = (counts[symbol]! << SYMBOL_BITS) | symbol;
  }
  if (used === 0) return;
  keys.subarray(0, used).sort();
  const depths = new Uint16Array(memory, MAX_SYMBOLS * 4, used);
  for (let i = 0; i < used; i++) depths[i] = keys[i]! >>> SYMBOL_BITS;
  minimumRedundancy(depths);
  limitDepths(depths, maxBits);
  for (let i = 0; i < used; i++) lengths[keys[i]! & ((1 << SYMBOL_BITS) - 1)] = depths[i]!;
}

/** Turns ascending weights into descending code lengths, in place. */
function minimumRedundancy(a: Uint16Array): void {
  const n = a.length;
  if (n === 1) {
    a[0] = 1;
    return;
  }
  // Inner nodes: a[next] becomes the weight of a new one, a[root] of a joined one its parent's index.
  a[0]! += a[1]!;
  let root = 0;
  let leaf = 2;
  for (let next = 1; next < n - 1; next++) {
    if (leaf >= n || a[root]! < a[leaf]!) {
      a[next] = a[root]!;
      a[root++] = next;
    } else a[next] = a[leaf++]!;
    if (leaf >= n || (root < next && a[root]! < a[leaf]!)) {
      a[next]! += a[root]!;
      a[root++] = next;
    } else a[next]! += a[leaf++]!;
  }
  // Depths of the inner nodes, from the root down.
  a[n - 2] = 0;
  for (let next = n - 3; next >= 0; next--) a[next] = a[a[next]!]! + 1;
  // Depths of the leaves: what the inner nodes leave free on each level.
  let available = 1;
  let depth = 0;
  root = n - 2;
  for (let next = n - 1; available > 0; depth++) {
    let inner = 0;
    for (; root >= 0 && a[root] === depth; root--) inner++;
    for (; available > inner; available--) a[next--] = depth;
    available = 2 * inner;
  }
}

/** Cuts depths (descending) to `maxBits`, then lengthens the deepest codes below it until Kraft's sum is 1 again. */
function limitDepths(depths: Uint16Array, maxBits: number): void {
  const full = 1 << maxBits;
  let sum = 0;
  for (let i = 0; i < depths.length; i++) {
    if (depths[i]! > maxBits) depths[i] = maxBits;
    sum += full >> depths[i]!;
  }
  // The rarest symbols stand first: those below `maxBits` lose half their share of the code space each time.
  for (let i = 0; sum > full; i++) {
    while (sum > full && depths[i]! < maxBits) {
      depths[i]!++;
      sum -= full >> depths[i]!;
    }
  }
  // Too much may have been taken: the commonest symbols take back what fits.
  for (let i = depths.length - 1; i >= 0 && sum < full && depths.length > 1; i--) {
    while (depths[i]! > 1 && sum + (full >> depths[i]!) <= full) {
      sum += full >> depths[i]!;
      depths[i]!--;
    }
  }
}

/**
 * Canonical codes for `lengths` (RFC 1951, 3.2.2), bit-reversed: deflate sends Huffman codes from their top bit,
 * everything else from the bottom. `memory` as for {@link buildCodeLengths}.
 */
export function assignCodes(lengths: Uint8Array, codes: Uint16Array, memory: ArrayBuffer): void {
  const next = new Uint16Array(memory, 0, MAX_BITS + 1).fill(0);
  for (let symbol = 0; symbol < lengths.length; symbol++) next[lengths[symbol]!]!++;
  let code = 0;
  for (let bits = 1, shorter = 0; bits <= MAX_BITS; bits++) {
    const count = next[bits]!;
    code = (code + shorter) << 1;
    next[bits] = code;
    shorter = count;
  }
  for (let symbol = 0; symbol < lengths.length; symbol++) {
    const bits = lengths[symbol]!;
    if (bits) codes[symbol] = reversed(next[bits]!++, bits);
  }
}

function reversed(code: number, bits: number): number {
  let result = 0;
  for (let i = 0; i < bits; i++) result = (result << 1) | ((code >> i) & 1);
  return result;
}
