/** Distances reach back at most 2^WINDOW_BITS bytes: what the zlib header declares and an inflater must keep. */
export const WINDOW_BITS = 10;

const WINDOW = 1 << WINDOW_BITS;
const MIN_MATCH = 3;
const MAX_MATCH = 258;
const HEADS = 256;

/** Candidates looked at for one position: bounds the time that repetitive input takes. */
const MAX_CHAIN = 32;

/** A match this long is taken without a look whether the next position has a longer one. */
const GOOD_MATCH = 32;

/** Working memory of a {@link Tokenizer}. */
export const TOKENIZER_BYTES = (HEADS + WINDOW) * 2;

/**
 * Cuts `input` into literals and matches (RFC 1951, section 4), one token per `next()`: hash chains over a ring
 * of the last 2^WINDOW_BITS positions, lazy matching. The same input always gives the same tokens, so that
 * counting and writing are two runs and no token is ever stored.
 */
export class Tokenizer {
  /** Where the token begins in the input. */
  at = 0;
  /** 1: the literal `input[at]`. 3–258: a match of that length. */
  length = 0;
  /** Of a match: how far back its source lies, 1–1,024. */
  distance = 0;

  #input: Uint8Array;
  /** By hash of three bytes: 1 + the latest position with it, 0 for none. */
  #heads: Uint16Array;
  /** By position modulo the window: 1 + the position before it in its chain, 0 for none. */
  #chain: Uint16Array;
  /** What lazy matching found at the position after the token; 0: it has not looked there. */
  #aheadLength = 0;
  #aheadDistance = 0;

  /**
   * `memory`: at least TOKENIZER_BYTES, in use until the last token. Input of at most 65,534 bytes, of which those
   * before `start` are no part of any token: matches may reach into them.
   */
  constructor(input: Uint8Array, memory: ArrayBuffer, start: number) {
    this.#input = input;
    this.#heads = new Uint16Array(memory, 0, HEADS).fill(0);
    this.#chain = new Uint16Array(memory, HEADS * 2, WINDOW);
    for (let at = 0; at < start; at++) this.insert(at);
    this.at = start;
  }

  /** Moves to the next token; false at the end of the input. */
  next(): boolean {
    const at = this.at + this.length;
    this.at = at;
    if (at >= this.#input.length) return false;
    if (this.#aheadLength) {
      this.length = this.#aheadLength;
      this.distance = this.#aheadDistance;
      this.#aheadLength = 0;
    } else this.find(at);
    this.insert(at);
    if (this.length === 1) return true;
    if (this.length < GOOD_MATCH && this.betterAhead(at + 1)) {
      this.length = 1;
      return true;
    }
    for (let i = 1; i < this.length; i++) this.insert(at + i);
    return true;
  }

  /** Lazy matching: true when the match at `at` is longer than the present one, and then it is kept for later. */
  private betterAhead(at: number): boolean {
    const { length, distance } = this;
    this.find(at);
    const better = this.length > length;
    if (better) {
      this.#aheadLength = this.length;
      this.#aheadDistance = this.distance;
    }
    this.length = length;
    this.distance = distance;
    return better;
  }

  /** Sets `length` and `distance` to the longest match for position `at`, the nearest of equals; else length 1. */
  private find(at: number): void {
    const input = this.#input;
    const limit = Math.min(MAX_MATCH, input.length - at);
    this.length = 1;
    if (limit < MIN_MATCH) return;
    let best = MIN_MATCH - 1;
    let candidate = this.#heads[this.hash(at)]! - 1;
    for (let tries = MAX_CHAIN; tries > 0 && candidate >= 0 && at - candidate <= WINDOW; tries--) {
      if (input[candidate + best] === input[at + best]) {
        let length = 0;
        while (length < limit && input[candidate + length] === input[at + length]) length++;
        if (length > best) {
          best = length;
          this.length = length;
          this.distance = at - candidate;
          if (length === limit) return;
        }
      }
      candidate = this.#chain[candidate & (WINDOW - 1)]! - 1;
    }
  }

  private insert(at: number): void {
    if (at + MIN_MATCH > this.#input.length) return;
    const hash = this.hash(at);
    this.#chain[at & (WINDOW - 1)] = this.#heads[hash]!;
    this.#heads[hash] = at + 1;
  }

  private hash(at: number): number {
    const input = this.#input;
    return ((input[at]! * 37 + input[at + 1]!) * 37 + input[at + 2]!) & (HEADS - 1);
  }
}
