// TSI Link's External API v3, as its public clients use it, and what they had to work around.

import { csvRows } from "../http/csv";
import type { ApiRequest } from "../http/operation";
import { type Operation, operation } from "../http/operation";
import { json, jsonRows, type Reply } from "../http/reply";
import { formatTime } from "../http/times";
import { type ApiParts, scopeOf } from "../parts";
import { formatCursor } from "../telemetry/cursor";
import { deviceLegacy, deviceV3, flat, flatColumns, legacy, nested, wantsAqi } from "../telemetry/forms";
import { gapsOf } from "../telemetry/gaps";
import { TELEM } from "../telemetry/quantities";
import { type RowQuery, type TelemetryRow, telemetryRows } from "../telemetry/rows";
import {
  DEVICE_PARAMETERS,
  type DeviceQuery,
  devicesOf,
  PAGE_PARAMETERS,
  type PageQuery,
  periodOf,
  placeOf,
  TIME_PARAMETERS,
  type TimeQuery,
} from "../telemetry/selection";
import { DEVICE_ANSWERS, ok } from "./answers";
import { arrayOf, CSV, DEVICE, FLAT, GAP, LEGACY, NESTED } from "./schemas";

const BASE = "/api/v3/external";
const PARAMETERS = {
  ...DEVICE_PARAMETERS,
  ...TIME_PARAMETERS,
  ...PAGE_PARAMETERS,
  format: {
    schema: { enum: ["json", "csv"] },
    says: "The same as the header Accept, for a link in a page",
  },
} as const;
type TelemetryQuery = DeviceQuery &
  TimeQuery &
  PageQuery & { readonly "telem[]"?: readonly string[]; readonly format?: "json" | "csv" };

const DETAILS =
  "Without `age`, `start_date`, `end_date` or `latest_as_of_date` it is the latest record of each device. Records come device by device, oldest first, and as CSV with `Accept: text/csv`. There is no limit on how far back.";

export const v3Calls = (parts: ApiParts): Operation[] => [
  deviceCall(parts, "devices", "", "Devices of the account", deviceV3),
  deviceCall(
    parts,
    "devicesLegacy",
    "/legacy-format",
    "Devices, with the members of v1 as well",
    deviceLegacy,
  ),
  telemetryCall(parts, {
    id: "telemetry",
    path: "",
    says: "Telemetry, a list of measurements each",
    form: nested,
    schema: NESTED,
  }),
  telemetryCall(parts, {
    id: "telemetryLegacy",
    path: "/legacy-format",
    says: "Telemetry with the names of before",
    form: legacy,
    schema: LEGACY,
  }),
  flatCall(parts),
  gapsCall(parts),
];

function deviceCall(
  parts: ApiParts,
  id: string,
  path: string,
  says: string,
  form: typeof deviceV3 | typeof deviceLegacy,
): Operation {
  return operation<DeviceQuery>({
    id,
    tag: "v3",
    method: "GET",
    path: `${BASE}/devices${path}`,
    says,
    needs: "api:read:device",
    query: DEVICE_PARAMETERS,
    answers: { ...DEVICE_ANSWERS, 200: ok("Devices, in the order of their MQTT ids", arrayOf(DEVICE)) },
    run: async ({ query, principal }) => {
      const devices = await devicesOf(parts.store, scopeOf(principal), query);
      const tags = await parts.store.tags.visible(scopeOf(principal));
      return json(devices.map((device) => form(device, tags.get(device.key))));
    },
  });
}

interface Form {
  readonly id: string;
  readonly path: string;
  readonly says: string;
  readonly schema: object;
  form(row: TelemetryRow): object;
}

const telemetryCall = (parts: ApiParts, { id, path, says, schema, form }: Form): Operation =>
  operation<TelemetryQuery>({
    id,
    tag: "v3",
    method: "GET",
    path: `${BASE}/telemetry${path}`,
    says,
    details: DETAILS,
    needs: "api:read:device",
    query: PARAMETERS,
    answers: {
      ...DEVICE_ANSWERS,
      200: { ...ok("Records", arrayOf(schema), { "text/csv": CSV }), headers: ["Link"] },
    },
    run: async (request) => {
      const { rows, headers } = await page(parts, request, true);
      return wantsCsv(request) ? csv(rows, flatColumns(), headers) : jsonRows(map(rows, form), headers);
    },
  });

