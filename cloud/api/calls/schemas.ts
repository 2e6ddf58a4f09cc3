// What the calls answer, as JSON schemas.
import { QUANTITIES } from "../../payload/quantities";
import { AQI_NAMES, NAMES } from "../telemetry/quantities";

const TEXT = { type: "string" } as const;
const TIME = { type: "string", format: "date-time" } as const;
const NUMBER = { type: ["number", "null"] } as const;
const FLAG = { type: "boolean" } as const;

export const arrayOf = (items: object) => ({ type: "array", items }) as const;

const METADATA = {
  type: "object",
  required: ["friendlyName"],
  properties: {
    friendlyName: TEXT,
    is_indoor: FLAG,
    is_public: FLAG,
    isIndoor: FLAG,
    isPublic: FLAG,
    latitude: NUMBER,
    longitude: NUMBER,
    location: { type: "object", properties: { latitude: NUMBER, longitude: NUMBER } },
  },
} as const;

export const DEVICE = {
  type: "object",
  required: ["device_id", "account_id", "model", "serial", "metadata"],
  properties: {
    device_id: TEXT,
    account_id: TEXT,
    model: TEXT,
    serial: TEXT,
    metadata: METADATA,
    status: TEXT,
    created_at: TIME,
    updated_at: TIME,
    mqtt_id: { type: "string", description: "Its name on MQTT, and the common name of its certificate" },
    tags: { ...arrayOf(TEXT), description: "What its owner chooses it by" },
  },
} as const;

export const DEVICE_V1 = {
  type: "object",
  required: ["accountID", "deviceID", "model", "serial", "metadata"],
  properties: {
    accountID: TEXT,
    deviceID: TEXT,
    model: TEXT,
    serial: TEXT,
    metadata: METADATA,
    status: TEXT,
    createdAt: TIME,
    createdBy: TEXT,
    updatedAt: TIME,
    updatedBy: TEXT,
  },
} as const;

export const NESTED = {
  type: "object",
  required: [
    "cloud_account_id",
    "cloud_device_id",
    "cloud_timestamp",
    "model",
    "serial",
    "metadata",
    "sensors",
  ],
  properties: {
    cloud_account_id: TEXT,
    cloud_device_id: TEXT,
    cloud_timestamp: TIME,
    timestamp: TIME,
    model: TEXT,
    serial: TEXT,
    metadata: METADATA,
    sensors: arrayOf({
      type: "object",
      required: ["serial", "measurements"],
      properties: {
        serial: TEXT,
        measurements: arrayOf({
          type: "object",
          required: ["type", "name", "unit", "data"],
          properties: {
            type: { enum: [...Object.values(NAMES), ...Object.values(AQI_NAMES)].map(({ type }) => type) },
            name: TEXT,
            unit: TEXT,
            data: {
              type: "object",
              required: ["value", "timestamp"],
              properties: { value: { type: "number" }, timestamp: TIME },
            },
          },
        }),
      },
    }),
  },
} as const;

export const LEGACY = {
  type: "object",
  required: ["timestamp", "sensors"],
  properties: {
    cloud_account_id: TEXT,
    cloud_device_id: TEXT,
    timestamp: TIME,
    model: TEXT,
    serial: TEXT,
    sensors: arrayOf({
      type: "object",
      required: ["measurements"],
      properties: {
        measurements: arrayOf({
          type: "object",
          required: ["name", "value"],
          properties: { name: TEXT, value: { type: "number" } },
        }),
      },
    }),
  },
} as const;

export const FLAT = {
  type: "object",
  required: ["cloud_account_id", "cloud_device_id", "timestamp"],
  properties: {
    cloud_account_id: TEXT,
    cloud_device_id: TEXT,
    cloud_timestamp: TIME,
    timestamp: TIME,
    model: TEXT,
    serial: TEXT,
    latitude: NUMBER,
    longitude: NUMBER,
    is_indoor: FLAG,
    is_public: FLAG,
    ...Object.fromEntries(
      QUANTITIES.map((quantity) => [
        NAMES[quantity].flat,
        { ...NUMBER, description: `${NAMES[quantity].says}, ${NAMES[quantity].unit}` },
      ]),
    ),
    ...Object.fromEntries(
      Object.values(AQI_NAMES).map(({ flat, says }) => [flat, { ...NUMBER, description: says }]),
    ),
  },
} as const;

export const FLAT_V1 = {
  type: "object",
  required: ["accountID", "deviceID", "timestamp"],
  properties: {
    accountID: TEXT,
    deviceID: TEXT,
    timestamp: TIME,
    model: TEXT,
    serial: TEXT,
    latitude: NUMBER,
    longitude: NUMBER,
    isIndoor: FLAG,
    isPublic: FLAG,
    ...Object.fromEntries(QUANTITIES.map((quantity) => [NAMES[quantity].v1, NUMBER])),
    ...Object.fromEntries(Object.values(AQI_NAMES).map(({ v1 }) => [v1, NUMBER])),
  },
} as const;

export const GAP = {
  type: "object",
  required: ["device_id", "epoch", "from_seq", "to_seq", "readings", "after", "before"],
  properties: {
    device_id: TEXT,
    epoch: TEXT,
    from_seq: { type: "integer" },
    to_seq: { type: "integer" },
    readings: { type: "integer", description: "How many are not there" },
    after: { type: ["string", "null"], description: "When the reading before them was taken" },
    before: { type: ["string", "null"], description: "When the reading after them was taken" },
  },
} as const;

export const CSV = { type: "string", description: "RFC 4180, with a line of names" } as const;
export const OBJECT = { type: "object" } as const;
