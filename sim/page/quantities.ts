import type { DecodedQuantity } from "../../cloud/payload/decode-telemetry";

export type QuantityName = DecodedQuantity;

export const QUANTITIES = {
  pm2_5: { label: "PM2.5", unit: "µg/m³" },
  pm10: { label: "PM10", unit: "µg/m³" },
  co2: { label: "CO₂", unit: "ppm" },
  temperature: { label: "Temperature", unit: "°C" },
  humidity: { label: "Humidity", unit: "%" },
  voc: { label: "VOC", unit: "index" },
  nox: { label: "NOx", unit: "index" },
  pm1: { label: "PM1", unit: "µg/m³" },
  pm4: { label: "PM4", unit: "µg/m³" },
} as const satisfies Record<QuantityName, { label: string; unit: string }>;
