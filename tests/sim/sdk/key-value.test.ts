import KeyValueStorage from "embedded:storage/key-value";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { installMachine, type Machine, type StoredValue } from "../../../sim/sdk/machine";

const INTEGERS = ["uint8", "int8", "uint16", "int16", "uint32", "int32"] as const;

describe("key-value storage on the host", () => {
  const spaces = new Map<string, Map<string, StoredValue>>();
  beforeEach(() => {
    spaces.clear();
    const keyValue = (path: string) => {
      if (!spaces.has(path)) spaces.set(path, new Map());
      return spaces.get(path)!;
    };
    installMachine({ storage: { keyValue } } as unknown as Machine);
  });
  afterEach(() => installMachine(undefined));

  const open = (
    format?: "buffer" | "string" | "uint64" | "int64" | (typeof INTEGERS)[number],
    mode?: "r" | "r+",
  ) => KeyValueStorage.open({ path: "test", ...(format && { format }), ...(mode && { mode }) });

  it("reads a missing key as undefined in every format", () => {
    for (const format of ["buffer", "string", "uint64", "int64", ...INTEGERS] as const)
      expect(open(format).read("none")).toBeUndefined();
  });

  it("deletes a missing key without complaint", () => {
    expect(() => open().delete("none")).not.toThrow();
  });

  it("keeps strings, buffers and integers across opens", () => {
    open("string").write("s", "Zoë");
    open().write("b", Uint8Array.of(1, 2, 3).subarray(1));
    open("int16").write("i", -5);
    open("int64").write("l", -5n);
    expect(open("string").read("s")).toBe("Zoë");
    expect(new Uint8Array(open().read("b") as ArrayBuffer)).toEqual(Uint8Array.of(2, 3));
    expect(open("int16").read("i")).toBe(-5);
    expect(open("int64").read("l")).toBe(-5n);
    expect([...open()]).toEqual(["s", "b", "i", "l"]);
  });

  it("throws on a string or buffer read of another type, and finds no integer where there is none", () => {
    open("string").write("s", "text");
    open("uint8").write("i", 7);
    expect(() => open().read("s")).toThrow(new TypeError("mismatch"));
    expect(() => open("string").read("i")).toThrow(new TypeError("mismatch"));
    expect(open("uint8").read("s")).toBeUndefined();
    expect(open("int64").read("i")).toBeUndefined();
  });

  it("replaces the type of a key when it is written in another", () => {
    open("string").write("k", "text");
    open("uint8").write("k", 7);
    expect(open("uint8").read("k")).toBe(7);
    expect([...open()]).toEqual(["k"]);
  });

  it("wraps integers as C does", () => {
    const cases = [
      ["uint8", 256, 0],
      ["int8", 128, -128],
      ["uint16", -1, 65_535],
      ["int32", 2 ** 31, -(2 ** 31)],
      ["uint32", 1.9, 1],
    ] as const;
    for (const [format, written, read] of cases) {
      const storage = open(format);
      storage.write("k", written);
      expect(storage.read("k")).toBe(read);
    }
  });

  it("refuses what NVS refuses: long keys, long paths, long strings", () => {
    const storage = open("string");
    expect(() => storage.write("sixteen letters!", "")).toThrow("ERROR 0x1109");
    expect(() => storage.write("s", "x".repeat(4_000))).toThrow("ERROR 0x110e");
    expect(() => storage.write("s", "é".repeat(2_000))).toThrow("ERROR 0x110e");
    storage.write("fifteen letters", "x".repeat(3_999));
    expect(() => KeyValueStorage.open({ path: "sixteen letters!" })).toThrow("ERROR 0x1106");
  });

  it("does not write through a read-only handle", () => {
    expect(() => open("string", "r").write("s", "")).toThrow("read-only");
    expect(() => open("string", "r").delete("s")).toThrow("read-only");
  });

  it("throws when used after close, which may be called twice", () => {
    const storage = open("string");
    storage.close();
    storage.close();
    expect(() => storage.read("s")).toThrow();
  });

  it("throws on options that the SDK refuses", () => {
    expect(() => KeyValueStorage.open({} as { path: string })).toThrow("no path");
    expect(() => KeyValueStorage.open({ path: "" })).toThrow("invalid");
    expect(() => KeyValueStorage.open({ path: "p", mode: "w" as "r" })).toThrow("invalid mode");
    expect(() => KeyValueStorage.open({ path: "p", format: "number" as "string" })).toThrow(RangeError);
  });
});
