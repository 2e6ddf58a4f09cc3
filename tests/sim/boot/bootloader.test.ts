import { describe, expect, it } from "vitest";
import { OtaData } from "../../../sim/boot/ota-data";
import { simImage } from "../../../sim/boot/sim-image";
import { PowerCut } from "../../../sim/device/power-line";
import { SmallBoard } from "./rig";

/** A board that runs "new" for the first time. */
function onTrial(): SmallBoard {
  const board = new SmallBoard();
  expect(board.boot()).toBe("old");
  board.write("new");
  expect(board.slots.activate()).toBe("ok");
  expect(board.boot()).toBe("new");
  return board;
}

describe("otadata", () => {
  it("is laid out as the IDF's: the first boot writes number 1, valid, and its checksum", () => {
    const board = new SmallBoard();
    board.boot();
    const entry = Buffer.alloc(32, 0xff);
    entry.writeUInt32LE(1, 0);
    entry.writeUInt32LE(2, 24);
    // What esp-idf's otatool and every board in the field have for 1.
    entry.writeUInt32LE(0x4743989a, 28);
    expect(Buffer.from(board.otadata.cells.subarray(0, 32))).toEqual(entry);
    expect(new Set(board.otadata.cells.subarray(256))).toEqual(new Set([0xff]));
  });

  it("numbers the slots in turn, upwards", () => {
    expect([1, 2, 3, 7].map((seq) => OtaData.seqFor(0, seq))).toEqual([1, 3, 3, 7]);
    expect([1, 2, 3, 7].map((seq) => OtaData.seqFor(1, seq))).toEqual([2, 2, 4, 8]);
  });

  it("says of a slot what the whole entry for it says, and of any other value that it is undefined", () => {
    const board = onTrial();
    expect([board.slots.runningState(), board.slots.otherState()]).toEqual(["pending", "valid"]);
    new OtaData(board.otadata).write(1, 2, 77);
    expect(board.slots.runningState()).toBe("undefined");
    board.otadata.erase(1);
    expect(board.slots.runningState()).toBe("none");
  });
});

describe("the bootloader", () => {
  it("boots a new image once, and goes back to the old one when it was not confirmed", () => {
    const board = onTrial();
    expect(board.boot()).toBe("old");
    expect(board.slots.otherState()).toBe("aborted");
    expect(board.boot()).toBe("old");
  });

  it("stays with a confirmed one, and the next update takes the other slot", () => {
    const board = onTrial();
    expect(board.slots.confirm()).toBe(true);
    expect(board.slots.runningState()).toBe("valid");
    expect([board.boot(), board.boot()]).toEqual(["new", "new"]);
    board.write("newer");
    expect(board.slots.otherState()).toBe("none");
    expect(board.slots.activate()).toBe("ok");
    expect(board.boot()).toBe("newer");
    expect(board.boot()).toBe("new");
  });

  it("starts an aborted image again when it is activated again, without a new download", () => {
    const board = onTrial();
    board.boot();
    expect(board.slots.activate()).toBe("ok");
    expect(board.boot()).toBe("new");
    expect(board.slots.confirm()).toBe(true);
    expect(board.boot()).toBe("new");
  });

  it("goes back at once from a rejected one, and never starts it again by itself", () => {
    const board = onTrial();
    expect(board.slots.reject()).toBe(true);
    expect(board.boot()).toBe("old");
    expect(board.slots.otherState()).toBe("invalid");
    expect(board.boot()).toBe("old");
  });

  it("keeps the way back although the first boot's entry was cut off while it was written", () => {
    const board = new SmallBoard();
    board.power.cutAfter(256 + 16);
    expect(() => board.boot()).toThrow(PowerCut);
    expect(board.bootAfterAll()).toBe("old");
    expect(board.slots.runningState()).toBe("none");
    board.write("new");
    expect(board.slots.activate()).toBe("ok");
    expect(board.boot()).toBe("new");
    expect(board.slots.reject()).toBe(true);
    expect(board.boot()).toBe("old");
  });

  it("does not reject the only image that there is", () => {
    const board = new SmallBoard();
    board.boot();
    expect(board.slots.reject()).toBe(false);
    const trial = onTrial();
    trial.chips[0].cells[60]! ^= 1;
    expect(trial.slots.reject()).toBe(false);
  });

  it("starts the other slot when the chosen one is damaged", () => {
    const board = onTrial();
    board.slots.confirm();
    board.chips[1].cells[60]! ^= 1;
    expect(board.boot()).toBe("old");
    board.chips[0].cells[60]! ^= 1;
    expect(board.boot()).toBeUndefined();
  });

  it("starts the first slot when neither entry is whole, and writes a new first entry", () => {
    const board = onTrial();
    board.slots.confirm();
    for (const sector of [0, 1]) board.otadata.cells[sector * 256 + 28]! ^= 1;
    // Broken entries that are not given up: it tries all, and mends nothing.
    expect(board.boot()).toBe("old");
    expect(board.slots.runningState()).toBe("none");
    board.otadata.cells.fill(0xff);
    expect(board.boot()).toBe("old");
    expect(board.slots.runningState()).toBe("valid");
  });

  it("takes no image that a byte is wrong in, and does not activate one", () => {
    const image = simImage("new");
    for (let at = 0; at < image.length; at++) {
      const board = new SmallBoard();
      board.boot();
      board.write("new");
      board.chips[1].cells[at]! ^= 0x04;
      expect(board.slots.activate(), `byte ${at}`).toBe("bad-image");
      expect(board.boot()).toBe("old");
    }
  });
});

describe("a slot's flash", () => {
  it("takes whole blocks of 16 bytes only, and nothing once it is closed", () => {
    const board = new SmallBoard();
    board.boot();
    const flash = board.slots.open();
    expect(() => flash.write(0, new Uint8Array(15))).toThrow(RangeError);
    expect(() => flash.write(8, new Uint8Array(16))).toThrow(RangeError);
    flash.close();
    expect(() => flash.erase(0)).toThrow("closed");
  });

  it("pads an image to 16 bytes, whatever its length", () => {
    for (let length = 0; length < 40; length++)
      expect(simImage("x".repeat(length)).length % 16, `${length}`).toBe(0);
  });
});
