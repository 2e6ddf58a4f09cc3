/** The bytes `first` to `last` of something, both of them in. */
export interface ByteRange {
  readonly first: number;
  readonly last: number;
}

/**
 * What a `Range` asks of `size` bytes (RFC 9110, 14). A unit that is not ours is to be ignored: "whole". One range is
 * answered; several, what cannot be read and what lies behind the end are "unsatisfiable", as 14.2 allows.
 */
export function parseRange(header: string | undefined, size: number): ByteRange | "whole" | "unsatisfiable" {
  if (header === undefined) return "whole";
  const [, unit, ranges] = /^([!#$%&'*+.^_`|~\w-]+)=(.*)$/.exec(header) ?? [];
  if (unit !== undefined && unit.toLowerCase() !== "bytes") return "whole";
  const [, from, to] = /^[ \t]*(\d{0,15})-(\d{0,15})[ \t]*$/.exec(ranges ?? "") ?? [];
  if (from === undefined || to === undefined || (from === "" && to === "")) return "unsatisfiable";
  if (from === "") {
    const count = Math.min(Number(to), size);
    return count === 0 ? "unsatisfiable" : { first: size - count, last: size - 1 };
  }
  const first = Number(from);
  const last = to === "" ? size - 1 : Math.min(Number(to), size - 1);
  if (first >= size || (to !== "" && Number(to) < first)) return "unsatisfiable";
  return { first, last };
}
