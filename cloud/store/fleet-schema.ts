import type { Dialect } from "./schema";

/** Tables that have come since the first version of the schema: each is made at the next start, and changes no other. */
export const fleetSchema = ({ long }: Dialect): string[] => [
  // What a device said last on a topic of its own (docs/protocol.md), and since when it says so.
  `CREATE TABLE IF NOT EXISTS device_states (
    device INTEGER NOT NULL, topic TEXT NOT NULL, text TEXT NOT NULL, changed_at ${long} NOT NULL,
    PRIMARY KEY (device, topic))`,
  `CREATE TABLE IF NOT EXISTS device_tags (
    device INTEGER NOT NULL, tag TEXT NOT NULL, PRIMARY KEY (device, tag))`,
  // `holder` is at it until `held_until`; `untold` devices have not heard yet what was decided.
  `CREATE TABLE IF NOT EXISTS rollouts (
    id TEXT PRIMARY KEY, account TEXT NOT NULL, state TEXT NOT NULL, untold INTEGER NOT NULL,
    created_at ${long} NOT NULL, changed_at ${long} NOT NULL, holder TEXT, held_until ${long} NOT NULL,
    body TEXT NOT NULL)`,
];
