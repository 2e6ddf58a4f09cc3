import type { ApiScope } from "./scopes";

/** Who asks, once it is known. */
export interface Principal {
  readonly kind: "client" | "person" | "local";
  /** As audit rows name it: the client's id, the person's name. */
  readonly id: string;
  /** The one account whose devices it sees. */
  readonly account: string;
  readonly scopes: ReadonlySet<ApiScope>;
}

/** Why somebody is not let in. The words are for whoever wrote the script. */
export const REFUSALS = {
  "no-token": { status: 401, says: "A bearer token is needed; the token endpoint gives one." },
  "bad-token": { status: 401, says: "This is no token of ours, or it is for somebody else." },
  "expired-token": { status: 401, says: "The token has expired; get a new one." },
  "invalid-client": { status: 401, says: "There is no such client, or the secret is wrong." },
  "revoked-client": { status: 401, says: "This client has been revoked." },
  lapsed: { status: 403, says: "The subscription of this client has ended." },
  address: { status: 403, says: "This client may not ask from this address." },
  "people-address": { status: 403, says: "People may not sign in from this address." },
  scope: { status: 403, says: "The token does not have the scope that this takes." },
  "other-site": { status: 403, says: "A page of another site may not do this." },
  "too-many": { status: 429, says: "Too many wrong secrets; wait." },
} as const satisfies Record<string, { readonly status: number; readonly says: string }>;

export type Refusal = keyof typeof REFUSALS;

export interface Refused {
  readonly refused: Refusal;
  /** When to try again, of `too-many`. */
  readonly seconds?: number;
}
