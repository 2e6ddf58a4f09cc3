import { DeflateBlock } from "./deflate-block";
import { WINDOW_BITS } from "./lz77";

/** The longest input that {@link zlibEncode} takes, its dictionary apart. */
export const MAX_INPUT_BYTES = 4096;

const HEADER_BYTES = 2;
/** Of the input, and before the block of the dictionary if there is one. */
const CHECKSUM_BYTES = 4;

/** CMF of RFC 1950: method 8, and the window that the encoder really uses. */
const CMF = ((WINDOW_BITS - 8) << 4) | 8;
/** FLEVEL 2 (default algorithm). */
const FLEVEL = 2 << 6;
/** A dictionary's checksum follows. */
const FDICT = 1 << 5;

/**
 * Compresses up to 4,096 bytes to the zlib format (RFC 1950); any inflater with a window of 1 KB reads it.
 *
 * RAM: all memory is allocated for the call and garbage after it, so that an idle device pays nothing. Its sum,
 * the output included and the input excluded, is at most 8 KB: working tables of 3,571 bytes whatever the input
 * and an output of exact length, at most 4,111 bytes. The few slots of the typed arrays themselves come on top.
 *
 * `start`: the bytes before are a preset dictionary that the reader has, too: it costs no memory here but that it
 * stands before the input.
 *
 * @throws RangeError when the input is longer.
 */
export function zlibEncode(input: Uint8Array, start = 0): Uint8Array<ArrayBuffer> {
  if (input.length - start > MAX_INPUT_BYTES) throw new RangeError(`input: at most ${MAX_INPUT_BYTES} bytes`);
  const block = new DeflateBlock(input, start);
  const head = start ? HEADER_BYTES + CHECKSUM_BYTES : HEADER_BYTES;
  const output = new Uint8Array(head + block.byteLength + CHECKSUM_BYTES);
  const flags = start ? FLEVEL | FDICT : FLEVEL;
  output[0] = CMF;
  // FCHECK makes CMF and FLG together a multiple of 31.
  output[1] = flags + 31 - (((CMF << 8) | flags) % 31);
  if (start) putAdler32(output, HEADER_BYTES, input.subarray(0, start));
  block.write(output, head);
  putAdler32(output, head + block.byteLength, input.subarray(start));
  return output;
}

/** The largest prime below 65,536. */
const ADLER_MODULUS = 65521;
/** So many bytes can be summed before the sums must be reduced, or they leave XS's 32-bit integers. */
const ADLER_RUN = 2048;

/** Writes the checksum of RFC 1950, section 8.2, of `bytes` at `to`. */
function putAdler32(output: Uint8Array, to: number, bytes: Uint8Array): void {
  let a = 1;
  let b = 0;
  for (let at = 0; at < bytes.length; ) {
    const end = Math.min(at + ADLER_RUN, bytes.length);
    for (; at < end; at++) {
      a += bytes[at]!;
      b += a;
    }
    a %= ADLER_MODULUS;
    b %= ADLER_MODULUS;
  }
  for (let i = 0; i < CHECKSUM_BYTES; i++) output[to + i] = (i < 2 ? b : a) >> (i & 1 ? 0 : 8);
}
