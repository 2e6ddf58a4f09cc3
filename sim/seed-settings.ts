import { Settings, type SettingsStore } from "../modules/configuration/settings";
import type { SettingValues } from "../modules/configuration/settings-table";
import type { Network } from "../wifi/network";
import { formatNetworks } from "../wifi/saved-networks";
import type { MachineStorage } from "./sdk/machine";

export type SeedSettings = Partial<Omit<SettingValues, "networks">>;

/** Namespace of the firmware's settings in key-value storage (main.ts). */
const SETTINGS_PATH = "aerolink";

/** Puts settings into a board's storage before it is switched on, by the firmware's own rules. */
export function seedSettings(
  storage: MachineStorage,
  networks: readonly Network[] | undefined,
  settings: SeedSettings = {},
): void {
  const values = storage.keyValue(SETTINGS_PATH);
  const store: SettingsStore = {
    read: (key) => values.get(key),
    write: (key, value) => void values.set(key, value),
  };
  const target = new Settings({ store });
  const all = { ...settings, ...(networks && { networks: formatNetworks(networks), lastGood: "" }) };
  for (const [key, value] of Object.entries(all)) {
    const result = target.set(key, value);
    if (!result.ok) throw new RangeError(`${key}: ${result.reason}`);
  }
}
