import type { SocketFailure } from "../../../modules/network/socket";
import type { TlsCase } from "../cases";
import { authority, dns, type Made, type Recipe, server } from "../support/certificates";
import { HOST } from "../support/pki";

/** A server that shows these certificates, and what its client trusts. */
export interface Scene {
  /** As sent, the server's own first. */
  readonly chain: readonly Made[];
  readonly anchors: readonly Made[];
}

export type Outcome = "accepted" | "unusable" | SocketFailure;

type More = Partial<Omit<TlsCase, "name" | "outcome" | "server" | "anchors">> & {
  readonly server?: Partial<Extract<ReturnType<TlsCase["server"]>, { kind: "tls" }>>;
};

/** A case whose certificates are made when it runs, once. */
export function odd(
  outcome: Outcome,
  name: string,
  scene: () => Scene,
  { server: plan, ...more }: More = {},
): TlsCase {
  let made: Scene | undefined;
  const get = (): Scene => {
    made ??= scene();
    return made;
  };
  return {
    name,
    outcome,
    server: () => ({ kind: "tls", chain: get().chain, ...plan }),
    anchors: () => get().anchors,
    ...more,
  };
}

/** A sound server under a new anchor, but for what is said of it. */
export const under = (recipe: Parameters<typeof server>[0], ca: Recipe = {}): Scene => {
  const anchor = authority(ca);
  return { chain: [server({ names: [dns(HOST)], issuer: anchor, ...recipe })], anchors: [anchor] };
};

/** A server below authorities, each given by its recipe, from the anchor down; the anchor is not sent. */
export function below(
  recipes: readonly (Recipe & { readonly pathLength?: number })[],
  leaf: Parameters<typeof server>[0] = {},
): Scene {
  const line: Made[] = [];
  for (const recipe of recipes)
    line.push(authority({ ...(line.length > 0 && { issuer: line.at(-1)! }), ...recipe }));
  const [anchor, ...others] = line;
  return {
    chain: [server({ names: [dns(HOST)], issuer: line.at(-1)!, ...leaf }), ...others.reverse()],
    anchors: [anchor!],
  };
}
