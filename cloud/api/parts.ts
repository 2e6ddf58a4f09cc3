import type { Clients } from "../access/clients";
import type { People } from "../access/people";
import type { Sessions } from "../access/sessions";
import type { Tokens } from "../access/tokens";
import type { Store } from "../store/store";
import type { Control } from "./control";

/** What operations work with. */
export interface ApiParts {
  readonly store: Store;
  readonly clients: Clients;
  readonly tokens: Tokens;
  readonly sessions: Sessions;
  /** Absent: nobody signs in here. */
  readonly people?: People;
  /** Absent: no broker; devices can be read of and not written to. */
  readonly control?: Control;
  /** What images are built for, by the name that a board gives itself: who is on another board is left out. */
  readonly targets?: ReadonlyMap<string, string>;
  /** The address that clients know, without a slash at its end. */
  readonly publicUrl: string;
  readonly version: string;
  /** One line; never a secret. */
  log(line: string): void;
}

/** The scope of whoever asks: the one way from a caller to the store. */
export const scopeOf = (principal: { readonly account: string }): { readonly account: string } => ({
  account: principal.account,
});
