import { useState } from "preact/hooks";
import type { Api } from "./api";
import { Outcome } from "./cards/card";
import { useDoing, usePolled } from "./hooks";
import { deviceLink } from "./links";
import { dayAndTime, length, spelt } from "./words";

export type Selection =
  | { readonly all: true }
  | { readonly device_ids: readonly string[] }
  | { readonly tag: string };

/** GET /rollouts */
export interface RolloutAnswer {
  readonly id: string | number;
  readonly release: number;
  readonly version: string;
  readonly state: "running" | "paused" | "halted" | "done" | "ended";
  readonly why: string | null;
  readonly created_at: string;
  readonly created_by: string;
  readonly devices: Selection;
  readonly stages: readonly {
    readonly percent: number;
    readonly devices: number;
    readonly soak_seconds: number;
    readonly state: "done" | "now" | "next";
  }[];
  readonly next_stage_at: string | null;
  readonly counts: {
    readonly devices: number;
    readonly offered: number;
    readonly pending: number;
    readonly confirmed: number;
    readonly failed: number;
    readonly excused: number;
  };
  /** The first hundred. */
  readonly left_out: readonly { readonly mqtt_id: string; readonly why: string }[];
  readonly left_out_count?: number;
}

interface RolloutDevice {
  readonly mqtt_id: string;
  readonly friendlyName: string;
  readonly stage: number;
  readonly outcome: "waiting" | "pending" | "confirmed" | "failed";
  readonly state: string | null;
  readonly progress_percent: number | null;
  readonly reason: string | null;
}

const STATE_WORDS = {
  running: "Running",
  paused: "Paused",
  halted: "Halted: too many failures",
  done: "Done",
  ended: "Ended",
} as const satisfies Record<RolloutAnswer["state"], string>;

interface Props {
  readonly api: Api;
  readonly rollout: RolloutAnswer;
  readonly mayChange: boolean;
  onChange(): void;
}

export function Rollout({ api, rollout, mayChange, onChange }: Props) {
  const {
    id,
    release,
    version,
    state,
    why,
    created_at,
    created_by,
    devices,
    stages,
    next_stage_at,
    counts,
    left_out,
    left_out_count = left_out.length,
  } = rollout;
  const doing = useDoing();
  const [isAsking, setAsking] = useState(false);
  const set = (to: "paused" | "running" | "ended", says: string): void => {
    setAsking(false);
    void doing.run(async () => {
      await api.send("PATCH", `rollouts/${encodeURIComponent(String(id))}`, { state: to });
      onChange();
      return says;
    });
  };
  const isOver = state === "done" || state === "ended";
  return (
    <article class="rollout" data-state={state}>
      <header>
        <h3>
          {version}{" "}
          <small>
            release {release}, for {whom(devices)}
          </small>
        </h3>
        <strong>{STATE_WORDS[state]}</strong>
      </header>
      {why !== null && why !== "" && <p>{why}</p>}
      <Progress {...counts} />
      <ol class="stages">
        {stages.map(({ percent, devices: count, soak_seconds, state: stage }) => (
          <li key={percent} data-state={stage} aria-current={stage === "now" ? "step" : undefined}>
            <b>{percent} %</b> {count} {count === 1 ? "device" : "devices"}
            {soak_seconds > 0 && percent < 100 && <small>then {length(soak_seconds)} to see</small>}
          </li>
        ))}
      </ol>
      <p class="hint">
        Begun {dayAndTime(Date.parse(created_at))} by {created_by}.
        {next_stage_at !== null &&
          ` The next stage begins ${dayAndTime(Date.parse(next_stage_at))} at the earliest.`}
      </p>
      {left_out.length > 0 && (
        <details>
          <summary>Left out: {left_out_count}</summary>
          <ul>
            {left_out.map(({ mqtt_id, why: reason }) => (
              <li key={mqtt_id}>
                <a href={deviceLink(mqtt_id)}>{mqtt_id}</a> <small>{reason}</small>
              </li>
            ))}
          </ul>
        </details>
      )}
      {mayChange && !isOver && (
        <div class="act">
          {state === "running" ? (
            <button
              type="button"
              disabled={doing.isBusy}
              onClick={() =>
                set("paused", "Paused: offers of devices that have not finished are taken back.")
              }
            >
              Pause
            </button>
          ) : (
            <button type="button" disabled={doing.isBusy} onClick={() => set("running", "It goes on.")}>
              Go on
            </button>
          )}
          {isAsking ? (
            <>
              <span class="ask">End it for good?</span>
              <button type="button" class="danger" onClick={() => set("ended", "Ended.")}>
                Yes
              </button>
              <button type="button" onClick={() => setAsking(false)}>
                No
              </button>
            </>
          ) : (
            <button type="button" disabled={doing.isBusy} onClick={() => setAsking(true)}>
              End
            </button>
          )}
        </div>
      )}
      <Outcome doing={doing} />
      <Devices api={api} id={String(id)} />
    </article>
  );
}

const whom = (selection: Selection): string =>
  "all" in selection
    ? "all devices"
    : "tag" in selection
      ? `devices tagged ${selection.tag}`
      : `${selection.device_ids.length} devices`;

function Progress({ devices, pending, confirmed, failed }: RolloutAnswer["counts"]) {
  const parts = [
    ["confirmed", confirmed, "run it"],
    ["failed", failed, "failed"],
    ["pending", pending, "under way"],
    ["waiting", Math.max(0, devices - confirmed - failed - pending), "to come"],
  ] as const;
  return (
    <>
      <div class="progress" aria-hidden="true">
        {parts.map(([name, count]) => count > 0 && <i key={name} class={name} style={{ flexGrow: count }} />)}
      </div>
      <p class="counts">
        {parts.map(([name, count, words]) => (
          <span key={name}>
            <i class={`key ${name}`} aria-hidden="true" /> {count} {words}
          </span>
        ))}
      </p>
    </>
  );
}

function Devices({ api, id }: { api: Api; id: string }) {
  const [isOpen, setOpen] = useState(false);
  return (
    <details onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
      <summary>Its devices</summary>
      {isOpen && <DeviceList api={api} id={id} />}
    </details>
  );
}

/** More than that is for a script. */
const MOST_LISTED = 200;
const ORDER = [
  "failed",
  "pending",
  "waiting",
  "confirmed",
] as const satisfies readonly RolloutDevice["outcome"][];

function DeviceList({ api, id }: { api: Api; id: string }) {
  const { value, failure } = usePolled(`rollout ${id}`, 10_000, () =>
    api.get<RolloutDevice[]>(`rollouts/${encodeURIComponent(id)}/devices`),
  );
  if (!value) return <p class="waiting">{failure?.message ?? "Asking the cloud…"}</p>;
  const sorted = [...value].sort((a, b) => ORDER.indexOf(a.outcome) - ORDER.indexOf(b.outcome));
  return (
    <ul class="rollout-devices">
      {sorted
        .slice(0, MOST_LISTED)
        .map(({ mqtt_id, friendlyName, outcome, state, progress_percent, reason }) => (
          <li key={mqtt_id}>
            <i class={`key ${outcome}`} aria-hidden="true" /> <a href={deviceLink(mqtt_id)}>{friendlyName}</a>{" "}
            <small>
              {spelt(outcome).toLowerCase()}
              {state !== null && `, ${state}`}
              {progress_percent !== null && outcome === "pending" && ` ${progress_percent} %`}
              {reason !== null && `: ${reason}`}
            </small>
          </li>
        ))}
      {sorted.length > MOST_LISTED && <li>and {sorted.length - MOST_LISTED} more</li>}
    </ul>
  );
}
