import { expect, test } from "vitest";
import { asRelease, bundleFirmware } from "../../../sim/device/firmware";

test("A bundle as another release is what its sources give when they are bundled with that config", async () => {
  const [first, seventh] = await Promise.all([
    bundleFirmware(1, { updateKeys: ["a"] }),
    bundleFirmware(1, { updateKeys: ["a"], release: 7, firmwareVersion: "0.7.0" }),
  ]);
  expect(asRelease(first, 7) === seventh).toBe(true);
  expect(first === seventh).toBe(false);
  expect(seventh).toContain('AEROLINK-IMAGE{"v":1,"board":"simulator","release":7,"version":"0.7.0"}');
});
