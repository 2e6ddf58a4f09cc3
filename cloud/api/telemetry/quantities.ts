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
const NUMBER = "#/cm³";

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
  hcho: {
    type: "ch2o_ppb",
    name: "CH2O",
    unit: "ppb",
    says: "Formaldehyde",
    flat: "ch2o_ppb",
    legacy: "ch2o",
    v1: "ch2o_ppb",
  },
  nc0_5: {
    type: "ncpm0x5",
    name: "PM 0.5 NC",
    unit: NUMBER,
    says: "Particles from 0.3 µm up to 0.5 µm, by number",
    flat: "ncpm0x5",
    legacy: "pm0.5 NC",
    v1: "sps30_ncpm0x5",
  },
  nc1: {
    type: "ncpm1x0",
    name: "PM 1.0 NC",
    unit: NUMBER,
    says: "Particles from 0.3 µm up to 1 µm, by number",
    flat: "ncpm1x0",
    legacy: "pm1.0 NC",
    v1: "sps30_ncpm1x0",
  },
  nc2_5: {
    type: "ncpm2x5",
    name: "PM 2.5 NC",
    unit: NUMBER,
    says: "Particles from 0.3 µm up to 2.5 µm, by number",
    flat: "ncpm2x5",
    legacy: "pm2.5 NC",
    v1: "sps30_ncpm2x5",
  },
  nc4: {
    type: "ncpm4x0",
    name: "PM 4.0 NC",
    unit: NUMBER,
    says: "Particles from 0.3 µm up to 4 µm, by number",
    flat: "ncpm4x0",
    legacy: "pm4.0 NC",
    v1: "sps30_ncpm4x0",
  },
  nc10: {
    type: "ncpm10",
    name: "PM 10 NC",
    unit: NUMBER,
    says: "Particles from 0.3 µm up to 10 µm, by number",
    flat: "ncpm10",
    legacy: "pm10 NC",
    v1: "sps30_ncpm10",
  },
  particleSize: {
    type: "tpsize",
    name: "Typical Particle Size",
    unit: "µm",
    says: "Mean of the particles' diameters by number",
    flat: "tpsize",
    legacy: "typical particle size",
    v1: "sps30_tpsize",
  },
  vocRaw: {
    type: "voc_raw",
    name: "VOC Signal",
    unit: "1",
    says: "Ticks of a VOC sensor, which say something only beside those before",
    flat: "voc_raw",
    legacy: "voc raw",
    v1: "voc_raw",
  },
  noxRaw: {
    type: "nox_raw",
    name: "NOx Signal",
    unit: "1",
    says: "Ticks of a NOx sensor, which say something only beside those before",
    flat: "nox_raw",
    legacy: "nox raw",
    v1: "nox_raw",
  },
} as const satisfies Record<Quantity, Names>;

/** For Prometheus: units at the end of the name, as it wants it. */
export const METRICS = {
  pm1: "aerolink_pm1_micrograms_per_cubic_meter",
  pm2_5: "aerolink_pm2_5_micrograms_per_cubic_meter",
  pm4: "aerolink_pm4_micrograms_per_cubic_meter",
  pm10: "aerolink_pm10_micrograms_per_cubic_meter",
  co2: "aerolink_co2_ppm",
  temperature: "aerolink_temperature_celsius",
  humidity: "aerolink_relative_humidity_percent",
  voc: "aerolink_voc_index",
  nox: "aerolink_nox_index",
  hcho: "aerolink_formaldehyde_ppb",
  nc0_5: "aerolink_particles_0_5_per_cubic_centimeter",
  nc1: "aerolink_particles_1_per_cubic_centimeter",
  nc2_5: "aerolink_particles_2_5_per_cubic_centimeter",
  nc4: "aerolink_particles_4_per_cubic_centimeter",
  nc10: "aerolink_particles_10_per_cubic_centimeter",
  particleSize: "aerolink_particle_size_micrometers",
  vocRaw: "aerolink_voc_signal_ticks",
  noxRaw: "aerolink_nox_signal_ticks",
} as const satisfies Record<Quantity, string>;

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
export const NEVER_MEASURED = ["baro_inhg", "voc_mgm3", "co_ppm", "o3_ppb", "no2_ppb", "so2_ppb"] as const;

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
