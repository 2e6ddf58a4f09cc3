// Who may say and hear what at a broker, by the name in the client's certificate (docs/fleet.md).

/** Of `aerolink/v1/<device id>/…`: what a device says, what the cloud says to it, and what it hears. */
const SAYS = ["telemetry", "status", "state", "command/result", "config/reported"];
const CLOUD_SAYS = ["command", "config/desired"];
const HEARS = [...CLOUD_SAYS, "status"];

/** The common name of certificates of the cloud's own services. */
export const CLOUD = "cloud";

/** The cloud commands and hears everybody; a device speaks for itself alone. */
export function mayPublish(name: string, topic: string): boolean {
  if (name === "") return false;
  const parts = topic.split("/");
  const [root, version, device] = parts;
  const what = parts.slice(3).join("/");
  if (root === "aerolink" && version === "v1")
    return name === CLOUD ? CLOUD_SAYS.includes(what) : device === name && SAYS.includes(what);
  const discovery = root === "homeassistant" && version === "sensor" && parts.length === 5;
  return discovery && name !== CLOUD && device === name.replaceAll(".", "_") && parts[4] === "config";
}

/** By the filter as it is written: wildcards are the cloud's. */
export function maySubscribe(name: string, filter: string): boolean {
  const shared = /^\$share\/[^/]+\/(.*)$/.exec(filter);
  if (name === CLOUD) return (shared?.[1] ?? filter).startsWith("aerolink/v1/");
  return HEARS.some((what) => filter === `aerolink/v1/${name}/${what}`);
}
