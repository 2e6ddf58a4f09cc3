// The SDK's `embedded:storage/key-value` (modules/io/storage/esp32/storage-esp32.c) over NVS, on the machine's storage.
//
// True to it: a missing key reads as undefined, deleting one is no error; a string or buffer read of a key of
// another type throws TypeError "mismatch", an integer read of one gives undefined (NVS looks up key and type
// together); writing replaces whatever type was there (nvs_storage.cpp of IDF 6 without legacy duplicate keys);
// NVS's limits throw. Not kept: the width of an integer, so one is read back through any format that holds it.
import TextEncoder from "text/encoder";
import { requireMachine, type StoredValue } from "./machine";

const FORMATS = {
  buffer: undefined,
  string: undefined,
  uint8: { least: 0, most: 0xff },
  int8: { least: -0x80, most: 0x7f },
  uint16: { least: 0, most: 0xffff },
  int16: { least: -0x8000, most: 0x7fff },
  uint32: { least: 0, most: 0xffff_ffff },
  int32: { least: -0x8000_0000, most: 0x7fff_ffff },
  uint64: undefined,
  int64: undefined,
} as const;

type Format = keyof typeof FORMATS;

/** nvs.h: NVS_KEY_NAME_MAX_SIZE with its NUL, namespaces alike. */
const LONGEST_NAME = 15;
/** nvs.h, nvs_set_str: 4000 bytes with the NUL. */
const LONGEST_STRING = 3_999;

/** Without CONFIG_ESP_ERR_TO_NAME_LOOKUP the SDK's message carries the number only. */
const nvsError = (number: number): Error => new Error(`ERROR 0x${number.toString(16)}`);
const KEY_TOO_LONG = 0x1109;
const INVALID_NAME = 0x1106;
const VALUE_TOO_LONG = 0x110e;

class Storage {
  private values: Map<string, StoredValue> | undefined;
  private readOnly: boolean;
  private current: Format;

  constructor(values: Map<string, StoredValue>, readOnly: boolean, format: Format) {
    this.values = values;
    this.readOnly = readOnly;
    this.current = format;
  }

  close(): void {
    this.values = undefined;
  }

  get format(): string {
    return this.current;
  }

  set format(format: string) {
    if (!Object.hasOwn(FORMATS, format)) throw new RangeError("unsupported");
    this.current = format as Format;
  }

  delete(key: string): void {
    this.writable(key).delete(key);
  }

  read(key: string): ArrayBuffer | string | number | bigint | undefined {
    const value = this.opened(key).get(key);
    if (value === undefined) return undefined;
    switch (this.current) {
      case "buffer":
        if (!(value instanceof Uint8Array)) throw new TypeError("mismatch");
        return value.slice().buffer as ArrayBuffer;
      case "string":
        if (typeof value !== "string") throw new TypeError("mismatch");
        return value;
      case "uint64":
      case "int64":
        return typeof value === "bigint" && value === this.asBigInt(value) ? value : undefined;
      default:
        return typeof value === "number" && value === this.asNumber(value) ? value : undefined;
    }
  }

  write(key: string, value: ArrayBuffer | ArrayBufferView | string | number | bigint): void {
    const values = this.writable(key);
    switch (this.current) {
      case "buffer":
        values.set(key, bytesOf(value).slice());
        return;
      case "string": {
        const text = String(value);
        if (new TextEncoder().encode(text).length > LONGEST_STRING) throw nvsError(VALUE_TOO_LONG);
        values.set(key, text);
        return;
      }
      case "uint64":
      case "int64":
        values.set(key, this.asBigInt(BigInt(value as bigint)));
        return;
      default:
        values.set(key, this.asNumber(Number(value)));
    }
  }

  [Symbol.iterator](): IterableIterator<string> {
    return [...this.opened("").keys()].values();
  }

  private asBigInt(value: bigint): bigint {
    return this.current === "int64" ? BigInt.asIntN(64, value) : BigInt.asUintN(64, value);
  }

  /** A C conversion to the format's integer type: truncated, then wrapped. */
  private asNumber(value: number): number {
    const { least, most } = FORMATS[this.current] as { least: number; most: number };
    const span = most - least + 1;
    return ((((Math.trunc(value) - least) % span) + span) % span) + least || 0;
  }

  private opened(key: string): Map<string, StoredValue> {
    if (!this.values) throw new TypeError("closed");
    if (key.length > LONGEST_NAME) throw nvsError(KEY_TOO_LONG);
    return this.values;
  }

  private writable(key: string): Map<string, StoredValue> {
    const values = this.opened(key);
    if (this.readOnly) throw new Error("read-only");
    return values;
  }
}

function bytesOf(value: unknown): Uint8Array {
  if (value instanceof ArrayBuffer) return new Uint8Array(value);
  if (ArrayBuffer.isView(value)) return new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
  throw new TypeError("no buffer");
}

const KeyValueStorage = Object.freeze({
  open(options: { path: string; mode?: string; format?: string }): Storage {
    if (options.path === undefined) throw new Error("no path");
    if (options.path === "") throw new Error("invalid");
    const path = options.path.replace(/\/$/, "");
    if (path.length === 0 || path.length > LONGEST_NAME) throw nvsError(INVALID_NAME);
    const { mode = "r+", format = "buffer" } = options;
    if (mode !== "r" && mode !== "r+") throw new Error("invalid mode");
    if (!Object.hasOwn(FORMATS, format)) throw new RangeError("unsupported");
    return new Storage(requireMachine().storage.keyValue(path), mode === "r", format as Format);
  },
});

export default KeyValueStorage;
