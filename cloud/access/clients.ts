import type { Client } from "../store/clients";
import { AddressList, strangerOf } from "./addresses";
import { Attempts } from "./attempts";
import type { Principal, Refused } from "./principal";
import { type ApiScope, isScope } from "./scopes";
import { isSecret, NOBODY } from "./secrets";
import type { TokenClaims } from "./tokens";
import { Turns } from "./turns";

export interface ClientsOptions {
  /** `undefined`: no such client. */
  find(id: string): Promise<Client | undefined>;
  /** Looks that wait for each of two that are under way. Default: 100. */
  readonly waiting?: number;
  now?(): number;
}

/** A person mistypes; a script with an old secret tries for ever. */
const FAILURES_OF_CLIENT = 10;
/** Several clients may share an address. */
const FAILURES_OF_ADDRESS = 50;
const WINDOW_MS = 15 * 60_000;
/** Looks of one stranger that wait for their turn; each takes some 50 ms of a processor. */
const WAITING = 50;
/** Of all strangers together: so many at a time, and so many waiting for each of them. */
const LANES = 2;
const WAITING_OF_ALL = 100;

/** Machines: who they are by their secret, and whether they may still ask. */
export class Clients {
  #options: ClientsOptions;
  #ofClient: Attempts;
  #ofAddress: Attempts;
  #turns = new Turns(WAITING);
  #lanes: Turns;
  #lane = 0;

  constructor(options: ClientsOptions) {
    this.#options = options;
    this.#lanes = new Turns(options.waiting ?? WAITING_OF_ALL);
    const now = options.now && { now: options.now };
    this.#ofClient = new Attempts({ failures: FAILURES_OF_CLIENT, windowMs: WINDOW_MS, ...now });
    this.#ofAddress = new Attempts({ failures: FAILURES_OF_ADDRESS, windowMs: WINDOW_MS, ...now });
  }

  /**
   * The client of that secret, from that address. Wrong ones are counted by client and address, and by address; an
   * address has one look at a time, so that guesses side by side are counted like those in a row.
   */
  async authenticate(id: string, secret: string, address: string): Promise<Client | Refused> {
    const look = () => {
      const lane = String(this.#lane++ % LANES);
      return this.#lanes.take(lane, () => this.#look(id, secret, address));
    };
    return (await this.#turns.take(strangerOf(address), look)) ?? { refused: "too-many", seconds: 1 };
  }

  async #look(id: string, secret: string, address: string): Promise<Client | Refused> {
    // By the pair: a stranger who guesses must not lock the client itself out.
    const stranger = strangerOf(address);
    const pair = `${stranger} ${id}`;
    const seconds = Math.max(this.#ofClient.waitSeconds(pair), this.#ofAddress.waitSeconds(stranger));
    if (seconds > 0) return { refused: "too-many", seconds };
    const client = await this.#options.find(id);
    const isRight = await isSecret(secret, client?.secretHash ?? NOBODY);
    if (!client || !isRight) {
      this.#ofClient.countFailure(pair);
      this.#ofAddress.countFailure(stranger);
      return { refused: "invalid-client" };
    }
    this.#ofClient.forget(pair);
    return this.#standing(client, address) ?? client;
  }

  /** Whoever has a token: a client that has been revoked or has lapsed since is refused all the same. */
  async admit(claims: TokenClaims, address: string): Promise<Principal | Refused> {
    const client = await this.#options.find(claims.client);
    if (!client || client.account !== claims.account) return { refused: "bad-token" };
    const refused = this.#standing(client, address);
    if (refused) return refused;
    const scopes = new Set([...claims.scopes].filter((scope) => client.scopes.includes(scope)));
    return { kind: "client", id: client.id, account: client.account, scopes };
  }

  #standing(client: Client, address: string): Refused | undefined {
    if (client.isRevoked) return { refused: "revoked-client" };
    const nowSeconds = (this.#options.now?.() ?? Date.now()) / 1000;
    if (client.endsAt !== null && client.endsAt <= nowSeconds) return { refused: "lapsed" };
    const list = new AddressList(client.addresses);
    return list.isEmpty || list.has(address) ? undefined : { refused: "address" };
  }
}

export const scopesOf = (client: Client): ReadonlySet<ApiScope> => new Set(client.scopes.filter(isScope));
