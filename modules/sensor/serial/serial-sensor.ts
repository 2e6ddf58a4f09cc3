import type { Logger } from "../../base/logger";
import { PolledSensor, type Traits } from "../polled-sensor";

/** The part of ECMA-419's Serial that is used. Neither call waits: the UART has a FIFO of 128 bytes each way. */
export interface SerialPort {
  /** All that has come; `undefined`: nothing. */
  read(): ArrayBuffer | undefined;
  /** Throws where the FIFO has no room for it. */
  write(bytes: ArrayBuffer): void;
  close(): void;
}

export interface SerialPortOptions {
  readonly receive: number;
  readonly transmit: number;
  readonly port: number;
  readonly baud: number;
  readonly format: "buffer";
  /** There is something to read. */
  readonly onReadable?: (count: number) => void;
}

export interface SerialOptions {
  /** The line, in the manner of ECMA-419: its class, its pins as this board sees them, which UART of the chip. */
  readonly sensor: {
    readonly io: new (options: SerialPortOptions) => SerialPort;
    readonly receive: number;
    readonly transmit: number;
    readonly port: number;
  };
  readonly log: Logger;
}

/** Both sensors of this kind talk at this rate, eight bits, no parity. */
const BAUD = 9600;

/** A sensor on a serial line. What comes is given to {@link take}, byte by byte, however the line cuts it. */
export abstract class SerialSensor extends PolledSensor {
  #port: SerialPort;

  /** @throws Error of the UART when its pins or its port cannot be used */
  constructor(options: SerialOptions, traits: Traits, isListening: boolean) {
    super(options.log, traits);
    const { io: Serial, ...pins } = options.sensor;
    this.#port = new Serial({
      ...pins,
      baud: BAUD,
      format: "buffer",
      ...(isListening && { onReadable: () => this.drain() }),
    });
  }

  /** A byte that came. */
  protected abstract hear(byte: number): void;

  /** Hears all that has come. */
  protected drain(): void {
    const chunk = this.#port.read();
    if (!chunk) return;
    const bytes = new Uint8Array(chunk);
    for (let i = 0; i < bytes.length; i++) this.hear(bytes[i]!);
  }

  protected write(bytes: Uint8Array): void {
    this.#port.write(bytes.buffer as ArrayBuffer);
  }

  protected override closeBus(): void {
    this.#port.close();
  }
}
