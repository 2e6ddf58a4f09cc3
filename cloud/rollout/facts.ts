import type { IdentityState, UpdateState } from "../payload/states";
import type { Outcome } from "./plan";

/** What is known of a device by what it has said, retained at the broker. */
export interface DeviceFacts {
  /** The name that its board gives itself. */
  readonly board?: string;
  readonly online?: boolean;
  readonly update?: UpdateState;
  readonly identity?: IdentityState;
}

/** What of a manifest decides who can take it. */
export interface ReleaseFacts {
  readonly release: number;
  readonly boards: readonly string[];
  /** The lowest release that may update to it. */
  readonly from: number;
}

/** What a device has made of a release, by its last word. */
export function outcomeOf(facts: DeviceFacts | undefined, release: number): Outcome {
  const update = facts?.update;
  if (!update) return "pending";
  if (update.running === release && update.state !== "trial") return "confirmed";
  const ended = update.state === "failed" || update.state === "rolled-back";
  return update.release === release && ended ? "failed" : "pending";
}

/** Why a device cannot take the release, as far as is known of it. `targets`: what images are built for, by a board's name. */
export function whyNot(
  facts: DeviceFacts | undefined,
  { boards, release, from }: ReleaseFacts,
  targets: ReadonlyMap<string, string>,
): string | undefined {
  if (!facts) return "the broker knows nothing of it: it has never been online, or its name is misspelt";
  const board = facts.board === undefined ? undefined : targets.get(facts.board);
  if (board !== undefined && !boards.includes(board))
    return `its board is ${board} (${facts.board}), the release is for ${boards.join(", ")}`;
  const running = facts.update?.running;
  if (running === undefined) return "it says nothing of updates: its firmware is older than they are";
  if (running >= release) return `it runs release ${running}`;
  if (running < from) return `it runs release ${running}, and this one is taken from ${from} on`;
  return undefined;
}
