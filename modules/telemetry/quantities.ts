/**
 * The quantities that a monitor measures, with the whole steps a unit in which each is kept and travels; all else that
 * lists quantities takes them from here. Their order is that of the journal's bits and of the payload's columns: a new one
 * goes to the end (docs/formats.md), and none is taken out.
 */
export const STEPS = Object.freeze({
  /** Mass concentration of particles up to 1 µm. */
  pm1: 10,
  pm2_5: 10,
  pm4: 10,
  pm10: 10,
  co2: 1,
  temperature: 100,
  /** Relative. */
  humidity: 100,
  /** Sensirion's indices, 1–500. */
  voc: 1,
  nox: 1,
  /** Formaldehyde. */
  hcho: 10,
  /** Number concentration of particles from 0.3 µm up to 0.5 µm. */
  nc0_5: 10,
  nc1: 10,
  nc2_5: 10,
  nc4: 10,
  nc10: 10,
  /** Typical: the mean of their numbers. */
  particleSize: 1000,
  /** Ticks of the sensor's resistance, which say something only beside those before. */
  vocRaw: 1,
  noxRaw: 1,
} as const satisfies Record<string, 1 | 10 | 100 | 1000>);

export type Quantity = keyof typeof STEPS;

/** In the table's order. */
export const QUANTITY_NAMES = Object.freeze(Object.keys(STEPS)) as readonly Quantity[];

/**
 * Name, unit and Home Assistant's device class (2024.12: developers.home-assistant.io, "Sensor entity"), where there is
 * one: a text each, for a table of objects takes five times the flash.
 */
export const PRESENTATIONS = Object.freeze({
  pm1: "PM1|µg/m³|pm1",
  pm2_5: "PM2.5|µg/m³|pm25",
  pm4: "PM4|µg/m³",
  pm10: "PM10|µg/m³|pm10",
  co2: "Carbon dioxide|ppm|carbon_dioxide",
  temperature: "Temperature|°C|temperature",
  humidity: "Humidity|%|humidity",
  voc: "VOC index",
  nox: "NOx index",
  hcho: "Formaldehyde|ppb",
  nc0_5: "Particles up to 0.5 µm|1/cm³",
  nc1: "Particles up to 1 µm|1/cm³",
  nc2_5: "Particles up to 2.5 µm|1/cm³",
  nc4: "Particles up to 4 µm|1/cm³",
  nc10: "Particles up to 10 µm|1/cm³",
  particleSize: "Particle size|µm",
  vocRaw: "VOC signal",
  noxRaw: "NOx signal",
} as const satisfies Record<Quantity, string>);
