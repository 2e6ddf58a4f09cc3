const MINUTE = 60;
const DAY = 86_400;

const two = (value: number): string => String(value).padStart(2, "0");

/** A moment under the plot, as fine as the marks are apart: always with its hour, at the first of a day with its date. */
export function markOf(unixSeconds: number, stepSeconds: number): string {
  const when = new Date(unixSeconds * 1_000);
  const date = `${when.getMonth() + 1}/${when.getDate()}`;
  const hour = `${two(when.getHours())}:${two(when.getMinutes())}`;
  if (stepSeconds >= DAY) return date;
  if (stepSeconds < MINUTE) return `${hour}:${two(when.getSeconds())}`;
  return hour === "00:00" ? date : hour;
}

/** A moment by itself. */
export function momentOf(unixSeconds: number): string {
  const when = new Date(unixSeconds * 1_000);
  return `${when.toLocaleDateString()} ${when.toLocaleTimeString()}`;
}
