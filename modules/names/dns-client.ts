import Timer from "timer";
import type { Logger } from "../base/logger";
import type { UdpClass, UdpSocket } from "../network/udp";
import { DnsCache } from "./dns-cache";
import { type DnsAnswer, type DnsFault, formatQuery, parseDnsAnswer } from "./dns-message";
import { isDnsName } from "./dns-name";
import { isIpv4 } from "./ipv4";

/** Why a name was not resolved. */
export type DnsFailure =
  /** The network gave no name server. */
  | "no-server"
  /** No server answered any of our queries: DNS is blocked, or the network is dead behind the access point. */
  | "no-answer"
  | Exclude<DnsFault, "not-ours">;

export interface DnsClientOptions {
  /** The SDK's UDP class. */
  readonly UDP: UdpClass;
  /** 32 random bits that nobody can foresee: the hardware's generator. */
  readonly randomUint32: () => number;
  /** Monotonic milliseconds; {@link Clock} fits. */
  readonly clock: { readonly uptimeMs: number };
  /** Name servers that the network gave, best first; the first two that can be one are asked. */
  readonly servers: readonly string[];
  /** A server has said what it knows of a name. */
  onHeard(): void;
  /** Default 53. */
  readonly port?: number;
  readonly logger: Logger;
}

export interface ResolveOptions {
  /**
   * A host name, or an IPv4 literal, which is its own answer. Empty, a setting that nobody has set: no such name.
   * Anything else throws RangeError.
   */
  readonly host: string;
  /** In place of the network's name servers. */
  readonly servers?: readonly string[];
  /** When no server answers usefully, an answer that ran out up to three days ago serves. */
  readonly allowStale?: boolean;
  /** A server is asked, whatever is remembered. */
  readonly anew?: boolean;
  /** One to four IPv4 literals, best first. */
  onResolved(addresses: readonly string[], stale: boolean): void;
  onFailure(reason: DnsFailure): void;
}

/** A name being looked up. */
export interface Resolution {
  /** Gives up and silences the callbacks. Idempotent. */
  cancel(): void;
}

const DNS_PORT = 53;
const MAX_SERVERS = 2;
const TRIES_PER_SERVER = 3;
/** A mobile network's round trip with the server's own search; answers to earlier tries count for all of them. */
const TRY_MS = 2_000;

interface Query {
  readonly options: ResolveOptions;
  readonly host: string;
  readonly id: number;
  readonly servers: readonly string[];
  tries: number;
  /** The reason if nothing better comes. */
  failure: DnsFailure;
  timer: Timer | undefined;
}

/**
 * Resolves host names to IPv4 addresses. (The SDK's resolver checks neither where an answer came from nor what it
 * answers, and gives no reasons: examples/io/udp/dns/dns.js.)
 *
 * - Two servers in turn, three times each, two seconds apart; after a server's failure the other is asked at once.
 * - An answer counts when it came from a server that was asked, from its port, with our id and our question.
 * - One UDP socket, with a port of the stack's choice, opened for the first query and closed after the last.
 * - No callback runs inside `resolve`. `close` cancels what is under way.
 */
export class DnsClient {
  #options: DnsClientOptions;
  #port: number;
  #logger: Logger;
  #cache = new DnsCache();
  #queries: Query[] = [];
  #socket: UdpSocket | undefined;
  #closed = false;

  constructor(options: DnsClientOptions) {
    const { port = DNS_PORT } = options;
    if (!Number.isInteger(port) || port < 1 || port > 0xffff) throw new RangeError("port");
    this.#options = options;
    this.#port = port;
    this.#logger = options.logger;
  }

