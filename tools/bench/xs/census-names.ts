import type { Dump, Slot } from "./census-dump";

/** Names of what lies in flash, and of the functions that bytecode belongs to. */
export interface Names {
  /** Of an object in flash: "mqtt/session:MqttSession.prototype". */
  object(address: number): string | undefined;
  /** Of the function whose bytecode lies around `address`, also of functions inside it. */
  code(address: number): string;
}

export function namesOf(dump: Dump): Names {
  const { rom, keys, scripts } = dump;
  const names = new Map<number, string>();
  const key = (id: number): string | undefined => keys.get(id) || undefined;
  const chain = function* (first: number): Generator<Slot> {
    for (let slot = rom.get(first); slot; slot = rom.get(slot.next)) yield slot;
  };
  const waiting: number[] = [];
  const name = (address: number, text: string): void => {
    if (names.has(address) || rom.get(address)?.kind !== "instance") return;
    names.set(address, text);
    waiting.push(address);
  };
  /** An object's properties are named after it. */
  const settle = (): void => {
    for (let address = waiting.shift(); address !== undefined; address = waiting.shift())
      for (const slot of chain(address)) {
        const property = key(slot.id);
        const path = property && `${names.get(address)}.${property}`;
        if (!path) continue;
        if (slot.kind === "reference") name(slot.words[0], path);
        else if (slot.kind === "accessor") for (const word of slot.words) name(word, path);
      }
  };

  // The engine's own objects are named after the global object's properties.
  for (const { kind, words } of dump.intrinsics) {
    if (kind !== "reference") continue;
    const properties = [...chain(words[0])].filter((slot) => slot.kind === "reference");
    const texts = new Set(properties.map(({ id }) => key(id)));
    if (texts.has("Object") && texts.has("Array"))
      for (const property of properties.slice(1)) name(property.words[0], key(property.id) ?? "?");
  }
  settle();

  // A module: an internal slot of kind "module", then a reference to the object of its exports.
  for (const instance of rom.values()) {
    const [, module, exports] = [...chain(instance.address)];
    if (instance.kind !== "instance" || module?.kind !== "module" || exports?.kind !== "reference") continue;
    const path = key(module.words[1] & 0xffff) ?? "?";
    for (const slot of chain(exports.words[0])) {
      if (slot.kind !== "export") continue;
      const value = rom.get(slot.words[0]);
      if (value?.kind === "reference") name(value.words[0], `${path}:${key(slot.id)}`);
    }
  }
  settle();
  const codeIn = (instance: Slot | undefined): Slot | undefined => {
    const code = instance?.kind === "instance" ? rom.get(instance.next) : undefined;
    return code?.kind === "code_x" ? code : undefined;
  };
  // What a module keeps to itself is in the scopes of the functions that have a name already.
  for (let before = 0; before < names.size; ) {
    before = names.size;
    for (const [address, text] of [...names]) {
      const scope = codeIn(rom.get(address))?.words[1];
      const [module, member] = text.split(":");
      if (!scope || !member) continue;
      for (const slot of chain(scope)) {
        const value = slot.kind === "closure" ? rom.get(slot.words[0]) : undefined;
        if (value?.kind === "reference") name(value.words[0], `${module}:${key(slot.id)}`);
      }
    }
    settle();
  }

  const codes = [...rom.values()].flatMap((instance) => {
    const code = codeIn(instance);
    return code ? [[code.words[0], names.get(instance.address) ?? "?"] as const] : [];
  });
  codes.sort(([a], [b]) => a - b);
  return {
    object: (address) => names.get(address),
    code(address) {
      const script = scripts.find((each) => each.address <= address && address < each.address + each.bytes);
      if (script) return `${script.name} (not preloaded)`;
      return codes.findLast(([begin]) => begin <= address)?.[1] ?? "?";
    },
  };
}

/** Whose code the frames of the stack go back to, the last first. */
export function callersIn(dump: Dump): string[] {
  const names = namesOf(dump);
  const chunks = [...dump.chunks.values()];
  const frames = dump.stack.filter(({ kind, words }) => kind === "frame" && words[0] !== 0);
  return frames
    .map(({ words: [address] }) => {
      const copy = chunks.find((each) => each.address <= address && address < each.address + each.bytes);
      return names.code(copy?.copyOf || address);
    })
    .reverse();
}
