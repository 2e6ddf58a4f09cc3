// The fleet at a glance: a row of every device with what it said last of itself and of the air. What a page asks for.
import type { DeviceStatusRow } from "../../store/notes";
import type { ReadingRow } from "../../store/readings";
import { type Operation, operation } from "../http/operation";
import { json } from "../http/reply";
import { formatTime } from "../http/times";
import { type ApiParts, scopeOf } from "../parts";
import { formatCursor } from "../telemetry/cursor";
import { deviceV3, measuredFlat } from "../telemetry/forms";
import {
  DEVICE_PARAMETERS,
  type DeviceQuery,
  devicesOf,
  PAGE_PARAMETERS,
  placeOf,
} from "../telemetry/selection";
import { DEVICE_ANSWERS, ok } from "./answers";
import { arrayOf, DEVICE, FLAT, OBJECT } from "./schemas";

const MOST = 1_000;
const USUAL = 200;

interface OverviewQuery extends DeviceQuery {
  readonly limit?: number;
  readonly cursor?: string;
}

const ROW = {
  type: "object",
  required: ["device", "online", "heard_at", "status", "latest"],
  properties: {
    device: DEVICE,
    online: { type: "boolean" },
    heard_at: { type: ["string", "null"], description: "When it last said something of itself" },
    status: {
      type: ["object", "null"],
      description: "Of docs/protocol.md's `status` what a glance needs; null: it has said nothing yet",
    },
    latest: {
      anyOf: [{ type: "null" }, { ...OBJECT, properties: { timestamp: FLAT.properties.timestamp } }],
      description: "The newest reading, as in the flat form",
    },
  },
} as const;

export const overviewCalls = (parts: ApiParts): Operation[] => [
  operation<OverviewQuery>({
    id: "overview",
    tag: "more",
    method: "GET",
    path: "/api/v3/external/fleet",
    says: "Every device with its state and its latest reading",
    details: `In the order of their MQTT ids, ${USUAL} a page unless \`limit\` says otherwise; the header Link says where to go on.`,
    needs: "api:read:device",
    query: {
      ...DEVICE_PARAMETERS,
      limit: {
        schema: { type: "integer", minimum: 1, maximum: MOST },
        says: `So many devices at most. Default: ${USUAL}`,
      },
      cursor: PAGE_PARAMETERS.cursor,
    },
    answers: { ...DEVICE_ANSWERS, 200: { ...ok("Rows", arrayOf(ROW)), headers: ["Link"] } },
    run: async ({ query, principal, url }) => {
      const { store } = parts;
      const scope = scopeOf(principal);
      const { limit = USUAL } = query;
      const after = placeOf(query)?.device;
      const devices = (await devicesOf(store, scope, query)).filter(
        ({ id }) => after === undefined || id > after,
      );
      const page = devices.slice(0, limit);
      const ids = page.map(({ id }) => id);
      const [statuses, tags, readings] = await Promise.all([
        store.notes.statuses(scope, ids),
        store.tags.visible(scope),
        store.readings.latest(scope, store.seconds + 1, ids),
      ]);
      const latest = new Map(readings.map((row) => [row.device, row]));
      const rows = page.map((device) => ({
        device: deviceV3(device, tags.get(device.key)),
        ...saidOf(statuses.get(device.id)),
        latest: latestOf(latest.get(device.id)),
      }));
      if (page.length === devices.length) return json(rows);
      const next = new URL(url);
      next.searchParams.set(
        "cursor",
        formatCursor({ device: ids.at(-1)!, time: 0, epoch: "00000000", seq: 0 }),
      );
      return json(rows, 200, { Link: `<${next.pathname}${next.search}>; rel="next"` });
    },
  }),
];

/** Of a status what a glance needs: ten thousand whole ones are megabytes. */
const GLANCE = ["firmware", "release", "board", "sensor", "clock", "certificate", "journal"] as const;

const saidOf = (said: DeviceStatusRow | undefined) => ({
  online: said?.isOnline ?? false,
  heard_at: said ? formatTime(said.receivedAt) : null,
  status: said?.status
    ? Object.fromEntries(GLANCE.flatMap((name) => (name in said.status! ? [[name, said.status![name]]] : [])))
    : null,
});

const latestOf = (reading: ReadingRow | undefined) =>
  reading ? { timestamp: formatTime(reading.time), ...measuredFlat(reading.values) } : null;
