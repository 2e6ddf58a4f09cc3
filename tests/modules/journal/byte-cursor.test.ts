import { expect, it } from "vitest";
import { ByteCursor } from "../../../modules/journal/byte-cursor";

const over = (...bytes: number[]): ByteCursor => new ByteCursor(Uint8Array.from(bytes));

it("fills its bytes to the last, and says that more are lost", () => {
  const cursor = new ByteCursor(new Uint8Array(2));
  cursor.putByte(1);
  cursor.putByte(2);
  expect([cursor.overrun, cursor.at, cursor.isAtEnd]).toEqual([false, 2, true]);
  cursor.putByte(3);
  expect([cursor.overrun, cursor.at, [...cursor.bytes]]).toEqual([true, 2, [1, 2]]);
});

it("stops where it was told to, though the bytes go on", () => {
  const cursor = new ByteCursor(new Uint8Array(4), 1, 2);
  expect(cursor.isAtEnd).toBe(false);
  cursor.putFixed(0x0203, 2);
  expect([cursor.overrun, [...cursor.bytes]]).toEqual([true, [0, 3, 0, 0]]);
});

it("gives 0 behind its end, and says so", () => {
  const cursor = over(7);
  expect([cursor.takeByte(), cursor.overrun]).toEqual([7, false]);
  expect([cursor.takeByte(), cursor.overrun, cursor.at]).toEqual([0, true, 1]);
});

it.each([
  [0, [0]],
  [127, [127]],
  [128, [0x80, 1]],
  [300, [0xac, 2]],
  [16_383, [0xff, 0x7f]],
  [16_384, [0x80, 0x80, 1]],
  [2 ** 35 - 1, [0xff, 0xff, 0xff, 0xff, 0x7f]],
])("writes %i as the bytes %j, and reads it back", (value, bytes) => {
  const cursor = new ByteCursor(new Uint8Array(8));
  cursor.putVarint(value);
  expect([...cursor.bytes.subarray(0, cursor.at)]).toEqual(bytes);
  const read = over(...bytes);
  expect([read.takeVarint(), read.isAtEnd, read.overrun]).toEqual([value, true, false]);
});

it("takes no number of more than five bytes, and none that is cut off", () => {
  const long = over(0x80, 0x80, 0x80, 0x80, 0x80, 1);
  expect([long.takeVarint(), long.overrun, long.at]).toEqual([0, true, 5]);
  const cut = over(0x80);
  cut.takeVarint();
  expect(cut.overrun).toBe(true);
});

it("counts on in numbers of fixed size and signed ones", () => {
  const cursor = new ByteCursor(new Uint8Array(6));
  cursor.putFixed(0x1_0203, 3);
  for (const value of [0, -1, 1]) cursor.putSigned(value);
  expect([...cursor.bytes]).toEqual([3, 2, 1, 0, 1, 2]);
  cursor.at = 0;
  expect([cursor.takeFixed(3), cursor.takeSigned(), cursor.takeSigned(), cursor.takeSigned()]).toEqual([
    0x1_0203, 0, -1, 1,
  ]);
});
