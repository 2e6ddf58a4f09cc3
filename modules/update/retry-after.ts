const MONTHS = "JanFebMarAprMayJunJulAugSepOctNovDec";
const LONGEST_S = 86_400;

/**
 * How long a server asks to be left alone (RFC 9110, 10.2.3), seconds or a date, at most a day; `undefined`: it does
 * not say, or not so that it can be read. A date counts only where the time is known.
 */
export function retryAfterMs(value: string | undefined, unixMs: number | undefined): number | undefined {
  if (value === undefined) return undefined;
  if (/^\d{1,10}$/.test(value)) return Math.min(Number(value), LONGEST_S) * 1000;
  const at = dateMs(value);
  if (at === undefined || unixMs === undefined) return undefined;
  return Math.min(Math.max(at - unixMs, 0), LONGEST_S * 1000);
}

/** IMF-fixdate, the one form that a server may send (RFC 9110, 5.6.7). */
function dateMs(text: string): number | undefined {
  const match = /^[A-Z][a-z]{2}, (\d\d) ([A-Z][a-z]{2}) (\d{4}) (\d\d):(\d\d):(\d\d) GMT$/.exec(text);
  if (!match) return undefined;
  const month = MONTHS.indexOf(match[2]!);
  if (month < 0 || month % 3 !== 0) return undefined;
  const [day, year, hour, minute, second] = [1, 3, 4, 5, 6].map((at) => Number(match[at]));
  return Date.UTC(year!, month / 3, day!, hour!, minute!, second!);
}
