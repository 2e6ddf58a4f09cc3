// Which time is seen, and how that moves.

export const RANGES = {
  hour: 3_600,
  day: 86_400,
  week: 7 * 86_400,
  month: 30 * 86_400,
  year: 365 * 86_400,
} as const;

export type RangeName = keyof typeof RANGES;
export const RANGE_NAMES = Object.keys(RANGES) as readonly RangeName[];

/** Unix seconds. */
export interface Window {
  readonly from: number;
  readonly to: number;
}

export interface View {
  readonly range: RangeName;
  /** What somebody chose within it; absent: the range up to now, which moves on. */
  readonly zoom?: Window;
}

/** Shorter than that nothing is seen any more. */
const SHORTEST = 60;

/** Ends on whole seconds; at `now`, Unix seconds, where nothing was chosen. */
export function windowOf({ range, zoom }: View, now: number): Window {
  const to = Math.ceil(now);
  return zoom ?? { from: to - RANGES[range], to };
}

/** A part of the window around `middle`, a share of it from 0 to 1; never later than `now`. */
export function zoomed({ from, to }: Window, factor: number, now: number, middle = 0.5): Window {
  const length = to - from;
  const wanted = Math.min(Math.max(length * factor, SHORTEST), RANGES.year * 2);
  const start = from + length * middle - wanted * middle;
  return kept({ from: start, to: start + wanted }, now);
}

/** Moved by a share of its length; never later than `now`. */
export function moved({ from, to }: Window, share: number, now: number): Window {
  const by = (to - from) * share;
  return kept({ from: from + by, to: to + by }, now);
}

function kept({ from, to }: Window, now: number): Window {
  const late = Math.max(0, to - Math.ceil(now));
  return { from: Math.floor(from - late), to: Math.ceil(to - late) };
}

/** What somebody dragged over, in either direction; `undefined`: too little to mean it. */
export function dragged(a: number, b: number): Window | undefined {
  const [from, to] = [Math.floor(Math.min(a, b)), Math.ceil(Math.max(a, b))];
  return to - from < 2 ? undefined : { from, to: Math.max(to, from + SHORTEST) };
}

/** How often a window that moves on is asked for anew, ms: each time that a point may have come. */
export const refreshMs = ({ from, to }: Window): number =>
  Math.min(Math.max(((to - from) / 800) * 1_000, 5_000), 300_000);
