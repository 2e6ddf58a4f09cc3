// A row in the forms of TSI's API. What an account may see of a device is all of it, so nothing is left out here.
import { QUANTITIES, type Quantity } from "../../payload/quantities";
import type { KeyedDevice } from "../../store/devices";
import type { CsvCell } from "../http/csv";
import { formatTime } from "../http/times";
import { AQI_NAMES, FLAT_QUANTITIES, NAMES } from "./quantities";
import { measured, type TelemetryRow } from "./rows";

type Flat = Record<string, CsvCell>;

const AQIS = Object.keys(AQI_NAMES) as (keyof typeof AQI_NAMES)[];

export const deviceV3 = (device: KeyedDevice, tags: readonly string[] = []) => ({
  device_id: device.cloudId,
  account_id: device.account,
  model: device.model,
  serial: device.serial,
  metadata: {
    friendlyName: device.friendlyName,
    is_indoor: device.isIndoor,
    is_public: device.isPublic,
    latitude: device.latitude,
    longitude: device.longitude,
  },
  status: "registered",
  created_at: formatTime(device.createdAt),
  updated_at: formatTime(device.updatedAt),
  mqtt_id: device.id,
  tags,
});

/** v1 says the same in camel case. */
export const deviceV1 = (device: KeyedDevice) => ({
  accountID: device.account,
  deviceID: device.cloudId,
  model: device.model,
  serial: device.serial,
  metadata: {
    friendlyName: device.friendlyName,
    isPublic: device.isPublic,
    isIndoor: device.isIndoor,
    longitude: device.longitude,
    latitude: device.latitude,
  },
  status: "registered",
  createdAt: formatTime(device.createdAt),
  createdBy: device.account,
  updatedAt: formatTime(device.updatedAt),
  updatedBy: device.account,
});

/** Clients of the legacy form read it in snake case (two of them) and, by its name, in v1's: it has both. */
export function deviceLegacy(device: KeyedDevice, tags?: readonly string[]) {
  const [v3, v1] = [deviceV3(device, tags), deviceV1(device)];
  return {
    ...v3,
    ...v1,
    metadata: { ...v3.metadata, ...v1.metadata },
    created_by: device.account,
    updated_by: device.account,
  };
}

export function nested(row: TelemetryRow) {
  const { device } = row;
  const at = formatTime(row.time);
  const { friendlyName, is_indoor, is_public, latitude, longitude } = deviceV3(device).metadata;
  const measurement = (names: { type: string; unit: string; name: string }, value: number | null) =>
    value === null
      ? []
      : [{ type: names.type, name: names.name, unit: names.unit, data: { value, timestamp: at } }];
  return {
    cloud_account_id: device.account,
    cloud_device_id: device.cloudId,
    cloud_timestamp: at,
    timestamp: at,
    model: device.model,
    serial: device.serial,
    metadata: { friendlyName, is_indoor, is_public, latitude, longitude, location: { latitude, longitude } },
    sensors: [
      {
        serial: device.serial,
        measurements: [
          ...QUANTITIES.flatMap((quantity) => measurement(NAMES[quantity], measured(row, quantity))),
          ...AQIS.flatMap((quantity) => measurement(AQI_NAMES[quantity], row.aqi[quantity])),
        ],
      },
    ],
  };
}

/** What a reading measured, by names of the flat form; without what it did not. */
export const measuredFlat = (values: TelemetryRow["values"]): Record<string, number> =>
  Object.fromEntries(
    QUANTITIES.flatMap((quantity, i) => (values[i] == null ? [] : [[NAMES[quantity].flat, values[i]]])),
  );

export const legacy = (row: TelemetryRow) => ({
  cloud_account_id: row.device.account,
  cloud_device_id: row.device.cloudId,
  timestamp: formatTime(row.time),
  model: row.device.model,
  serial: row.device.serial,
  sensors: [
    {
      measurements: [
        ...QUANTITIES.map((quantity) => ({ name: NAMES[quantity].legacy, value: measured(row, quantity) })),
        ...AQIS.map((quantity) => ({ name: AQI_NAMES[quantity].legacy, value: row.aqi[quantity] })),
      ].filter(({ value }) => value !== null),
    },
  ],
});

