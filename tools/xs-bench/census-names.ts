import type { Dump, Slot } from "./census-dump";

/** Names of what lies in flash, and of the functions that bytecode belongs to. */
export interface Names {
  /** Of an object in flash: "mqtt/session:MqttSession.prototype". */
  object(address: number): string | undefined;
  /** Of the function whose bytecode lies around `address`, also of functions inside it. */
  code(address: number): string;
}

export function namesOf(dump: Dump): Names {
  const { rom, keys, scripts, stack } = dump;
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
  // Globals and the engine's own.
  for (const slot of [...rom.values(), ...stack])
    if (slot.kind === "global" || slot.kind === "reference")
      for (const property of chain(slot.words[0]))
        if (property.kind === "reference" && key(property.id) && !names.has(property.words[0]))
          name(property.words[0], key(property.id)!);
  settle();
  // What a module keeps to itself, by the names of its scope.
  for (const slot of rom.values())
    if (slot.kind === "closure" && key(slot.id)) {
      const value = rom.get(slot.words[0]);
      if (value?.kind === "reference") name(value.words[0], `local ${key(slot.id)}`);
    }
  settle();

  const codes: [address: number, name: string][] = [];
  for (const instance of rom.values()) {
    const code = rom.get(instance.next);
    if (instance.kind === "instance" && code?.kind === "code_x")
      codes.push([code.words[0], names.get(instance.address) ?? "?"]);
  }
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
