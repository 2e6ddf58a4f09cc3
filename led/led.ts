import type { PatternTable } from "./patterns";

/** Eight bits each, linear light: drivers write them as duty cycle or pixel value without further change. */
export interface Rgb {
  readonly r: number;
  readonly g: number;
  readonly b: number;
}

/** One light. `write` takes effect at once; `close` leaves it dark. */
export interface LedDriver {
  /** In place of the usual ones, where the light cannot show their colours. */
  readonly patterns?: PatternTable;
  write(colour: Rgb): void;
  close(): void;
}
