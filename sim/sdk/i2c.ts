// The SDK's `embedded:io/i2c` (modules/io/i2c): a bus to which a test or the machine may plug a device; without one
// nothing acknowledges, and reads and writes throw. Devices at other addresses share its pins.
import { type I2cPeripheral, machine } from "./machine";

interface I2cOptions {
  data: number;
  clock: number;
  hz: number;
  address: number;
  port?: number;
}

export default class I2C {
  static readonly opened: I2C[] = [];
  static plugged: I2cPeripheral | undefined;
  readonly options: I2cOptions;

  constructor(options: I2cOptions) {
    this.options = options;
    I2C.opened.push(this);
  }

  write(bytes: Uint8Array): void {
    const device = this.#device;
    if (!device) throw new Error("write failed");
    device.write(bytes);
  }

  read(bytes: Uint8Array): number {
    const device = this.#device;
    if (!device) throw new Error("read failed");
    return device.read(bytes);
  }

  close(): void {}

  get #device(): I2cPeripheral | undefined {
    return I2C.plugged ?? machine()?.i2c?.(this.options);
  }
}
