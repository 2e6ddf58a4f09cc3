import { digitsOf } from "../base/digits";

/**
 * A record in NVS as text: its version, then `name=value` with spaces between. Read by the release before and the one
 * after: names that one does not know it passes over, and what is damaged is no record.
 */
export type TextRecord = { readonly [name: string]: string };

const VERSION = "1";

export function formatRecord(fields: readonly (readonly [string, string | number | undefined])[]): string {
  let text = VERSION;
  for (const [name, value] of fields) if (value !== undefined) text += ` ${name}=${value}`;
  return text;
}

export function parseRecord(text: string): TextRecord | undefined {
  const [version, ...parts] = text.split(" ");
  if (version !== VERSION) return undefined;
  const fields: Record<string, string> = {};
  for (const part of parts) {
    const equals = part.indexOf("=");
    if (equals > 0) fields[part.slice(0, equals)] = part.slice(equals + 1);
  }
  return fields;
}

/** A whole number that is not negative; `undefined`: none. */
export function wholeOf(text: string | undefined): number | undefined {
  const number = text !== undefined && text.length <= 10 ? digitsOf(text) : Number.NaN;
  return number <= 0xffff_ffff ? number : undefined;
}
