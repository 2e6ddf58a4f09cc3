import { useEffect, useRef, useState } from "preact/hooks";
import UPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import type { DecodedReading } from "../../cloud/payload/decode-telemetry";
import type { Outage } from "../live/protocol";
import { QUANTITIES, type QuantityName } from "./quantities";

const HEIGHT = 160;
const DARK = matchMedia("(prefers-color-scheme: dark)");
/** The shortest time that is shown, seconds: a first reading alone would stretch over years. */
const SHORTEST = 60;

/** The readings over the time when they were taken, outages behind them. The element carries its plot as `uplot`. */
export function Plot(props: {
  readings: readonly DecodedReading[];
  outages: readonly Outage[];
  quantity: QuantityName;
}) {
  const { readings, quantity } = props;
  const place = useRef<HTMLDivElement & { uplot?: UPlot }>(null);
  const outages = useRef(props.outages);
  outages.current = props.outages;
  // A canvas has the colours of the time when it was drawn.
  const [dark, setDark] = useState(DARK.matches);
  useEffect(() => {
    const changed = ({ matches }: MediaQueryListEvent): void => setDark(matches);
    DARK.addEventListener("change", changed);
    return () => DARK.removeEventListener("change", changed);
  }, []);
  useEffect(() => {
    const element = place.current!;
    const { label } = QUANTITIES[quantity];
    const style = getComputedStyle(element);
    const ink = style.getPropertyValue("--ink-soft");
    const axis = { stroke: ink, grid: { stroke: style.getPropertyValue("--line"), width: 1 }, size: 52 };
    const plot = new UPlot(
      {
        width: element.clientWidth,
        height: HEIGHT,
        legend: { show: false },
        cursor: { y: false },
        scales: {
          x: { range: (_, least, most) => timeRange(least, most) },
          y: { range: (_, least, most) => valueRange(least, most) },
        },
        series: [{}, { label, stroke: style.getPropertyValue("--accent"), width: 2, points: { size: 5 } }],
        axes: [{ ...axis, size: 32 }, axis],
        hooks: { drawClear: [(each) => shade(each, outages.current)] },
      },
      [[], []],
      element,
    );
    element.uplot = plot;
    const resized = new ResizeObserver(() => plot.setSize({ width: element.clientWidth, height: HEIGHT }));
    resized.observe(element);
    return () => {
      resized.disconnect();
      plot.destroy();
    };
  }, [quantity, dark]);

  const length = readings.length;
  const newest = readings.at(-1)?.seq;
  useEffect(() => {
    const times: number[] = [];
    const values: (number | null)[] = [];
    let last: DecodedReading | undefined;
    for (const reading of readings) {
      if (reading.unixSeconds === undefined) continue;
      // No line across readings that are not there.
      if (last && (reading.epoch !== last.epoch || reading.seq !== last.seq + 1)) {
        times.push(last.unixSeconds!);
        values.push(null);
      }
      times.push(reading.unixSeconds);
      values.push(reading.values[quantity] ?? null);
      last = reading;
    }
    // uPlot gives a single point years of room and does not ask for the range.
    if (times.length === 1) {
      times.unshift(times[0]! - SHORTEST);
      values.unshift(null);
    }
    place.current?.uplot?.setData([times, values]);
  }, [length, newest, quantity, dark, props.outages.length]);

  const { label, unit } = QUANTITIES[quantity];
  const last = readings.at(-1)?.values[quantity];
  const undated = readings.filter(({ unixSeconds }) => unixSeconds === undefined).length;
  return (
    <div class="plot-place">
      <div
        class="plot"
        ref={place}
        role="img"
        aria-label={`${label} over time, ${length} readings; the latest ${last ?? "none"} ${unit}`}
      />
      {undated > 0 && (
        <p class="hint">
          Not drawn: {undated} without a time, taken while the device knew none (in setup mode, say).
        </p>
      )}
    </div>
  );
}

function timeRange(least: number | null, most: number | null): [number, number] {
  if (least === null || most === null) return [Date.now() / 1000 - SHORTEST, Date.now() / 1000];
  return [Math.min(least, most - SHORTEST), most];
}

/** With room above and below, and never so narrow that noise looks like news. */
function valueRange(least: number | null, most: number | null): [number, number] {
  if (least === null || most === null) return [0, 1];
  const room = Math.max((most - least) / 10, Math.abs(most) / 100, 0.1);
  return [least - room, most + room];
}

/** A band for each outage. */
function shade(plot: UPlot, outages: readonly Outage[]): void {
  const { ctx, bbox } = plot;
  ctx.save();
  ctx.fillStyle = "rgba(220, 120, 40, 0.18)";
  const end = bbox.left + bbox.width;
  for (const { from, to } of outages) {
    const left = Math.max(bbox.left, plot.valToPos(from / 1000, "x", true));
    const right = Math.min(end, to === undefined ? end : plot.valToPos(to / 1000, "x", true));
    if (right > left) ctx.fillRect(left, bbox.top, right - left, bbox.height);
  }
  ctx.restore();
}
