import type { DecodedReading } from "../../../cloud/payload/decode-telemetry";
import type { QuantityName } from "../quantities";

/** Columns as uPlot has them: Unix seconds, and what was measured then. */
export type Columns = [times: number[], values: (number | null)[]];

/** A pause of more usual intervals than this is one: the board had no power, or readings are missing. */
const PAUSE_INTERVALS = 3;

/** The readings that know their time. No line leads across what was not measured. Pure. */
export function columnsOf(readings: readonly DecodedReading[], quantity: QuantityName): Columns {
  const dated = readings.filter(({ unixSeconds }) => unixSeconds !== undefined);
  const longest = PAUSE_INTERVALS * usualInterval(dated);
  const times: number[] = [];
  const values: (number | null)[] = [];
  let last: DecodedReading | undefined;
  for (const reading of dated) {
    const at = reading.unixSeconds!;
    if (last) {
      const isNext = reading.epoch === last.epoch && reading.seq === last.seq + 1;
      if (!isNext || at - last.unixSeconds! > longest) {
        times.push((last.unixSeconds! + at) / 2);
        values.push(null);
      }
    }
    times.push(at);
    values.push(reading.values[quantity] ?? null);
    last = reading;
  }
  return [times, values];
}

/** The median: the pauses themselves do not move it. */
function usualInterval(dated: readonly DecodedReading[]): number {
  const intervals = dated.slice(1).map(({ unixSeconds }, i) => unixSeconds! - dated[i]!.unixSeconds!);
  intervals.sort((a, b) => a - b);
  return Math.max(1, intervals[intervals.length >> 1] ?? 1);
}

export interface Span {
  readonly from: number;
  readonly to: number;
}

/** What is seen, as a table for other programs: RFC 4180, a row a reading. Pure. */
export function csvOf(
  readings: readonly DecodedReading[],
  columns: readonly { readonly name: QuantityName; readonly unit: string }[],
  { from, to }: Span,
): string {
  const head = [
    "time",
    "epoch",
    "seq",
    ...columns.map(({ name, unit }) => (unit ? `${name} (${unit})` : name)),
  ];
  const rows = readings.flatMap(({ unixSeconds, epoch, seq, values }) =>
    unixSeconds === undefined || unixSeconds < from || unixSeconds > to
      ? []
      : [
          [
            new Date(unixSeconds * 1_000).toISOString(),
            epoch,
            seq,
            ...columns.map(({ name }) => values[name] ?? ""),
          ],
        ],
  );
  return [head, ...rows].map((row) => `${row.map(cell).join(",")}\r\n`).join("");
}

function cell(value: string | number): string {
  const text = String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
