// What a chart asks for: columns, with no more points than can be seen, and how far the values went between them.
import { QUANTITIES } from "../../payload/quantities";
import type { Scope } from "../../store/scope";
import type { Store } from "../../store/store";
import { type Operation, operation } from "../http/operation";
import { Problem } from "../http/problem";
import { json } from "../http/reply";
import { type ApiParts, scopeOf } from "../parts";
import { NAMES } from "../telemetry/quantities";
import { oneDevice, periodOf, TIME_PARAMETERS } from "../telemetry/selection";
import { DEVICE_ANSWERS, DEVICE_PATH, ok } from "./answers";

const MOST_POINTS = 4_000;
const USUAL_POINTS = 800;
/** So many times as many readings are sent as they are: a chart bears more of them than it asks spans for. */
const RAW_SHARE = 5;
/** Longer than that nobody asks for each reading, and the store need not look whether there are few. */
const RAW_SECONDS = 8 * 86_400;
/** Whole minutes, so that `average` of the other calls has the same spans. */
const MINUTES = [1, 2, 5, 10, 15, 30, 60, 120, 180, 360, 720, 1_440, 10_080] as const;

const FLAT_NAMES = QUANTITIES.map((quantity) => NAMES[quantity].flat);

interface HistoryQuery {
  readonly start_date: string;
  readonly end_date?: string;
  readonly points?: number;
  readonly "telem[]"?: readonly string[];
}

const NUMBERS = { type: "array", items: { type: ["number", "null"] } } as const;
const HISTORY = {
  type: "object",
  required: ["from", "to", "span", "times", "values"],
  properties: {
    from: { type: "integer", description: "Unix time, s" },
    to: { type: "integer" },
    span: { type: "integer", description: "Seconds that a point is the mean of; 0: each point is a reading" },
    times: { type: "array", items: { type: "integer" }, description: "Begin of each span, Unix time, s" },
    values: {
      type: "object",
      additionalProperties: {
        type: "object",
        required: ["mean", "least", "most"],
        properties: { mean: NUMBERS, least: NUMBERS, most: NUMBERS },
      },
      description: "By name in the flat form; quantities without any value are left out",
    },
  },
} as const;

export const historyCalls = (parts: ApiParts): Operation[] => [
  operation<HistoryQuery>({
    id: "history",
    tag: "more",
    method: "GET",
    path: "/api/v3/external/devices/{device_id}/history",
    says: "What a device measured over a time, for a chart",
    details:
      "Each reading where they are few, else the means of spans with the lowest and the highest value in each.",
    needs: "api:read:device",
    pathParameters: DEVICE_PATH,
    query: {
      start_date: { ...TIME_PARAMETERS.start_date, isRequired: true },
      end_date: TIME_PARAMETERS.end_date,
      points: {
        schema: { type: "integer", minimum: 10, maximum: MOST_POINTS },
        says: `So many spans at most. Default: ${USUAL_POINTS}`,
      },
      "telem[]": {
        schema: { type: "array", items: { enum: FLAT_NAMES }, maxItems: 64 },
        says: "Quantities; repeated. Default: all that the device measured",
      },
    },
    answers: { ...DEVICE_ANSWERS, 200: ok("Columns", HISTORY) },
    run: async ({ path, query, principal }) => {
      const { store } = parts;
      const scope = scopeOf(principal);
      const { id } = await oneDevice(store, scope, path.device_id!);
      const period = periodOf(query, store.seconds);
      if (period.kind === "latest") throw new Problem("bad-request");
      const wanted = new Set(query["telem[]"] ?? FLAT_NAMES);
      const asked = { id, ...period, points: query.points ?? USUAL_POINTS };
      const { span, points } = (await eachReading(store, scope, asked)) ?? (await means(store, scope, asked));
      return json({
        from: period.from,
        to: period.to,
        span,
        times: points.map(({ time }) => time),
        values: columns(points, wanted),
      });
    },
  }),
];

interface Asked {
  readonly id: string;
  readonly from: number;
  readonly to: number;
  readonly points: number;
}

type Value = { readonly mean: number; readonly least: number; readonly most: number };

interface Point {
  readonly time: number;
  readonly values: readonly (Value | null)[];
}

/** `undefined`: they are too many. */
async function eachReading(store: Store, scope: Scope, { id, from, to, points: wanted }: Asked) {
  if (to - from > RAW_SECONDS) return undefined;
  const points: Point[] = [];
  for await (const { time, values } of store.readings.rows(scope, { devices: [id], from, to })) {
    if (points.length === Math.min(wanted * RAW_SHARE, MOST_POINTS)) return undefined;
    points.push({
      time,
      values: values.map((value) => (value === null ? null : { mean: value, least: value, most: value })),
    });
  }
  return { span: 0, points };
}

async function means(store: Store, scope: Scope, { id, from, to, points }: Asked) {
  const seconds = 60 * (MINUTES.find((minutes) => (to - from) / (minutes * 60) <= points) ?? MINUTES.at(-1)!);
  return { span: seconds, points: await store.hours.averages(scope, { device: id, from, to, seconds }) };
}

/** A mean has more digits than it knows. */
const rounded = (value: number): number => Math.round(value * 1000) / 1000;

function columns(points: readonly Point[], wanted: ReadonlySet<string>) {
  const all: Record<string, Record<keyof Value, (number | null)[]>> = {};
  for (const [i, name] of FLAT_NAMES.entries()) {
    if (!wanted.has(name) || !points.some(({ values }) => values[i])) continue;
    const column = (what: keyof Value): (number | null)[] =>
      points.map(({ values }) => (values[i] ? rounded(values[i][what]) : null));
    all[name] = { mean: column("mean"), least: column("least"), most: column("most") };
  }
  return all;
}
