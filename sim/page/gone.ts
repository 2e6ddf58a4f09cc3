import { NO_HOPS } from "../live/no-hops";
import type { State } from "../live/protocol";

/** What can still be said when nobody answers any more: the room as it was left, and nothing of the device. */
export function gone(state: State): State {
  return {
    ...state,
    device: { ...state.device, on: false, buttonHeld: false, status: undefined, sight: undefined },
    joined: undefined,
    tls: undefined,
    hops: NO_HOPS,
    phone: { sees: undefined, url: undefined },
  };
}
