import type { BitWriter } from "./bit-writer";
import { assignCodes, buildCodeLengths } from "./huffman";

/** Symbols of the literal/length alphabet; 286 and 287 never occur but take part in the fixed code. */
export const LITERALS = 288;
/** Symbols of the distance alphabet. */
export const DISTANCES = 30;

/** Orders the lengths of the code length code so that those seldom used come last (RFC 1951, 3.2.7). */
const ORDER: readonly number[] = Object.freeze([
  16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15,
]);

const REPEAT = 16;
const ZEROS = 17;
const MANY_ZEROS = 18;

/**
 * The head of a dynamic block (RFC 1951, 3.2.7): the lengths of both codes, run-length coded and Huffman coded
 * in turn. `lengths`: LITERALS lengths, then DISTANCES; unchanged until the head is written.
 */
export class CodeLengthsHead {
  /** Bits that `write` will put. */
  readonly bits: number;

  #lengths: Uint8Array;
  #literals: number;
  #distances: number;
  /** Of the code length code: how often each symbol occurs, and when written its code. */
  #codes = new Uint16Array(ORDER.length);
  #codeLengths = new Uint8Array(ORDER.length);
  #sent = ORDER.length;

  /** `memory`: HUFFMAN_BYTES, free again afterwards. */
  constructor(lengths: Uint8Array, memory: ArrayBuffer) {
    this.#lengths = lengths;
    this.#literals = usedLength(lengths.subarray(0, LITERALS), 257);
    this.#distances = usedLength(lengths.subarray(LITERALS), 1);
    let bits = 0;
    const counts = this.#codes;
    this.eachRun((symbol, _extra, extraBits) => {
      counts[symbol]!++;
      bits += extraBits;
    });
    buildCodeLengths(counts, this.#codeLengths, 7, memory);
    while (this.#codeLengths[ORDER[this.#sent - 1]!] === 0) this.#sent--;
    for (let symbol = 0; symbol < ORDER.length; symbol++)
      bits += counts[symbol]! * this.#codeLengths[symbol]!;
    this.bits = bits + 5 + 5 + 4 + 3 * this.#sent;
  }

  write(to: BitWriter, memory: ArrayBuffer): void {
    const codes = this.#codes;
    const lengths = this.#codeLengths;
    assignCodes(lengths, codes, memory);
    to.put(this.#literals - 257, 5);
    to.put(this.#distances - 1, 5);
    to.put(this.#sent - 4, 4);
    for (let i = 0; i < this.#sent; i++) to.put(lengths[ORDER[i]!]!, 3);
    this.eachRun((symbol, extra, extraBits) => {
      to.put(codes[symbol]!, lengths[symbol]!);
      to.put(extra, extraBits);
    });
  }

  /** Both codes' lengths as one sequence of lengths and repeats; a run may cross from one code to the other. */
  private eachRun(visit: (symbol: number, extra: number, extraBits: number) => void): void {
    const total = this.#literals + this.#distances;
    for (let at = 0; at < total; ) {
      const length = this.lengthAt(at);
      let run = 1;
      while (at + run < total && this.lengthAt(at + run) === length) run++;
      at += run;
      if (length) {
        visit(length, 0, 0);
        run--;
      }
      while (run >= 3) {
        const most = length ? 6 : 138;
        const part = Math.min(run, most);
        if (length) visit(REPEAT, part - 3, 2);
        else if (part <= 10) visit(ZEROS, part - 3, 3);
        else visit(MANY_ZEROS, part - 11, 7);
        run -= part;
      }
      for (; run > 0; run--) visit(length, 0, 0);
    }
  }

  private lengthAt(at: number): number {
    return this.#lengths[at < this.#literals ? at : LITERALS + at - this.#literals]!;
  }
}

/** How many lengths must be sent: without the zeros at the end, but at least `least`. */
function usedLength(lengths: Uint8Array, least: number): number {
  let length = lengths.length;
  while (length > least && lengths[length - 1] === 0) length--;
  return length;
}
