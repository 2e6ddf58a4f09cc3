// The topics of docs/protocol.md.

/** What topics begin with, where the setting `topicPrefix` says nothing else. */
export const PREFIX = "aerolink/v1/{id}";

export const topicOf = (deviceId: string, name: string, prefix = PREFIX): string =>
  `${prefix.replaceAll("{id}", deviceId)}/${name}`;

/** A topic of {@link topicOf} in its parts; `undefined`: none of ours. Of any prefix that has the device's id in it. */
export function parseTopic(topic: string, prefix = PREFIX): { deviceId: string; name: string } | undefined {
  const [before = "", ...between] = prefix
    .split("{id}")
    .map((text) => text.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&"));
  if (between.length === 0) return undefined;
  const pattern = `^${before}(?<deviceId>[^/]+)${between.join("\\k<deviceId>")}/(?<name>.+)$`;
  const { deviceId, name } = new RegExp(pattern).exec(topic)?.groups ?? {};
  return deviceId === undefined || name === undefined ? undefined : { deviceId, name };
}

/** The filter for that topic of all devices: the level with the id may be any. */
export function filterOf(name: string, prefix = PREFIX): string {
  const levels = prefix.split("/").map((level) => (level.includes("{id}") ? "+" : level));
  return `${levels.join("/")}/${name}`;
}
