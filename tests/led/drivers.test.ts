import { afterEach, describe, expect, it } from "vitest";
import { NeoPixelDriver } from "../../led/neopixel/neopixel-driver";
import { OneColourDriver } from "../../led/one-colour/one-colour-driver";
import { RgbPwmDriver } from "../../led/rgb-pwm/rgb-pwm-driver";
import NeoPixel from "../../sim/sdk/neopixel";
import PWM from "../../sim/sdk/pwm";

afterEach(() => {
  for (const pwm of PWM.opened.values()) pwm.close();
  for (const pixel of [...NeoPixel.opened]) pixel.close();
});

describe("NeoPixelDriver", () => {
  it("sends green first, at full scale", () => {
    const driver = new NeoPixelDriver({ pin: 27 });
    const [pixel] = NeoPixel.opened;
    driver.write({ r: 255, g: 128, b: 1 });
    expect(pixel?.pin).toBe(27);
    // The SDK scales by brightness/256, so 255 goes out as 254.
    expect(pixel?.sent).toEqual([[128, 254, 1]]);
  });

  it("sends in the order it is told", () => {
    const driver = new NeoPixelDriver({ pin: 27, order: "RGB" });
    driver.write({ r: 2, g: 4, b: 8 });
    expect(NeoPixel.opened[0]?.sent).toEqual([[2, 4, 8]]);
  });

  it("shows one light on every lamp of a bar, and leaves all of them dark", () => {
    const driver = new NeoPixelDriver({ pin: 10, length: 11 });
    const pixel = NeoPixel.opened[0]!;
    driver.write({ r: 0, g: 0, b: 255 });
    driver.close();
    expect(pixel.sent).toEqual([Array.from({ length: 11 }, () => [0, 0, 254]).flat(), new Array(33).fill(0)]);
  });

  it("goes dark when closed, once, and takes no more writes", () => {
    const driver = new NeoPixelDriver({ pin: 8 });
    const pixel = NeoPixel.opened[0]!;
    driver.write({ r: 9, g: 9, b: 9 });
    driver.close();
    driver.close();
    driver.write({ r: 9, g: 9, b: 9 });
    expect(pixel.sent.slice(1)).toEqual([[0, 0, 0]]);
    expect(NeoPixel.opened).toEqual([]);
  });
});

describe("OneColourDriver", () => {
  it("shows how strong the light is, and is dark at first and when closed", () => {
    const driver = new OneColourDriver({ pin: 10 });
    const { written } = PWM.opened.get(10)!;
    driver.write({ r: 51, g: 102, b: 0 });
    driver.close();
    driver.close();
    expect(written).toEqual([0, Math.round((102 * 1023) / 255), 0]);
  });
});

describe("RgbPwmDriver", () => {
  const PINS = { red: 25, green: 26, blue: 27 };
  const duties = (): (number | undefined)[] => [25, 26, 27].map((pin) => PWM.opened.get(pin)?.written.at(-1));

  it("is dark at first", () => {
    new RgbPwmDriver(PINS);
    expect(duties()).toEqual([0, 0, 0]);
  });

  it("scales eight bits to the resolution of the PWM", () => {
    const driver = new RgbPwmDriver(PINS);
    driver.write({ r: 255, g: 128, b: 1 });
    expect(duties()).toEqual([1023, Math.round((128 * 1023) / 255), 4]);
  });

  it("inverts for a common anode, also when dark", () => {
    const driver = new RgbPwmDriver({ ...PINS, commonAnode: true });
    expect(duties()).toEqual([1023, 1023, 1023]);
    driver.write({ r: 255, g: 0, b: 1 });
    expect(duties()).toEqual([0, 1023, 1019]);
  });

  it("goes dark and frees its pins when closed, and takes no more writes", () => {
    const driver = new RgbPwmDriver({ ...PINS, commonAnode: true });
    driver.write({ r: 255, g: 255, b: 255 });
    const red = PWM.opened.get(25)!;
    driver.close();
    driver.close();
    driver.write({ r: 1, g: 1, b: 1 });
    expect(red.written.at(-1)).toBe(1023);
    expect(PWM.opened.size).toBe(0);
  });

  it("frees the pins that it had when one cannot be opened", () => {
    for (const pin of [1, 2, 3]) new PWM({ pin });
    expect(() => new RgbPwmDriver(PINS)).toThrow("no ledc channel");
    expect([...PWM.opened.keys()]).toEqual([1, 2, 3]);
  });
});
