/** One curve in a frame of its own. */
export interface Panel {
  readonly name: string;
  /** One value a second. */
  readonly values: readonly number[];
}

export interface ChartOptions {
  readonly title: string;
  readonly panels: readonly Panel[];
  /** Second at which a line is drawn through every panel. */
  readonly markAt: number;
  readonly markText: string;
}

const WIDTH = 860;
const PANEL_HEIGHT = 130;
const LEFT = 64;
const RIGHT = 28;
const TOP = 34;
const GAP = 44;

/** Panels one below the other over the same axes, minutes to the right, as SVG that reads in light and dark. */
export function chart({ title, panels, markAt, markText }: ChartOptions): string {
  const seconds = Math.max(...panels.map(({ values }) => values.length));
  const most = roundUp(Math.max(...panels.flatMap(({ values }) => values)));
  const height = TOP + panels.length * (PANEL_HEIGHT + GAP);
  const x = (second: number): number => LEFT + (second / seconds) * (WIDTH - LEFT - RIGHT);
  const drawn = panels.map((panel, i) => {
    const top = TOP + i * (PANEL_HEIGHT + GAP) + 18;
    const bottom = top + PANEL_HEIGHT;
    const y = (value: number): number => bottom - (value / most) * PANEL_HEIGHT;
    const bars = panel.values
      .map((value, second) => (value > 0 ? `M${x(second).toFixed(1)} ${bottom}V${y(value).toFixed(1)}` : ""))
      .join("");
    return [
      `<text x="${LEFT}" y="${top - 8}" class="name">${panel.name}</text>`,
      `<path class="axis" d="M${LEFT} ${top}V${bottom}H${WIDTH - RIGHT}"/>`,
      ...[0, most / 2, most].map(
        (value) =>
          `<text x="${LEFT - 6}" y="${y(value) + 4}" class="end">${Math.round(value).toLocaleString("en-US")}</text>`,
      ),
      ...minutes(seconds).map(
        (minute) => `<text x="${x(minute * 60)}" y="${bottom + 15}" class="middle">${minute} min</text>`,
      ),
      `<path class="bars" d="${bars}"/>`,
      `<path class="mark" d="M${x(markAt)} ${top}V${bottom}"/>`,
      `<text x="${x(markAt) + 4}" y="${top + 11}">${markText}</text>`,
    ].join("\n");
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="${title}">`,
    "<style>text{font:12px sans-serif;fill:#667}.name{font-weight:bold}.end{text-anchor:end}.middle{text-anchor:middle}",
    ".axis{fill:none;stroke:#889}.bars{fill:none;stroke:#2f6fdf;stroke-width:1.2}.mark{stroke:#d9480f;stroke-dasharray:4 3}</style>",
    `<text x="${LEFT}" y="16" class="name">${title}</text>`,
    ...drawn,
    "</svg>",
    "",
  ].join("\n");
}

/** To half a power of ten. */
function roundUp(value: number): number {
  const step = 10 ** Math.floor(Math.log10(value)) / 2;
  return Math.ceil(value / step) * step;
}

const minutes = (seconds: number): number[] =>
  Array.from({ length: Math.floor(seconds / 120) + 1 }, (_, i) => i * 2);
