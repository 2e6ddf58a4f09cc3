import TextEncoder from "text/encoder";
import { crc32 } from "../../modules/base/crc32";
import { describe } from "./tests";

/**
 * One number over what `read` makes of `count` damaged copies of `seeds`: the same on both engines, or one of them
 * reads something otherwise. Damage: some bytes changed, then perhaps cut, from a fixed sequence.
 */
export function digestOfDamage(
  seeds: readonly Uint8Array[],
  count: number,
  read: (bytes: Uint8Array) => unknown,
): number {
  const random = new Lcg();
  let digest = 0;
  for (let i = 0; i < count; i++) {
    const bytes = seeds[i % seeds.length]!.slice();
    for (let changes = random.below(4); changes > 0; changes--)
      bytes[random.below(bytes.length)] = random.below(256);
    const cut = random.below(3) === 0 ? random.below(bytes.length + 1) : bytes.length;
    const text = new TextEncoder().encode(describe(read(bytes.subarray(0, cut))));
    digest = crc32(text, 0, text.length, digest);
  }
  return digest;
}

/** Numerical Recipes' generator; the high bits are the good ones. */
class Lcg {
  #state = 1;

  below(limit: number): number {
    this.#state = (Math.imul(this.#state, 1_664_525) + 1_013_904_223) >>> 0;
    return (this.#state >>> 8) % limit;
  }
}

/** "c0 0c" → bytes. */
export function hex(text: string): Uint8Array {
  return new Uint8Array(
    text
      .trim()
      .split(/\s+/)
      .map((byte) => Number.parseInt(byte, 16)),
  );
}
