import { checkSetting } from "./settings-codec";
import { isSettingKey, SETTINGS, type SettingSpec, type SettingValues } from "./settings-table";

/** Defaults that the factory writes for one device, as they stand in its identity. */
export interface FactoryValues {
  readonly [name: string]: unknown;
}

/** How this device's sensors differ from what they should say: what the factory has measured of it. */
export const CALIBRATION_KEYS = Object.freeze(["temperatureOffset", "humidityOffset", "co2Offset"] as const);

export type Calibration = Partial<Pick<SettingValues, (typeof CALIBRATION_KEYS)[number]>>;

/** `undefined`: it is none. */
export function parseCalibration(values: FactoryValues): Calibration | undefined {
  const keys: readonly string[] = CALIBRATION_KEYS;
  for (const key of Object.keys(values)) if (!keys.includes(key)) return undefined;
  return parseFactoryValues(values, {});
}

/**
 * Settings that hold, each by the table and by `checks` where there is one. `undefined`: one does not, or there is no
 * such setting.
 */
export function parseFactoryValues(
  values: FactoryValues,
  checks: { readonly [key: string]: (value: string) => boolean },
): Partial<SettingValues> | undefined {
  const parsed: Record<string, unknown> = {};
  for (const key of Object.keys(values)) {
    if (!isSettingKey(key)) return undefined;
    const checked = checkSetting(SETTINGS[key] as SettingSpec, values[key]);
    if ("refusal" in checked) return undefined;
    const check = checks[key];
    if (check && checked.value !== SETTINGS[key].default && !check(checked.value as string)) return undefined;
    parsed[key] = checked.value;
  }
  return parsed as Partial<SettingValues>;
}
