// Prometheus' text format 0.0.4: the latest values of the account's devices, and how its fleet is.
import { QUANTITIES } from "../../payload/quantities";
import type { KeyedDevice } from "../../store/devices";
import { type Operation, operation } from "../http/operation";
import { type ApiParts, scopeOf } from "../parts";
import { METRICS, NAMES } from "../telemetry/quantities";
import { telemetryRows } from "../telemetry/rows";
import { KNOWN_ANSWERS } from "./answers";

const TYPE = "text/plain; version=0.0.4";

export const metricsCalls = (parts: ApiParts): Operation[] => [
  operation({
    id: "metrics",
    tag: "more",
    method: "GET",
    path: "/metrics",
    says: "The latest values and the state of the fleet, for Prometheus",
    details: "What concerns all accounts is in it with the scope api:read:operation.",
    needs: "api:read:metrics",
    answers: {
      ...KNOWN_ANSWERS,
      200: { says: "Prometheus' text format", content: { "text/plain": { type: "string" } } },
    },
    run: async ({ principal }) => {
      const scope = scopeOf(principal);
      const isOperator = principal.scopes.has("api:read:operation");
      return { status: 200, type: TYPE, body: lines(await gather(parts, scope, isOperator)) };
    },
  }),
];

interface Family {
  readonly name: string;
  readonly kind: "gauge" | "counter";
  readonly help: string;
  readonly samples: readonly (readonly [Readonly<Record<string, string>>, number])[];
}

async function gather(
  parts: ApiParts,
  scope: ReturnType<typeof scopeOf>,
  isOperator: boolean,
): Promise<Family[]> {
  const { store } = parts;
  const devices = await store.devices.visible(scope);
  const statuses = await store.notes.statuses(scope);
  const now = store.seconds;
  const latest = new Map<number, { time: number; values: readonly (number | null)[]; aqi: number | null }>();
  const period = { kind: "latest", asOf: now } as const;
  for await (const row of telemetryRows(store, scope, { devices, period, withAqi: true }))
    latest.set(row.device.key, { time: row.time, values: row.values, aqi: row.aqi.pm2_5 });
  const each = (
    value: (device: KeyedDevice) => number | null | undefined,
  ): (readonly [Record<string, string>, number])[] =>
    devices.flatMap((device) => {
      const found = value(device);
      return typeof found === "number" ? [[labelsOf(device), found] as const] : [];
    });
  const gauge = (name: string, help: string, samples: Family["samples"]): Family => ({
    name,
    kind: "gauge",
    help,
    samples,
  });
  return [
    gauge("aerolink_devices", "Devices of the account.", [[{}, devices.length]]),
    gauge(
      "aerolink_device_online",
      "Whether the device is connected to its broker.",
      each(({ id }) => Number(statuses.get(id)?.isOnline ?? false)),
    ),
    gauge(
      "aerolink_device_journal_pending",
      "Readings that the device still has to deliver, as it said last.",
      each(({ id }) => countOf(statuses.get(id)?.status, "pending")),
    ),
    gauge(
      "aerolink_device_journal_dropped",
      "Readings that the device has lost because its journal was full, as it said last.",
      each(({ id }) => countOf(statuses.get(id)?.status, "dropped")),
    ),
    gauge(
      "aerolink_last_reading_timestamp_seconds",
      "When the latest reading was taken.",
      each(({ key }) => latest.get(key)?.time),
    ),
    ...QUANTITIES.map((quantity, i) =>
      gauge(
        METRICS[quantity],
        `${NAMES[quantity].says}, in the latest reading.`,
        each(({ key }) => latest.get(key)?.values[i]),
      ),
    ),
    gauge(
      "aerolink_pm2_5_aqi",
      "Air Quality Index (US EPA, 2024) of the PM2.5 of the last 24 hours.",
      each(({ key }) => latest.get(key)?.aqi),
    ),
    ...(isOperator
      ? [
          {
            name: "aerolink_cloud_events_total",
            kind: "counter" as const,
            help: "What was counted since the store was made, of all accounts.",
            samples: Object.entries(await store.notes.counts()).map(
              ([what, count]) => [{ what }, count] as const,
            ),
          },
        ]
      : []),
    gauge("aerolink_cloud_time_seconds", "The cloud's own clock.", [[{}, now]]),
  ];
}

const labelsOf = (device: KeyedDevice): Record<string, string> => ({
  device: device.id,
  name: device.friendlyName,
});

function countOf(
  status: Readonly<Record<string, unknown>> | null | undefined,
  member: string,
): number | undefined {
  const journal = status?.journal;
  const value =
    typeof journal === "object" && journal !== null
      ? (journal as Record<string, unknown>)[member]
      : undefined;
  return typeof value === "number" ? value : undefined;
}

async function* lines(families: readonly Family[]): AsyncGenerator<string> {
  for (const { name, kind, help, samples } of families) {
    if (samples.length === 0) continue;
    const texts = samples.map(([labels, value]) => `${name}${formatLabels(labels)} ${value}`);
    yield `# HELP ${name} ${help}\n# TYPE ${name} ${kind}\n${texts.join("\n")}\n`;
  }
}

function formatLabels(labels: Readonly<Record<string, string>>): string {
  const texts = Object.entries(labels).map(
    ([name, value]) =>
      `${name}="${value.replaceAll("\\", "\\\\").replaceAll("\n", "\\n").replaceAll('"', '\\"')}"`,
  );
  return texts.length === 0 ? "" : `{${texts.join(",")}}`;
}
