import { beforeEach, expect, it, vi } from "vitest";
import { openEsp32Slots } from "../../../modules/update/esp32/esp32-slots";
import { NorFlash } from "../../../sim/device/nor-flash";

const mocks = vi.hoisted(() => ({
  native: { two: true, running: 0, other: 0, activated: 0, good: true },
  opened: [] as object[],
  chip: undefined as unknown,
}));
vi.mock("../../../modules/update/esp32/slots", () => ({
  areTwo: () => mocks.native.two,
  running: () => mocks.native.running,
  other: () => mocks.native.other,
  forget: () => mocks.native.good,
  activate: () => mocks.native.activated,
  confirm: () => mocks.native.good,
  reject: () => mocks.native.good,
}));
vi.mock("embedded:storage/flash", async (original) => {
  const { Flash } = await original<typeof import("../../../sim/sdk/flash")>();
  const open = (options: object) => {
    mocks.opened.push(options);
    return new Flash(mocks.chip as NorFlash);
  };
  return { default: { open } };
});

let chip: NorFlash;
beforeEach(() => {
  Object.assign(mocks.native, { two: true, running: 0, other: 0, activated: 0, good: true });
  mocks.opened.length = 0;
  mocks.chip = chip = new NorFlash({ byteLength: 4 * 4096, sectorLength: 4096 });
});

it("there are no slots where the table has one place for an image", () => {
  mocks.native.two = false;
  expect(openEsp32Slots()).toBeUndefined();
});

it.each([
  [0, "none"],
  [1, "new"],
  [2, "pending"],
  [3, "valid"],
  [4, "invalid"],
  [5, "aborted"],
  [6, "undefined"],
])("state %i of slots.h is %s, of either slot", (number, name) => {
  Object.assign(mocks.native, { running: number, other: 3 });
  const slots = openEsp32Slots()!;
  expect([slots.runningState(), slots.otherState()]).toEqual([name, "valid"]);
  Object.assign(mocks.native, { running: 3, other: number });
  expect([slots.runningState(), slots.otherState()]).toEqual(["valid", name]);
});

it("activating tells a bad image from flash that refuses", () => {
  const slots = openEsp32Slots()!;
  const results = [0, 1, 2].map((activated) => {
    mocks.native.activated = activated;
    return slots.activate();
  });
  expect(results).toEqual(["ok", "bad-image", "flash"]);
});

it.each([true, false])("forgetting, confirming and rejecting say whether they could: %s", (good) => {
  mocks.native.good = good;
  const slots = openEsp32Slots()!;
  expect([slots.forget(), slots.confirm(), slots.reject()]).toEqual([good, good, good]);
});

it("opens the slot that does not run, and no flash is touched before", () => {
  const slots = openEsp32Slots()!;
  expect(mocks.opened).toEqual([]);
  const flash = slots.open();
  expect(mocks.opened).toEqual([{ path: "nextota", mode: "r+" }]);
  expect([flash.byteLength, flash.sectorLength]).toEqual([16_384, 4_096]);
});

it("erases one sector, writes at a place and reads it back", () => {
  chip.cells.fill(0);
  const flash = openEsp32Slots()!.open();
  flash.erase(2);
  const bytes = Uint8Array.from({ length: 32 }, (_, i) => i);
  flash.write(2 * 4096 + 16, bytes);
  const read = new Uint8Array(32);
  flash.read(2 * 4096 + 16, read);
  expect(read).toEqual(bytes);
  expect([chip.cells[2 * 4096 - 1], chip.cells[2 * 4096], chip.cells[3 * 4096]]).toEqual([0, 0xff, 0]);
});

it("throws once it is closed, as the SDK's flash does", () => {
  const flash = openEsp32Slots()!.open();
  flash.close();
  expect(() => flash.erase(0)).toThrow();
});
