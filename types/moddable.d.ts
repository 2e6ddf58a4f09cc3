// The Moddable SDK modules that the firmware imports, typed for the host's compiler. Device builds do not see
// this file: mcconfig brings the SDK's own typings. Where @moddable/typings (5.6) has a module it is used;
// what it lacks is declared here, after the SDK sources named beside it.

/// <reference path="../node_modules/@moddable/typings/xs.d.ts" />
/// <reference path="../node_modules/@moddable/typings/timer.d.ts" />
/// <reference path="../node_modules/@moddable/typings/time.d.ts" />
/// <reference path="../node_modules/@moddable/typings/embedded_io/_common.d.ts" />
/// <reference path="../node_modules/@moddable/typings/embedded_io/digital.d.ts" />
/// <reference path="../node_modules/@moddable/typings/embedded_io/pwm.d.ts" />
/// <reference path="../node_modules/@moddable/typings/embedded_io/i2c.d.ts" />
/// <reference path="../node_modules/@moddable/typings/embedded_io/serial.d.ts" />
/// <reference path="../node_modules/@moddable/typings/embedded_io/socket/tcp.d.ts" />
/// <reference path="../node_modules/@moddable/typings/embedded_io/socket/udp.d.ts" />
/// <reference path="../node_modules/@moddable/typings/embedded_io/socket/listener.d.ts" />
/// <reference path="../node_modules/@moddable/typings/file.d.ts" />
/// <reference path="../node_modules/@moddable/typings/net.d.ts" />
/// <reference path="../node_modules/@moddable/typings/mc/config.d.ts" />
/// <reference path="../node_modules/@moddable/typings/text/encoder.d.ts" />
/// <reference path="../node_modules/@moddable/typings/text/decoder.d.ts" />

// modules/crypt/digest/crypt.js
declare module "crypt" {
  export class Digest {
    constructor(type: "SHA256");
    write(bytes: ArrayBuffer | Uint8Array): void;
    close(): ArrayBuffer;
  }
}

// modules/io/storage/esp32/storage-esp32.c; ECMA-419 key-value storage on NVS. Keys and paths of at most 15 characters.
declare module "embedded:storage/key-value" {
  export type StorageFormat =
    | "buffer"
    | "string"
    | "uint8"
    | "int8"
    | "uint16"
    | "int16"
    | "uint32"
    | "int32"
    | "uint64"
    | "int64";
  export class Storage {
    close(): void;
    delete(key: string): void;
    /** `undefined` when there is no such key. */
    read(key: string): ArrayBuffer | string | number | bigint | undefined;
    write(key: string, value: ByteBuffer | string | number | bigint): void;
    [Symbol.iterator](): IterableIterator<string>;
    format: StorageFormat;
  }
  const KeyValueStorage: {
    open(options: { path: string; mode?: "r" | "r+"; format?: StorageFormat }): Storage;
  };
  export default KeyValueStorage;
}

// modules/io/flash/esp32; a thin wrapper over esp_partition. `write` only clears bits, `eraseBlock` sets a block to FF.
declare module "embedded:storage/flash" {
  export interface FlashStatus {
    size: number;
    blockLength: number;
    blocks: number;
    writeAlign: number;
    eraseValue: number;
  }
  export class Flash {
    close(): void;
    eraseBlock(start: number, end?: number): void;
    read(byteLength: number, byteOffset: number): ArrayBuffer;
    read(buffer: ByteBuffer, byteOffset: number): number;
    write(buffer: ByteBuffer, byteOffset: number): void;
    status(): FlashStatus;
  }
  const FlashStorage: { open(options: { path: string; mode?: "r" | "r+" }): Flash };
  export default FlashStorage;
}

// modules/drivers/neopixel/neopixel.js
declare module "neopixel" {
  export default class NeoPixel {
    constructor(options: { length: number; pin: number; order?: string });
    close(): void;
    update(): void;
    makeRGB(r: number, g: number, b: number): number;
    fill(color: number, index?: number, count?: number): void;
    brightness: number;
  }
}

type ByteBuffer = ArrayBuffer | Uint8Array | Uint8ClampedArray | Int8Array | DataView;

// modules/io/system/system.js: a global on ESP32, in the typings of SDK 8 through typings/global.d.ts.
declare const System: { restart(): void };
