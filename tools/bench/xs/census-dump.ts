/** A slot as census.c wrote it. Addresses are numbers; 0 is none. */
export interface Slot {
  readonly address: number;
  /** XS's name of it, in lower case without XS_ and _KIND. */
  readonly kind: string;
  readonly flag: number;
  /** Of a key, or what the kind makes of it. */
  readonly id: number;
  readonly next: number;
  readonly words: readonly [number, number];
}

export interface Chunk {
  readonly address: number;
  /** With its header. */
  readonly bytes: number;
  readonly words: readonly number[];
  /** Elements of the array that it holds. */
  readonly items: Slot[];
  /** Its bytecode's address in flash, where it is a copy. */
  copyOf: number;
}

/** What census.c wrote. */
export interface Dump {
  /** In use. */
  readonly slots: Map<number, Slot>;
  /** The preloaded part. */
  readonly rom: Map<number, Slot>;
  readonly chunks: Map<number, Chunk>;
  readonly stack: readonly Slot[];
  /** The preloaded part's stack: the engine's own objects. */
  readonly intrinsics: readonly Slot[];
  readonly roots: readonly { readonly name: string; readonly address: number }[];
  /** Modules that are not preloaded: where their bytecode lies. */
  readonly scripts: readonly { readonly address: number; readonly bytes: number; readonly name: string }[];
  readonly keys: Map<number, string>;
}

const hex = (text: string): number => Number.parseInt(text, 16);

function slotOf([address, kind, flag, id, next, ...words]: string[]): Slot {
  return {
    address: hex(address!),
    kind: kind!,
    flag: Number(flag),
    id: Number(id),
    next: hex(next!),
    words: [hex(words[0]!), hex(words[1]!)],
  };
}

export function parseDump(lines: readonly string[]): Dump {
  const slots = new Map<number, Slot>();
  const rom = new Map<number, Slot>();
  const chunks = new Map<number, Chunk>();
  const stack: Slot[] = [];
  const intrinsics: Slot[] = [];
  const roots: { name: string; address: number }[] = [];
  const scripts: { address: number; bytes: number; name: string }[] = [];
  const keys = new Map<number, string>();
  const items: [chunk: number, Slot][] = [];
  const copies: [chunk: number, address: number][] = [];
  for (const line of lines) {
    const [what, ...rest] = line.split(" ");
    if (what === "@slot") {
      const slot = slotOf(rest);
      slots.set(slot.address, slot);
    } else if (what === "@rom") {
      const slot = slotOf(rest);
      rom.set(slot.address, slot);
    } else if (what === "@item") items.push([hex(rest[0]!), slotOf(rest.slice(1))]);
    else if (what === "@free") slots.delete(hex(rest[0]!));
    else if (what === "@stack") stack.push(slotOf(rest.slice(1)));
    else if (what === "@intrinsic") intrinsics.push(slotOf(rest));
    else if (what === "@root") roots.push({ name: rest[0]!, address: hex(rest[1]!) });
    else if (what === "@copy") copies.push([hex(rest[0]!), hex(rest[1]!)]);
    else if (what === "@key") keys.set(Number(rest[0]), rest.slice(1).join(" "));
    else if (what === "@script")
      scripts.push({ address: hex(rest[0]!), bytes: Number(rest[1]), name: rest.slice(2).join(" ") });
    else if (what === "@chunk") {
      const address = hex(rest[0]!);
      const words = rest.slice(2).map(hex);
      chunks.set(address, { address, bytes: Number(rest[1]), words, items: [], copyOf: 0 });
    }
  }
  for (const [chunk, slot] of items) chunks.get(chunk)?.items.push(slot);
  for (const [chunk, address] of copies) {
    const copy = chunks.get(chunk);
    if (copy) copy.copyOf = address;
  }
  return { slots, rom, chunks, stack, intrinsics, roots, scripts, keys };
}
