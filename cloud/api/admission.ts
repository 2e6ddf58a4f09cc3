import type { IncomingHttpHeaders } from "node:http";
import { type AddressList, isLoopback } from "../access/addresses";
import type { Principal, Refused } from "../access/principal";
import { type ApiScope, SCOPES } from "../access/scopes";
import type { ApiParts } from "./parts";

export interface AdmissionOptions {
  readonly parts: Pick<ApiParts, "clients" | "tokens" | "sessions" | "people">;
  /** From where people may come; empty: from anywhere. */
  readonly peopleFrom: AddressList;
  /** The account that a browser on this very machine sees without signing in; absent: none. Inside `npm start` alone. */
  readonly localAccount?: string;
}

export interface Caller {
  readonly method: string;
  readonly headers: IncomingHttpHeaders;
  readonly address: string;
  /** Who is at the other end of the TCP connection. */
  readonly peer: string;
}

const LOCAL_HOST = /^(localhost|127\.0\.0\.1|\[::1\])(:\d+)?$/i;

/** Who asks: a bearer token is looked at first, then the cookie of a person, then whether it is this very machine. */
export class Admission {
  #options: AdmissionOptions;

  constructor(options: AdmissionOptions) {
    this.#options = options;
  }

  async admit(caller: Caller): Promise<Principal | Refused> {
    const { clients, tokens } = this.#options.parts;
    const { authorization } = caller.headers;
    if (authorization === undefined)
      return (await this.#person(caller)) ?? this.#local(caller) ?? { refused: "no-token" };
    const token = /^Bearer ([\w.~+/-]+=*)$/i.exec(authorization)?.[1];
    if (token === undefined) return { refused: "bad-token" };
    const claims = await tokens.check(token);
    if (claims === "expired") return { refused: "expired-token" };
    return claims === "invalid" ? { refused: "bad-token" } : clients.admit(claims, caller.address);
  }

  /** Where people may sign in from; `undefined`: from there. */
  refusesPeople(address: string): Refused | undefined {
    const { peopleFrom } = this.#options;
    return peopleFrom.isEmpty || peopleFrom.has(address) ? undefined : { refused: "people-address" };
  }

  async #person(caller: Caller): Promise<Principal | Refused | undefined> {
    const { sessions, people } = this.#options.parts;
    const person = people && (await sessions.person(caller.headers.cookie));
    if (!person) return undefined;
    const refused = this.refusesPeople(caller.address) ?? forged(caller);
    if (refused) return refused;
    return { kind: "person", id: person.name, account: person.account, scopes: new Set(people.scopes) };
  }

  /** A name of this machine as host: a page of elsewhere whose name was made to mean 127.0.0.1 has its own name there. */
  #local(caller: Caller): Principal | Refused | undefined {
    const { localAccount } = this.#options;
    const { host = "", "x-forwarded-for": forwarded } = caller.headers;
    if (
      localAccount === undefined ||
      !isLoopback(caller.peer) ||
      forwarded !== undefined ||
      !LOCAL_HOST.test(host)
    )
      return undefined;
    return forged(caller) ?? { kind: "local", id: "this machine", account: localAccount, scopes: ALL };
  }
}

const ALL: ReadonlySet<ApiScope> = new Set(Object.keys(SCOPES) as ApiScope[]);

/** A browser says from whose page a request is (Fetch metadata, and Origin before it): cookies alone prove nothing. */
function forged({ method, headers }: Caller): Refused | undefined {
  if (method === "GET" || method === "HEAD") return undefined;
  const site = headers["sec-fetch-site"];
  const origin = headers.origin;
  const isOwn =
    site === undefined ? origin !== undefined && sameHost(origin, headers.host) : site === "same-origin";
  return isOwn ? undefined : { refused: "other-site" };
}

const sameHost = (origin: string, host: string | undefined): boolean =>
  host !== undefined && origin.toLowerCase().replace(/^https?:\/\//, "") === host.toLowerCase();
