import { byId } from "./order";
import type { Scope } from "./scope";
import type { Engine, Row } from "./sql";
import { marks } from "./sql";

export interface Account {
  /** A UUID: what TSI's API calls `account_id`. */
  readonly id: string;
  readonly name: string;
  /** Unix time, s. */
  readonly createdAt: number;
}

/** A program that may ask: OAuth client credentials. */
export interface Client {
  readonly id: string;
  readonly name: string;
  readonly account: string;
  /** scrypt; the secret itself is shown once and kept nowhere. */
  readonly secretHash: string;
  readonly scopes: readonly string[];
  /** From where it may ask (addresses and CIDR); none: from everywhere. */
  readonly addresses: readonly string[];
  /** End of its subscription, Unix time, s; `null`: none. */
  readonly endsAt: number | null;
  readonly isRevoked: boolean;
  readonly createdAt: number;
}

export class Accounts {
  #engine: Engine;

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  /** Makes it, or gives it another name. */
  async put({ id, name, createdAt }: Account): Promise<void> {
    await this.#engine.run(
      "INSERT INTO accounts VALUES (?, ?, ?) ON CONFLICT (id) DO UPDATE SET name = excluded.name",
      [id, name, createdAt],
    );
  }

  async visible(scope: Scope): Promise<Account[]> {
    const rows =
      "account" in scope
        ? await this.#engine.all("SELECT * FROM accounts WHERE id = ?", [scope.account])
        : await this.#engine.all("SELECT * FROM accounts");
    return rows
      .map((row) => ({
        id: row.id as string,
        name: row.name as string,
        createdAt: row.created_at as number,
      }))
      .sort(byId);
  }
}

export class Clients {
  #engine: Engine;

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  async put(client: Client): Promise<void> {
    await this.#engine.run(
      `INSERT INTO clients VALUES (${marks(9)}) ON CONFLICT (id) DO UPDATE SET name = excluded.name,
        account = excluded.account, secret_hash = excluded.secret_hash, scopes = excluded.scopes,
        addresses = excluded.addresses, ends_at = excluded.ends_at, revoked = excluded.revoked`,
      [
        client.id,
        client.name,
        client.account,
        client.secretHash,
        client.scopes.join(" "),
        client.addresses.join(" "),
        client.endsAt,
        Number(client.isRevoked),
        client.createdAt,
      ],
    );
  }

  /** Whoever comes for a token has no scope yet. */
  async find(id: string): Promise<Client | undefined> {
    const [row] = await this.#engine.all("SELECT * FROM clients WHERE id = ?", [id]);
    return row && clientOf(row);
  }

  async visible(scope: Scope): Promise<Client[]> {
    const rows =
      "account" in scope
        ? await this.#engine.all("SELECT * FROM clients WHERE account = ?", [scope.account])
        : await this.#engine.all("SELECT * FROM clients");
    return rows.map(clientOf).sort(byId);
  }

  async remove(id: string): Promise<boolean> {
    return (await this.#engine.run("DELETE FROM clients WHERE id = ?", [id])) > 0;
  }
}

const words = (text: string): string[] => text.split(" ").filter(Boolean);

const clientOf = (row: Row): Client => ({
  id: row.id as string,
  name: row.name as string,
  account: row.account as string,
  secretHash: row.secret_hash as string,
  scopes: words(row.scopes as string),
  addresses: words(row.addresses as string),
  endsAt: row.ends_at as number | null,
  isRevoked: row.revoked === 1,
  createdAt: row.created_at as number,
});
