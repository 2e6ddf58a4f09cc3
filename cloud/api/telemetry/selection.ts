// Which devices and which times a request of telemetry means: the parameters that v3 and ours share.
import type { KeyedDevice } from "../../store/devices";
import type { Place } from "../../store/readings";
import type { Scope } from "../../store/scope";
import type { Store } from "../../store/store";
import type { Parameter } from "../http/operation";
import { Problem } from "../http/problem";
import { parseTime } from "../http/times";
import { parseCursor } from "./cursor";

/** Named one by one in a request; without a name it is all of them. */
const MOST_DEVICES = 100;
const DAY = 86_400;
export const MOST_ROWS = 10_000;

const ID = { type: "string", maxLength: 128 } as const;
const TIME = {
  type: "string",
  format: "date-time",
  maxLength: 40,
  examples: ["2026-07-01T00:00:00Z"],
} as const;

export const DEVICE_PARAMETERS = {
  device_id: {
    schema: { type: "array", items: ID, maxItems: MOST_DEVICES },
    says: `Devices, by \`device_id\` or by MQTT id; repeated or with commas, up to ${MOST_DEVICES}. Default: all of the account`,
  },
  model: { schema: { type: "string", maxLength: 128 }, says: "Devices of this model" },
  serial: { schema: { type: "string", maxLength: 128 }, says: "The device of this serial number" },
  tag: { schema: { type: "string", maxLength: 32 }, says: "Devices with this tag" },
  is_indoor: { schema: { type: "boolean" }, says: "Devices indoors, or outdoors" },
  is_public: { schema: { type: "boolean" }, says: "Public devices, or those that are not" },
  include_shared: {
    schema: { type: "boolean" },
    says: "Taken for TSI's clients; accounts share no devices here",
  },
  account_id: { schema: ID, says: "The account; there is none to see but the token's" },
} as const satisfies Readonly<Record<string, Parameter>>;

export interface DeviceQuery {
  readonly device_id?: readonly string[];
  readonly model?: string;
  readonly serial?: string;
  readonly tag?: string;
  readonly is_indoor?: boolean;
  readonly is_public?: boolean;
  readonly account_id?: string;
}

export const TIME_PARAMETERS = {
  age: {
    schema: { type: "number", exclusiveMinimum: 0, maximum: 36_500 },
    says: "The last so many days",
  },
  start_date: { schema: TIME, says: "From this time on (RFC 3339)" },
  end_date: { schema: TIME, says: "Before this time. Default: now" },
  latest_as_of_date: { schema: TIME, says: "Of each device the latest record up to this time" },
} as const satisfies Readonly<Record<string, Parameter>>;

export interface TimeQuery {
  readonly age?: number;
  readonly start_date?: string;
  readonly end_date?: string;
  readonly latest_as_of_date?: string;
}

export const PAGE_PARAMETERS = {
  average: {
    schema: { type: "integer", minimum: 1, maximum: 44_640 },
    says: "Means over so many minutes in place of each reading; a record's time is the begin of its span",
  },
  limit: {
    schema: { type: "integer", minimum: 1, maximum: MOST_ROWS },
    says: "So many records at most; the header Link then says where to go on",
  },
  cursor: { schema: { type: "string", maxLength: 300 }, says: "Where to go on, from the header Link" },
} as const satisfies Readonly<Record<string, Parameter>>;

export interface PageQuery {
  readonly average?: number;
  readonly limit?: number;
  readonly cursor?: string;
}

export type Period =
  /** Unix seconds: from, and before. */
  | { readonly kind: "range"; readonly from: number; readonly to: number }
  | { readonly kind: "latest"; readonly asOf: number };

/** @throws Problem: a device that is named is not there, or not for this scope; both sound the same */
export async function devicesOf(store: Store, scope: Scope, query: DeviceQuery): Promise<KeyedDevice[]> {
  const {
    device_id: ids,
    model,
    serial,
    tag,
    is_indoor: isIndoor,
    is_public: isPublic,
    account_id: account,
  } = query;
  const filter = {
    ...(model !== undefined && { model }),
    ...(serial !== undefined && { serial }),
    ...(isIndoor !== undefined && { isIndoor }),
    ...(isPublic !== undefined && { isPublic }),
  };
  const all = await store.devices.visible(scope, filter);
  const tags = tag === undefined ? undefined : await store.tags.visible(scope);
  const visible = tags ? all.filter(({ key }) => tags.get(key)?.includes(tag!)) : all;
  const devices = account === undefined ? visible : visible.filter((device) => device.account === account);
  if (!ids) return devices;
  const wanted = new Set(
    await Promise.all(ids.map((id) => oneDevice(store, scope, id).then(({ key }) => key))),
  );
  return devices.filter(({ key }) => wanted.has(key));
}

/** @throws Problem */
export async function oneDevice(store: Store, scope: Scope, id: string): Promise<KeyedDevice> {
  const device = await store.devices.find(scope, id);
  if (!device) throw new Problem("no-such-device", { detail: `device_id: ${id}` });
  return device;
}

/** Without any of the parameters it is the latest record of each device. @throws Problem */
export function periodOf({ age, start_date, end_date, latest_as_of_date }: TimeQuery, now: number): Period {
  if (latest_as_of_date !== undefined) return { kind: "latest", asOf: Math.floor(timeOf(latest_as_of_date)) };
  if (age === undefined && start_date === undefined && end_date === undefined)
    return { kind: "latest", asOf: now };
  // What was taken in this very second is in it, and what was taken exactly that long ago.
  const to = end_date === undefined ? now + 1 : Math.ceil(timeOf(end_date));
  const from = start_date === undefined ? Math.min(to, now) - (age ?? 1) * DAY : timeOf(start_date);
  if (from >= to && start_date !== undefined && end_date !== undefined)
    throw new Problem("bad-request", {
      errors: [{ at: "query.start_date", says: "must be before end_date" }],
    });
  return { kind: "range", from: Math.max(0, Math.ceil(from)), to: Math.max(0, to) };
}

/** @throws Problem */
export const placeOf = ({ cursor }: PageQuery): Place | undefined =>
  cursor === undefined ? undefined : parseCursor(cursor);

/** Its form has been checked. */
const timeOf = (text: string): number => parseTime(text)!;