  resolve(options: ResolveOptions): Resolution {
    if (this.#closed) throw new Error("closed");
    const literal = isIpv4(options.host);
    if (!literal && options.host !== "" && !isDnsName(options.host)) throw new RangeError("host");
    const servers = usableServers(options.servers ?? this.#options.servers);
    const query: Query = {
      options,
      host: options.host.toLowerCase(),
      id: this.unusedId(),
      servers,
      tries: 0,
      failure: servers.length === 0 ? "no-server" : "no-answer",
      timer: undefined,
    };
    this.#queries.push(query);
    query.timer = Timer.set(() => {
      query.timer = undefined;
      const kept = options.anew ? undefined : this.fresh(query.host);
      const known = literal ? [query.host] : kept;
      if (query.host === "") this.fail(query, "no-such-name");
      else if (known) this.succeed(query, known, false);
      else this.ask(query);
    }, 0);
    return { cancel: () => this.forget(query) };
  }

  /** The addresses of a name as they were last known, up to three days ago; nobody is asked. */
  lastKnown(host: string): readonly string[] | undefined {
    return this.#cache.stale(host.toLowerCase(), this.#options.clock.uptimeMs);
  }

  /** Drops every remembered answer: another network may give others, and a sign-in page gives false ones. */
  flush(): void {
    this.#cache.clear();
  }

  close(): void {
    this.#closed = true;
    for (const query of this.#queries.slice()) this.forget(query);
    this.#cache.clear();
  }

  private fresh(host: string): readonly string[] | undefined {
    return this.#cache.fresh(host, this.#options.clock.uptimeMs);
  }

  private unusedId(): number {
    let id = this.#options.randomUint32() & 0xffff;
    while (this.#queries.some((query) => query.id === id)) id = (id + 1) & 0xffff;
    return id;
  }

  private ask(query: Query): void {
    const { servers } = query;
    Timer.clear(query.timer);
    query.timer = undefined;
    if (query.tries >= servers.length * TRIES_PER_SERVER) {
      this.fail(query, query.failure);
      return;
    }
    const server = servers[query.tries % servers.length]!;
    query.tries += 1;
    query.timer = Timer.set(() => {
      query.timer = undefined;
      this.ask(query);
    }, TRY_MS);
    try {
      this.#socket ??= new this.#options.UDP({ onReadable: () => this.receive() });
      this.#socket.write(formatQuery(query.id, query.host), server, this.#port);
    } catch (error) {
      this.#logger.debug(`query to ${server} not sent: ${error}`);
    }
  }

  private receive(): void {
    while (this.#socket) {
      const datagram = this.#socket.read();
      if (!datagram) return;
      if (datagram.port !== this.#port) continue;
      const bytes = new Uint8Array(datagram);
      for (const query of this.#queries) {
        // Tries go round the servers: after n of them the first n were asked.
        if (!query.servers.slice(0, query.tries).includes(datagram.address)) continue;
        const result = parseDnsAnswer(bytes, query.id, query.host);
        if (result === "not-ours") continue;
        this.take(query, result);
        break;
      }
    }
  }

  private take(query: Query, result: DnsAnswer | Exclude<DnsFault, "not-ours">): void {
    const isUseful = typeof result !== "string" || result === "no-such-name" || result === "no-address";
    if (isUseful) this.#options.onHeard();
    if (typeof result !== "string") {
      this.#cache.put(query.host, result, this.#options.clock.uptimeMs);
      this.succeed(query, result.addresses, false);
    } else if (result === "no-such-name" || result === "no-address") {
      this.forget(query);
      query.options.onFailure(result);
    } else {
      query.failure = result;
      if (query.tries < query.servers.length) this.ask(query);
    }
  }

  private fail(query: Query, reason: DnsFailure): void {
    const { host, options } = query;
    const stale = options.allowStale ? this.#cache.stale(host, this.#options.clock.uptimeMs) : undefined;
    if (stale) {
      this.succeed(query, stale, true);
      return;
    }
    this.forget(query);
    options.onFailure(reason);
  }

  private succeed(query: Query, addresses: readonly string[], stale: boolean): void {
    this.forget(query);
    query.options.onResolved(addresses, stale);
  }

  private forget(query: Query): void {
    Timer.clear(query.timer);
    query.timer = undefined;
    const index = this.#queries.indexOf(query);
    if (index >= 0) this.#queries.splice(index, 1);
    if (this.#queries.length > 0) return;
    this.#socket?.close();
    this.#socket = undefined;
  }
}

function usableServers(servers: readonly string[]): string[] {
  const usable: string[] = [];
  for (const server of servers) {
    if (usable.length === MAX_SERVERS) break;
    if (isIpv4(server) && server !== "0.0.0.0" && !usable.includes(server)) usable.push(server);
  }
  return usable;
}
