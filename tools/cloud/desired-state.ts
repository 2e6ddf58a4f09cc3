// What a device is to be, as a whole: what stands retained on `config/desired` (docs/protocol.md, "Configuration"). A
// message that named the latest change alone would be all that a device finds that was away for two of them.
import { SETTINGS } from "../../modules/configuration/settings-table";
import type { ReportedConfiguration } from "./protocol";

export type SettingChanges = Readonly<Record<string, unknown>>;

export interface DesiredState {
  readonly version: number;
  /** Every setting that was ever desired. */
  readonly settings: SettingChanges;
}

/** A device reads no more (docs/protocol.md). */
const MAX_BYTES = 2_048;

/** Somebody else desired something else of the same settings at the same time, and was first. */
export class DesiredConflict extends Error {
  override name = "DesiredConflict";
}

/** What cannot be desired at all. */
export class DesiredError extends Error {
  override name = "DesiredError";
}

/** `undefined`: nothing is retained, or nothing of this form. */
export function parseDesired(text: string): DesiredState | undefined {
  let value: { version?: unknown; settings?: unknown } | null;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof value !== "object" || value === null) return undefined;
  const { version, settings } = value;
  if (typeof version !== "number" || !Number.isInteger(version)) return undefined;
  if (typeof settings !== "object" || settings === null || Array.isArray(settings)) return undefined;
  return { version, settings: settings as SettingChanges };
}

export function formatDesired({ version, settings }: DesiredState): string {
  const text = JSON.stringify({ version, settings });
  if (Buffer.byteLength(text) > MAX_BYTES)
    throw new DesiredError(`all settings together are above ${MAX_BYTES} bytes, which no device takes`);
  return text;
}

/** `changes` over what stands; a change to `null` is to the firmware's default. */
export function mergeDesired(
  before: DesiredState | undefined,
  changes: SettingChanges,
  version: number,
): DesiredState {
  const values = Object.entries(changes).map(([key, value]) => [
    key,
    value === null ? defaultOf(key) : value,
  ]);
  return { version, settings: { ...before?.settings, ...Object.fromEntries(values) } };
}

function defaultOf(key: string): unknown {
  const spec = Object.hasOwn(SETTINGS, key) ? SETTINGS[key as keyof typeof SETTINGS] : undefined;
  if (spec?.access !== "cloud") throw new DesiredError(`${key}: no setting that has a default`);
  if (key === "brokerHost") throw new DesiredError(`${key}: its default is the build's; give a value`);
  return spec.default;
}

/**
 * What the device has refused of this very state is no longer desired: it would take nothing else with it, and try an
 * unreachable broker again with each new version.
 */
export function withoutRefused(
  state: DesiredState | undefined,
  reported: ReportedConfiguration | undefined,
): DesiredState | undefined {
  if (!state || reported?.version !== state.version || !reported.errors) return state;
  const refused = Object.keys(reported.errors);
  const kept = Object.entries(state.settings).filter(([key]) => !refused.includes(key));
  return { version: state.version, settings: Object.fromEntries(kept) };
}

/** Seconds since 1970, and never one that is there already: versions count up (RFC 1982). */
export function nextVersion(before: readonly (number | undefined)[], nowSeconds: number): number {
  let version = nowSeconds >>> 0;
  for (const each of before)
    if (each !== undefined && ((version - each) | 0) <= 0) version = (each + 1) >>> 0;
  return version;
}

/** The changes of which `theirs` says something else than was there `before`, and something else than we. */
export function conflictsOf(
  before: DesiredState | undefined,
  theirs: DesiredState,
  changes: SettingChanges,
): string[] {
  const text = (value: unknown): string => JSON.stringify(value) ?? "";
  return Object.keys(changes).filter((key) => {
    const [old, other] = [text(before?.settings[key]), text(theirs.settings[key])];
    return other !== old && other !== text(mergeDesired(undefined, { [key]: changes[key] }, 0).settings[key]);
  });
}
