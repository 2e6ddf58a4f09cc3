/** RFC 3339 with what people leave out: the offset (then it is UTC), the seconds, the time of day (then it is midnight). */
const TIME =
  /^(\d{4}-\d{2}-\d{2})(?:[Tt ](\d{2}:\d{2})(:\d{2})?(\.\d{1,9})?)?(?:([Zz])|([+ -])(\d{2}):?(\d{2}))?$/;

/** Unix time in seconds, with its fraction; `undefined`: no time. */
export function parseTime(text: string): number | undefined {
  const [, day, minutes = "00:00", seconds = ":00", fraction = "", , sign, hours = "00", offset = "00"] =
    TIME.exec(text) ?? [];
  if (day === undefined) return undefined;
  const whole = Date.parse(`${day}T${minutes}${seconds}Z`);
  // Date.parse takes 30 February for 2 March.
  if (!Number.isFinite(whole) || !new Date(whole).toISOString().startsWith(day)) return undefined;
  if (Number(hours) > 23 || Number(offset) > 59) return undefined;
  // A `+` in an address that nobody has escaped is a space.
  const east = (sign === "-" ? -1 : 1) * (Number(hours) * 3_600 + Number(offset) * 60);
  return whole / 1000 + Number(`0${fraction}`) - east;
}

/** As TSI's API writes it: `2026-07-01T12:00:57Z`. */
export const formatTime = (unixSeconds: number): string =>
  new Date(unixSeconds * 1000).toISOString().replace(".000Z", "Z");
