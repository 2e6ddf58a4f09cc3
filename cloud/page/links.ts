import type { Window } from "./ranges";

const TELEMETRY = "/api/v3/external/telemetry/flat-format";

export interface Seen {
  readonly deviceId: string;
  readonly window: Window;
  /** Seconds that a point is the mean of; 0: points are readings. */
  readonly span: number;
  readonly quantities: readonly string[];
}

/** The CSV of exactly what is seen: its time, its quantities, its means. */
export function csvLink({ deviceId, window, span, quantities }: Seen): string {
  const query = new URLSearchParams({
    device_id: deviceId,
    start_date: iso(window.from),
    end_date: iso(window.to),
    format: "csv",
    ...(span > 0 && { average: String(span / 60) }),
  });
  for (const name of quantities) query.append("telem[]", name);
  return `${TELEMETRY}?${query}`;
}

export function historyPath({ from, to }: Window, quantities: readonly string[] = []): string {
  const query = new URLSearchParams({ start_date: iso(from), end_date: iso(to) });
  for (const name of quantities) query.append("telem[]", name);
  return `history?${query}`;
}

const iso = (seconds: number): string => new Date(seconds * 1000).toISOString().replace(".000Z", "Z");

export type Where =
  | { readonly at: "fleet" }
  | { readonly at: "device"; readonly id: string }
  | { readonly at: "care" };

/** What the address's part after `#` means. */
export function whereOf(hash: string): Where {
  const id = /^#\/device\/([^/?]+)/.exec(hash)?.[1];
  if (id !== undefined) {
    try {
      return { at: "device", id: decodeURIComponent(id) };
    } catch {
      return { at: "fleet" };
    }
  }
  return /^#\/care\b/.test(hash) ? { at: "care" } : { at: "fleet" };
}

export const deviceLink = (id: string): string => `#/device/${encodeURIComponent(id)}`;
