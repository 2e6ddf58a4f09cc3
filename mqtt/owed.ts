import Time from "time";

/**
 * What a broker that lives has not acknowledged for so long it has lost, whatever else it acknowledges, and only a new
 * connection sends it again [MQTT-4.4.0-1].
 */
const ACKNOWLEDGEMENT_LIMIT_MS = 300_000;
/** So long a new connection is the others' before what is late is sent again. */
const LATE_PAUSE_MS = 20_000;

/** How long the broker has yet to acknowledge what it has owed since `sentAt` (ticks), or for `owedMs` already. */
export function patienceMs(sentAt: number | undefined, owedMs: number): number {
  const longest = Math.max(sentAt === undefined ? 0 : Time.delta(sentAt), owedMs);
  return Math.max(0, ACKNOWLEDGEMENT_LIMIT_MS - longest);
}

/** How long what is late has yet to wait on the connection that came at `upAt` (ticks); not above 0: it may go. */
export function latePauseMs(upAt: number): number {
  return LATE_PAUSE_MS - Time.delta(upAt);
}
