import { HOPS, type HopName, type Hops, type State } from "../../live/protocol";

/** Hops that are not well, those that fail before those that only miss something. */
export function faultsOn(hops: Hops): readonly HopName[] {
  const of = (state: "failed" | "warning") => HOPS.filter((name) => hops[name].state === state);
  return [...of("failed"), ...of("warning")];
}

export interface Saying {
  /** The firmware's own word. */
  readonly reason?: string;
  readonly says: string;
}

/** What there is to say of the way to the cloud, each fault by itself. */
export function saysOf(state: State, isConnected: boolean): readonly Saying[] {
  if (!isConnected) return [{ says: "The simulator is gone: what you see here is not the device any more." }];
  const { hops } = state;
  const faults = faultsOn(hops);
  if (faults.length === 0) return [{ says: withoutFault(state) }];
  return faults.map((name) => {
    const { reason, says = "" } = hops[name];
    return { ...(reason !== undefined && { reason }), says };
  });
}

function withoutFault({ device: { on, status }, hops }: State): string {
  if (!on) return "No power: the device says nothing.";
  if (hops.broker.state === "good")
    return HOPS.every((name) => hops[name].state === "good")
      ? "Every hop is good: readings flow."
      : "Readings flow.";
  if (status === "setup") return "Setup mode: the device opens its own Wi-Fi and waits for a phone.";
  return "On the way…";
}
