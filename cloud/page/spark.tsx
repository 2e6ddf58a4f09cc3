import type { History } from "./answers";
import { usualStep } from "./gaps";
import type { QuantityName } from "./quantities";

/** A drawing's own units, stretched to its place. */
const [WIDTH, HEIGHT] = [100, 40];
/** Flatter than so much of the value is drawn flat: noise is no news. */
const LEAST_SHARE = 0.08;

/** The last day as a line without numbers: whether it rises, falls, or stands. What it says is in the history below. */
export function Spark({ name, history }: { name: QuantityName; history: History | undefined }) {
  const means = history?.values[name]?.mean;
  if (!history || !means) return <svg class="spark" aria-hidden="true" />;
  const path = sparkPath(history, means);
  return (
    <svg class="spark" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" aria-hidden="true">
      <path d={path} />
    </svg>
  );
}

/** Moves over what is missing, and over what is longer away than two points. */
export function sparkPath({ from, to, times, span }: History, means: readonly (number | null)[]): string {
  const present = means.filter((each) => each !== null);
  const [low, high] = [Math.min(...present), Math.max(...present)];
  const room = Math.max(high - low, Math.abs(high) * LEAST_SHARE, 0.1);
  const middle = (low + high) / 2;
  const late = 2.5 * (span || usualStep(times));
  let path = "";
  let last = Number.NEGATIVE_INFINITY;
  for (const [i, time] of times.entries()) {
    const mean = means[i];
    if (mean == null) continue;
    const x = ((time - from) / (to - from)) * WIDTH;
    const y = HEIGHT / 2 - ((mean - middle) / room) * (HEIGHT - 4);
    path += `${time - last > late ? "M" : "L"}${x.toFixed(1)} ${y.toFixed(1)}`;
    last = time;
  }
  return path;
}
