import { useEffect, useRef, useState } from "preact/hooks";
import UPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import type { History } from "./answers";
import type { Meaning } from "./bands";
import { broken, type Gap } from "./gaps";
import { type QuantityName, SHOWN, withUnit } from "./quantities";
import { dragged, type Window } from "./ranges";
import { moment } from "./words";

const HEIGHT = 190;
const DARK = matchMedia("(prefers-color-scheme: dark)");
/** Plots of one page have one cursor. */
const SYNC = UPlot.sync("history");
/** Width of the strip that says which band a height is in. */
const STRIP = 4;

interface Props {
  readonly name: QuantityName;
  readonly history: History;
  readonly window: Window;
  readonly gaps: readonly Gap[];
  readonly meaning: Meaning | undefined;
  readonly isLast: boolean;
  onZoom(window: Window): void;
  onReset(): void;
  /** Keys that move the view rather than the cursor; returns whether it was one. */
  onKey(event: KeyboardEvent): boolean;
}

type Drawn = Pick<Props, "window" | "gaps" | "meaning">;

/** One quantity over time: means as a line, how far values went around it, gaps shaded. The element carries its plot as `uplot`. */
export function Plot(props: Props) {
  const { name, history, isLast } = props;
  const place = useRef<HTMLDivElement & { uplot?: UPlot }>(null);
  const drawn = useRef<Drawn>(props);
  drawn.current = props;
  const calls = useRef(props);
  calls.current = props;
  const [hover, setHover] = useState<number>();
  // A canvas has the colours of the time when it was drawn.
  const isDark = useDark();
  useEffect(() => {
    const element = place.current!;
    const plot = new UPlot(
      {
        ...optionsOf(element, isLast, drawn),
        hooks: {
          drawClear: [(each) => shade(each, drawn.current, element)],
          setCursor: [({ cursor: { idx } }) => setHover(idx ?? undefined)],
          setSelect: [
            (each) => {
              const { left, width } = each.select;
              if (width < 4) return;
              const window = dragged(each.posToVal(left, "x"), each.posToVal(left + width, "x"));
              each.setSelect({ left: 0, width: 0, top: 0, height: 0 }, false);
              if (window) calls.current.onZoom(window);
            },
          ],
        },
        cursor: {
          y: false,
          drag: { x: true, y: false, setScale: false },
          sync: { key: SYNC.key, setSeries: false },
          points: { size: 7 },
          bind: {
            dblclick: () => () => {
              calls.current.onReset();
              return null;
            },
          },
        },
      },
      [[], [], [], []],
      element,
    );
    element.uplot = plot;
    const resized = new ResizeObserver(() => plot.setSize({ width: element.clientWidth, height: HEIGHT }));
    resized.observe(element);
    return () => {
      resized.disconnect();
      plot.destroy();
    };
  }, [name, isDark, isLast]);

  useEffect(() => {
    const { mean = [], least = [], most = [] } = history.values[name] ?? {};
    // A mean stands in the middle of its span.
    const times = history.times.map((time) => time + history.span / 2);
    const data = broken(times, [least, most, mean], drawn.current.gaps);
    place.current?.uplot?.setData(data as UPlot.AlignedData);
  }, [history, name, isDark, isLast]);

  const plot = place.current?.uplot;
  const at = hover === undefined || !plot ? undefined : plot.data[0][hover];
  const [least, most, mean] = [1, 2, 3].map((i) => plot?.data[i]?.[hover ?? -1]);
  const onKeyDown = (event: KeyboardEvent): void => {
    if (calls.current.onKey(event) || moveCursor(event, place.current?.uplot)) event.preventDefault();
  };
  const { label } = SHOWN[name];
  return (
    <figure class="plot-place" data-quantity={name}>
      <figcaption>
        <b>{label}</b>
        <output aria-live="polite">
          {at === undefined
            ? summary(name, history)
            : `${moment(at * 1000)} · ${mean == null ? "no value" : withUnit(name, mean)}${
                history.span > 0 && least != null && most != null
                  ? ` (${withUnit(name, least)} to ${withUnit(name, most)})`
                  : ""
              }`}
        </output>
      </figcaption>
      {/* biome-ignore lint/a11y/useSemanticElements: no element is a chart that is read with keys */}
      <div
        class="plot"
        ref={place}
        role="group"
        aria-roledescription="chart"
        aria-label={`${label} over time. ${summary(name, history)}. Arrow keys read the values, plus and minus zoom, Escape shows all.`}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: it is read with keys
        tabIndex={0}
        onKeyDown={onKeyDown}
        onBlur={() => {
          for (const each of SYNC.plots) each.setCursor({ left: -10, top: -10 });
        }}
      />
    </figure>
  );
}

