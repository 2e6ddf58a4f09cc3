import {
  accessSync,
  closeSync,
  constants,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  readSync,
  renameSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import type { FlashChip, MachineStorage, StoredValue } from "../sdk/machine";

/** Partitions of the board, after the partition table (design 10). */
export const PARTITIONS = {
  journal: { byteLength: 576 * 1024, sectorLength: 4096 },
} as const;

/** A board's non-volatile memory in a folder: every change is in the file when the call returns. */
export class FolderStorage implements MachineStorage {
  #folder: string;
  #stores = new Map<string, Map<string, StoredValue>>();
  #chips = new Map<string, FlashChip>();

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

  flash(path: string): FlashChip | undefined {
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

  keyValue(path: string): Map<string, StoredValue> {
    let store = this.#stores.get(path);
    if (!store) {
      store = new Map();
      this.#stores.set(path, store);
    }
    return store;
  }

  flash(path: string): FlashChip | undefined {
    return this.#chips.get(path);
  }

  /** Solders a chip in as partition `path`. */
  addFlash(path: string, chip: FlashChip): void {
    this.#chips.set(path, chip);
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

/** NOR flash in a file. */
class FileFlash implements FlashChip {
  readonly byteLength: number;
  readonly sectorLength: number;
  #fd: number;

  constructor(file: string, byteLength: number, sectorLength: number) {
    this.byteLength = byteLength;
    this.sectorLength = sectorLength;
    if (!existsSync(file) || readFileSync(file).length !== byteLength)
      writeFileSync(file, new Uint8Array(byteLength).fill(0xff));
    this.#fd = openSync(file, "r+");
  }

  read(offset: number, into: Uint8Array): void {
    readSync(this.#fd, into, 0, into.length, offset);
  }

  program(offset: number, bytes: Uint8Array): void {
    const before = new Uint8Array(bytes.length);
    this.read(offset, before);
    writeSync(
      this.#fd,
      before.map((byte, i) => byte & bytes[i]!),
      0,
      bytes.length,
      offset,
    );
  }

  erase(sector: number): void {
    const blank = new Uint8Array(this.sectorLength).fill(0xff);
    writeSync(this.#fd, blank, 0, blank.length, sector * this.sectorLength);
  }

  close(): void {
    fsyncSync(this.#fd);
    closeSync(this.#fd);
  }
}
