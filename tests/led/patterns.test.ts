import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Rgb } from "../../led/led";
import { ONE_COLOUR_PATTERNS } from "../../led/one-colour/one-colour-patterns";
import { colourAt, moves, OVERLAY_PATTERNS, type Pattern, STATUS_PATTERNS } from "../../led/patterns";
import { fuzz } from "../support/volume";

const ALL: Pattern[] = [...Object.values(STATUS_PATTERNS), ...Object.values(OVERLAY_PATTERNS)];
const sum = ({ r, g, b }: Rgb): number => r + g + b;
const everyPattern = fc.constantFrom(...ALL);
const clock = fc.nat(2 ** 32 - 1);
const percent = fc.integer({ min: 1, max: 100 });

/** Share of each channel in the light, to compare colours at different brightness. */
function hue(colour: Rgb): [number, number, number] {
  const total = sum(colour);
  return [colour.r / total, colour.g / total, colour.b / total];
}

const distance = (a: Rgb, b: Rgb): number =>
  Math.hypot(...hue(a).map((share, channel) => share - hue(b)[channel]!));

describe("the LED table of the application note", () => {
  it.each([
    ["setup", "yellow", "pulse"],
    ["joining", "white", "pulse"],
    ["connecting", "blue", "pulse"],
    ["online", "blue", "solid"],
    ["offline", "white", "solid"],
  ] as const)("shows %s as %s %s", (status, colour, motion) => {
    expect(STATUS_PATTERNS[status]).toEqual({ colour, motion });
  });

  it("uses no pattern twice, overlays included", () => {
    expect(new Set(ALL.map((pattern) => JSON.stringify(pattern))).size).toBe(ALL.length);
  });
});

describe("colours", () => {
  const at = (colour: Pattern["colour"], brightness: number): Rgb =>
    colourAt({ colour, motion: "solid" }, 0, brightness);

  it.each([100, 50, 25])("are told apart by their share of channels at %i %% brightness", (brightness) => {
    const colours = (["yellow", "white", "blue", "red"] as const).map((name) => at(name, brightness));
    for (const [i, one] of colours.entries())
      for (const other of colours.slice(i + 1)) expect(distance(one, other)).toBeGreaterThan(0.3);
  });

  it("hold green and blue back, so that white is not bluish green and yellow not lime", () => {
    expect(at("white", 100)).toEqual({ r: 255, g: 176, b: 240 });
    expect(at("yellow", 100)).toEqual({ r: 255, g: 153, b: 0 });
    expect(at("blue", 100)).toEqual({ r: 0, g: 0, b: 255 });
  });

  it("follow gamma 2.2: half the brightness is 22 % of the duty", () => {
    expect(at("blue", 50).b).toBe(Math.round(255 * 0.5 ** 2.2));
  });
});

/** A colour as the eye sees it: where on the wheel, degrees, and how far from grey, 0 to 1. */
function eye({ r, g, b }: Rgb): { degrees: number; chroma: number } {
  // The LEDs' green and blue are held back to make white: an eye sees the shares of white.
  const [R, G, B] = [r / 255, g / 176, b / 240].map((channel) => Math.min(1, channel) ** (1 / 2.2)) as [
    number,
    number,
    number,
  ];
  const most = Math.max(R, G, B);
  const chroma = (most - Math.min(R, G, B)) / most;
  return {
    degrees: (Math.atan2(Math.sqrt(3) * (G - B), 2 * R - G - B) * 180) / Math.PI,
    chroma,
  };
}

describe("at every brightness that can be set", () => {
  const everyBrightness = Array.from({ length: 100 }, (_, i) => i + 1);
  const period = Array.from({ length: 61 }, (_, i) => i * 33);
  const pulses = ["setup", "joining", "connecting"] as const;

  it("a pulse moves: six levels at least, and a third of its lightness between the top and the bottom", () => {
    for (const brightness of everyBrightness)
      for (const status of pulses) {
        const levels = period.map((ms) => {
          const { r, g, b } = colourAt(STATUS_PATTERNS[status], ms, brightness);
          return Math.max(r, g, b);
        });
        expect(new Set(levels).size, `${status} at ${brightness}`).toBeGreaterThanOrEqual(6);
        const swing = (Math.min(...levels) / Math.max(...levels)) ** (1 / 2.2);
        expect(swing, `${status} at ${brightness}`).toBeLessThan(0.67);
      }
  });

  it("a colour keeps its hue, within 10 degrees, and white stays white", () => {
    for (const brightness of everyBrightness)
      for (const pattern of Object.values(STATUS_PATTERNS))
        for (const ms of period) {
          const told = eye(colourAt(pattern, ms, brightness));
          const where = `${pattern.colour} at ${brightness} %, ${ms} ms`;
          if (pattern.colour === "white") {
            expect(told.chroma, where).toBeLessThan(0.2);
            continue;
          }
          const meant = eye(colourAt({ ...pattern, motion: "solid" }, 0, 100));
          expect(Math.abs(told.degrees - meant.degrees), where).toBeLessThan(10);
          expect(told.chroma, where).toBeGreaterThan(0.9);
        }
  });

  it("more is never darker, and from 40 % on the eye sees what was set", () => {
    const top = (brightness: number): number => sum(colourAt(STATUS_PATTERNS.offline, 0, brightness));
    for (const brightness of everyBrightness.slice(1))
      expect(top(brightness)).toBeGreaterThanOrEqual(top(brightness - 1));
    for (const brightness of [40, 60, 80])
      expect(colourAt(STATUS_PATTERNS.online, 0, brightness).b).toBe(
        Math.round(255 * (brightness / 100) ** 2.2),
      );
  });
});