function useDark(): boolean {
  const [isDark, setDark] = useState(DARK.matches);
  useEffect(() => {
    const changed = ({ matches }: MediaQueryListEvent): void => setDark(matches);
    DARK.addEventListener("change", changed);
    return () => DARK.removeEventListener("change", changed);
  }, []);
  return isDark;
}

function optionsOf(element: HTMLElement, isLast: boolean, drawn: { current: Drawn }) {
  const style = getComputedStyle(element);
  const colour = (name: string): string => style.getPropertyValue(name).trim();
  const axis = {
    stroke: colour("--ink-soft"),
    font: `12px ${style.fontFamily}`,
    grid: { stroke: colour("--line"), width: 1 },
    ticks: { show: false },
  };
  const line = colour("--accent");
  return {
    width: element.clientWidth,
    height: HEIGHT,
    padding: [8, 8, isLast ? 0 : 8, 0] as [number, number, number, number],
    legend: { show: false },
    scales: {
      x: { range: (): [number, number] => [drawn.current.window.from, drawn.current.window.to] },
      y: { range: (_: UPlot, least: number | null, most: number | null) => valueRange(least, most) },
    },
    series: [
      {},
      { stroke: "transparent", width: 0, points: { show: false } },
      { stroke: "transparent", width: 0, points: { show: false } },
      { stroke: line, width: 2, points: { size: 4, fill: line, width: 0 } },
    ],
    bands: [{ series: [2, 1] as [number, number], fill: colour("--accent-soft") }],
    axes: [
      { ...axis, size: 28, values: timeLabels, space: 70 },
      { ...axis, size: 54, space: 34 },
    ],
  };
}

/** In 24 hours, with the day where it is another one. */
function timeLabels(_: UPlot, splits: number[], __: number, ___: number, step: number): string[] {
  const is = (options: Intl.DateTimeFormatOptions) => new Intl.DateTimeFormat("en-GB", options);
  const time = is({ hour: "2-digit", minute: "2-digit", ...(step < 60 && { second: "2-digit" }) });
  const date = is({ day: "numeric", month: "short" });
  const year = is({ month: "short", year: "numeric" });
  return splits.map((each) => {
    const at = new Date(each * 1000);
    if (step >= 27 * 86_400) return year.format(at);
    return step >= 86_400 || (at.getHours() === 0 && at.getMinutes() === 0)
      ? date.format(at)
      : time.format(at);
  });
}

/** With room above and below, and never so narrow that noise looks like news. */
function valueRange(least: number | null, most: number | null): [number, number] {
  if (least === null || most === null) return [0, 1];
  const room = Math.max((most - least) / 10, Math.abs(most) / 50, 0.2);
  // What cannot be below nothing is not drawn there.
  return [least >= 0 ? Math.max(0, least - room) : least - room, most + room];
}