const WHOSE = ["cloud_account_id", "cloud_device_id", "cloud_timestamp", "timestamp"] as const;
const ALL = ["model", "serial", "location", "is_indoor", "is_public", ...FLAT_QUANTITIES] as const;

/** Columns of the flat form: what was asked for by `telem[]`, or all that has a value here. */
export const flatColumns = (telem: readonly string[] = ALL): string[] => [
  ...new Set([
    ...WHOSE,
    ...telem.flatMap((name) => (name === "location" ? ["latitude", "longitude"] : [name])),
  ]),
];

type Read = (row: TelemetryRow) => CsvCell;

const FLAT_CELLS: Readonly<Record<string, Read>> = {
  cloud_account_id: ({ device }) => device.account,
  cloud_device_id: ({ device }) => device.cloudId,
  cloud_timestamp: ({ time }) => formatTime(time),
  timestamp: ({ time }) => formatTime(time),
  model: ({ device }) => device.model,
  serial: ({ device }) => device.serial,
  latitude: ({ device }) => device.latitude,
  longitude: ({ device }) => device.longitude,
  is_indoor: ({ device }) => device.isIndoor,
  is_public: ({ device }) => device.isPublic,
  ...Object.fromEntries(
    QUANTITIES.map((quantity, i) => [NAMES[quantity].flat, ({ values }: TelemetryRow) => values[i]]),
  ),
  ...Object.fromEntries(
    AQIS.map((quantity) => [AQI_NAMES[quantity].flat, ({ aqi }: TelemetryRow) => aqi[quantity]]),
  ),
  // As the nested form calls them.
  temp_c: (row) => measured(row, "temperature"),
  rh_percent: (row) => measured(row, "humidity"),
};

export function flat(row: TelemetryRow, columns: readonly string[]): Flat {
  const cells: Flat = {};
  for (const column of columns) cells[column] = FLAT_CELLS[column]?.(row) ?? null;
  return cells;
}

/** What the paper lists, in its order. */
const OF_PAPER: readonly Quantity[] = [
  ...(["pm1", "pm2_5", "pm4", "pm10", "nc0_5", "nc1", "nc2_5", "nc4", "nc10", "particleSize"] as const),
  ...(["temperature", "humidity"] as const),
];
const NUMBERS_ON = OF_PAPER.indexOf("nc0_5");

export const V1_COLUMNS: readonly string[] = [
  ...[
    "accountID",
    "deviceID",
    "timestamp",
    "model",
    "serial",
    "longitude",
    "latitude",
    "isPublic",
    "isIndoor",
  ],
  ...OF_PAPER.slice(0, NUMBERS_ON).map((quantity) => NAMES[quantity].v1),
  ...AQIS.map((quantity) => AQI_NAMES[quantity].v1),
  ...OF_PAPER.slice(NUMBERS_ON).map((quantity) => NAMES[quantity].v1),
  // And then what it does not know.
  ...QUANTITIES.filter((quantity) => !OF_PAPER.includes(quantity)).map((quantity) => NAMES[quantity].v1),
];

export function flatV1(row: TelemetryRow, at: string): Flat {
  const { device } = row;
  const all: Flat = {
    accountID: device.account,
    deviceID: device.cloudId,
    timestamp: at,
    model: device.model,
    serial: device.serial,
    longitude: device.longitude,
    latitude: device.latitude,
    isPublic: device.isPublic,
    isIndoor: device.isIndoor,
  };
  for (const quantity of QUANTITIES) all[NAMES[quantity].v1] = measured(row, quantity);
  for (const quantity of AQIS) all[AQI_NAMES[quantity].v1] = row.aqi[quantity];
  return Object.fromEntries(V1_COLUMNS.map((column) => [column, all[column] ?? null]));
}

/** Whether any of these columns is an AQI. */
export const wantsAqi = (columns: readonly string[]): boolean =>
  columns.some((column) => column.endsWith("_aqi"));
