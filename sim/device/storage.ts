import {
  accessSync,
  constants,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import type { FlashChip, MachineStorage, StoredValue } from "../sdk/machine";
import { FileFlash } from "./file-flash";
import type { PowerLine } from "./power-line";

/** Partitions of the board, after the partition table (design 10). */
export const PARTITIONS = {
  journal: { byteLength: 576 * 1024, sectorLength: 4096 },
  credentials: { byteLength: 3 * 4096, sectorLength: 4096 },
  otadata: { byteLength: 2 * 4096, sectorLength: 4096 },
  ota_0: { byteLength: 1_664 * 1024, sectorLength: 4096 },
  ota_1: { byteLength: 1_664 * 1024, sectorLength: 4096 },
} as const;

/** A board's non-volatile memory in a folder: every change is in the file when the call returns. */
export class FolderStorage implements MachineStorage {
  #folder: string;
  #stores = new Map<string, Map<string, StoredValue>>();
  #chips = new Map<string, FileFlash>();

  /** @throws Error of node:fs when the folder cannot be written */
  constructor(folder: string) {
    mkdirSync(folder, { recursive: true });
    accessSync(folder, constants.W_OK);
    this.#folder = folder;
  }

  keyValue(path: string): Map<string, StoredValue> {
    let store = this.#stores.get(path);
    if (!store) {
      store = new FileMap(join(this.#folder, `${safeName(path)}.json`));
      this.#stores.set(path, store);
    }
    return store;
  }

  /** A firmware is flashed by cable: both slots and otadata are as new. */
  flashByCable(): void {
    for (const path of ["ota_0", "ota_1", "otadata"] as const) this.flash(path)!.blank();
  }

  flash(path: string): FileFlash | undefined {
    const partition = PARTITIONS[path as keyof typeof PARTITIONS];
    if (!partition) return undefined;
    let chip = this.#chips.get(path);
    if (!chip) {
      chip = new FileFlash(join(this.#folder, `${path}.flash`), partition.byteLength, partition.sectorLength);
      this.#chips.set(path, chip);
    }
    return chip;
  }
}

/** The same in memory: what a virtual board keeps over its power cuts. */
export class MemoryStorage implements MachineStorage {
  #stores = new Map<string, Map<string, StoredValue>>();
  #chips = new Map<string, FlashChip>();
  #power: PowerLine | undefined;

  /** `power`: what its writes draw on, a unit each. */
  constructor(power?: PowerLine) {
    this.#power = power;
  }

  keyValue(path: string): Map<string, StoredValue> {
    let store = this.#stores.get(path);
    if (!store) {
      store = this.#power ? new PoweredMap(this.#power) : new Map();
      this.#stores.set(path, store);
    }
    return store;
  }

  flash(path: string): FlashChip | undefined {
    return this.#chips.get(path);
  }

  /** Nothing was ever written; chips are erased by whoever soldered them in. */
  erase(): void {
    for (const store of this.#stores.values()) store.clear();
  }

  /** Solders a chip in as partition `path`. */
  addFlash(path: string, chip: FlashChip): void {
    this.#chips.set(path, chip);
  }
}

/**
 * NVS and its power. A write is there whole or not at all: the IDF writes the new item before it erases the old one, and
 * of two it drops the older when it starts (nvs_storage.cpp, nvs_pagemanager.cpp).
 */
class PoweredMap extends Map<string, StoredValue> {
  #power: PowerLine;

  constructor(power: PowerLine) {
    super();
    this.#power = power;
  }

  override set(key: string, value: StoredValue): this {
    this.draw();
    return super.set(key, value);
  }

  override delete(key: string): boolean {
    this.draw();
    return super.delete(key);
  }

  override clear(): void {
    this.draw();
    super.clear();
  }

  private draw(): void {
    this.#power.check();
    this.#power.onOperation({ at: 0, length: 1 });
    if (this.#power.draw(1) === 0) this.#power.die();
  }
}

function safeName(path: string): string {
  return path.replaceAll(/[^\w-]/g, "_");
}

/** A file of the board's is not what was written. */
export class DamagedStorage extends Error {}

class FileMap extends Map<string, StoredValue> {
  #file: string;
  #loading = true;

  constructor(file: string) {
    super();
    this.#file = file;
    if (existsSync(file)) {
      try {
        const entries = JSON.parse(readFileSync(file, "utf8")) as [string, Encoded][];
        for (const [key, value] of entries) super.set(key, decode(value));
      } catch (cause) {
        throw new DamagedStorage(`${file} is damaged; without it the board starts as a new one`, { cause });
      }
    }
    this.#loading = false;
  }

  override set(key: string, value: StoredValue): this {
    super.set(key, value);
    this.#save();
    return this;
  }

  override delete(key: string): boolean {
    const had = super.delete(key);
    if (had) this.#save();
    return had;
  }

  override clear(): void {
    super.clear();
    this.#save();
  }

  #save(): void {
    // `Map`'s constructor may call `set` before the fields are there.
    if (this.#loading) return;
    const temporary = `${this.#file}.new`;
    writeFileSync(temporary, JSON.stringify([...this].map(([key, value]) => [key, encode(value)])));
    renameSync(temporary, this.#file);
  }
}

type Encoded = string | number | { bytes: string } | { bigint: string };

function encode(value: StoredValue): Encoded {
  if (typeof value === "bigint") return { bigint: String(value) };
  if (typeof value === "object") return { bytes: Buffer.from(value).toString("base64") };
  return value;
}

function decode(value: Encoded): StoredValue {
  if (typeof value !== "object") return value;
  return "bigint" in value ? BigInt(value.bigint) : new Uint8Array(Buffer.from(value.bytes, "base64"));
}
