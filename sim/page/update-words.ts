import type { UpdateState } from "../../tools/cloud/protocol";

/** What a state is called, what it means, and how it looks. */
export interface StateWords {
  readonly name: string;
  readonly says: string;
  readonly look?: "good" | "warning" | "failed";
}

/** What each state of an update means to a person. */
export const STATE_WORDS: Readonly<Record<UpdateState["state"], StateWords>> = {
  idle: { name: "Idle", says: "No update." },
  waiting: { name: "Waiting", says: "It is loaded when nothing speaks against it." },
  downloading: { name: "Loading", says: "Block by block into the slot that does not run. Readings go on." },
  verifying: { name: "Checking", says: "The whole image is hashed once more." },
  ready: { name: "Ready", says: "It starts next." },
  trial: {
    name: "On trial",
    says: "Kept once the cloud has its word and the connection has held for a minute; given up after 15 minutes.",
    look: "warning",
  },
  confirmed: { name: "Kept", says: "It runs, and the cloud knows.", look: "good" },
  "rolled-back": { name: "Rolled back", says: "The release before it runs again.", look: "failed" },
  failed: { name: "Refused or given up", says: "What runs is untouched.", look: "failed" },
};
