import { File } from "file";
import type { StoredValue } from "../../sdk/machine";

/** Values as JSON has them; bytes and 64-bit integers as an object that says what they are. */
type Kept = string | number | { readonly bytes: number[] } | { readonly integer: string };

/** A Map that is also in a file: what was set is there when the call returns. A damaged file is an empty map. */
export class FileMap extends Map<string, StoredValue> {
  #path: string;

  constructor(path: string) {
    super();
    this.#path = path;
    for (const [key, kept] of Object.entries(load(path))) super.set(key, restore(kept));
  }

  override set(key: string, value: StoredValue): this {
    super.set(key, value);
    this.save();
    return this;
  }

  override delete(key: string): boolean {
    const had = super.delete(key);
    this.save();
    return had;
  }

  private save(): void {
    const kept: Record<string, Kept> = {};
    for (const [key, value] of this) kept[key] = keep(value);
    if (File.exists(this.#path)) File.delete(this.#path);
    const file = new File(this.#path, true);
    file.write(JSON.stringify(kept));
    file.close();
  }
}

function load(path: string): Record<string, Kept> {
  if (!File.exists(path)) return {};
  const file = new File(path);
  const text = file.read(String);
  file.close();
  try {
    return JSON.parse(text) as Record<string, Kept>;
  } catch {
    return {};
  }
}

function keep(value: StoredValue): Kept {
  if (typeof value === "bigint") return { integer: value.toString() };
  return value instanceof Uint8Array ? { bytes: Array.from(value) } : value;
}

function restore(kept: Kept): StoredValue {
  if (typeof kept !== "object") return kept;
  return "bytes" in kept ? new Uint8Array(kept.bytes) : BigInt(kept.integer);
}
