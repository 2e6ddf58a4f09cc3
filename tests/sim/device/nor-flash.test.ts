import { describe, expect, it } from "vitest";
import { NorFlash, PowerCut } from "../../../sim/device/nor-flash";
import { seeded } from "../../support/journal-rig";

const chip = (): NorFlash => new NorFlash({ byteLength: 1024, sectorLength: 256, random: seeded(1) });
const read = (from: NorFlash, offset: number, length: number): number[] => {
  const bytes = new Uint8Array(length);
  from.read(offset, bytes);
  return [...bytes];
};

describe("NorFlash", () => {
  it("is erased when new", () => {
    expect(new Set(read(chip(), 0, 1024))).toEqual(new Set([0xff]));
  });

  it("is fresh again when it is another chip, and not when it was erased", () => {
    const flash = chip();
    flash.program(10, Uint8Array.of(0));
    for (const sector of [0, 1, 2, 3]) flash.erase(sector);
    expect(flash.isFresh).toBe(false);
    flash.program(10, Uint8Array.of(0));
    flash.renew();
    expect(flash.isFresh).toBe(true);
    expect(read(flash, 10, 1)).toEqual([0xff]);
  });

  it("only clears bits when it programs, and counts bits that it was asked to set", () => {
    const flash = chip();
    flash.program(10, Uint8Array.of(0b1010_1010));
    expect(flash.counts.unclearedBits).toBe(0);
    flash.program(10, Uint8Array.of(0b1100_1100));
    expect(read(flash, 10, 1)).toEqual([0b1000_1000]);
    expect(flash.counts.unclearedBits).toBe(1);
  });

  it("erases a sector and no other, and counts by sector", () => {
    const flash = chip();
    flash.program(255, new Uint8Array(258));
    flash.erase(1);
    expect(read(flash, 254, 4)).toEqual([0xff, 0, 0xff, 0xff]);
    expect(read(flash, 511, 2)).toEqual([0xff, 0]);
    expect([...flash.erases]).toEqual([0, 1, 0, 0]);
  });

  it("cuts a program in the middle: before done, after untouched, dead until powered on", () => {
    const flash = chip();
    flash.cutAfter(3);
    expect(() => flash.program(0, new Uint8Array(8))).toThrow(PowerCut);
    expect(() => read(flash, 0, 1)).toThrow(PowerCut);
    expect(flash.dead).toBe(true);
    flash.powerOn();
    const cells = read(flash, 0, 8);
    expect(cells.slice(0, 3)).toEqual([0, 0, 0]);
    expect(cells[3]).toBeGreaterThan(0);
    expect(cells[3]).toBeLessThan(0xff);
    expect(cells.slice(4)).toEqual([0xff, 0xff, 0xff, 0xff]);
  });

  it("cuts an erase in the middle and counts bytes over operations", () => {
    const flash = chip();
    flash.program(0, new Uint8Array(256));
    flash.cutAfter(4 + 100);
    flash.program(300, new Uint8Array(4));
    expect(() => flash.erase(0)).toThrow(PowerCut);
    flash.powerOn();
    expect(new Set(read(flash, 0, 100))).toEqual(new Set([0xff]));
    expect(new Set(read(flash, 101, 155))).toEqual(new Set([0]));
  });

  it("can leave bytes done, half done and not done in any order", () => {
    const flash = chip();
    flash.cutAfter(0, "scattered");
    expect(() => flash.program(0, new Uint8Array(200))).toThrow(PowerCut);
    flash.powerOn();
    const cells = read(flash, 0, 200);
    expect(cells.filter((cell) => cell === 0).length).toBeGreaterThan(30);
    expect(cells.filter((cell) => cell === 0xff).length).toBeGreaterThan(30);
    expect(cells.filter((cell) => cell > 0 && cell < 0xff).length).toBeGreaterThan(30);
  });

  it("refuses what lies outside", () => {
    expect(() => chip().read(1020, new Uint8Array(8))).toThrow(RangeError);
    expect(() => chip().erase(4)).toThrow(RangeError);
    expect(() => new NorFlash({ byteLength: 1000, sectorLength: 256 })).toThrow(RangeError);
  });
});