const flatCall = (parts: ApiParts): Operation =>
  operation<TelemetryQuery>({
    id: "telemetryFlat",
    tag: "v3",
    method: "GET",
    path: `${BASE}/telemetry/flat-format`,
    says: "Telemetry, one flat object each",
    details: DETAILS,
    needs: "api:read:device",
    query: {
      ...PARAMETERS,
      "telem[]": {
        schema: { type: "array", items: { enum: TELEM }, maxItems: 64 },
        says: "Columns; repeated. `location` is latitude and longitude. What no device here measures is null. Default: all that is measured",
      },
    },
    answers: {
      ...DEVICE_ANSWERS,
      200: { ...ok("Records", arrayOf(FLAT), { "text/csv": CSV }), headers: ["Link"] },
    },
    run: async (request) => {
      const columns = flatColumns(request.query["telem[]"]);
      const { rows, headers } = await page(parts, request, wantsAqi(columns));
      return wantsCsv(request)
        ? csv(rows, columns, headers)
        : jsonRows(
            map(rows, (row) => flat(row, columns)),
            headers,
          );
    },
  });

/** The rows of a request; with a limit those of its page, and in the headers where the next one begins. */
async function page(
  parts: ApiParts,
  { query, principal, url }: ApiRequest<TelemetryQuery>,
  withAqi: boolean,
): Promise<{ rows: AsyncIterable<TelemetryRow>; headers: Reply["headers"] }> {
  const scope = scopeOf(principal);
  const { average, limit } = query;
  const after = placeOf(query);
  const wanted: RowQuery = {
    devices: await devicesOf(parts.store, scope, query),
    period: periodOf(query, parts.store.seconds),
    withAqi,
    ...(average !== undefined && { averageMinutes: average }),
    ...(after && { after }),
  };
  const rows = telemetryRows(parts.store, scope, wanted);
  if (limit === undefined) return { rows, headers: {} };
  const kept: TelemetryRow[] = [];
  let hasMore = false;
  for await (const row of rows) {
    hasMore = kept.length === limit;
    if (hasMore) break;
    kept.push(row);
  }
  // Without the host: it is true behind every proxy, and libraries join it with the address that was asked (RFC 8288).
  const next = new URL(url);
  if (hasMore) next.searchParams.set("cursor", formatCursor(kept.at(-1)!.place));
  return {
    rows: listed(kept),
    headers: hasMore ? { Link: `<${next.pathname}${next.search}>; rel="next"` } : {},
  };
}

async function* listed<T>(rows: readonly T[]): AsyncGenerator<T> {
  yield* rows;
}

export async function* map<T, U>(rows: AsyncIterable<T>, form: (row: T) => U): AsyncGenerator<U> {
  for await (const row of rows) yield form(row);
}

export function wantsCsv({ headers, query }: Pick<ApiRequest, "headers" | "query">): boolean {
  const { format } = query as { readonly format?: "json" | "csv" };
  return format ? format === "csv" : /^[^,]*\btext\/csv\b/i.test(String(headers.accept ?? ""));
}

const csv = (
  rows: AsyncIterable<TelemetryRow>,
  columns: readonly string[],
  headers: Reply["headers"] = {},
): Reply => ({
  status: 200,
  headers: { ...headers, "Content-Disposition": 'attachment; filename="telemetry.csv"' },
  type: "text/csv",
  body: csvRows(
    columns,
    map(rows, (row) => flat(row, columns)),
  ),
});

const gapsCall = (parts: ApiParts): Operation =>
  operation<DeviceQuery & TimeQuery>({
    id: "gaps",
    tag: "more",
    method: "GET",
    path: `${BASE}/gaps`,
    says: "Readings that were taken and are not here, by their numbers",
    details: "Between the first and the last reading of the time that is asked for. Default: the last day.",
    needs: "api:read:device",
    query: { ...DEVICE_PARAMETERS, ...TIME_PARAMETERS },
    answers: { ...DEVICE_ANSWERS, 200: ok("Gaps, device by device", arrayOf(GAP)) },
    run: async ({ query, principal }) => {
      const scope = scopeOf(principal);
      const asked = periodOf(query, parts.store.seconds);
      const period = asked.kind === "range" ? asked : { from: asked.asOf - 86_400, to: asked.asOf + 1 };
      const devices = await devicesOf(parts.store, scope, query);
      return jsonRows(gaps(parts, scope, devices, period));
    },
  });

async function* gaps(
  parts: ApiParts,
  scope: ReturnType<typeof scopeOf>,
  devices: RowQuery["devices"],
  period: { from: number; to: number },
): AsyncGenerator<object> {
  const time = (seconds: number | null): string | null => (seconds === null ? null : formatTime(seconds));
  for (const device of devices)
    for (const { epoch, from, to, after, before } of await gapsOf(parts.store, scope, device, period))
      yield {
        device_id: device.cloudId,
        epoch,
        from_seq: from,
        to_seq: to,
        readings: to - from + 1,
        after: time(after),
        before: time(before),
      };
}
