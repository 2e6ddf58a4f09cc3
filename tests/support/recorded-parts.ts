import type { Parts } from "../../wiring/parts";

type Stand = Record<string, unknown>;

/** A part that writes down what is called on it, but for members of its own. */
function recordedPart(name: string, own: Stand, calls: string[]): unknown {
  return new Proxy(own, {
    get: (target, key) => {
      if (typeof key === "symbol" || key in target) return target[key as string];
      return (...args: unknown[]) => {
        calls.push(`${name}.${key}(${args.map(text).join(", ")})`);
      };
    },
    set: (target, key, value) => {
      target[key as string] = value;
      calls.push(`${name}.${String(key)} = ${text(value)}`);
      return true;
    },
  });
}

const text = (value: unknown): string =>
  typeof value === "function" ? "…" : (JSON.stringify(value) ?? "undefined");

/**
 * Parts that write down, in order, what is asked of them. `own`: members that a test gives to a part; a part that is no
 * plain object there stands as it is.
 */
export function recordedParts(own: { [Part in keyof Parts]?: unknown } = {}): {
  parts: Parts;
  calls: string[];
} {
  const calls: string[] = [];
  const made = new Map<string, unknown>();
  const parts = new Proxy({} as Record<string, unknown>, {
    get: (_, name: string) => {
      const given = own[name as keyof Parts];
      if (given !== undefined && Object.getPrototypeOf(given) !== Object.prototype) return given;
      if (!made.has(name)) made.set(name, recordedPart(name, (given ?? {}) as Stand, calls));
      return made.get(name);
    },
    set: (_, name: string, value) => {
      own[name as keyof Parts] = value;
      calls.push(`${name} = ${text(value)}`);
      return true;
    },
  });
  return { parts: parts as unknown as Parts, calls };
}

/** Settings that answer with `values`, and write down what is set. */
export function recordedSettings(values: Stand, calls: string[] = []): Stand {
  return {
    get: (key: string) => values[key],
    set: (key: string, value: unknown) => {
      calls.push(`settings.set(${key}, ${text(value)})`);
      values[key] = value;
      return { ok: true, changed: true };
    },
    faults: [],
  };
}
