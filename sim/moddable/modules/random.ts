/** A simulator's, not a device's: the desktop's Math.random is not seeded, so the clock is mixed in. */
export function randomBytes(count: number): Uint8Array {
  return Uint8Array.from({ length: count }, () => (Math.random() * 256) ^ (Date.now() >>> 3));
}
