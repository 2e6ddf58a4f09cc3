import { QUANTITIES, type Quantity } from "../payload/quantities";

/** The column of a quantity: PostgreSQL makes small letters of all that is not quoted, so there are no others. */
export const columnOf = (quantity: Quantity): string =>
  quantity.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

/** In the order of `QUANTITIES`. */
export const QUANTITY_COLUMNS: readonly string[] = QUANTITIES.map(columnOf);
