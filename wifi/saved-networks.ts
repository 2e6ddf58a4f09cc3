import { isBssid, isChannel } from "./air";
import { isSsid, isWepKey, isWpaPassword } from "./credential-rules";
import { type LastGood, MAX_NETWORKS, type Network } from "./network";
import type { Least } from "./security";

/** The stored text of saved networks: JSON, an array in the person's order. */
export function formatNetworks(networks: readonly Network[]): string {
  return JSON.stringify(networks);
}

/** What `formatNetworks` wrote; empty text is no network. `undefined`: damaged. */
export function parseNetworks(text: string): Network[] | undefined {
  if (text === "") return [];
  const items = parseJson(text);
  if (!Array.isArray(items) || items.length > MAX_NETWORKS) return undefined;
  const networks: Network[] = [];
  for (const item of items) {
    const network = parseNetwork(item);
    if (!network) return undefined;
    networks.push(network);
  }
  return networks;
}

export function formatLastGood(lastGood: LastGood): string {
  return JSON.stringify(lastGood);
}

/** What `formatLastGood` wrote. `undefined`: none, or damaged. */
export function parseLastGood(text: string): LastGood | undefined {
  // A debugger would stop at the exception of JSON.parse.
  if (text === "") return undefined;
  const item = parseJson(text);
  if (!isRecord(item)) return undefined;
  const { ssid, bssid, channel } = item;
  if (typeof ssid !== "string" || !isSsid(ssid)) return undefined;
  if (typeof bssid !== "string" || !isBssid(bssid)) return undefined;
  if (typeof channel !== "number" || !isChannel(channel)) return undefined;
  return { ssid, bssid, channel };
}

function parseNetwork(item: unknown): Network | undefined {
  if (!isRecord(item)) return undefined;
  const { ssid, password, hidden, allowLegacySecurity: legacy, least } = item;
  if (typeof ssid !== "string" || !isSsid(ssid)) return undefined;
  if (!isFlag(hidden) || !isFlag(legacy) || !isLeast(least)) return undefined;
  if (password !== undefined) {
    if (typeof password !== "string") return undefined;
    if (!isWpaPassword(password) && !(legacy && isWepKey(password))) return undefined;
  }
  return {
    ssid,
    ...(password !== undefined && { password }),
    ...(hidden && { hidden }),
    ...(legacy && { allowLegacySecurity: true }),
    ...(least && { least }),
  };
}

const isFlag = (value: unknown): value is boolean | undefined =>
  value === undefined || typeof value === "boolean";

const isLeast = (value: unknown): value is Least | undefined =>
  value === undefined || value === 1 || value === 2 || value === 3 || value === 4;

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
