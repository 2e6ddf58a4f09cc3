import type { SettingsStore } from "../../modules/configuration/settings";

/** A key-value store in RAM; counts writes, and can refuse them. */
export class MemoryStore implements SettingsStore {
  readonly values = new Map<string, unknown>();
  readonly written: string[] = [];
  /** Keys that throw when read, written or deleted. */
  readonly broken = new Set<string>();

  read(key: string): unknown {
    this.touch(key);
    return this.values.get(key);
  }
  write(key: string, value: string): void {
    this.touch(key);
    this.written.push(key);
    this.values.set(key, value);
  }
  delete(key: string): void {
    this.touch(key);
    this.values.delete(key);
  }
  [Symbol.iterator](): Iterator<string> {
    return [...this.values.keys()].values();
  }
  private touch(key: string): void {
    if (this.broken.has(key)) throw new TypeError("mismatch");
  }
}
