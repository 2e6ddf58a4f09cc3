import type { Chunk, Dump, Slot } from "./census-dump";
import { namesOf } from "./census-names";
import { dominators } from "./dominators";

/** Kinds whose value is no address. */
const NUMBERS = new Set([
  "undefined",
  "null",
  "boolean",
  "integer",
  "number",
  "symbol",
  "date",
  "buffer_info",
  "at",
]);
/** What an internal slot behind an instance says that it is. */
const SPECIAL = new Set(
  "array array_buffer typed_array data_view map set weak_map weak_set weak_ref regexp date error host module program promise proxy global bigint string".split(
    " ",
  ),
);
const FUNCTIONS = new Set(["code", "code_x", "callback", "callback_x"]);
const INTERNAL = 1;

/** Something in the heap: an object with its properties, a variable of a scope, a key, or a chunk. */
export interface Node {
  readonly slots: readonly Slot[];
  readonly chunk: Chunk | undefined;
  /** Its class, or what else it is. */
  readonly what: string;
  /** Of a function: whose bytecode it is part of. */
  readonly code: string | undefined;
  /** Of a function: bytes of RAM that its bytecode takes. */
  readonly codeBytes: number;
  readonly targets: { readonly node: number; readonly label: string }[];
  /** Under which name its dominator has it. */
  label: string;
  /** Bytes without what it owns, and with. */
  readonly bytes: number;
  retained: number;
  retainedSlots: number;
  /** Nodes that go with it, the largest first. */
  readonly owned: number[];
}

export interface Graph {
  /** The first is the root of all. */
  readonly nodes: readonly Node[];
  /** Bytes of a slot. */
  readonly slotBytes: number;
}

export function graphOf(dump: Dump, slotBytes = 16): Graph {
  const { slots, rom, chunks, keys } = dump;
  const names = namesOf(dump);
  const scopes = new Set(
    [...slots.values()].flatMap(({ kind, words }) => (FUNCTIONS.has(kind) ? [words[1]] : [])),
  );
  const nodes: Node[] = [];
  const at = new Map<number, number>();
  const add = (part: Pick<Node, "slots" | "chunk" | "what"> & Partial<Node>): void => {
    const bytes = part.slots.length * slotBytes + (part.chunk?.bytes ?? 0);
    for (const slot of part.slots) at.set(slot.address, nodes.length);
    if (part.chunk) at.set(part.chunk.address, nodes.length);
    nodes.push({
      code: undefined,
      codeBytes: 0,
      targets: [],
      label: "",
      bytes,
      retained: bytes,
      retainedSlots: part.slots.length,
      owned: [],
      ...part,
    });
  };
  const chain = (first: Slot): Slot[] => {
    const all = [first];
    for (let next = slots.get(first.next); next && next.kind !== "instance"; next = slots.get(next.next))
      all.push(next);
    return all;
  };

  add({ slots: [], chunk: undefined, what: "heap" });
  for (const slot of slots.values()) {
    if (slot.kind !== "instance") continue;
    const all = chain(slot);
    const second = all[1];
    const isFunction = second !== undefined && FUNCTIONS.has(second.kind) && (second.flag & INTERNAL) !== 0;
    const code = isFunction && second.kind.startsWith("code") ? second.words[0] : 0;
    const copy = chunks.get(code);
    add({
      slots: all,
      chunk: undefined,
      what: isFunction ? "function" : classOf(slot, all),
      code: code ? names.code(copy ? copy.copyOf : code) : undefined,
      codeBytes: copy?.bytes ?? 0,
    });
  }
  for (const slot of slots.values())
    if (!at.has(slot.address)) {
      const what =
        slot.kind === "key" || slot.kind === "key_x" ? `key ${keys.get(slot.id)}` : `(${slot.kind})`;
      add({ slots: [slot], chunk: undefined, what });
    }
  for (const chunk of chunks.values()) add({ slots: [], chunk, what: "chunk" });

  function classOf(instance: Slot, all: readonly Slot[]): string {
    const prototype = instance.words[1];
    const name = names.object(prototype)?.replace(/\.prototype$/, "");
    const second = all[1];
    if (prototype === 0 && scopes.has(instance.address)) return "scope";
    if (second && SPECIAL.has(second.kind) && (second.flag & INTERNAL) !== 0) return name ?? second.kind;
    if (prototype === 0) return "object without prototype";
    return name ?? (slots.has(prototype) ? "instance of a class in RAM" : rom.has(prototype) ? "?" : "??");
  }

  const link = (from: number, address: number, label: string): void => {
    const node = at.get(address);
    if (node !== undefined && node !== from) nodes[from]!.targets.push({ node, label });
  };
  const linkSlot = (from: number, slot: Slot): void => {
    link(from, slot.next, "");
    if (!NUMBERS.has(slot.kind))
      for (const word of slot.words)
        link(from, word, (slot.flag & INTERNAL) === 0 ? (keys.get(slot.id) ?? "") : slot.kind);
  };
  for (const slot of dump.stack) linkSlot(0, slot);
  for (const { name, address } of dump.roots) link(0, address, name);
  nodes.forEach((node, i) => {
    if (i === 0) return;
    for (const slot of node.slots) linkSlot(i, slot);
    for (const item of node.chunk?.items ?? []) linkSlot(i, item);
    if (node.chunk && node.chunk.items.length === 0) for (const word of node.chunk.words) link(i, word, "");
  });
  own(nodes);
  return { nodes, slotBytes };
}

/** Gives each node what it dominates. */
function own(nodes: readonly Node[]): void {
  const targets = nodes.map((node) => node.targets.map((target) => target.node));
  let dominator = dominators(targets);
  // Held by native code that says so to the collector only: the engine's to know.
  const lost = nodes.flatMap((_, i) => (i > 0 && dominator[i] === -1 ? [i] : []));
  const reached = new Set(lost.flatMap((i) => targets[i]!));
  for (const i of lost) if (!reached.has(i)) nodes[0]!.targets.push({ node: i, label: "native" });
  dominator = dominators(nodes.map((node) => node.targets.map((target) => target.node)));
  nodes.forEach((node, i) => {
    if (i === 0) return;
    const owner = nodes[Math.max(0, dominator[i]!)]!;
    owner.owned.push(i);
    node.label = owner.targets.find((target) => target.node === i)?.label ?? "";
  });
  const total = (i: number): void => {
    const node = nodes[i]!;
    for (const each of node.owned) {
      total(each);
      node.retained += nodes[each]!.retained;
      node.retainedSlots += nodes[each]!.retainedSlots;
    }
    node.owned.sort((a, b) => nodes[b]!.retained - nodes[a]!.retained);
  };
  total(0);
}
