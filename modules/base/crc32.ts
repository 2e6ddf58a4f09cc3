/** CRC-32 (ISO-HDLC, as in zlib and PNG), four bits a step: sixteen remainders in place of a table of 1 KB. */

// Kept as signed 32-bit integers, which XS holds without a float.
const REMAINDERS: readonly number[] = Object.freeze(
  Array.from({ length: 16 }, (_, nibble) => {
    let remainder = nibble;
    for (let bit = 0; bit < 4; bit++) remainder = (remainder >>> 1) ^ (remainder & 1 ? 0xedb88320 : 0);
    return remainder | 0;
  }),
);

/**
 * The CRC of `bytes[start…end)`, 0 to 0xFFFFFFFF. `previous` is the CRC of what comes before, so that a CRC can be
 * taken piece by piece: `crc32(b, 0, b.length, crc32(a))` is that of a followed by b.
 */
export function crc32(bytes: Uint8Array, start = 0, end = bytes.length, previous = 0): number {
  let crc = ~previous;
  for (let i = start; i < end; i++) {
    crc ^= bytes[i]!;
    crc = (crc >>> 4) ^ REMAINDERS[crc & 15]!;
    crc = (crc >>> 4) ^ REMAINDERS[crc & 15]!;
  }
  return ~crc >>> 0;
}
