import type { Scope } from "./scope";
import type { Cell, Engine, Row } from "./sql";

export type RolloutState =
  | "running"
  /** By a person. */
  | "paused"
  /** By itself. */
  | "halted"
  /** Each device has confirmed it or given it up. */
  | "done"
  /** By a person, for good. */
  | "ended";

/** Their devices can be in no other rollout. */
const OPEN: readonly RolloutState[] = ["running", "paused", "halted"];

export interface RolloutRow<Body = unknown> {
  readonly id: string;
  readonly account: string;
  readonly state: RolloutState;
  /** So many devices have not heard yet what was decided. */
  readonly untold: number;
  /** Unix time, s. */
  readonly createdAt: number;
  readonly changedAt: number;
  readonly body: Body;
}

/**
 * Rollouts, each with its plan and its devices as JSON. Of several processes one at a time is at a rollout: whoever
 * holds it, for as long as it said.
 */
export class Rollouts {
  #engine: Engine;

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  /** Newest first. */
  async visible<Body>(scope: Scope, limit = 100): Promise<RolloutRow<Body>[]> {
    const own = "account" in scope ? "WHERE account = ? " : "";
    const rows = await this.#engine.all(
      `SELECT * FROM rollouts ${own}ORDER BY created_at DESC, id LIMIT ?`,
      "account" in scope ? [scope.account, limit] : [limit],
    );
    return rows.map(rowOf<Body>);
  }

  async find<Body>(scope: Scope, id: string): Promise<RolloutRow<Body> | undefined> {
    const [row] = await this.#engine.all("SELECT * FROM rollouts WHERE id = ?", [id]);
    return row && (!("account" in scope) || row.account === scope.account) ? rowOf<Body>(row) : undefined;
  }

  /** Those that want to be looked at. */
  async due(): Promise<{ readonly id: string; readonly account: string }[]> {
    const rows = await this.#engine.all(
      "SELECT id, account FROM rollouts WHERE state = 'running' OR untold > 0 ORDER BY id",
    );
    return rows as { id: string; account: string }[];
  }

  /**
   * Adds it, unless `collides` with one of its account that is open. Returns that one's id, `undefined` if it was added.
   * The row of the account is held meanwhile, so that of two that begin at once one sees the other.
   */
  add<Body>(
    row: RolloutRow<Body>,
    collides: (open: RolloutRow<Body>) => boolean,
  ): Promise<string | undefined> {
    return this.#engine.transaction(async (sql) => {
      await sql.run("UPDATE accounts SET name = name WHERE id = ?", [row.account]);
      const open = await sql.all(
        `SELECT * FROM rollouts WHERE account = ? AND state IN ('${OPEN.join("', '")}')`,
        [row.account],
      );
      const other = open.map(rowOf<Body>).find(collides);
      if (other) return other.id;
      const { id, account, state, untold, createdAt, changedAt, body } = row;
      const cells: Cell[] = [id, account, state, untold, createdAt, changedAt, JSON.stringify(body)];
      await sql.run(
        `INSERT INTO rollouts (id, account, state, untold, created_at, changed_at, body, held_until)
          VALUES (?, ?, ?, ?, ?, ?, ?, 0)`,
        cells,
      );
      return undefined;
    });
  }

  /** Returns whether `holder` has it now, or still, until then. */
  async hold(id: string, holder: string, { now, until }: { now: number; until: number }): Promise<boolean> {
    const changed = await this.#engine.run(
      "UPDATE rollouts SET holder = ?, held_until = ? WHERE id = ? AND (holder IS NULL OR holder = ? OR held_until <= ?)",
      [holder, until, id, holder, now],
    );
    return changed > 0;
  }

  async letGo(id: string, holder: string): Promise<void> {
    await this.#engine.run("UPDATE rollouts SET holder = NULL WHERE id = ? AND holder = ?", [id, holder]);
  }

  /** Those that have been over since before that time. Returns how many. */
  dropBefore(unixSeconds: number): Promise<number> {
    return this.#engine.run(
      `DELETE FROM rollouts WHERE changed_at < ? AND state NOT IN ('${OPEN.join("', '")}')`,
      [unixSeconds],
    );
  }

  /** Returns whether `holder` still has it: else nothing is written. */
  async save<Body>(row: RolloutRow<Body>, holder: string): Promise<boolean> {
    const { id, state, untold, changedAt, body } = row;
    const cells: Cell[] = [state, untold, changedAt, JSON.stringify(body), id, holder];
    const changed = await this.#engine.run(
      "UPDATE rollouts SET state = ?, untold = ?, changed_at = ?, body = ? WHERE id = ? AND holder = ?",
      cells,
    );
    return changed > 0;
  }
}

const rowOf = <Body>(row: Row): RolloutRow<Body> => ({
  id: row.id as string,
  account: row.account as string,
  state: row.state as RolloutState,
  untold: row.untold as number,
  createdAt: row.created_at as number,
  changedAt: row.changed_at as number,
  body: JSON.parse(row.body as string),
});
