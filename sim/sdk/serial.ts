// The SDK's `embedded:io/serial` (modules/io/serial/esp32/serial.c): a UART with a FIFO of 128 bytes each way. A test
// or the machine puts a device at its other end. Bytes take their time on the line; `onReadable` comes after a pause of
// four bytes or when the FIFO fills, and again only after more has come. Nothing tells of a byte that found the FIFO full.
import { machine, type SerialPeripheral, type SerialPins } from "./machine";
import Time from "./time";
import Timer from "./timer";

interface SerialOptions extends SerialPins {
  readonly onReadable?: (this: Serial, count: number) => void;
  readonly format?: "number" | "buffer";
}

const FIFO = 128;
/** A start bit, eight of data, a stop bit. */
const BITS = 10;
/** `uart_set_rx_timeout(…, 4)`. */
const PAUSE_BYTES = 4;
/** The FIFO's interrupt, as the chip has it after a reset (UART_RXFIFO_FULL_THRHD). */
const FULL = 96;

export default class Serial {
  static readonly opened: Serial[] = [];
  /** What is at the other end of each port; for tests. */
  static readonly plugged = new Map<number, SerialPeripheral>();
  static readonly #used = new Set<number>();
  readonly options: SerialOptions;
  #format: "number" | "buffer";
  #received: number[] = [];
  #sending = 0;
  #sentAt = 0;
  #pause: Timer | undefined;
  #lineFreeAt = 0;
  #open = true;
  #peer: SerialPeripheral | undefined;

  constructor(options: SerialOptions) {
    const { receive, transmit, port = 0, baud, format = "buffer" } = options;
    for (const pin of [transmit, receive])
      if (pin !== undefined && Serial.#used.has(pin)) throw new Error("in use");
    if (receive === undefined && transmit === undefined) throw new Error("invalid");
    if (port < 0 || port > 2) throw new RangeError("invalid port");
    if (!(baud > 0 && baud <= 20_000_000)) throw new RangeError("invalid baud");
    this.#format = checked(format);
    for (const pin of [transmit, receive]) if (pin !== undefined) Serial.#used.add(pin);
    this.options = options;
    Serial.opened.push(this);
    this.#peer = Serial.plugged.get(port) ?? machine()?.serial?.(options);
    this.#peer?.attach((bytes) => this.#arrive(bytes));
  }

  get format(): "number" | "buffer" {
    return this.#format;
  }

  set format(value: "number" | "buffer") {
    this.#format = checked(value);
  }

  /** `undefined`: nothing is there. Otherwise a byte, a buffer of what is there or was asked for, or how much was filled. */
  read(wanted?: number | ArrayBuffer | ArrayBufferView): number | ArrayBuffer | undefined {
    this.#check();
    const there = this.#received.length;
    if (there === 0) return undefined;
    if (this.#format === "number") return this.#received.shift();
    if (typeof wanted === "object") {
      const into = ArrayBuffer.isView(wanted)
        ? new Uint8Array(wanted.buffer, wanted.byteOffset, wanted.byteLength)
        : new Uint8Array(wanted);
      const count = Math.min(into.length, there);
      if (count === 0) throw new Error("invalid");
      into.set(this.#received.splice(0, count));
      return count;
    }
    const count = wanted ?? there;
    if (count <= 0) throw new Error("invalid");
    // There the FIFO is read beyond its end.
    if (count > there) throw new Error("read of more than is there");
    return Uint8Array.from(this.#received.splice(0, count)).buffer;
  }

  write(value: number | ArrayBuffer | ArrayBufferView): void {
    this.#check();
    const bytes =
      typeof value === "number"
        ? Uint8Array.of(value)
        : ArrayBuffer.isView(value)
          ? new Uint8Array(value.buffer, value.byteOffset, value.byteLength).slice()
          : new Uint8Array(value).slice();
    const gone = Math.floor(Time.delta(this.#sentAt) / this.#byteMs);
    const waiting = Math.max(0, this.#sending - gone);
    if (waiting + bytes.length > FIFO) throw new Error("output full");
    this.#sending = waiting + bytes.length;
    this.#sentAt = Time.ticks;
    const peer = this.#peer;
    if (peer) Timer.set(() => peer.take(bytes), this.#sending * this.#byteMs);
  }

  close(): void {
    if (!this.#open) return;
    this.#open = false;
    Timer.clear(this.#pause);
    for (const pin of [this.options.transmit, this.options.receive])
      if (pin !== undefined) Serial.#used.delete(pin);
    this.#peer?.detach();
  }

  /** Bytes from the other end: each is there when its last bit has come. */
  #arrive(bytes: Uint8Array): void {
    const now = Time.ticks;
    this.#lineFreeAt = Math.max(this.#lineFreeAt, now) + bytes.length * this.#byteMs;
    Timer.set(() => this.#receive(bytes), this.#lineFreeAt - now);
  }

  #receive(bytes: Uint8Array): void {
    if (!this.#open || this.options.receive === undefined) return;
    for (const byte of bytes) if (this.#received.length < FIFO) this.#received.push(byte);
    if (!this.options.onReadable) return;
    Timer.clear(this.#pause);
    const delayMs = this.#received.length >= FULL ? 0 : PAUSE_BYTES * this.#byteMs;
    this.#pause = Timer.set(() => {
      this.#pause = undefined;
      if (this.#received.length > 0) this.options.onReadable!.call(this, this.#received.length);
    }, delayMs);
  }

  get #byteMs(): number {
    return (BITS * 1000) / this.options.baud;
  }

  #check(): void {
    if (!this.#open) throw new Error("closed");
  }
}

function checked(format: string): "number" | "buffer" {
  if (format !== "number" && format !== "buffer") throw new RangeError("invalid format");
  return format;
}
