/** Most servers remembered; the first is forgotten for one more. */
const MAX_SHUNNED = 8;

interface Shunned {
  readonly address: string;
  readonly untilMs: number;
}

/** Addresses of time servers that asked not to be asked, each until an uptime. */
export class ShunnedServers {
  #servers: Shunned[] = [];

  /** `untilMs` may be infinite; a new term replaces an old one. */
  add(address: string, untilMs: number): void {
    this.#servers = this.#servers.filter((server) => server.address !== address);
    this.#servers.push({ address, untilMs });
    if (this.#servers.length > MAX_SHUNNED) this.#servers.shift();
  }

  has(address: string, nowMs: number): boolean {
    return this.#servers.some((server) => server.address === address && nowMs < server.untilMs);
  }
}
