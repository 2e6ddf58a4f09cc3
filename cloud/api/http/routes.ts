import { RequestCheck } from "./check";
import type { Operation } from "./operation";

export interface Route {
  readonly operation: Operation;
  readonly check: RequestCheck;
}

export type Found =
  | { readonly route: Route; readonly path: Readonly<Record<string, string>> }
  | { readonly allow: readonly string[] };

/** Segments of a path, each a word or `{name}`. */
interface Entry extends Route {
  readonly segments: readonly string[];
}

/** Which operation a method and a path are. The few dozen are gone through in order. */
export class Routes {
  #entries: readonly Entry[];

  constructor(operations: readonly Operation[]) {
    this.#entries = operations.map((operation) => ({
      operation,
      check: new RequestCheck(operation),
      segments: operation.path.split("/"),
    }));
  }

  /** `allow`: empty when nothing is there at all. */
  find(method: string, pathname: string): Found {
    const words = pathname.split("/");
    const allow: string[] = [];
    for (const entry of this.#entries) {
      const path = match(entry.segments, words);
      if (!path) continue;
      // HEAD is GET whose body is not sent (RFC 9110, section 9.3.2).
      if (entry.operation.method === (method === "HEAD" ? "GET" : method)) return { route: entry, path };
      allow.push(entry.operation.method);
    }
    return { allow };
  }
}

function match(segments: readonly string[], words: readonly string[]): Record<string, string> | undefined {
  if (segments.length !== words.length) return undefined;
  const values: Record<string, string> = {};
  for (const [i, segment] of segments.entries()) {
    const name = /^\{(\w+)\}$/.exec(segment)?.[1];
    const word = decoded(words[i]!);
    if (word === undefined || (name === undefined ? word !== segment : word === "")) return undefined;
    if (name !== undefined) values[name] = word;
  }
  return values;
}

function decoded(word: string): string | undefined {
  try {
    return decodeURIComponent(word);
  } catch {
    return undefined;
  }
}
