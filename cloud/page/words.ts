/** "Just now", "3 min ago": how long ago a time was, both in ms. */
export function ago(thenMs: number, nowMs: number): string {
  const seconds = Math.round((nowMs - thenMs) / 1000);
  // Two clocks never agree to the second.
  if (seconds < -90) return `${length(-seconds)} in the future`;
  if (seconds < 5) return "just now";
  return `${length(seconds)} ago`;
}

/** "40 s", "3 min", "2 h", "5 days". */
export function length(seconds: number): string {
  if (seconds < 90) return `${Math.round(seconds)} s`;
  if (seconds < 90 * 60) return `${Math.round(seconds / 60)} min`;
  if (seconds < 36 * 3_600) return `${Math.round(seconds / 3_600)} h`;
  return `${Math.round(seconds / 86_400)} days`;
}

const DAY_AND_TIME: Intl.DateTimeFormatOptions = {
  day: "numeric",
  month: "short",
  hour: "2-digit",
  minute: "2-digit",
};

export const moment = (ms: number): string =>
  new Intl.DateTimeFormat("en-GB", { ...DAY_AND_TIME, year: "numeric", second: "2-digit" }).format(ms);

export const dayAndTime = (ms: number): string => new Intl.DateTimeFormat("en-GB", DAY_AND_TIME).format(ms);

export const day = (ms: number): string =>
  new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "long", year: "numeric" }).format(ms);

const CAPITALS: Readonly<Record<string, string>> = {
  led: "LED",
  co2: "CO₂",
  mqtt: "MQTT",
  sntp: "SNTP",
  pm: "PM",
  alpn: "ALPN",
  id: "ID",
};

/** `ledBrightness` and `no-answer` as a person reads them: "LED brightness", "No answer". */
export function spelt(key: string): string {
  const words = key
    .replaceAll(/([a-z0-9])([A-Z])/g, "$1 $2")
    .toLowerCase()
    .split(/[ -]/)
    .map((word) => CAPITALS[word] ?? word);
  const text = words.join(" ");
  return text.charAt(0).toUpperCase() + text.slice(1);
}

export const places = (latitude: number, longitude: number): string =>
  `${Math.abs(latitude).toFixed(2)}° ${latitude < 0 ? "S" : "N"}, ${Math.abs(longitude).toFixed(2)}° ${longitude < 0 ? "W" : "E"}`;
