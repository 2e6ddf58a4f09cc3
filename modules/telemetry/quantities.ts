/** What is known of a quantity; all else that lists quantities takes them from here. */
export interface QuantitySpec {
  /** Whole steps a unit: values are kept, and travel, as whole steps. */
  readonly steps: 1 | 10 | 100 | 1000;
  readonly name: string;
  /** Absent: a number without unit. */
  readonly unit?: string;
  /** Home Assistant's (2024.12: developers.home-assistant.io, "Sensor entity"). Absent: it has none for it. */
  readonly deviceClass?: string;
}

/**
 * The quantities that a monitor measures. Their order is that of the journal's bits and of the payload's columns: a new
 * one goes to the end (docs/formats.md), and none is taken out.
 */
export const QUANTITIES = Object.freeze(
  {
    /** Mass concentration of particles up to 1 µm. */
    pm1: { steps: 10, name: "PM1", unit: "µg/m³", deviceClass: "pm1" },
    pm2_5: { steps: 10, name: "PM2.5", unit: "µg/m³", deviceClass: "pm25" },
    pm4: { steps: 10, name: "PM4", unit: "µg/m³" },
    pm10: { steps: 10, name: "PM10", unit: "µg/m³", deviceClass: "pm10" },
    co2: { steps: 1, name: "Carbon dioxide", unit: "ppm", deviceClass: "carbon_dioxide" },
    temperature: { steps: 100, name: "Temperature", unit: "°C", deviceClass: "temperature" },
    /** Relative. */
    humidity: { steps: 100, name: "Humidity", unit: "%", deviceClass: "humidity" },
    /** Sensirion's, 1–500. */
    voc: { steps: 1, name: "VOC index" },
    nox: { steps: 1, name: "NOx index" },
    hcho: { steps: 10, name: "Formaldehyde", unit: "ppb" },
    /** Number concentration of particles from 0.3 µm up to 0.5 µm. */
    nc0_5: { steps: 10, name: "Particles up to 0.5 µm", unit: "1/cm³" },
    nc1: { steps: 10, name: "Particles up to 1 µm", unit: "1/cm³" },
    nc2_5: { steps: 10, name: "Particles up to 2.5 µm", unit: "1/cm³" },
    nc4: { steps: 10, name: "Particles up to 4 µm", unit: "1/cm³" },
    nc10: { steps: 10, name: "Particles up to 10 µm", unit: "1/cm³" },
    /** Typical: the mean of their numbers. */
    particleSize: { steps: 1000, name: "Particle size", unit: "µm" },
    /** Ticks of the sensor's resistance, which say something only beside those before. */
    vocRaw: { steps: 1, name: "VOC signal" },
    noxRaw: { steps: 1, name: "NOx signal" },
  } as const satisfies Record<string, QuantitySpec>,
  true,
);

export type Quantity = keyof typeof QUANTITIES;

/** In the table's order. */
export const QUANTITY_NAMES = Object.freeze(Object.keys(QUANTITIES)) as readonly Quantity[];
