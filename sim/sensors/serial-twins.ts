import type { SerialPeripheral } from "../sdk/machine";
import Timer from "../sdk/timer";
import { Twin, type TwinOptions } from "./twin";

/** A sensor at the end of a serial line. */
export abstract class SerialTwin extends Twin implements SerialPeripheral {
  /** Requests and commands as they came, for tests. */
  readonly heard: Uint8Array[] = [];
  /** Changes what it says on its way, for tests. */
  disturb: ((bytes: Uint8Array) => Uint8Array) | undefined;
  #send: ((bytes: Uint8Array) => void) | undefined;

  attach(send: (bytes: Uint8Array) => void): void {
    this.#send = send;
  }

  detach(): void {
    this.#send = undefined;
  }

  abstract take(bytes: Uint8Array): void;

  protected say(bytes: Uint8Array): void {
    if (this.has("unplugged")) return;
    const said = this.has("wrong-crc") ? bytes.with(bytes.length - 1, bytes.at(-1)! ^ 1) : bytes;
    this.#send?.(this.disturb ? this.disturb(said) : said);
  }
}

const FRAME_MS = 1000;

export class PmsTwin extends SerialTwin {
  isAsleep = false;
  /** Byte 29 of its frames. */
  errorCode = 0;
  readonly #model: "PMS5003" | "PMS7003" | "PMS5003T";
  #timer: Timer | undefined;
  #stuck: Uint8Array | undefined;

  constructor(options: TwinOptions & { readonly model?: "PMS5003" | "PMS7003" | "PMS5003T" }) {
    super(options);
    this.#model = options.model ?? "PMS5003";
  }

  override attach(send: (bytes: Uint8Array) => void): void {
    super.attach(send);
    this.powerOn();
  }

  override detach(): void {
    super.detach();
    Timer.clear(this.#timer);
  }

  take(bytes: Uint8Array): void {
    if (this.has("unplugged")) return;
    this.heard.push(bytes);
    const [first, second, command, , data] = bytes;
    const sum = bytes.subarray(0, 5).reduce((all, byte) => all + byte, 0);
    if (bytes.length !== 7 || first !== 0x42 || second !== 0x4d || sum !== (bytes[5]! << 8) + bytes[6]!)
      return;
    if (command === 0xe4) this.isAsleep = data === 0;
    // It repeats what it was told, in a frame of eight bytes.
    if (command === 0xe1) this.say(withSum(Uint8Array.of(0x42, 0x4d, 0, 4, command, data!, 0, 0)));
  }

  protected override powerOn(): void {
    this.isAsleep = false;
    Timer.clear(this.#timer);
    this.#timer = Timer.repeat(() => this.tell(), FRAME_MS);
  }

  private tell(): void {
    if (this.isAsleep) return;
    // Behind a fan that stands still nothing moves through the light.
    this.#stuck = this.has("fan-stuck") ? (this.#stuck ?? this.frame()) : undefined;
    this.say(this.#stuck ?? this.frame());
  }

  private frame(): Uint8Array {
    const {
      pm1 = 0,
      pm2_5 = 0,
      pm10 = 0,
      nc0_5,
      nc1,
      nc2_5,
      nc10,
      temperature = 20,
      humidity = 50,
    } = this.air;
    const scatter = 1 + 0.02 * Math.sin(this.now);
    // Particles a cm³ up to a size, or what PM2.5 makes likely.
    const upTo = [nc0_5 ?? pm2_5 * 6, nc1 ?? pm2_5 * 7, nc2_5 ?? pm2_5 * 7.4, nc10 ?? pm2_5 * 7.5];
    const all = Math.round(upTo[3]! * 100 * scatter);
    const above = (count: number) => Math.max(0, all - Math.round(count * 100 * scatter));
    const mass = [pm1, pm2_5, pm10].map(Math.round);
    const isT = this.#model === "PMS5003T";
    const words = [
      ...mass,
      ...mass,
      all,
      ...upTo.slice(0, 3).map(above),
      isT ? Math.round(temperature * 10) & 0xffff : 0,
      isT ? Math.round(humidity * 10) : 0,
      0x9700 | this.errorCode,
    ];
    const bytes = Uint8Array.from([
      ...[0x42, 0x4d, 0, 28],
      ...words.flatMap((each) => [Math.min(0xffff, each) >> 8, each & 0xff]),
      ...[0, 0],
    ]);
    return withSum(bytes);
  }
}

function withSum(bytes: Uint8Array): Uint8Array {
  const sum = bytes.subarray(0, -2).reduce((all, byte) => all + byte, 0);
  bytes[bytes.length - 2] = sum >> 8;
  bytes[bytes.length - 1] = sum & 0xff;
  return bytes;
}

const ANSWER_MS = 60;

export class SenseairS8Twin extends SerialTwin {
  /** Hours of its automatic baseline correction. */
  period = 180;
  /** How often its EEPROM was written. */
  writes = 0;
  /** Meter status. */
  status = 0;
  /** A calibration that it is told of, it does not carry out; for tests. */
  refuses = false;
  #acknowledged = 0;
  #shift = 0;

  protected override powerOn(): void {
    this.#acknowledged = 0;
  }

  take(bytes: Uint8Array): void {
    if (this.has("unplugged")) return;
    this.heard.push(bytes);
    const isMine = bytes.length === 8 && (bytes[0] === 0xfe || bytes[0] === 0x68);
    if (!isMine || crc16(bytes.subarray(0, 6)) !== bytes[6]! + (bytes[7]! << 8)) return;
    const [, code, , register, high, low] = bytes;
    const value = (high! << 8) | low!;
    const answer =
      code === 0x06 ? this.written(bytes, register!, value) : this.asked(code!, register!, value);
    Timer.set(() => this.say(answer), ANSWER_MS);
  }

  private written(bytes: Uint8Array, register: number, value: number): Uint8Array {
    if (register === 0) this.#acknowledged = value;
    if (register === 1 && value === 0x7c06 && !this.refuses) {
      this.#shift = 400 - (this.air.co2 ?? 400);
      this.#acknowledged |= 0x20;
    }
    if (register === 0x1f) {
      this.period = value;
      this.writes++;
    }
    return bytes.slice();
  }

  private asked(code: number, register: number, count: number): Uint8Array {
    const inputs: Record<number, number> = {
      0: this.status,
      1: 0,
      2: 0,
      3: Math.max(0, Math.round((this.air.co2 ?? 0) + this.#shift)),
      28: 0x0103,
      29: 0x0604,
      30: 0x2b1d,
    };
    const holdings: Record<number, number> = { 0: this.#acknowledged, 31: this.period };
    const registers = code === 0x04 ? inputs : holdings;
    const words = Array.from({ length: count }, (_, i) => registers[register + i]);
    // "Illegal data address".
    if (words.includes(undefined)) return sealed([0xfe, code | 0x80, 0x02]);
    return sealed([0xfe, code, 2 * count, ...words.flatMap((each) => [each! >> 8, each! & 0xff])]);
  }
}

function sealed(bytes: number[]): Uint8Array {
  const crc = crc16(Uint8Array.from(bytes));
  return Uint8Array.from([...bytes, crc & 0xff, crc >> 8]);
}

/** CRC-16 of Modbus over the bits one by one, the polynomial the other way round than the driver's. */
export function crc16(bytes: Uint8Array): number {
  let crc = 0xffff;
  for (const byte of bytes)
    for (let bit = 0; bit < 8; bit++) {
      const out = (crc ^ (byte >> bit)) & 1;
      crc = (crc >>> 1) ^ (out * 0xa001);
    }
  return crc;
}
