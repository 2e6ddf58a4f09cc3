import type { MessageKind } from "./encode";

/** What was in flight when the broker ended the connection. */
export interface Suspect {
  /** How often it was. */
  closes: number;
  /** How often it alone was. */
  alone: number;
}

/** After so many closes what was in flight goes alone, so that the next one tells. */
export const SUSPECT_CLOSES = 2;
/** After so many closes over it alone it is not sent again: any other cause would have spared it once. */
export const GUILTY_CLOSES = 3;

const ORDER = Object.freeze(
  { reading: 0, word: 0, announcement: 2 } as const satisfies Record<MessageKind, number>,
  true,
);

/** Behind everything that is not late itself. */
const LATE = 4;

/** Who goes first, from 0: readings and words, those of them that are suspect, announcements, suspect ones; the late. */
export function orderOf(
  message: Suspect & { readonly kind: MessageKind; readonly isLate?: boolean },
): number {
  const order = ORDER[message.kind] + (message.closes >= SUSPECT_CLOSES ? 1 : 0);
  return message.isLate ? order + LATE : order;
}

/** Reason codes of a DISCONNECT that lie with the broker or the connection, and not with a message (5, 3.14.2.1). */
const NOT_OVER_A_MESSAGE = Object.freeze([
  /** Normal; busy, shutting down, keep-alive, taken over. */
  0x00, 0x89, 0x8b, 0x8d, 0x8e,
  /** Administrative, use another server, moved, connection rate, maximum connect time. */
  0x98, 0x9c, 0x9d, 0x9f, 0xa0,
]);

/** Whether the end of a connection that was up may be the broker's answer to a message. */
export function isOverAMessage(reason: string, code: number | undefined): boolean {
  if (reason === "server-disconnect") return !NOT_OVER_A_MESSAGE.includes(code ?? 0);
  return reason === "closed";
}
