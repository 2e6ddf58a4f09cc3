import { BitWriter } from "./bit-writer";
import { CodeLengthsHead, DISTANCES, LITERALS } from "./code-lengths";
import { assignCodes, buildCodeLengths } from "./huffman";
import { TOKENIZER_BYTES, Tokenizer } from "./lz77";

const END_OF_BLOCK = 256;
const LAST_BLOCK = 1;
/** Block type and the bit that says it is the last. */
const HEADER_BITS = 3;
/** A stored block's header, padding and two lengths. */
const STORED_OVERHEAD = 5;

const KIND_BITS = Object.freeze({ stored: 0, fixed: 1, dynamic: 2 });

/**
 * One last deflate block (RFC 1951) of up to 65,534 bytes, the smallest of stored, fixed and dynamic. The input
 * is tokenized twice: the constructor counts, so that `byteLength` is exact, and `write` writes.
 *
 * Memory, all of it typed arrays made here: TOKENIZER_BYTES that the tokenizer and the building of Huffman codes
 * use in turn, a count or code and a length per symbol, and the code length code of {@link CodeLengthsHead}.
 */
export class DeflateBlock {
  readonly kind: keyof typeof KIND_BITS;
  readonly byteLength: number;

  #input: Uint8Array;
  #start: number;
  #memory = new ArrayBuffer(TOKENIZER_BYTES);
  /** How often each symbol occurs, later its code: LITERALS of them, then DISTANCES. */
  #codes = new Uint16Array(LITERALS + DISTANCES);
  #lengths = new Uint8Array(LITERALS + DISTANCES);
  #head: CodeLengthsHead;

  /** `start`: where the block begins in `input`; what stands before is the dictionary. */
  constructor(input: Uint8Array, start = 0) {
    this.#input = input;
    this.#start = start;
    const extraBits = this.countSymbols();
    this.setFixedLengths();
    const fixedBits = extraBits + this.symbolBits();
    this.buildLengths();
    this.#head = new CodeLengthsHead(this.#lengths, this.#memory);
    const dynamicBits = extraBits + this.symbolBits() + this.#head.bits;
    const codedBytes = (HEADER_BITS + Math.min(fixedBits, dynamicBits) + 7) >> 3;
    const storedBytes = STORED_OVERHEAD + input.length - start;
    this.kind = storedBytes <= codedBytes ? "stored" : fixedBits <= dynamicBits ? "fixed" : "dynamic";
    this.byteLength = Math.min(storedBytes, codedBytes);
  }

  /** Writes the block at `at`; once only. `to` has room for `byteLength` bytes there. */
  write(to: Uint8Array, at: number): void {
    if (this.kind === "stored") {
      this.writeStored(to, at);
      return;
    }
    const writer = new BitWriter(to, at);
    writer.put(LAST_BLOCK | (KIND_BITS[this.kind] << 1), HEADER_BITS);
    if (this.kind === "dynamic") this.#head.write(writer, this.#memory);
    else this.setFixedLengths();
    this.writeTokens(writer);
    writer.flush();
  }

  /** Counts the symbols of all tokens; returns the sum of the extra bits that follow them. */
  private countSymbols(): number {
    const counts = this.#codes;
    const input = this.#input;
    const tokens = new Tokenizer(input, this.#memory, this.#start);
    let extraBits = 0;
    while (tokens.next()) {
      if (tokens.length === 1) counts[input[tokens.at]!]!++;
      else {
        const length = lengthSymbol(tokens.length);
        const distance = distanceSymbol(tokens.distance);
        counts[length]!++;
        counts[LITERALS + distance]!++;
        extraBits += lengthExtraBits(length) + distanceExtraBits(distance);
      }
    }
    counts[END_OF_BLOCK] = 1;
    return extraBits;
  }

  /** RFC 1951, 3.2.6 */
  private setFixedLengths(): void {
    this.#lengths
      .fill(8, 0, 144)
      .fill(9, 144, 256)
      .fill(7, 256, 280)
      .fill(8, 280, LITERALS)
      .fill(5, LITERALS);
  }

  private buildLengths(): void {
    const counts = this.#codes;
    const lengths = this.#lengths;
    buildCodeLengths(counts.subarray(0, LITERALS), lengths.subarray(0, LITERALS), 15, this.#memory);
    buildCodeLengths(counts.subarray(LITERALS), lengths.subarray(LITERALS), 15, this.#memory);
  }

  /** Bits of all symbols counted, under the present lengths. */
  private symbolBits(): number {
    let bits = 0;
    for (let i = 0; i < this.#codes.length; i++) bits += this.#codes[i]! * this.#lengths[i]!;
    return bits;
  }

  private writeTokens(writer: BitWriter): void {
    const input = this.#input;
    const codes = this.#codes;
    const lengths = this.#lengths;
    assignCodes(lengths.subarray(0, LITERALS), codes.subarray(0, LITERALS), this.#memory);
    assignCodes(lengths.subarray(LITERALS), codes.subarray(LITERALS), this.#memory);
    const tokens = new Tokenizer(input, this.#memory, this.#start);
    while (tokens.next()) {
      if (tokens.length === 1) {
        const literal = input[tokens.at]!;
        writer.put(codes[literal]!, lengths[literal]!);
        continue;
      }
      const length = lengthSymbol(tokens.length);
      writer.put(codes[length]!, lengths[length]!);
      // What the symbol leaves open is the low bits of length - 3 and of distance - 1.
      const lengthExtra = lengthExtraBits(length);
      writer.put((tokens.length - 3) & ((1 << lengthExtra) - 1), lengthExtra);
      const distance = distanceSymbol(tokens.distance);
      writer.put(codes[LITERALS + distance]!, lengths[LITERALS + distance]!);
      const distanceExtra = distanceExtraBits(distance);
      writer.put((tokens.distance - 1) & ((1 << distanceExtra) - 1), distanceExtra);
    }
    writer.put(codes[END_OF_BLOCK]!, lengths[END_OF_BLOCK]!);
  }

  /** RFC 1951, 3.2.4 */
  private writeStored(to: Uint8Array, at: number): void {
    const input = this.#input.subarray(this.#start);
    const { length } = input;
    to[at] = LAST_BLOCK;
    to[at + 1] = length & 0xff;
    to[at + 2] = length >> 8;
    to[at + 3] = ~length & 0xff;
    to[at + 4] = (~length >> 8) & 0xff;
    to.set(input, at + STORED_OVERHEAD);
  }
}

// RFC 1951, 3.2.5, as arithmetic: symbols go up by halves or quarters of powers of two.

function lengthSymbol(length: number): number {
  if (length === 258) return 285;
  const above = length - 3;
  if (above < 8) return 257 + above;
  const top = 31 - Math.clz32(above);
  return 257 + 4 * (top - 1) + ((above >> (top - 2)) & 3);
}

function lengthExtraBits(symbol: number): number {
  return symbol < 265 || symbol === 285 ? 0 : (symbol - 261) >> 2;
}

function distanceSymbol(distance: number): number {
  const above = distance - 1;
  if (above < 4) return above;
  const top = 31 - Math.clz32(above);
  return 2 * top + ((above >> (top - 1)) & 1);
}

function distanceExtraBits(symbol: number): number {
  return symbol < 4 ? 0 : (symbol - 2) >> 1;
}
