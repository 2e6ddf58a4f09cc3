import type { Outage, OutageKind } from "./protocol";

const KINDS = ["router", "internet", "power", "broker"] as const satisfies readonly OutageKind[];
/** That many are remembered. */
const KEPT = 200;
/** A shorter one was a restart, or a scene being set. */
const SHORTEST_MS = 1_000;

/** Whether each is there. */
export type Supply = Readonly<Record<OutageKind, boolean>>;

/** What was out, and from when to when: seen from the room, whoever did it. */
export class Outages {
  #list: readonly Outage[] = [];
  #since = new Map<OutageKind, number>();

  /** The same array as long as nothing has changed. */
  get list(): readonly Outage[] {
    return this.#list;
  }

  /** Called often. @returns whether something has changed */
  look(supply: Supply, unixMs: number): boolean {
    let isChanged = false;
    for (const kind of KINDS) {
      const from = this.#since.get(kind);
      if (!supply[kind]) {
        if (from === undefined) this.#since.set(kind, unixMs);
        else if (unixMs - from >= SHORTEST_MS && !this.#find(kind, from)) {
          this.#list = [...this.#list.slice(1 - KEPT), { kind, from }];
          isChanged = true;
        }
      } else if (from !== undefined) {
        this.#since.delete(kind);
        if (!this.#find(kind, from)) continue;
        this.#list = this.#list.map((each) =>
          each.kind === kind && each.from === from ? { ...each, to: unixMs } : each,
        );
        isChanged = true;
      }
    }
    return isChanged;
  }

  #find(kind: OutageKind, from: number): boolean {
    return this.#list.some((each) => each.kind === kind && each.from === from);
  }
}
