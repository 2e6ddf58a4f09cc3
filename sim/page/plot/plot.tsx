import { useEffect, useRef, useState } from "preact/hooks";
import UPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import type { DecodedReading } from "../../../cloud/payload/decode-telemetry";
import type { Outage } from "../../live/protocol";
import { QUANTITIES, type QuantityName, shownQuantities } from "../quantities";
import { useMatch } from "../use-match";
import { columnsOf, csvOf, type Span } from "./plot-data";
import { markOf, momentOf } from "./time-words";

const HEIGHT = 190;
/** The shortest time that is shown, seconds: a first reading alone would stretch over years. */
const SHORTEST = 60;
/** Between the marks of time, CSS pixels: as wide as the longest of them. */
const MARK_SPACE = 72;

/** Spans up to the newest reading, by name. */
const SPANS = { all: undefined, "10 minutes": 600, "an hour": 3_600, "a day": 86_400 } as const;
type SpanName = keyof typeof SPANS;

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
  const dark = useMatch("(prefers-color-scheme: dark)");
  /** What was drawn out with the pointer; it stays, whatever arrives. */
  const [zoom, setZoom] = useState<Span>();
  const [spanName, setSpanName] = useState<SpanName>("all");
  const seen = useRef<{ zoom: Span | undefined; seconds: number | undefined }>(null!);
  seen.current = { zoom, seconds: SPANS[spanName] };
  /** Of the data, under pointer or keyboard. */
  const [at, setAt] = useState<number>();

  useEffect(() => {
    const element = place.current!;
    const showAll = (): null => {
      setZoom(undefined);
      return null;
    };
    const style = getComputedStyle(element);
    const ink = style.getPropertyValue("--ink-soft");
    const axis = { stroke: ink, grid: { stroke: style.getPropertyValue("--line"), width: 1 }, size: 52 };
    const plot = new UPlot(
      {
        width: element.clientWidth,
        height: HEIGHT,
        legend: { show: false },
        cursor: {
          y: false,
          drag: { x: true, y: false, setScale: false },
          bind: { dblclick: () => showAll },
        },
        scales: {
          x: { range: (_, least, most) => timeRange(least, most, seen.current) },
          y: { range: (_, least, most) => valueRange(least, most) },
        },
        series: [{}, { stroke: style.getPropertyValue("--accent"), width: 2, points: { size: 5 } }],
        axes: [
          {
            ...axis,
            size: 32,
            space: MARK_SPACE,
            values: (_, marks, __, ___, step) => marks.map((mark) => markOf(mark, step)),
          },
          axis,
        ],
        hooks: {
          drawClear: [(each) => shade(each, outages.current)],
          setCursor: [({ cursor: { idx } }) => setAt(idx ?? undefined)],
          setSelect: [
            (each) => {
              const { left, width } = each.select;
              if (width < 4) return;
              setZoom({ from: each.posToVal(left, "x"), to: each.posToVal(left + width, "x") });
              each.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
            },
          ],
        },
      },
      [[], []],
      element,
    );
    element.uplot = plot;
    const resized = new ResizeObserver(() => {
      if (element.clientWidth > 0) plot.setSize({ width: element.clientWidth, height: HEIGHT });
    });
    resized.observe(element);
    return () => {
      resized.disconnect();
      plot.destroy();
    };
  }, [dark]);

  const length = readings.length;
  const newest = readings.at(-1)?.seq;
  const lastOutage = props.outages.at(-1);
  useEffect(() => {
    const [times, values] = columnsOf(readings, quantity);
    // uPlot gives a single point years of room and does not ask for the range.
    if (times.length === 1) {
      times.unshift(times[0]! - SHORTEST);
      values.unshift(null);
    }
    place.current?.uplot?.setData([times, values]);
  }, [length, newest, quantity, dark, zoom, spanName, props.outages.length, lastOutage?.to]);

  const { label, unit } = QUANTITIES[quantity];
  const plot = place.current?.uplot;
  const value = at === undefined ? undefined : plot?.data[1]?.[at];
  const moment = at === undefined ? undefined : plot?.data[0][at];
  const hovered =
    value === undefined || value === null || moment === undefined
      ? undefined
      : `${value} ${unit} · ${momentOf(moment)}`;
  const last = readings.at(-1)?.values[quantity];
  const undated = readings.filter(({ unixSeconds }) => unixSeconds === undefined).length;

  /** From value to value, across what was not measured. */
  const step = (by: 1 | -1): void => {
    const values = plot?.data[1];
    if (!plot || !values) return;
    let next = (at ?? (by > 0 ? -1 : values.length)) + by;
    while (next >= 0 && next < values.length && values[next] === null) next += by;
    if (values[next] === undefined || values[next] === null) return;
    plot.setCursor({ left: plot.valToPos(plot.data[0][next]!, "x"), top: 0 }, false);
    setAt(next);
  };
  const save = (): void => {
    const { min = 0, max = Number.POSITIVE_INFINITY } = plot?.scales.x ?? {};
    const columns = shownQuantities(readings).map((name) => ({ name, unit: QUANTITIES[name].unit }));
    const text = csvOf(readings, columns, { from: min, to: max });
    const url = URL.createObjectURL(new Blob([text], { type: "text/csv" }));
    const link = Object.assign(document.createElement("a"), { href: url, download: "readings.csv" });
    link.click();
    setTimeout(() => URL.revokeObjectURL(url), 1_000);
  };

  return (
    <div class="plot-place">
      <p class="plot-head" data-hover={hovered ?? ""}>
        <b>
          {label}
          {unit && `, ${unit}`}
        </b>{" "}
        <span class="hovered">{hovered ?? (zoom ? "" : "Draw along the plot to look closer.")}</span>
      </p>
      <div
        class="plot"
        ref={place}
        role="slider"
        tabIndex={0}
        aria-label={`${label} over time, ${length} readings; the latest ${last ?? "none"} ${unit}`}
        aria-valuemin={0}
        aria-valuemax={Math.max(0, (plot?.data[0].length ?? 1) - 1)}
        aria-valuenow={at ?? 0}
        aria-valuetext={hovered ?? "no reading chosen"}
        onKeyDown={(event) => {
          if (event.key !== "ArrowLeft" && event.key !== "ArrowRight") return;
          event.preventDefault();
          step(event.key === "ArrowRight" ? 1 : -1);
        }}
      />
      <div class="plot-keys">
        <label>
          Show{" "}
          <select
            value={spanName}
            data-do="span"
            onChange={({ currentTarget }) => {
              setZoom(undefined);
              setSpanName(currentTarget.value as SpanName);
            }}
          >
            {Object.keys(SPANS).map((name) => (
              <option key={name}>{name}</option>
            ))}
          </select>
        </label>
        {zoom && (
          <button type="button" class="small" data-do="zoom-out" onClick={() => setZoom(undefined)}>
            Whole again
          </button>
        )}
        <button type="button" class="small to-the-right" data-do="csv" disabled={length === 0} onClick={save}>
          Save what is seen (CSV)
        </button>
      </div>
      {undated > 0 && (
        <p class="hint">
          Not drawn: {undated} without a time, taken while the device knew none (in setup mode, say).
        </p>
      )}
    </div>
  );
}

function timeRange(
  least: number | null,
  most: number | null,
  { zoom, seconds }: { zoom: Span | undefined; seconds: number | undefined },
): [number, number] {
  if (zoom) return [zoom.from, zoom.to];
  if (least === null || most === null) return [Date.now() / 1000 - SHORTEST, Date.now() / 1000];
  const from = seconds === undefined ? least : most - seconds;
  return [Math.min(from, most - SHORTEST), most];
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
