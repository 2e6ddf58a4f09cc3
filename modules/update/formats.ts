import { FORMAT_VERSION } from "../journal/sector-header";

/** Versions of what outlasts a firmware in flash, as this one writes them. */
export interface Formats {
  readonly journal: number;
  readonly settings: number;
  readonly credentials: number;
}

export const FORMATS: Formats = Object.freeze({ journal: FORMAT_VERSION, settings: 1, credentials: 1 }, true);

export const FORMAT_NAMES: readonly (keyof Formats)[] = Object.freeze(["journal", "settings", "credentials"]);
