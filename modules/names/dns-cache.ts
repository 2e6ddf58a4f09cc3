import type { DnsAnswer } from "./dns-message";

/** Names that are remembered at once; the one that was looked up longest ago goes first. */
const MAX_ENTRIES = 6;
const MIN_TTL_SECONDS = 60;
const MAX_TTL_SECONDS = 86_400;
/** How long after its end an answer may still serve when no server answers (RFC 8767 suggests one to three days). */
const STALE_MS = 3 * 86_400_000;

interface Entry {
  readonly host: string;
  readonly addresses: readonly string[];
  readonly untilMs: number;
}

/** The last few answers, each for its TTL, held to between a minute and a day. Instants are uptimes. */
export class DnsCache {
  /** Oldest first. */
  #entries: Entry[] = [];

  put(host: string, answer: DnsAnswer, nowMs: number): void {
    const ttlSeconds = Math.min(Math.max(answer.ttlSeconds, MIN_TTL_SECONDS), MAX_TTL_SECONDS);
    this.#entries = this.#entries.filter((entry) => entry.host !== host);
    this.#entries.push({ host, addresses: answer.addresses, untilMs: nowMs + ttlSeconds * 1000 });
    if (this.#entries.length > MAX_ENTRIES) this.#entries.shift();
  }

  fresh(host: string, nowMs: number): readonly string[] | undefined {
    return this.find(host, nowMs);
  }

  /** As {@link fresh}, and up to three days beyond. */
  stale(host: string, nowMs: number): readonly string[] | undefined {
    return this.find(host, nowMs - STALE_MS);
  }

  clear(): void {
    this.#entries = [];
  }

  private find(host: string, atMs: number): readonly string[] | undefined {
    const entry = this.#entries.find((candidate) => candidate.host === host);
    return entry && atMs < entry.untilMs ? entry.addresses : undefined;
  }
}
