import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Rgb } from "../../led/led";
import { colourAt, STATUS_PATTERNS } from "../../led/patterns";
import { StatusLed } from "../../led/status-led";
import { STATUSES } from "../support/statuses";

class RecordingDriver {
  readonly written: { at: number; colour: Rgb }[] = [];
  closed = 0;
  write(colour: Rgb): void {
    this.written.push({ at: performance.now(), colour });
  }
  close(): void {
    this.closed++;
  }
  get last(): Rgb | undefined {
    return this.written.at(-1)?.colour;
  }
}

const same = (a: Rgb, b: Rgb | undefined): boolean => a.r === b?.r && a.g === b.g && a.b === b.b;

const BLUE = { r: 0, g: 0, b: 255 };
const WHITE = { r: 255, g: 176, b: 240 };
const RED = { r: 255, g: 0, b: 0 };
let driver: RecordingDriver;
let led: StatusLed;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
  driver = new RecordingDriver();
  led = new StatusLed({ driver });
});

afterEach(() => {
  led.close();
  vi.useRealTimers();
});

describe("StatusLed", () => {
  it("is dark until it is told a status", () => {
    vi.advanceTimersByTime(1000);
    expect(driver.written).toEqual([]);
    expect(vi.getTimerCount()).toBe(0);
  });

  it("writes a solid colour once and runs no timer", () => {
    led.show("online");
    led.show("online");
    vi.advanceTimersByTime(10_000);
    expect(driver.written.map(({ colour }) => colour)).toEqual([BLUE]);
    expect(vi.getTimerCount()).toBe(0);
  });

  it.each(STATUSES.filter((status) => status !== "online" && status !== "offline"))(
    "shows of %s what the clock says, never more than a step of 33 ms late",
    (status) => {
      led.show(status);
      for (let now = 0; now < 4000; now++) {
        let late = 0;
        while (!same(colourAt(STATUS_PATTERNS[status], now - late, 100), driver.last) && late <= now) late++;
        expect(late).toBeLessThanOrEqual(33);
        vi.advanceTimersByTime(1);
      }
    },
  );

  it("writes only when the colour changes", () => {
    led.brightness = 1;
    led.show("joining");
    vi.advanceTimersByTime(10_000);
    const written = driver.written.map((colour) => JSON.stringify(colour));
    expect(written.filter((colour, i) => colour === written[i - 1])).toEqual([]);
    // 303 steps in ten seconds.
    expect(written.length).toBeLessThan(150);
  });

  it("takes the phase from the clock, so that a late step does not shift it", () => {
    vi.advanceTimersByTime(700);
    led.show("connecting");
    const direct = driver.last;
    led.show("offline");
    vi.advanceTimersByTime(2000);
    led.show("connecting");
    expect(driver.last).toEqual(direct);
  });

  it("ends the timer when the pattern becomes solid", () => {
    led.show("joining");
    expect(vi.getTimerCount()).toBe(1);
    led.show("offline");
    expect(vi.getTimerCount()).toBe(0);
    expect(driver.last).toEqual(WHITE);
  });

  it("puts a held button over the status and gives the status back", () => {
    led.show("online");
    led.acknowledge("setup");
    const blinking = driver.written.length;
    vi.advanceTimersByTime(1000);
    expect(driver.written.length - blinking).toBeGreaterThanOrEqual(3);
    expect(driver.written.some(({ colour }) => colour.r === 0 && colour.g === 0 && colour.b === 0)).toBe(
      true,
    );
    led.acknowledge("factory-reset");
    expect(driver.last).toEqual(RED);
    led.show("offline");
    expect(driver.last).toEqual(RED);
    led.acknowledge(undefined);
    expect(driver.last).toEqual(WHITE);
  });

  it("flashes for as long as it is asked to identify, below a held button", () => {
    led.show("online");
    led.identify(3000);
    vi.advanceTimersByTime(125);
    led.acknowledge("factory-reset");
    expect(driver.last).toEqual(RED);
    led.acknowledge(undefined);
    vi.advanceTimersByTime(3000);
    expect(driver.last).toEqual(BLUE);
    expect(vi.getTimerCount()).toBe(0);
  });

  it("ends identify when told 0", () => {
    led.show("online");
    led.identify(60_000);
    led.identify(0);
    expect(driver.last).toEqual(BLUE);
    expect(vi.getTimerCount()).toBe(0);
  });

  it("takes a new brightness at once, also while solid", () => {
    led.show("online");
    led.brightness = 50;
    expect(driver.last).toEqual({ r: 0, g: 0, b: Math.round(255 * 0.5 ** 2.2) });
    expect(led.brightness).toBe(50);
  });

  it.each([0, 101, -1, Number.NaN])("refuses brightness %s", (percent) => {
    expect(() => {
      led.brightness = percent;
    }).toThrow(RangeError);
    expect(() => new StatusLed({ driver, brightness: percent })).toThrow(RangeError);
  });

  it("closes its driver once, leaves no timer and writes nothing more", () => {
    led.show("joining");
    led.identify(5000);
    led.close();
    led.close();
    const count = driver.written.length;
    led.show("setup");
    led.identify(5000);
    led.brightness = 10;
    vi.advanceTimersByTime(10_000);
    expect(driver.closed).toBe(1);
    expect(driver.written.length).toBe(count);
    expect(vi.getTimerCount()).toBe(0);
  });
});
