/** Whose devices a query may see. Every query that reads needs one. */
export type Scope =
  | { readonly account: string }
  /** The operator of all of it. */
  | { readonly fleet: true };

export const FLEET: Scope = { fleet: true };
