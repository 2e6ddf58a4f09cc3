import type { InFlight, InFlightPacket } from "./in-flight";
import { latePauseMs } from "./owed";
import type { Filter, Subscriptions } from "./subscriptions";
import { orderOf, SUSPECT_CLOSES } from "./suspicion";

/** How often a connection ended while what is most suspect of all was in flight. */
export function mostCloses(inFlight: InFlight, subscriptions: Subscriptions): number {
  return Math.max(inFlight.mostCloses, subscriptions.mostCloses);
}

/** Something is suspect: one thing is in flight at a time, so that the next close tells. */
export function isOneByOne(inFlight: InFlight, subscriptions: Subscriptions): boolean {
  return mostCloses(inFlight, subscriptions) >= SUSPECT_CLOSES;
}

/**
 * Whose turn it is on the connection that came at `upAt` (ticks): a subscription to ask for or a message to send, up to
 * the broker's Receive Maximum [MQTT5-3.3.4-7]. `undefined`: nobody's now.
 */
export function nextTurn(
  inFlight: InFlight,
  subscriptions: Subscriptions,
  receiveMaximum: number,
  upAt: number,
): Filter | InFlightPacket | undefined {
  const oneByOne = isOneByOne(inFlight, subscriptions);
  if (oneByOne && (subscriptions.askedId !== 0 || inFlight.oldestSent)) return undefined;
  let packet = inFlight.next(oneByOne ? 1 : receiveMaximum);
  if (packet?.isLate && latePauseMs(upAt) > 0) packet = undefined;
  const filter = subscriptions.askedId === 0 ? subscriptions.next() : undefined;
  return filter && (!oneByOne || !packet || orderOf(filter) < orderOf(packet)) ? filter : packet;
}
