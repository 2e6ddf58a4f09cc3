// The External API of the application note's time, after the vendor's paper ("TSI Link External API", November 2020).
import { csvRows } from "../http/csv";
import { LocalTimes } from "../http/local-times";
import { type ApiRequest, type Operation, operation } from "../http/operation";
import { Problem } from "../http/problem";
import { json, jsonRows, type Reply } from "../http/reply";
import { formatTime, parseTime } from "../http/times";
import { type ApiParts, scopeOf } from "../parts";
import { deviceV1, flatV1, V1_COLUMNS } from "../telemetry/forms";
import { type TelemetryRow, telemetryRows } from "../telemetry/rows";
import { oneDevice, type Period } from "../telemetry/selection";
import { DEVICE_ANSWERS, ok } from "./answers";
import { arrayOf, CSV, DEVICE_V1, FLAT_V1 } from "./schemas";
import { map, wantsCsv } from "./v3";

const BASE = "/api/v1/external/account/{account}";
const ID = { type: "string", minLength: 1, maxLength: 128 } as const;
const ACCOUNT = { account: { schema: ID, says: "The account of the token", isRequired: true } } as const;
const DEVICE = {
  device: { schema: ID, says: "The device, by `deviceID` or by MQTT id", isRequired: true },
} as const;

const PARAMETERS = {
  age: {
    schema: { type: "number", exclusiveMinimum: 0, maximum: 36_500 },
    says: "The last so many days. Default: 1",
  },
  after: {
    schema: { type: "string", format: "date-time", maxLength: 40 },
    says: "Later than this time (RFC 3339)",
  },
  latest: { schema: { type: "boolean" }, says: "The latest record alone, and not in an array" },
  timezone: {
    schema: { type: "string", maxLength: 64, examples: ["America/Chicago"] },
    says: "Times of CSV in this zone (IANA). Default: UTC",
  },
} as const;

interface V1Query {
  readonly age?: number;
  readonly after?: string;
  readonly latest?: boolean;
  readonly timezone?: string;
}

export const v1Calls = (parts: ApiParts): Operation[] => [
  operation({
    id: "devicesV1",
    tag: "v1",
    method: "GET",
    path: `${BASE}/device`,
    says: "Devices of the account",
    needs: "api:read:device",
    pathParameters: ACCOUNT,
    answers: { ...DEVICE_ANSWERS, 200: ok("Devices", arrayOf(DEVICE_V1)) },
    run: async ({ path, principal }) => {
      own(path, principal);
      return json((await parts.store.devices.visible(scopeOf(principal))).map(deviceV1));
    },
  }),
  telemetryCall(parts, "telemetryV1", `${BASE}/telemetry`, ACCOUNT),
  telemetryCall(parts, "telemetryOfDeviceV1", `${BASE}/device/{device}/telemetry`, { ...ACCOUNT, ...DEVICE }),
];

const telemetryCall = (
  parts: ApiParts,
  id: string,
  path: string,
  pathParameters: NonNullable<Operation["pathParameters"]>,
): Operation =>
  operation<V1Query>({
    id,
    tag: "v1",
    method: "GET",
    path,
    says: "Telemetry, one flat object each",
    needs: "api:read:device",
    pathParameters,
    query: PARAMETERS,
    answers: {
      ...DEVICE_ANSWERS,
      200: ok(
        "Records; with `latest` one of them",
        { anyOf: [arrayOf(FLAT_V1), FLAT_V1] },
        { "text/csv": CSV },
      ),
    },
    run: (request) => telemetry(parts, request),
  });

async function telemetry(parts: ApiParts, request: ApiRequest<V1Query>): Promise<Reply> {
  const { path, query, principal } = request;
  own(path, principal);
  const scope = scopeOf(principal);
  const { device } = path;
  const devices =
    device === undefined
      ? await parts.store.devices.visible(scope)
      : [await oneDevice(parts.store, scope, device)];
  const zone = zoneOf(query.timezone);
  const rows = telemetryRows(parts.store, scope, {
    devices,
    period: periodOf(query, parts.store.seconds),
    withAqi: true,
  });
  if (query.latest === true && !wantsCsv(request)) {
    const newest = await newestOf(rows);
    if (!newest) throw new Problem("not-found", { detail: "There is no reading yet." });
    return json(flatV1(newest, formatTime(newest.time)));
  }
  if (!wantsCsv(request)) return jsonRows(map(rows, (row) => flatV1(row, formatTime(row.time))));
  return {
    status: 200,
    headers: { "Content-Disposition": 'attachment; filename="telemetry.csv"' },
    type: "text/csv",
    body: csvRows(
      V1_COLUMNS,
      map(rows, (row) => flatV1(row, zone.format(row.time))),
    ),
  };
}

/** Another account sounds like one that is not there. */
function own({ account }: Readonly<Record<string, string>>, principal: { readonly account: string }): void {
  if (account !== principal.account)
    throw new Problem("not-found", { detail: "This token is of no such account." });
}

function periodOf({ age, after, latest }: V1Query, now: number): Period {
  if (latest === true) return { kind: "latest", asOf: now };
  // Exclusive, and a reading's time is of whole seconds.
  const from = after === undefined ? Math.ceil(now - (age ?? 1) * 86_400) : Math.floor(parseTime(after)!) + 1;
  return { kind: "range", from: Math.max(0, from), to: now + 1 };
}

function zoneOf(name: string | undefined): LocalTimes {
  try {
    return new LocalTimes(name);
  } catch {
    throw new Problem("bad-request", {
      errors: [{ at: "query.timezone", says: "must be a zone like Europe/Berlin" }],
    });
  }
}

async function newestOf(rows: AsyncIterable<TelemetryRow>): Promise<TelemetryRow | undefined> {
  let newest: TelemetryRow | undefined;
  for await (const row of rows) if (!newest || row.time > newest.time) newest = row;
  return newest;
}
