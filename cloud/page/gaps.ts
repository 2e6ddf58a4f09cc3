import type { Window } from "./ranges";

/** Times in which nothing was measured, or nothing has come yet: Unix seconds. */
export type Gap = Window;

/** So much longer than usual between two readings is a gap: one late reading is none. */
const LATE = 2.5;
/** Below that a pause is no matter, whatever is usual. */
const LEAST_SECONDS = 5;

export interface GapQuestion {
  /** Begins of points, in order. */
  readonly times: readonly number[];
  /** Of one quantity; `null`: the point has none. Absent: points as such. */
  readonly values?: readonly (number | null)[];
  /** Seconds that a point is the mean of; 0: points are readings. */
  readonly span: number;
  readonly window: Window;
}

/** Between points, and at the ends of the window where that is known to be one: before the first nobody knows. */
export function findGaps({ times, values, span, window }: GapQuestion): Gap[] {
  const present = values ? times.filter((_, i) => values[i] !== null) : times;
  const first = present[0];
  if (first === undefined) return [];
  const usual = span > 0 ? span : usualStep(times);
  const most = span > 0 ? span * 1.5 : Math.max(usual * LATE, LEAST_SECONDS);
  const gaps: Gap[] = [];
  for (let i = 1; i < present.length; i++) {
    const [before, after] = [present[i - 1]!, present[i]!];
    if (after - before > most) gaps.push({ from: before + span, to: after });
  }
  // What is on its way comes in batches; a last gap is one once a batch and some more would have been there.
  const last = present.at(-1)! + span;
  if (window.to - last > Math.max(most, usual * 12, 120)) gaps.push({ from: last, to: window.to });
  return gaps;
}

/** The median of the steps: a gap among few readings must not be what is usual. */
export function usualStep(times: readonly number[]): number {
  const steps = times.slice(1).map((time, i) => time - times[i]!);
  steps.sort((a, b) => a - b);
  return steps[Math.floor((steps.length - 1) / 2)] ?? 0;
}

/** Columns with a `null` inside each gap, so that no line is drawn over it. */
export function broken(
  times: readonly number[],
  columns: readonly (readonly (number | null)[])[],
  gaps: readonly Gap[],
): [number[], ...(number | null)[][]] {
  const starts = gaps.map(({ from }) => from);
  const at: number[] = [];
  const out = columns.map((): (number | null)[] => []);
  let next = 0;
  for (const [i, time] of times.entries()) {
    while (next < starts.length && starts[next]! < time) {
      const mark = starts[next++]!;
      // A span's end is where the next one would begin.
      if (at.length > 0 && at.at(-1)! < mark + 1) {
        at.push(Math.max(mark, at.at(-1)! + 0.5));
        for (const column of out) column.push(null);
      }
    }
    at.push(time);
    for (const [c, column] of out.entries()) column.push(columns[c]![i] ?? null);
  }
  return [at, ...out];
}
