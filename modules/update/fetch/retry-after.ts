import { digitsOf } from "../../base/digits";

const MONTHS = "JanFebMarAprMayJunJulAugSepOctNovDec";
const DAYS = "MonTueWedThuFriSatSun";
/** Of a date: what stands between its parts. */
const FORM = "___, __ ___ ____ __:__:__ GMT";
const LONGEST_S = 86_400;

/**
 * How long a server asks to be left alone (RFC 9110, 10.2.3), seconds or a date, at most a day; `undefined`: it does
 * not say, or not so that it can be read. A date counts only where the time is known.
 */
export function retryAfterMs(value: string | undefined, unixMs: number | undefined): number | undefined {
  if (value === undefined) return undefined;
  const seconds = value.length <= 10 ? digitsOf(value) : Number.NaN;
  if (seconds >= 0) return Math.min(seconds, LONGEST_S) * 1000;
  const at = dateMs(value);
  if (at === undefined || unixMs === undefined) return undefined;
  return Math.min(Math.max(at - unixMs, 0), LONGEST_S * 1000);
}

/** IMF-fixdate, the one form that a server may send (RFC 9110, 5.6.7). */
function dateMs(text: string): number | undefined {
  // "Sun, 06 Nov 1994 08:49:37 GMT", to the letter.
  const month = MONTHS.indexOf(text.slice(8, 11));
  const day = DAYS.indexOf(text.slice(0, 3));
  if (text.length !== 29 || month < 0 || month % 3 !== 0 || day < 0 || day % 3 !== 0) return undefined;
  for (let at = 0; at < FORM.length; at++) if (FORM[at] !== "_" && FORM[at] !== text[at]) return undefined;
  const number = (from: number, to: number): number => digitsOf(text, from, to);
  const time = (number(17, 19) * 60 + number(20, 22)) * 60 + number(23, 25);
  const ms = Date.UTC(number(12, 16), month / 3, number(5, 7)) + time * 1000;
  return ms >= 0 ? ms : undefined;
}
