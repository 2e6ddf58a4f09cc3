import KeyValueStorage, { type StorageFormat } from "embedded:storage/key-value";
import type { Check, Tests } from "../tests";

const INTEGERS = ["uint8", "int8", "uint16", "int16", "uint32", "int32"] as const satisfies StorageFormat[];

/** `embedded:storage/key-value`: modules/io/storage/esp32/storage-esp32.c over NVS. */
export default function keyValue({ test }: Tests): void {
  test("a key that is not there reads as undefined, and is deleted without complaint", (check) => {
    for (const format of ["string", "buffer", "uint64", ...INTEGERS] as const)
      check.equal(open(check, format).read("none"), undefined, format);
    open(check).delete("none");
  });

  test("what one handle writes, another reads", (check) => {
    open(check, "string").write("s", "Küche 🌬");
    open(check).write("b", new Uint8Array([1, 2, 3]).subarray(1));
    open(check, "int16").write("i", -5);
    open(check, "uint64").write("l", 2n ** 63n);
    check.equal(open(check, "string").read("s"), "Küche 🌬");
    check.equal(open(check).read("b"), new Uint8Array([2, 3]));
    check.equal(open(check, "int16").read("i"), -5);
    check.equal(open(check, "uint64").read("l"), 2n ** 63n);
  });

  test("the iterator names the keys; delete takes one away", (check) => {
    const store = open(check, "string");
    store.write("first", "1");
    store.write("second", "2");
    check.equal([...store].sort(), ["first", "second"]);
    store.delete("first");
    check.equal([...store], ["second"]);
  });

  test("a key read in another format than it was written in: mismatch, or nothing", (check) => {
    const store = open(check, "string");
    store.write("text", "1");
    store.format = "uint8";
    check.equal(store.read("text"), undefined);
    store.format = "buffer";
    check.throws(() => store.read("text"));
  });

  test("what is read is a copy", (check) => {
    const store = open(check);
    const bytes = new Uint8Array([1]);
    store.write("b", bytes);
    bytes[0] = 2;
    new Uint8Array(store.read("b") as ArrayBuffer)[0] = 3;
    check.equal(store.read("b"), new Uint8Array([1]));
  });

  test("names longer than 15 characters, bad modes and formats throw", (check) => {
    check.throws(() => KeyValueStorage.open({ path: "sixteen-letters-" }), "path");
    check.throws(() => open(check, "string").write("sixteen-letters-", "x"), "key");
    check.throws(() => KeyValueStorage.open({ path: "contract", mode: "w" as "r" }), "mode");
    check.throws(() => KeyValueStorage.open({ path: "contract", format: "float" as "int8" }), "format");
  });

  test("a handle for reading does not write; a closed one does nothing", (check) => {
    const reader = KeyValueStorage.open({ path: "contract", mode: "r", format: "string" });
    check.throws(() => reader.write("k", "v"), "write");
    check.throws(() => reader.delete("k"), "delete");
    reader.close();
    reader.close();
    check.throws(() => reader.read("k"), "read");
  });
}

function open(check: Check, format: StorageFormat = "buffer") {
  const store = KeyValueStorage.open({ path: "contract", format });
  check.cleanup(() => {
    for (const key of [...store]) store.delete(key);
  });
  return store;
}
