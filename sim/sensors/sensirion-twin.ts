import type { I2cPeripheral } from "../sdk/machine";
import { Twin } from "./twin";

/** What a command does: how long it takes, and what it leaves to be read. */
export interface TwinCommand {
  readonly ms: number;
  /** Words of the answer. `undefined`: it has none; reading is not acknowledged. */
  run(words: readonly number[]): readonly number[] | undefined;
}

/** A sensor of Sensirion's: takes commands, checks their CRCs, acknowledges nothing while it works. */
export abstract class SensirionTwin extends Twin implements I2cPeripheral {
  abstract readonly address: number;
  /** By code. */
  protected abstract readonly commands: { readonly [code: number]: TwinCommand };
  /** Bytes of a command. */
  protected readonly commandBytes: 1 | 2 = 2;
  /** Commands as they came, for tests. */
  readonly heard: number[] = [];
  /** Changes an answer on its way, for tests; throws where the sensor is not there at that byte. */
  disturb: ((answer: number[]) => number[]) | undefined;
  #freeAt = 0;
  #answer: readonly number[] | undefined;

  write(bytes: Uint8Array): void {
    this.acknowledge();
    const head = this.commandBytes;
    const code = head === 1 ? bytes[0]! : (bytes[0]! << 8) | bytes[1]!;
    const command = this.commands[code];
    if (!command) throw new Error("write failed");
    const words: number[] = [];
    for (let at = head; at < bytes.length; at += 3) {
      const word = (bytes[at]! << 8) | bytes[at + 1]!;
      if (crcOf(word) !== bytes[at + 2]) throw new Error("write failed");
      words.push(word);
    }
    this.heard.push(code);
    this.#freeAt = this.now + command.ms;
    this.#answer = command.run(words);
  }

  read(bytes: Uint8Array): number {
    this.acknowledge();
    if (!this.#answer) throw new Error("read failed");
    let answer = this.#answer.flatMap(onBus);
    if (this.has("wrong-crc")) answer[2] = answer[2]! ^ 0x01;
    if (this.disturb) answer = this.disturb(answer);
    // Beyond its answer a sensor says nothing: the line stays high.
    for (let i = 0; i < bytes.length; i++) bytes[i] = answer[i] ?? 0xff;
    return bytes.length;
  }

  protected override powerOn(): void {
    this.#freeAt = 0;
    this.#answer = undefined;
  }

  private acknowledge(): void {
    if (this.has("unplugged") || this.now < this.#freeAt) throw new Error("not acknowledged");
  }
}

/** CRC-8 of a word, bit by bit over the 16 bits: written otherwise than the drivers'. */
export function crcOf(word: number): number {
  let crc = 0xff;
  for (let bit = 15; bit >= 0; bit--) {
    const out = ((crc >> 7) ^ ((bit < 8 ? word : word >> 8) >> (bit & 7))) & 1;
    crc = ((crc << 1) & 0xff) ^ (out ? 0x31 : 0);
  }
  return crc;
}

/** A word with its CRC, as it goes over the bus. */
export const onBus = (word: number): number[] => [(word >> 8) & 0xff, word & 0xff, crcOf(word & 0xffff)];

/** Text, NUL-padded to sixteen words. */
export const textWords = (text: string): number[] =>
  Array.from(
    { length: 16 },
    (_, i) => ((text.charCodeAt(2 * i) || 0) << 8) | (text.charCodeAt(2 * i + 1) || 0),
  );

/** A value as a word without a sign; unknown is 0xFFFF. */
export const word = (value: number | undefined, scale: number, zero = 0): number =>
  value === undefined ? 0xffff : Math.min(0xfffe, Math.max(0, Math.round((value - zero) * scale)));

/** A value as a word with a sign; unknown is 0x7FFF. */
export const signedWord = (value: number | undefined, scale: number): number =>
  value === undefined ? 0x7fff : Math.min(0x7ffe, Math.max(-0x8000, Math.round(value * scale))) & 0xffff;
