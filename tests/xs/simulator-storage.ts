import { FileFlash } from "../../sim/moddable/modules/file-flash";
import { FileMap } from "../../sim/moddable/modules/file-map";
import type { Tests } from "./tests";

/** The files below the simulator's storage: what is written is there for the next run. */
export default function simulatorStorage({ test }: Tests): void {
  test("a map made on the same file has what was set, and not what was deleted", (check) => {
    const map = new FileMap("./map.json");
    map.set("text", "Küche");
    map.set("number", -5);
    map.set("integer", 2n ** 63n);
    map.set("bytes", new Uint8Array([0, 255]));
    map.set("gone", "");
    map.delete("gone");
    check.equal(Object.fromEntries(new FileMap("./map.json")), {
      text: "Küche",
      number: -5,
      integer: 2n ** 63n,
      bytes: new Uint8Array([0, 255]),
    });
  });

  test("a chip made on the same file has what was programmed, and is made erased", (check) => {
    const first = new FileFlash("./chip.flash", 8192);
    first.program(4095, new Uint8Array([1, 2]));
    const bytes = new Uint8Array(4);
    new FileFlash("./chip.flash", 8192).read(4094, bytes);
    check.equal(bytes, new Uint8Array([0xff, 1, 2, 0xff]));
  });
}
