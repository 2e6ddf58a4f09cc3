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
  /** There is another list. */
  onChange(): void;
}

/**
 * The one owner of the saved networks: what changes them does so here, on what is saved now, and everybody else hears
 * of it. What the flash refuses has changed nothing.
 */
export class SavedNetworks {
  #options: SavedNetworksOptions;
  #list: readonly Network[];

  constructor(options: SavedNetworksOptions) {
    this.#options = options;
    this.#list = parseNetworks(options.settings.get("networks")) ?? [];
  }

  /** In the person's order. Never changed: another list takes its place. */
  get list(): readonly Network[] {
    return this.#list;
  }

  /** Whether `add` would find a place for it. */
  hasRoom(ssid: string): boolean {
    return this.#list.length < MAX_NETWORKS || this.find(ssid) >= 0;
  }

  /** In the place of its namesake, else in front. */
  add(network: Network): "added" | "full" | "storage" {
    if (!this.hasRoom(network.ssid)) return "full";
    const at = this.find(network.ssid);
    const list = at < 0 ? [network, ...this.#list] : this.replaced(at, network);
    return this.keep(list) ? "added" : "storage";
  }

  forget(ssid: string): "forgotten" | "not-found" | "storage" {
    const list = this.#list.filter((each) => each.ssid !== ssid);
    if (list.length === this.#list.length) return "not-found";
    return this.keep(list) ? "forgotten" : "storage";
  }

  /** One place nearer to the front. */
  moveUp(ssid: string): void {
    const at = this.find(ssid);
    if (at < 1) return;
    const list = this.replaced(at, this.#list[at - 1]!);
    list[at - 1] = this.#list[at]!;
    this.keep(list);
  }

  /** `network` has shown what it is, if it is still saved as that. Whoever found out knows it: nobody is told. */
  learn(network: Network, learned: Network): void {
    const at = this.find(network.ssid);
    if (at >= 0 && this.#list[at]!.password === network.password) this.store(this.replaced(at, learned));
  }

  private replaced(at: number, network: Network): Network[] {
    const list = this.#list.slice();
    list[at] = network;
    return list;
  }

  private find(ssid: string): number {
    return this.#list.findIndex((each) => each.ssid === ssid);
  }

  private keep(list: readonly Network[]): boolean {
    const kept = this.store(list);
    if (kept) this.#options.onChange();
    return kept;
  }

  private store(list: readonly Network[]): boolean {
    const { ok } = this.#options.settings.set("networks", formatNetworks(list));
    if (ok) this.#list = list;
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
