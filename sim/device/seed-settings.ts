import { silentLogger } from "../../modules/base/logger";
import { Settings, type SettingsStore } from "../../modules/configuration/settings";
import { SETTINGS, type SettingSpec, type SettingValues } from "../../modules/configuration/settings-table";
import type { Network } from "../../wifi/network";
import { formatNetworks } from "../../wifi/saved-networks";
import type { MachineStorage } from "../sdk/machine";

export type SeedSettings = Partial<Omit<SettingValues, "networks">>;

/** Namespace of the firmware's settings in key-value storage (main.ts). */
const SETTINGS_PATH = "aerolink";

/** Keys that stay where a board is to be as from the factory: they count what it has lived through. */
const LASTING: readonly string[] = Object.values(SETTINGS).flatMap((spec: SettingSpec) =>
  spec.survivesReset || spec.key === SETTINGS.bootCount.key ? [spec.key] : [],
);

/**
 * Puts settings into a board's storage before it is switched on, by the firmware's own rules. `whole`: all others are as
 * from the factory, whatever a person or a cloud has made of them.
 */
export function seedSettings(
  storage: MachineStorage,
  networks: readonly Network[] | undefined,
  settings: SeedSettings = {},
  whole = false,
): void {
  const values = storage.keyValue(SETTINGS_PATH);
  if (whole) for (const key of [...values.keys()]) if (!LASTING.includes(key)) values.delete(key);
  const store: SettingsStore = {
    read: (key) => values.get(key),
    write: (key, value) => void values.set(key, value),
  };
  const target = new Settings({ log: silentLogger, store });
  const all = { ...settings, ...(networks && { networks: formatNetworks(networks), lastGood: "" }) };
  for (const [key, value] of Object.entries(all)) {
    const result = target.set(key, value);
    if (!result.ok) throw new RangeError(`${key}: ${result.reason}`);
  }
}
