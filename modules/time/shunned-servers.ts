/** Most servers remembered; the first is forgotten for one more. */
const MAX_SHUNNED = 8;
/**
 * How long the wish of a server counts that is needed. Whoever can answer in its place can say "never again" too, and
 * must not be obeyed when it has gone; a server that meant it is asked less than twice an hour.
 */
const NEEDED_MS = 2_700_000;

interface Shunned {
  readonly address: string;
  readonly sinceMs: number;
  readonly untilMs: number;
}

/** Addresses of time servers that asked not to be asked, each until an uptime. */
export class ShunnedServers {
  #servers: Shunned[] = [];

  /** `untilMs` may be infinite; a new term replaces an old one. */
  add(address: string, sinceMs: number, untilMs: number): void {
    this.#servers = this.#servers.filter((server) => server.address !== address);
    this.#servers.push({ address, sinceMs, untilMs });
    if (this.#servers.length > MAX_SHUNNED) this.#servers.shift();
  }

  /** `isNeeded`: without it there is no time. */
  has(address: string, nowMs: number, isNeeded: boolean): boolean {
    for (const each of this.#servers)
      if (each.address === address)
        return nowMs < each.untilMs && !(isNeeded && nowMs - each.sinceMs >= NEEDED_MS);
    return false;
  }
}