/** Behind the line: gaps hatched, the bands in a strip at the left edge and their bounds as faint lines. */
function shade(plot: UPlot, { gaps, meaning }: Drawn, element: HTMLElement): void {
  const { ctx, bbox } = plot;
  const style = getComputedStyle(element);
  const colour = (name: string): string => style.getPropertyValue(name).trim();
  const [right, bottom] = [bbox.left + bbox.width, bbox.top + bbox.height];
  ctx.save();
  ctx.beginPath();
  ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
  ctx.clip();
  for (const { from, to } of gaps) {
    const left = Math.max(bbox.left, plot.valToPos(from, "x", true));
    const end = Math.min(right, plot.valToPos(to, "x", true));
    if (end <= left) continue;
    ctx.fillStyle = colour("--gap");
    ctx.fillRect(left, bbox.top, end - left, bbox.height);
    hatch(ctx, { left, end, top: bbox.top, bottom }, colour("--gap-line"));
  }
  const ratio = devicePixelRatio;
  for (const [i, { from, level }] of (meaning?.bands ?? []).entries()) {
    const next = meaning!.bands[i + 1]?.from;
    const low = Math.min(bottom, plot.valToPos(from, "y", true));
    const high = next === undefined ? bbox.top : Math.max(bbox.top, plot.valToPos(next, "y", true));
    if (low <= bbox.top || high >= bottom) continue;
    ctx.fillStyle = colour(`--level-${level}`);
    ctx.fillRect(bbox.left, high, STRIP * ratio, low - high);
    if (i === 0 || low >= bottom) continue;
    ctx.globalAlpha = 0.5;
    ctx.fillRect(bbox.left, low, bbox.width, 1);
    ctx.globalAlpha = 1;
  }
  ctx.restore();
}

function hatch(
  ctx: CanvasRenderingContext2D,
  { left, end, top, bottom }: { left: number; end: number; top: number; bottom: number },
  colour: string,
): void {
  ctx.save();
  ctx.beginPath();
  ctx.rect(left, top, end - left, bottom - top);
  ctx.clip();
  ctx.strokeStyle = colour;
  ctx.lineWidth = devicePixelRatio;
  const step = 8 * devicePixelRatio;
  const height = bottom - top;
  ctx.beginPath();
  // From one place for all gaps, so that the lines of neighbours go on.
  for (let x = Math.floor((left - height) / step) * step; x < end; x += step) {
    ctx.moveTo(x, bottom);
    ctx.lineTo(x + height, top);
  }
  ctx.stroke();
  ctx.restore();
}

const STEPS: Readonly<Record<string, number>> = { ArrowLeft: -1, ArrowRight: 1 };

/** The cursor to the next point that has a value, or to the first and the last one. */
function moveCursor({ key, ctrlKey, altKey, metaKey }: KeyboardEvent, plot: UPlot | undefined): boolean {
  const step = STEPS[key];
  if (!plot || ctrlKey || altKey || metaKey || (step === undefined && key !== "Home" && key !== "End"))
    return false;
  const [times, , , means] = plot.data;
  const count = times.length;
  let at =
    key === "Home" ? 0 : key === "End" || plot.cursor.idx == null ? count - 1 : plot.cursor.idx + step!;
  const way = key === "Home" ? 1 : (step ?? -1);
  while (at >= 0 && at < count && means?.[at] == null) at += way;
  if (at < 0 || at >= count) return true;
  const left = plot.valToPos(times[at]!, "x");
  for (const each of SYNC.plots) each.setCursor({ left, top: 1 });
  return true;
}

function summary(name: QuantityName, { values }: History): string {
  const { mean = [], least = [], most = [] } = values[name] ?? {};
  const means = mean.filter((each) => each !== null);
  if (means.length === 0) return "Nothing was measured in this time";
  const lowest = least.reduce((a: number, b) => (b === null ? a : Math.min(a, b)), Infinity);
  const highest = most.reduce((a: number, b) => (b === null ? a : Math.max(a, b)), -Infinity);
  const average = means.reduce((a, b) => a + b, 0) / means.length;
  return `lowest ${withUnit(name, lowest)}, mean ${withUnit(name, average)}, highest ${withUnit(name, highest)}`;
}
