import { pieces } from "./reply";

export type CsvCell = string | number | boolean | null | undefined;

/** Neither a formula nor in need of quotes: ids, times, most names. */
const PLAIN = /^[A-Za-z0-9][\w.:-]*$/;

/**
 * RFC 4180. A text that a spreadsheet would take for a formula gets an apostrophe before it, which spreadsheets take
 * for "this is text": a friendly name is whatever somebody typed.
 */
export function csvCell(value: CsvCell): string {
  if (value === null || value === undefined) return "";
  if (typeof value !== "string") return String(value);
  if (PLAIN.test(value)) return value;
  const text = /^[\s\u00a0\ufeff]*[=+\-@|%\uff1d\uff0b\uff0d\uff20]|^[\t\r\n]/u.test(value)
    ? `'${value}`
    : value;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

const csvLine = (cells: readonly CsvCell[]): string => `${cells.map(csvCell).join(",")}\r\n`;

/** With a line of names first. */
export function csvRows(
  columns: readonly string[],
  rows: AsyncIterable<Readonly<Record<string, CsvCell>>>,
): AsyncIterable<string> {
  return pieces(rows, (row) => csvLine(columns.map((column) => row[column])), [csvLine(columns), "", ""]);
}