describe("the pulse", () => {
  const pulse = STATUS_PATTERNS.joining;

  it("is lowest at the start of a two-second period and full in its middle", () => {
    const lows = [0, 2000, 4000].map((ms) => sum(colourAt(pulse, ms, 100)));
    expect(new Set(lows).size).toBe(1);
    expect(colourAt(pulse, 1000, 100)).toEqual(colourAt(STATUS_PATTERNS.offline, 0, 100));
    for (let ms = 0; ms < 1000; ms += 10)
      expect(sum(colourAt(pulse, ms + 10, 100))).toBeGreaterThanOrEqual(sum(colourAt(pulse, ms, 100)));
  });

  it("rises and falls alike", () => {
    for (let ms = 0; ms <= 1000; ms += 33)
      expect(colourAt(pulse, ms, 80)).toEqual(colourAt(pulse, 2000 - ms, 80));
  });

  it("has no visible step: at most 7 % of full duty from one 33 ms step to the next", () => {
    for (let ms = 0; ms < 2000; ms++) {
      const change = colourAt(pulse, ms + 33, 100).r - colourAt(pulse, ms, 100).r;
      expect(Math.abs(change)).toBeLessThanOrEqual(255 * 0.07);
    }
  });

  it("is never dark, and never loses a channel of its colour, at any time and brightness", () => {
    fc.assert(
      fc.property(
        fc.constantFrom("setup", "joining", "connecting"),
        clock,
        percent,
        (status, ms, brightness) => {
          const pattern = STATUS_PATTERNS[status as keyof typeof STATUS_PATTERNS];
          const full = colourAt({ ...pattern, motion: "solid" }, 0, 100);
          const now = colourAt(pattern, ms, brightness);
          for (const channel of ["r", "g", "b"] as const) expect(now[channel] > 0).toBe(full[channel] > 0);
        },
      ),
      fuzz(2000),
    );
  });
});

describe("overlays", () => {
  it("blink twice a second, half on and half off", () => {
    const lit = [0, 249, 250, 499, 500].map(
      (ms) => sum(colourAt(OVERLAY_PATTERNS["hold-setup"], ms, 100)) > 0,
    );
    expect(lit).toEqual([true, true, false, false, true]);
  });

  it("identify flashes three times and pauses", () => {
    let flashes = 0;
    let before = false;
    for (let ms = 0; ms < 1500; ms++) {
      const lit = sum(colourAt(OVERLAY_PATTERNS.identify, ms, 100)) > 0;
      if (lit && !before) flashes++;
      before = lit;
    }
    expect(flashes).toBe(3);
    expect(before).toBe(false);
  });
});

it("every pattern stays within eight bits at any clock", () => {
  fc.assert(
    fc.property(everyPattern, clock, percent, (pattern, ms, brightness) => {
      const { r, g, b } = colourAt(pattern, ms, brightness);
      for (const value of [r, g, b]) expect(Number.isInteger(value) && value >= 0 && value <= 255).toBe(true);
    }),
    fuzz(2000),
  );
});

it("only solid patterns stand still", () => {
  expect(ALL.filter((pattern) => !moves(pattern)).map(({ colour }) => colour)).toEqual([
    "blue",
    "white",
    "red",
  ]);
});

describe("A light without colours", () => {
  const statuses = Object.keys(STATUS_PATTERNS) as (keyof typeof STATUS_PATTERNS)[];

  it("has a motion of its own for each status: what colour told apart elsewhere, motion does here", () => {
    const motions = statuses.map((status) => ONE_COLOUR_PATTERNS[status].motion);
    expect(new Set(motions).size).toBe(statuses.length);
  });

  it("stands still for the cloud and for nothing else", () => {
    const still = Object.entries(ONE_COLOUR_PATTERNS).filter(([, pattern]) => !moves(pattern));
    expect(still.map(([name]) => name)).toEqual(["online"]);
  });

  it("flashes less than three times in any second, and is never dark for as long as three", () => {
    for (const pattern of Object.values(ONE_COLOUR_PATTERNS)) {
      const lit = Array.from({ length: 12_000 }, (_, ms) => colourAt(pattern, ms, 100).r > 0);
      const onsets = lit.flatMap((is, ms) => (ms > 0 && is && !lit[ms - 1] ? [ms] : []));
      for (const at of onsets)
        expect(onsets.filter((each) => each >= at && each < at + 1_000).length).toBeLessThanOrEqual(3);
      for (let ms = 0; ms + 3_000 < lit.length; ms += 100) expect(lit.slice(ms, ms + 3_000)).toContain(true);
    }
  });
});
