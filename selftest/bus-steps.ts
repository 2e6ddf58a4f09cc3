import Timer from "timer";
import type { Step } from "./self-test";

/** `embedded:io/i2c`: writing nothing asks whether anybody acknowledges, and answers 1 where nobody does. */
export type I2cClass = new (options: {
  readonly data: number;
  readonly clock: number;
  readonly hz: number;
  readonly address: number;
  readonly timeout: number;
}) => { write(bytes: Uint8Array): unknown; close(): void };

/** `embedded:io/serial`. */
export type SerialClass = new (options: {
  readonly transmit: number;
  readonly receive: number;
  readonly port: number;
  readonly baud: number;
  readonly format: "buffer";
  onReadable(this: SerialPort, bytes: number): void;
}) => SerialPort;

interface SerialPort {
  read(): ArrayBuffer | undefined;
  write(bytes: Uint8Array): void;
  close(): void;
}

export interface Buses {
  readonly i2c?: { readonly io: I2cClass; readonly data: number; readonly clock: number };
  readonly serial?: readonly {
    readonly io: SerialClass;
    readonly port: number;
    readonly transmit: number;
    readonly receive: number;
  }[];
}

export function busSteps({ i2c, serial = [] }: Buses): Step[] {
  return [...(i2c ? [i2cStep(i2c)] : []), ...serial.map(serialStep)];
}

/** Addresses that are nobody's (UM10204, 3.1.12) are left out. */
const FIRST_ADDRESS = 0x08;
const LAST_ADDRESS = 0x77;

function i2cStep({ io: I2c, data, clock }: NonNullable<Buses["i2c"]>): Step {
  return {
    name: "i2c",
    limitMs: 30_000,
    run(end) {
      const found: string[] = [];
      let address = FIRST_ADDRESS;
      // An address a turn: a bus that hangs makes each of them wait.
      const timer = Timer.repeat(() => {
        if (answers(I2c, { data, clock, hz: 100_000, address, timeout: 20 })) found.push(hex(address));
        if (++address <= LAST_ADDRESS) return;
        const text = `SDA ${data}, SCL ${clock}: ${found.join(" ") || "nobody"}`;
        end(found.length > 0 ? "ok" : "failed", text);
      }, 1);
      return () => Timer.clear(timer);
    },
  };
}

function answers(I2c: I2cClass, options: ConstructorParameters<I2cClass>[0]): boolean {
  const bus = new I2c(options);
  try {
    return bus.write(new Uint8Array(0)) !== 1;
  } catch {
    return false;
  } finally {
    bus.close();
  }
}

/** A Plantower speaks once a second or oftener by itself; a Senseair speaks when it is asked (read CO₂, Modbus). */
const LISTEN_MS = 2_500;
const QUESTION: readonly number[] = Object.freeze([0xfe, 0x04, 0x00, 0x03, 0x00, 0x01, 0xd5, 0xc5]);
const SHOWN_BYTES = 12;

function serialStep(pins: NonNullable<Buses["serial"]>[number]): Step {
  const { io: Serial, port, transmit, receive } = pins;
  return {
    name: `serial ${port}`,
    limitMs: 3 * LISTEN_MS,
    run(end) {
      const heard: number[] = [];
      let count = 0;
      const line = new Serial({
        ...{ transmit, receive, port, baud: 9_600, format: "buffer" },
        onReadable() {
          const bytes = new Uint8Array(this.read() ?? new ArrayBuffer(0));
          count += bytes.length;
          for (const byte of bytes) if (heard.length < SHOWN_BYTES) heard.push(byte);
        },
      });
      let asked = false;
      const timer = Timer.repeat(() => {
        if (count === 0 && !asked) {
          asked = true;
          line.write(Uint8Array.from(QUESTION));
          return;
        }
        const text = `TX ${transmit}, RX ${receive}: ${count} bytes${asked ? " when asked" : " unasked"}`;
        if (count > 0) end("ok", `${text}, ${heard.map(hex).join(" ")}`);
        else end("failed", `TX ${transmit}, RX ${receive}: silent`);
      }, LISTEN_MS);
      return () => {
        Timer.clear(timer);
        line.close();
      };
    },
  };
}

const hex = (byte: number): string => `0x${byte < 16 ? "0" : ""}${byte.toString(16)}`;
