import type { Selection } from "../../rollout/kept";
import type { KeyedDevice } from "../../store/devices";
import type { Scope } from "../../store/scope";
import type { Store } from "../../store/store";
import { Problem } from "../http/problem";
import { devicesOf } from "../telemetry/selection";

/** The devices that a body chooses. @throws Problem: one that is named is not there; none, or more than `most` */
export async function devicesChosen(
  store: Store,
  scope: Scope,
  chosen: Selection,
  most = Number.MAX_SAFE_INTEGER,
): Promise<KeyedDevice[]> {
  const query =
    "tag" in chosen ? { tag: chosen.tag } : "device_ids" in chosen ? { device_id: chosen.device_ids } : {};
  const devices = await devicesOf(store, scope, query);
  if (devices.length === 0) throw new Problem("nobody", { detail: "No device of this account is meant." });
  if (devices.length > most)
    throw new Problem("too-many-devices", { detail: `${devices.length} devices; at most ${most}` });
  return devices;
}

/** A thousand names are no row of an audit. */
export const toldOf = (chosen: Selection): object =>
  "device_ids" in chosen && chosen.device_ids.length > 20 ? { named: chosen.device_ids.length } : chosen;
