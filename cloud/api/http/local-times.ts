import { formatTime } from "./times";

/** Times as a zone's clocks show them, with their offset: `2026-07-01T07:00:57-05:00`. */
export class LocalTimes {
  #format: Intl.DateTimeFormat | undefined;

  /** @throws RangeError: there is no such zone */
  constructor(zone: string | undefined) {
    if (zone === undefined) return;
    this.#format = new Intl.DateTimeFormat("en-US", {
      timeZone: zone,
      hourCycle: "h23",
      year: "numeric",
      month: "2-digit",
      day: "2-digit",
      hour: "2-digit",
      minute: "2-digit",
      second: "2-digit",
      timeZoneName: "longOffset",
    });
  }

  format(unixSeconds: number): string {
    if (!this.#format) return formatTime(unixSeconds);
    const parts = this.#format.formatToParts(unixSeconds * 1000).map(({ type, value }) => [type, value]);
    const { year, month, day, hour, minute, second, timeZoneName = "" } = Object.fromEntries(parts);
    const offset = timeZoneName.replace(/^GMT/, "") || "+00:00";
    return `${year}-${month}-${day}T${hour}:${minute}:${second}${offset}`;
  }
}
