/** -1 to 1 from seed, channel and index: FNV-1a over them, mixed by the last steps of MurmurHash3. */
export function hashed(seed: string, channel: string, index: number): number {
  let hash = 0x811c9dc5;
  const text = `${seed} ${channel} ${index}`;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return ((hash ^ (hash >>> 16)) >>> 0) / 0x7fffffff - 1;
}

/** A smooth wandering between -1 and 1 whose bends are `periodMs` apart. */
export function wander(seed: string, channel: string, at: number, periodMs: number): number {
  const index = Math.floor(at / periodMs);
  const part = at / periodMs - index;
  const before = hashed(seed, channel, index);
  return before + (hashed(seed, channel, index + 1) - before) * part * part * (3 - 2 * part);
}

/** A sensor's own scatter, -1 to 1: new every second, the middle likelier than the ends. */
export function scatter(seed: string, channel: string, at: number): number {
  const second = Math.floor(at / 1000);
  return (hashed(seed, `${channel} a`, second) + hashed(seed, `${channel} b`, second)) / 2;
}
