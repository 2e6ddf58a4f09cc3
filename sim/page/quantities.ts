import type { DecodedReading } from "../../cloud/payload/decode-telemetry";
import { PRESENTATIONS, QUANTITY_NAMES, type Quantity } from "../../modules/telemetry/quantities";

export type QuantityName = Quantity;

/** Shorter than the firmware's name, which is for Home Assistant. */
const LABELS: { readonly [quantity in Quantity]?: string } = { co2: "CO₂" };

/** What a person looks for first; the rest follows as it comes. */
const FIRST: readonly Quantity[] = [
  "pm2_5",
  "pm10",
  "co2",
  "temperature",
  "humidity",
  "voc",
  "nox",
  "pm1",
  "pm4",
];

const ORDER: readonly Quantity[] = [...FIRST, ...QUANTITY_NAMES.filter((name) => !FIRST.includes(name))];

/** Of every quantity, in the order in which they are shown. */
export const QUANTITIES = Object.fromEntries(
  ORDER.map((name) => {
    const [long, unit = ""] = PRESENTATIONS[name].split("|");
    return [name, { label: LABELS[name] ?? long, unit }];
  }),
) as Readonly<Record<Quantity, { readonly label: string; readonly unit: string }>>;

/** Those that the last readings have; before the first reading, those that most monitors have. */
export function shownQuantities(readings: readonly DecodedReading[]): readonly Quantity[] {
  const last = readings.slice(-LOOKED_AT);
  if (last.length === 0) return FIRST;
  return ORDER.filter((name) => last.some(({ values }) => values[name] !== undefined));
}

/** A sensor that warms up or failed is still the monitor's. */
const LOOKED_AT = 200;
