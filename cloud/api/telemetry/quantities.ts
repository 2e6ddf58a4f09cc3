// What TSI's clients call the quantities (cloud.md's survey of them; its v1 after the paper of November 2020), and what
// they ask for that no Aerolink device measures.
import { QUANTITIES, type Quantity } from "../../payload/quantities";

interface Names {
  /** `type` of a measurement in v3's nested form. */
  readonly type: string;
  /** … and its `name` there. */
  readonly name: string;
  readonly unit: string;
  readonly says: string;
  /** In v3's flat form. */
  readonly flat: string;
  /** `name` in v3's legacy form. */
  readonly legacy: string;
  readonly v1: string;
}

const MASS = "µg/m³";

export const NAMES = {
  pm1: {
    type: "mcpm1x0",
    name: "PM 1.0",
    unit: MASS,
    says: "Particles up to 1 µm",
    flat: "mcpm1x0",
    legacy: "pm1.0",
    v1: "sps30_mcpm1x0",
  },
  pm2_5: {
    type: "mcpm2x5",
    name: "PM 2.5",
    unit: MASS,
    says: "Particles up to 2.5 µm",
    flat: "mcpm2x5",
    legacy: "pm2.5",
    v1: "sps30_mcpm2x5",
  },
  pm4: {
    type: "mcpm4x0",
    name: "PM 4.0",
    unit: MASS,
    says: "Particles up to 4 µm",
    flat: "mcpm4x0",
    legacy: "pm4.0",
    v1: "sps30_mcpm4x0",
  },
  pm10: {
    type: "mcpm10",
    name: "PM 10",
    unit: MASS,
    says: "Particles up to 10 µm",
    flat: "mcpm10",
    legacy: "pm10",
    v1: "sps30_mcpm10",
  },
  co2: {
    type: "co2_ppm",
    name: "CO2",
    unit: "ppm",
    says: "Carbon dioxide",
    flat: "co2_ppm",
    legacy: "co2",
    v1: "co2_ppm",
  },
  temperature: {
    type: "temp_c",
    name: "Temperature",
    unit: "°C",
    says: "Temperature",
    flat: "temperature",
    legacy: "Temperature",
    v1: "tiber_temp",
  },
  humidity: {
    type: "rh_percent",
    name: "Relative Humidity",
    unit: "%",
    says: "Relative humidity",
    flat: "rh",
    legacy: "Relative Humidity",
    v1: "tiber_rh",
  },
  voc: {
    type: "voc_index",
    name: "VOC Index",
    unit: "1",
    says: "VOC index of Sensirion, 1–500",
    flat: "voc_index",
    legacy: "voc index",
    v1: "voc_index",
  },
  nox: {
    type: "nox_index",
    name: "NOx Index",
    unit: "1",
    says: "NOx index of Sensirion, 1–500",
    flat: "nox_index",
    legacy: "nox index",
    v1: "nox_index",
  },
} as const satisfies Record<Quantity, Names>;

/** Worked out of what is measured. */
export const AQI_NAMES = {
  pm2_5: {
    type: "mcpm2x5_aqi",
    name: "PM 2.5 AQI",
    unit: "1",
    says: "Air Quality Index (US EPA, 2024) of the PM2.5 of 24 hours",
    flat: "mcpm2x5_aqi",
    legacy: "pm2.5 aqi",
    v1: "sps30_mcpm2x5_aqi",
  },
  pm10: {
    type: "mcpm10_aqi",
    name: "PM 10 AQI",
    unit: "1",
    says: "Air Quality Index (US EPA) of the PM10 of 24 hours",
    flat: "mcpm10_aqi",
    legacy: "pm10 aqi",
    v1: "sps30_mcpm10_aqi",
  },
} as const satisfies Partial<Record<Quantity, Names>>;

/** Asked for by TSI's clients; always without a value here. A VOC index is no mg/m³. */
export const NEVER_MEASURED = [
  "ncpm0x5",
  "ncpm1x0",
  "ncpm2x5",
  "ncpm4x0",
  "ncpm10",
  "tpsize",
  "baro_inhg",
  "voc_mgm3",
  "co_ppm",
  "o3_ppb",
  "no2_ppb",
  "so2_ppb",
  "ch2o_ppb",
] as const;

/** What `telem[]` takes besides the quantities. */
export const ABOUT_DEVICE = ["model", "serial", "location", "is_indoor", "is_public", "timestamp"] as const;

/** Columns of v3's flat form that have a value here. */
export const FLAT_QUANTITIES: readonly string[] = [
  ...QUANTITIES.map((quantity) => NAMES[quantity].flat),
  ...Object.values(AQI_NAMES).map(({ flat }) => flat),
];

export const TELEM = [
  ...ABOUT_DEVICE,
  ...FLAT_QUANTITIES,
  ...NEVER_MEASURED,
  "temp_c",
  "rh_percent",
] as const;
