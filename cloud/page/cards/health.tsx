import { useState } from "preact/hooks";
import type { Me, StatusAnswer } from "../answers";
import { type Api, devicePath } from "../api";
import { useDoing, useNow, usePolled } from "../hooks";
import { ago, length, spelt } from "../words";
import { Card, Facts, mayNot, Outcome } from "./card";

const LIVE_MS = 30_000;

/** Of docs/protocol.md, "Diagnostics": what support asks first. */
interface Diagnostics {
  readonly uptime?: number;
  readonly connects?: number;
  readonly heap?: { readonly free?: number | null; readonly lowest?: number | null };
  readonly journal?: { readonly written?: number; readonly acknowledged?: number; readonly torn?: number };
  readonly failures?: Readonly<Record<string, number>>;
  readonly lastFailure?: string | null;
  readonly commands?: { readonly run?: number; readonly refused?: number; readonly dropped?: number };
  readonly crash?: unknown;
}

interface Result {
  readonly ok: boolean;
  readonly error?: string;
  readonly result?: Diagnostics;
}

export function HealthCard({ api, me, id }: { api: Api; me: Me; id: string }) {
  const { value } = usePolled(`status ${id}`, LIVE_MS, () => api.get<StatusAnswer>(devicePath(id, "status")));
  const status = value?.status;
  const faults =
    status?.sensors?.flatMap(({ model, fault }) => (fault ? [`${model ?? "sensor"}: ${fault}`] : [])) ?? [];
  const fact = !status
    ? "nothing said yet"
    : faults.length > 0
      ? faults.join(", ")
      : signal(status.network?.rssi);
  return (
    <Card name="health" title="Health" {...(fact !== undefined && { fact })}>
      {() =>
        value ? <Inside api={api} me={me} id={id} {...value} /> : <p class="waiting">Asking the cloud…</p>
      }
    </Card>
  );
}

function Inside({
  api,
  me,
  id,
  status,
  received_at,
  online,
}: StatusAnswer & { api: Api; me: Me; id: string }) {
  const now = useNow(10_000);
  const doing = useDoing();
  const [more, setMore] = useState<Diagnostics>();
  if (!status) return <p>The device has said nothing of itself yet.</p>;
  const { sensors = [], network, journal } = status;
  const refused = mayNot(me, "api:write:command");
  const look = async (): Promise<string> => {
    const { ok, error, result } = await api.send<Result>("POST", devicePath(id, "commands"), {
      name: "get-diagnostics",
    });
    if (!ok || !result) throw new Error(`The device refused: ${error ?? "no reason given"}.`);
    setMore(result);
    return "";
  };
  return (
    <>
      <Facts
        of={[
          ["Said", received_at === null ? undefined : ago(Date.parse(received_at), now)],
          ["Board", status.board],
          [
            "Boots",
            status.boot === undefined
              ? undefined
              : `${status.boot}, the last after ${spelt(status.reset ?? "unknown").toLowerCase()}`,
          ],
          ["Clock", CLOCKS[status.clock ?? ""] ?? status.clock],
          [
            "Wi-Fi",
            network &&
              [
                signal(network.rssi),
                network.channel !== undefined && `channel ${network.channel}`,
                network.address,
              ]
                .filter(Boolean)
                .join(", "),
          ],
          ["Waiting to be sent", journal?.pending?.toLocaleString("en")],
          ["Lost, journal full", journal?.dropped?.toLocaleString("en")],
          ...sensors.map(
            ({ model, serial, fault }, i) =>
              [
                `Sensor ${sensors.length > 1 ? i + 1 : ""}`,
                `${model ?? "unknown"}${serial ? ` ${serial}` : ""}: ${fault ?? "works"}`,
              ] as const,
          ),
        ]}
      />
      {refused ?? (
        <>
          <button type="button" disabled={doing.isBusy || !online} onClick={() => void doing.run(look)}>
            Ask for counts and failures
          </button>
          {!online && <p class="hint">It can be asked once it is connected.</p>}
          <Outcome doing={doing} />
        </>
      )}
      {more && <More {...more} />}
    </>
  );
}

const CLOCKS: Readonly<Record<string, string>> = {
  synced: "right",
  estimated: "an estimate: no time server confirms it",
  none: "not known",
};

function More({ uptime, connects, heap, journal, failures = {}, lastFailure, commands, crash }: Diagnostics) {
  const bytes = (value: number | null | undefined): string | undefined =>
    typeof value === "number" ? `${Math.round(value / 1024)} KB` : undefined;
  const counted = Object.entries(failures);
  return (
    <Facts
      of={[
        ["Runs for", uptime === undefined ? undefined : length(uptime)],
        ["Connections since", connects],
        ["Readings written", journal?.written?.toLocaleString("en")],
        ["… and acknowledged", journal?.acknowledged?.toLocaleString("en")],
        [
          "Free memory",
          heap &&
            [bytes(heap.free), heap.lowest && `lowest ${bytes(heap.lowest)}`].filter(Boolean).join(", "),
        ],
        [
          "Commands",
          commands &&
            `${commands.run ?? 0} run, ${commands.refused ?? 0} refused, ${commands.dropped ?? 0} dropped`,
        ],
        ["Last failure", lastFailure ?? "none since it started"],
        ["Failures since it started", counted.map(([reason, times]) => `${reason} ${times}×`).join(", ")],
        ["Last crash", crash ? JSON.stringify(crash) : undefined],
      ]}
    />
  );
}

function signal(rssi: number | null | undefined): string | undefined {
  if (typeof rssi !== "number") return undefined;
  const word = rssi >= -60 ? "strong" : rssi >= -70 ? "good" : rssi >= -80 ? "weak" : "very weak";
  return `${word} signal, ${String(rssi).replace("-", "−")} dBm`;
}
