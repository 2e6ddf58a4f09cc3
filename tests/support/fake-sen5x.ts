import type { I2cDevice, I2cOptions } from "../../modules/sensor/sensirion/sensirion-sensor";

const WAIT_MS: Record<number, number> = { 33: 50, 53268: 20, 53299: 20, 54020: 100 };

/** Words of text, NUL-padded to sixteen. */
const textWords = (text: string) =>
  Array.from(
    { length: 16 },
    (_, i) => ((text.charCodeAt(2 * i) || 0) << 8) | (text.charCodeAt(2 * i + 1) || 0),
  );

/** CRC-8 of a word, bit by bit over the 16 bits: written otherwise than the driver's. */
export function crcOf(word: number): number {
  let crc = 0xff;
  for (let bit = 15; bit >= 0; bit--) {
    const out = ((crc >> 7) ^ ((bit < 8 ? word : word >> 8) >> (bit & 7))) & 1;
    crc = ((crc << 1) & 0xff) ^ (out ? 0x31 : 0);
  }
  return crc;
}

/** A word with its CRC, as it goes over the bus. */
export const onBus = (word: number): number[] => [word >> 8, word & 0xff, crcOf(word)];

/** A SEN5x behind a bus: knows its states, takes its times, acknowledges nothing where it must not. */
export class FakeSen5x {
  product = "SEN55";
  plugged = true;
  /** PM1, PM2.5, PM4, PM10, humidity, temperature, VOC, NOx, raw. */
  values = [0x0065, 0x0078, 0x0082, 0x008c, 0x1194, 0x1194, 0x03e8, 0x000a];
  /** Flags of the register that stay as long as their cause: set again after each clearing. */
  status = 0;
  /** Stops measuring without saying so. */
  stuck = false;
  /** Changes an answer on its way. */
  disturb: (answer: number[]) => number[] = (answer) => answer;
  measuring = false;
  resets = 0;
  opened: I2cOptions | undefined;
  closed = false;
  /** Commands as they came. */
  readonly commands: number[] = [];
  #readyAt = 0;
  #command = 0;
  #freeAt = 0;

  /** The class that the driver takes as `io`. */
  get io(): new (
    options: I2cOptions,
  ) => I2cDevice {
    const sensor = this;
    return class {
      constructor(options: I2cOptions) {
        sensor.opened = options;
      }
      write(bytes: Uint8Array) {
        sensor.take([...bytes]);
      }
      read(bytes: Uint8Array) {
        bytes.set(sensor.answer(bytes.length));
        return bytes.length;
      }
      close() {
        sensor.closed = true;
      }
    };
  }

  private take(bytes: number[]): void {
    this.acknowledge();
    const command = (bytes[0]! << 8) | bytes[1]!;
    const words: number[] = [];
    for (let at = 2; at < bytes.length; at += 3) {
      words.push((bytes[at]! << 8) | bytes[at + 1]!);
      if (crcOf(words.at(-1)!) !== bytes[at + 2]) throw new Error("the sensor was sent a wrong CRC");
    }
    this.commands.push(command);
    this.#command = command;
    this.#freeAt = performance.now() + (WAIT_MS[command] ?? 20);
    if (command === 0x21) {
      this.measuring = true;
      this.#readyAt = performance.now() + 1000;
    }
    if (command === 0xd304) {
      this.resets++;
      this.measuring = false;
    }
  }

  private answer(length: number): number[] {
    this.acknowledge();
    const words = this.words();
    const answer = this.disturb(words.flatMap(onBus));
    if (answer.length < length || length % 3 !== 0)
      throw new Error(`0x${this.#command.toString(16)}: asked for ${length} bytes`);
    // The master may end a transfer after any word.
    return answer.slice(0, length);
  }

  private words(): number[] {
    const ready = this.measuring && !this.stuck && performance.now() >= this.#readyAt;
    switch (this.#command) {
      case 0x0202:
        return [ready ? 1 : 0];
      case 0x03c4:
        this.#readyAt = performance.now() + 1000;
        return this.values;
      case 0xd014:
        return textWords(this.product);
      case 0xd033:
        return textWords("A1B2C3D4E5F60718");
      case 0xd100:
        return [0x0200, 0x0004, 0x0001, 0x0000];
      case 0xd210:
        return [this.status >>> 16, this.status & 0xffff];
      default:
        throw new Error("nothing to read");
    }
  }

  private acknowledge(): void {
    if (!this.plugged) throw new Error("write failed");
    if (performance.now() < this.#freeAt) throw new Error("the sensor is busy: asked too soon");
  }
}
