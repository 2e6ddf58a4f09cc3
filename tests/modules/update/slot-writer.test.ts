import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { type Manifest, parseManifest } from "../../../modules/update/manifest";
import { type SlotFailure, SlotWriter } from "../../../modules/update/slot-writer";
import { nodeSignatures } from "../../../sim/device/node-signatures";
import { MemorySlots, sampleImage } from "../../support/memory-slots";
import { manifestOf } from "../../support/signed-release";

beforeEach(() => void vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] }));
afterEach(() => void vi.useRealTimers());

const IMAGE = sampleImage(20_011);
const BLOCK = 8_192;
const manifestFor = (image: Uint8Array, changes = {}) =>
  parseManifest(new TextEncoder().encode(JSON.stringify(manifestOf(image, changes, BLOCK)))) as Manifest;

function open(image = IMAGE, slots = new MemorySlots(), changes = {}) {
  const writer = new SlotWriter({
    slots,
    signatures: nodeSignatures,
    manifest: manifestFor(image, changes),
    boardId: "simulator",
  });
  return { writer, slots };
}

function check(writer: SlotWriter, index: number): boolean | "flash" {
  let result: boolean | "flash" | undefined;
  writer.check(index, (isRight) => {
    result = isRight;
  });
  expect(result).toBeUndefined();
  vi.advanceTimersByTime(1_000);
  return result!;
}

function verify(writer: SlotWriter): SlotFailure | undefined | "nothing" {
  let result: SlotFailure | undefined | "nothing" = "nothing";
  writer.verify((failure) => {
    result = failure;
  });
  vi.advanceTimersByTime(1_000);
  return result;
}

function write(writer: SlotWriter, index: number, image = IMAGE): SlotFailure | undefined {
  const { from, end } = writer.rangeOf(index);
  const refused = writer.begin(index);
  if (refused) return refused;
  for (let at = from; at < end; ) {
    const bytes = image.subarray(at, Math.min(at + Math.min(700, writer.room), end));
    const failure = writer.take(bytes);
    if (failure) return failure;
    at += bytes.length;
  }
  return writer.end(index);
}

test("An image is written block by block, and is what was signed", () => {
  const { writer, slots } = open();
  expect(writer.blockCount).toBe(3);
  for (let i = 0; i < 3; i++) {
    expect(check(writer, i)).toBe(false);
    expect(write(writer, i)).toBeUndefined();
    expect(check(writer, i)).toBe(true);
  }
  expect(verify(writer)).toBeUndefined();
  expect(Buffer.from(slots.chip.cells.subarray(0, IMAGE.length)).equals(Buffer.from(IMAGE))).toBe(true);
  expect(slots.calls).toEqual(["forget"]);
  expect(slots.chip.counts).toMatchObject({ erases: 5, programs: 20, unclearedBits: 0 });
  // The last write is filled up to whole units with what erased flash has.
  expect(slots.chip.cells.subarray(20_011, 20_032).every((byte) => byte === 0xff)).toBe(true);
});

test("What lies there already is right without a write, in any order", () => {
  const { slots } = open();
  slots.chip.cells.set(IMAGE);
  slots.chip.cells[9_000]! ^= 1;
  const { writer } = open(IMAGE, slots);
  expect([0, 1, 2].map((i) => check(writer, i))).toEqual([true, false, true]);
  expect(write(writer, 1)).toBeUndefined();
  expect(verify(writer)).toBeUndefined();
  expect(slots.chip.counts.erases).toBe(2);
});

test("Of an image no byte may be another: its block is refused", () => {
  const small = sampleImage(4_500);
  for (let at = 0; at < small.length; at++) {
    const { writer } = open(small);
    const changed = small.slice();
    changed[at]! ^= 1 << (at & 7);
    expect(write(writer, 0, changed), `byte ${at}`).toBe("bad-block");
  }
});

test("Nothing is erased before otadata has forgotten the slot", () => {
  const { writer, slots } = open();
  slots.works = false;
  expect(write(writer, 0)).toBe("flash");
  expect(slots.chip.counts.erases).toBe(0);
});

test.each(["pending", "new"] as const)(
  "Nothing is written while the running image is %s: the other slot is the way back",
  (state) => {
    const { writer, slots } = open();
    slots.running = state;
    expect(write(writer, 0)).toBe("on-trial");
    expect(slots.calls).toEqual([]);
    expect(slots.chip.counts).toMatchObject({ erases: 0, programs: 0 });
  },
);

test("A chip that fails is told, wherever it fails", () => {
  const { writer, slots } = open();
  const broken = vi.spyOn(slots.chip, "program").mockImplementation(() => {
    throw new Error("0x103");
  });
  expect(write(writer, 0)).toBe("flash");
  broken.mockRestore();
  vi.spyOn(slots.chip, "erase").mockImplementationOnce(() => {
    throw new Error("0x103");
  });
  expect(write(writer, 0)).toBe("flash");
  vi.spyOn(slots.chip, "read").mockImplementation(() => {
    throw new Error("0x103");
  });
  expect(check(writer, 0)).toBe("flash");
  expect(verify(writer)).toBe("flash");
});

test("What the flash did not keep is found when the whole is read back", () => {
  const { writer, slots } = open();
  for (let i = 0; i < 3; i++) write(writer, i);
  slots.chip.cells[19_999]! ^= 0x10;
  expect(verify(writer)).toBe("bad-image");
});

test.each([
  ["another board's", { board: "esp32" }],
  ["another release", { release: 11 }],
])("An image that says that it is %s is refused, whatever was signed of it", (_, facts) => {
  const image = sampleImage(20_011, facts);
  const { writer } = open(image);
  for (let i = 0; i < 3; i++) expect(write(writer, i, image)).toBeUndefined();
  expect(verify(writer)).toBe("wrong-image");
});

test("An image without a marker is refused", () => {
  const image = Uint8Array.from({ length: 9_000 }, (_, i) => i & 0x3f);
  const { writer } = open(image);
  for (let i = 0; i < 2; i++) write(writer, i, image);
  expect(verify(writer)).toBe("wrong-image");
});

test("The marker is found wherever it lies, also over the end of a window and at the image's end", () => {
  const places = [4_090, 4_095, 4_096 - 14, 4_096 - 15, 4_097, 8_191, 20_011 - 75];
  for (const markerAt of places) {
    const image = sampleImage(20_011, { markerAt });
    const { writer } = open(image);
    for (let i = 0; i < 3; i++) expect(write(writer, i, image)).toBeUndefined();
    expect(verify(writer), `at ${markerAt}`).toBeUndefined();
  }
});

test("Reading comes in turns, and ends with close", () => {
  const image = sampleImage(60_000);
  const { writer, slots } = open(image);
  const reads: number[] = [];
  const read = vi.spyOn(slots.chip, "read");
  const done = vi.fn();
  writer.verify(done);
  for (let turn = 0; turn < 3; turn++) {
    vi.advanceTimersToNextTimer();
    reads.push(read.mock.calls.length);
  }
  expect(reads).toEqual([16, 32, 48]);
  writer.close();
  writer.close();
  vi.advanceTimersByTime(1_000);
  expect(done).not.toHaveBeenCalled();
  expect(vi.getTimerCount()).toBe(0);
});
