// The SDK's `embedded:io/i2c` (modules/io/i2c): a bus to which a test may plug a device; without one nothing
// acknowledges, and reads and writes throw.

interface I2cOptions {
  data: number;
  clock: number;
  hz: number;
  address: number;
}

export interface I2cPeripheral {
  write(bytes: Uint8Array): void;
  read(bytes: Uint8Array): number;
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
    if (!I2C.plugged) throw new Error("write failed");
    I2C.plugged.write(bytes);
  }

  read(bytes: Uint8Array): number {
    if (!I2C.plugged) throw new Error("read failed");
    return I2C.plugged.read(bytes);
  }

  close(): void {}
}
