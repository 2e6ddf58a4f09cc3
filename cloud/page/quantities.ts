// What is measured, by its name in the API's flat form: how it is called and written here.

export interface Shown {
  readonly label: string;
  readonly unit: string;
  /** Digits after the point. */
  readonly digits: number;
  /** What it is, in one line. */
  readonly says: string;
}

const MASS = "µg/m³";
const COUNT = "/cm³";

/** In the order in which they are shown. */
export const SHOWN = {
  mcpm2x5: { label: "PM2.5", unit: MASS, digits: 1, says: "Fine particles: smoke, exhaust, cooking" },
  co2_ppm: { label: "CO₂", unit: "ppm", digits: 0, says: "Breathed-out air that has not been replaced" },
  mcpm10: { label: "PM10", unit: MASS, digits: 1, says: "Particles up to 10 µm: dust, pollen" },
  temperature: { label: "Temperature", unit: "°C", digits: 1, says: "Of the air at the monitor" },
  rh: { label: "Humidity", unit: "%", digits: 0, says: "Relative humidity" },
  voc_index: { label: "VOC index", unit: "", digits: 0, says: "Gases, beside the last 24 hours" },
  nox_index: { label: "NOx index", unit: "", digits: 0, says: "Nitrogen oxides, beside the last 24 hours" },
  ch2o_ppb: { label: "Formaldehyde", unit: "ppb", digits: 1, says: "From glue, furniture, flooring" },
  mcpm1x0: { label: "PM1", unit: MASS, digits: 1, says: "Particles up to 1 µm" },
  mcpm4x0: { label: "PM4", unit: MASS, digits: 1, says: "Particles up to 4 µm" },
  ncpm0x5: { label: "Number up to 0.5 µm", unit: COUNT, digits: 0, says: "Particles from 0.3 µm" },
  ncpm1x0: { label: "Number up to 1 µm", unit: COUNT, digits: 0, says: "Particles from 0.3 µm" },
  ncpm2x5: { label: "Number up to 2.5 µm", unit: COUNT, digits: 0, says: "Particles from 0.3 µm" },
  ncpm4x0: { label: "Number up to 4 µm", unit: COUNT, digits: 0, says: "Particles from 0.3 µm" },
  ncpm10: { label: "Number up to 10 µm", unit: COUNT, digits: 0, says: "Particles from 0.3 µm" },
  tpsize: { label: "Particle size", unit: "µm", digits: 2, says: "Mean diameter by number" },
  voc_raw: { label: "VOC signal", unit: "", digits: 0, says: "Ticks of the sensor" },
  nox_raw: { label: "NOx signal", unit: "", digits: 0, says: "Ticks of the sensor" },
} as const satisfies Readonly<Record<string, Shown>>;

export type QuantityName = keyof typeof SHOWN;

export const QUANTITY_NAMES = Object.keys(SHOWN) as readonly QuantityName[];

/** Those that have a value or a column, in the order in which they are shown. */
export const measuredIn = (values: Readonly<Record<string, unknown>>): QuantityName[] =>
  QUANTITY_NAMES.filter((name) => values[name] !== undefined && values[name] !== null);

export function written(name: QuantityName, value: number): string {
  const { digits } = SHOWN[name];
  const text = value.toLocaleString("en", { minimumFractionDigits: digits, maximumFractionDigits: digits });
  // Never "−0.0".
  return (/[1-9]/.test(text) ? text : text.replace("-", "")).replace("-", "−");
}

export const withUnit = (name: QuantityName, value: number): string => {
  const { unit } = SHOWN[name];
  return unit === "" ? written(name, value) : `${written(name, value)}\u202f${unit}`;
};
