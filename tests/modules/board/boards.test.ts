import { beforeEach, describe, expect, it, vi } from "vitest";
import type { BoardPins } from "../../../modules/board/board";

const mocks = vi.hoisted(() => ({ config: {} as { led?: { pin: number } } }));
vi.mock("mc/config", () => ({ default: mocks.config }));

/** Board files ask the hardware when they are evaluated: each call is a boot with hardware of its own. */
async function boot(file: string, resetReason = 1) {
  vi.resetModules();
  const { next } = await import("../../../sim/sdk/reset-reason");
  next.reason = resetReason;
  const { pins } = (await import(`../../../modules/board/${file}.ts`)) as { pins: BoardPins };
  const Digital = (await import("../../../sim/sdk/digital")).default;
  const NeoPixel = (await import("../../../sim/sdk/neopixel")).default;
  const PWM = (await import("../../../sim/sdk/pwm")).default;
  return { pins, Digital, NeoPixel, PWM };
}

beforeEach(() => {
  delete mocks.config.led;
});

describe.each([
  ["esp32-devkitc", "ESP32-DevKitC", 0],
  ["m5atom-lite", "M5Atom Lite", 39],
  ["esp32c3-devkit", "ESP32-C3-DevKit", 9],
  ["esp32s3-devkit", "ESP32-S3-DevKitC", 0],
])("%s", (file, name, button) => {
  it("names itself", async () => {
    expect((await boot(file)).pins.name).toBe(name);
  });

  it(`reads a button to ground on GPIO ${button}`, async () => {
    const { pins, Digital } = await boot(file);
    Digital.setLevel(button, 1);
    expect(pins.readButton?.()).toBe(false);
    Digital.setLevel(button, 0);
    expect(pins.readButton?.()).toBe(true);
  });

  it("pulls the button's pin up inside unless the board does it", async () => {
    const { pins, Digital } = await boot(file);
    Digital.setLevel(button, undefined);
    expect(pins.readButton?.()).toBe(file === "m5atom-lite");
  });
});

it.each([
  ["m5atom-lite", 27],
  ["esp32c3-devkit", 8],
  ["esp32s3-devkit", 48],
])("%s lights an addressable LED on GPIO %i", async (file, pin) => {
  const { pins, NeoPixel } = await boot(file);
  pins.openLed().write({ r: 255, g: 0, b: 0 });
  expect(NeoPixel.opened.map((pixel) => [pixel.pin, pixel.sent])).toEqual([[pin, [[0, 254, 0]]]]);
});

it("esp32s3-devkit takes the LED's pin of board revision 1.1 from the manifest", async () => {
  mocks.config.led = { pin: 38 };
  const { pins, NeoPixel } = await boot("esp32s3-devkit");
  pins.openLed();
  expect(NeoPixel.opened.map(({ pin }) => pin)).toEqual([38]);
});

it("esp32-devkitc lights an RGB LED on GPIO 25, 26 and 27", async () => {
  const { pins, PWM } = await boot("esp32-devkitc");
  pins.openLed().write({ r: 255, g: 0, b: 0 });
  expect([25, 26, 27].map((pin) => PWM.opened.get(pin)?.written.at(-1))).toEqual([1023, 0, 0]);
});

it.each([
  [1, "power-on"],
  [3, "restart"],
  [4, "panic"],
  [6, "task watchdog"],
  [9, "brownout"],
  [15, "CPU lock-up"],
  [99, "unknown (99)"],
])("says why the last run ended: %i is %s", async (reason, text) => {
  expect((await boot("m5atom-lite", reason)).pins.resetReason).toBe(text);
});

it("restarts through the SDK and says why on the console", async () => {
  const restart = vi.fn();
  const log = vi.fn();
  vi.stubGlobal("System", { restart });
  vi.stubGlobal("trace", log);
  (await boot("m5atom-lite")).pins.restart("a person asked");
  expect(log).toHaveBeenCalledWith("restart: a person asked\n");
  expect(restart).toHaveBeenCalledOnce();
  vi.unstubAllGlobals();
});
