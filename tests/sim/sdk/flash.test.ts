import { describe, expect, it, vi } from "vitest";
import { NorFlash } from "../../../sim/device/nor-flash";
import FlashStorage, { Flash } from "../../../sim/sdk/flash";

const chip = new NorFlash({ byteLength: 1024, sectorLength: 256 });

vi.mock("../../../sim/sdk/machine", () => ({
  requireMachine: () => ({ storage: { flash: (path: string) => (path === "journal" ? chip : undefined) } }),
}));

describe("the stand-in for embedded:storage/flash", () => {
  it("opens a partition by name, and says when there is none", () => {
    expect(FlashStorage.open({ path: "journal" }).status()).toEqual({
      size: 1024,
      blockLength: 256,
      blocks: 4,
    });
    expect(() => FlashStorage.open({ path: "elsewhere" })).toThrow("can't find partition");
  });

  it("reads into a buffer or into a new one, writes views, erases a range of blocks", () => {
    const flash = FlashStorage.open({ path: "journal" });
    flash.write(Uint8Array.of(9, 1, 2, 3, 9).subarray(1, 4), 254);
    const into = new Uint8Array(6);
    expect(flash.read(into.subarray(1, 5), 253)).toBe(4);
    expect([...into]).toEqual([0, 0xff, 1, 2, 3, 0]);
    expect(new Uint8Array(flash.read(3, 254) as ArrayBuffer)).toEqual(Uint8Array.of(1, 2, 3));
    flash.eraseBlock(0, 2);
    expect(flash.read(into, 252)).toBe(6);
    expect(new Set(into)).toEqual(new Set([0xff]));
  });

  it("refuses to change what was opened for reading, and anything once closed", () => {
    const flash = FlashStorage.open({ path: "journal", mode: "r" });
    expect(() => flash.write(Uint8Array.of(0), 0)).toThrow("read-only");
    expect(() => flash.eraseBlock(0)).toThrow("read-only");
    flash.close();
    flash.close();
    expect(() => flash.read(1, 0)).toThrow("closed");
    expect(() => new Flash(chip).read(10, 1020)).toThrow(RangeError);
  });
});
