// Who may say and hear what at a broker, by role and name (docs/fleet.md). A role is the authority that signed the
// client's certificate, whatever its name says.
import { nodeIdOf } from "../../modules/home-assistant/discovery";

export interface Client {
  readonly role: "device" | "operator";
  /** Common name of the certificate. */
  readonly name: string;
}

/** Of `aerolink/v1/<device id>/…`: what a device says, what the cloud says to it, and what it hears. */
export const SAYS = [
  "telemetry",
  "telemetry/zd1",
  "status",
  "state",
  "command/result",
  "config/reported",
  "update/state",
  "identity/state",
  "identity/request",
];
const CLOUD_SAYS = ["command", "config/desired", "update/offer", "identity/renew", "identity/trust"];
export const HEARS = [...CLOUD_SAYS, "status"];

/** An operator commands and hears everybody; a device speaks for itself alone. */
export function mayPublish({ role, name }: Client, topic: string): boolean {
  if (name === "") return false;
  const parts = topic.split("/");
  const [root, version, device] = parts;
  const what = parts.slice(3).join("/");
  if (root === "aerolink" && version === "v1")
    return role === "operator" ? CLOUD_SAYS.includes(what) : device === name && SAYS.includes(what);
  const discovery = root === "homeassistant" && version === "sensor" && parts.length === 5;
  return discovery && role === "device" && device === nodeIdOf(name) && parts[4] === "config";
}

/** By the filter as it is written: wildcards are the operators'. */
export function maySubscribe({ role, name }: Client, filter: string): boolean {
  const shared = /^\$share\/[^/]+\/(.*)$/.exec(filter);
  if (role === "operator") return (shared?.[1] ?? filter).startsWith("aerolink/v1/");
  return name !== "" && HEARS.some((what) => filter === `aerolink/v1/${name}/${what}`);
}

/** A device's client id is its name; an operator has as many connections as it likes, each beginning with its name. */
export function mayConnectAs({ role, name }: Client, clientId: string): boolean {
  if (name === "") return false;
  return clientId === name || (role === "operator" && clientId.startsWith(`${name}-`));
}
