/**
 * Where the device stands, as its user meets it (application note TSI-168, LED table). One field, one table of
 * transitions, no other state beside it.
 */
export type Status =
  /** Setup mode: own access point and captive portal. Pulse yellow. */
  | "setup"
  /** Joining Wi-Fi. Pulse white. */
  | "joining"
  /** Wi-Fi with an address; the cloud is not reached yet. Pulse blue. */
  | "connecting"
  /** Wi-Fi and cloud: CONNACK accepted and keep-alive alive. Solid blue. */
  | "online"
  /** A whole round over the saved networks failed; still trying. Solid white. */
  | "offline";

export type StatusEvent =
  /** The button, a command, or no saved network. */
  | "setup-started"
  /** Setup mode ended; the station takes over. */
  | "setup-ended"
  /** One whole round over the saved networks failed. */
  | "round-failed"
  /** An IPv4 address was got. */
  | "address"
  /** Association or address lost, or the network disowned (sign-in page). */
  | "network-lost"
  /** CONNACK accepted. */
  | "cloud-up"
  /** The MQTT connection ended or its keep-alive ran out. */
  | "cloud-down";

const TRANSITIONS = Object.freeze(
  {
    setup: { "setup-ended": "joining" },
    joining: { "setup-started": "setup", "round-failed": "offline", address: "connecting" },
    connecting: { "setup-started": "setup", "network-lost": "joining", "cloud-up": "online" },
    online: { "setup-started": "setup", "network-lost": "joining", "cloud-down": "connecting" },
    offline: { "setup-started": "setup", address: "connecting" },
  } as const satisfies Record<Status, Partial<Record<StatusEvent, Status>>>,
  true,
);

/** The state after `event`; the same state when the event means nothing there. Pure. */
export function nextStatus(status: Status, event: StatusEvent): Status {
  const row: Partial<Record<StatusEvent, Status>> = TRANSITIONS[status];
  return row[event] ?? status;
}
