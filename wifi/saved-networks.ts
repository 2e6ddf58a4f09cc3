import { isBssid, isChannel } from "./air";
import { isSsid, isWepKey, isWpaPassword } from "./credential-rules";
import { type LastGood, MAX_NETWORKS, type Network } from "./network";
import type { Least } from "./security";

export interface SavedNetworksOptions {
  /** Keeps the text: storage first. */
  readonly settings: {
    get(key: "networks"): string;
    set(key: "networks", value: string): { readonly ok: boolean };
  };
  /** There is another list. Not for what was learned: who found out knows it. */
  onNetworks(): void;
}

/**
 * The one owner of the saved networks: what changes them does so here, on what is saved now, and everybody else hears
 * of it. What the flash refuses has changed nothing.
 */
export class SavedNetworks {
  /** In the person's order. Another list takes its place, and only here. */
  list: readonly Network[];
  #options: SavedNetworksOptions;

  constructor(options: SavedNetworksOptions) {
    this.#options = options;
    this.list = parseNetworks(options.settings.get("networks")) ?? [];
  }

  has(ssid: string): boolean {
    return this.list.some((each) => each.ssid === ssid);
  }

  /** In the place of its namesake, else in front. False: there is no room, or the flash refused it. */
  add(network: Network): boolean {
    const { ssid } = network;
    const isOne = this.has(ssid);
    if (!isOne && this.list.length === MAX_NETWORKS) return false;
    return this.keep(
      isOne ? this.list.map((each) => (each.ssid === ssid ? network : each)) : [network, ...this.list],
    );
  }

  /** False: the flash refused it. */
  forget(ssid: string): boolean {
    return this.keep(this.list.filter((each) => each.ssid !== ssid));
  }

  /** One place nearer to the front. */
  moveUp(ssid: string): void {
    const list = this.list.slice();
    const at = list.findIndex((each) => each.ssid === ssid);
    if (at > 0) list.splice(at - 1, 2, list[at]!, list[at - 1]!);
    this.keep(list);
  }

  /** `network`, if it is still in the list, has shown what it is. */
  learn(network: Network, learned: Network): void {
    this.keep(
      this.list.map((each) => (each === network ? learned : each)),
      false,
    );
  }

  private keep(list: readonly Network[], tells = true): boolean {
    const { ok } = this.#options.settings.set("networks", formatNetworks(list));
    if (ok) this.list = list;
    if (ok && tells) this.#options.onNetworks();
    return ok;
  }
}

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
