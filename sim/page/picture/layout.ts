import type { HopName } from "../../live/protocol";

export interface Spot {
  readonly x: number;
  readonly y: number;
  /** Of the drawing that stands there; default 1. */
  readonly scale?: number;
}

/** What stands in the picture, besides the room itself. All but the cloud stand on their spot, which is in its middle. */
export const THINGS = ["device", "phone", "router", "pole", "signpost", "tower", "cloud"] as const;
export type Thing = (typeof THINGS)[number];

/** What a person touches: each hop, and the phone. */
export type Touched = HopName | "phone";

export interface Area {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

const area = (x: number, y: number, width: number, height: number): Area => ({ x, y, width, height });

/** A stretch of the way that leads to a hop: how it is drawn, and where it breaks. */
export interface Stretch {
  readonly d: string;
  readonly breaks: Spot;
}

export interface Layout {
  readonly name: "wide" | "tall";
  readonly width: number;
  readonly height: number;
  readonly things: Readonly<Record<Thing, Spot>>;
  /** Of the routers that the device has not joined. */
  readonly others: readonly Spot[];
  /** Top middle of each name plate. */
  readonly plates: Readonly<Record<Touched, Spot>>;
  /** What answers to a touch. */
  readonly areas: Readonly<Record<Touched, Area>>;
  /** The first is through the air. */
  readonly way: Readonly<Record<Exclude<HopName, "device">, Stretch>>;
  readonly waves: string;
  readonly setupWaves: string;
  /** Where words about a break end: a line leads from there to it. */
  readonly bubble?: Spot;
}

/** The house cut open: indoors on the left, the line in the street on the right. */
const WIDE: Layout = {
  name: "wide",
  width: 1000,
  height: 590,
  things: {
    device: { x: 210, y: 425 },
    phone: { x: 420, y: 425 },
    router: { x: 556, y: 300 },
    pole: { x: 694, y: 520 },
    signpost: { x: 782, y: 520 },
    tower: { x: 878, y: 520 },
    cloud: { x: 828, y: 122 },
  },
  others: [
    { x: 524, y: 420, scale: 0.5 },
    { x: 590, y: 420, scale: 0.5 },
    { x: 556, y: 500, scale: 0.5 },
  ],
  plates: {
    device: { x: 210, y: 448 },
    phone: { x: 420, y: 448 },
    router: { x: 556, y: 318 },
    internet: { x: 694, y: 540 },
    dns: { x: 786, y: 506 },
    sntp: { x: 882, y: 540 },
    broker: { x: 828, y: 122 },
  },
  areas: {
    device: area(76, 196, 268, 232),
    phone: area(386, 310, 68, 118),
    router: area(494, 196, 124, 108),
    internet: area(662, 268, 64, 256),
    dns: area(738, 292, 88, 206),
    sntp: area(848, 244, 60, 280),
    broker: area(700, 36, 250, 152),
  },
  way: {
    router: { d: "", breaks: { x: 440, y: 262 } },
    internet: {
      d: "M606 284c26 0 28 56 44 56s14-50 44-50",
      breaks: { x: 650, y: 334 },
    },
    dns: { d: "M694 290q46 62 88 32", breaks: { x: 740, y: 324 } },
    sntp: { d: "M782 322q52 28 78-20", breaks: { x: 826, y: 325 } },
    broker: { d: "M878 248q2-34-26-62", breaks: { x: 874, y: 216 } },
  },
  waves: "translate(494 262)",
  setupWaves: "translate(352 350) scale(-0.6 0.6)",
  bubble: { x: 520, y: 84 },
};

/** The same one above the other: the street over the roof, for a page as wide as a phone. */
const TALL: Layout = {
  name: "tall",
  width: 390,
  height: 612,
  things: {
    device: { x: 122, y: 540, scale: 0.78 },
    phone: { x: 326, y: 540, scale: 0.9 },
    router: { x: 318, y: 342, scale: 0.8 },
    pole: { x: 348, y: 206, scale: 0.5 },
    signpost: { x: 278, y: 206, scale: 0.5 },
    tower: { x: 206, y: 206, scale: 0.5 },
    cloud: { x: 98, y: 96, scale: 0.72 },
  },
  others: [
    { x: 262, y: 436, scale: 0.42 },
    { x: 312, y: 436, scale: 0.42 },
    { x: 362, y: 436, scale: 0.42 },
  ],
  plates: {
    device: { x: 122, y: 556 },
    phone: { x: 326, y: 556 },
    router: { x: 318, y: 356 },
    internet: { x: 326, y: 190 },
    dns: { x: 276, y: 160 },
    sntp: { x: 206, y: 190 },
    broker: { x: 98, y: 92 },
  },
  areas: {
    device: area(18, 360, 208, 180),
    phone: area(292, 434, 68, 106),
    router: area(266, 260, 104, 84),
    internet: area(318, 72, 56, 130),
    dns: area(246, 88, 62, 114),
    sntp: area(186, 66, 40, 138),
    broker: area(6, 30, 166, 112),
  },
  way: {
    router: { d: "", breaks: { x: 240, y: 366 } },
    internet: { d: "M352 330c18 0 18-40 16-92s12-140-20-146", breaks: { x: 369, y: 262 } },
    dns: { d: "M348 92q-34 30-70 12", breaks: { x: 313, y: 112 } },
    sntp: { d: "M278 104q-34 22-62-4", breaks: { x: 246, y: 112 } },
    broker: { d: "M206 70q-26-26-62-4", breaks: { x: 174, y: 54 } },
  },
  waves: "translate(276 366) rotate(-38) scale(0.55)",
  setupWaves: "translate(236 500) scale(-0.5 0.5)",
};

export const LAYOUTS = { wide: WIDE, tall: TALL } as const;

const percent = (part: number, whole: number): string => `${(100 * part) / whole}%`;

/** Where a spot is, for what lies over the drawing. */
export function placed({ width, height }: Layout, { x, y }: Spot): { left: string; top: string } {
  return { left: percent(x, width), top: percent(y, height) };
}

/** Where what is touched lies, and its plate within. */
export function touchable(layout: Layout, what: Touched) {
  const { x, y, width, height } = layout.areas[what];
  const plate = layout.plates[what];
  return {
    area: {
      ...placed(layout, { x, y }),
      width: percent(width, layout.width),
      height: percent(height, layout.height),
    },
    plate: { left: percent(plate.x - x, width), top: percent(plate.y - y, height) },
  };
}
