// Rollouts as the API answers them.

import type { UpdateState } from "../../payload/states";
import { outcomesOf, type RolloutNow } from "../../rollout/kept";
import { readOffer } from "../../rollout/offer";
import { countOf, type RolloutPlan, stageSizes, USUAL_PLAN } from "../../rollout/plan";
import type { KeyedDevice } from "../../store/devices";
import type { DeviceStates, Said } from "../../store/states";
import { uuidOf } from "../../store/uuid";
import { Problem } from "../http/problem";
import { formatTime } from "../http/times";
import type { BeginBody } from "./rollouts";

type States = ReadonlyMap<string, DeviceStates>;

/** @throws Problem: what the schema cannot say */
export function planOf(body: BeginBody): RolloutPlan {
  const { stages, soak_hours, limit_percent, quorum_percent } = body;
  const shares = stages?.map((percent) => percent / 100) ?? USUAL_PLAN.stages.map(({ share }) => share);
  if (shares.at(-1) !== 1 || shares.some((share, i) => share <= (shares[i - 1] ?? 0)))
    throw new Problem("bad-request", {
      errors: [{ at: "body.stages", says: "must rise, up to 100" }],
    });
  const soakSeconds = Math.round((soak_hours ?? 24) * 3_600);
  return {
    stages: shares.map((share) => ({ share, soakSeconds: share === 1 ? 0 : soakSeconds })),
    mostFailures: (limit_percent ?? USUAL_PLAN.mostFailures * 100) / 100,
    quorum: (quorum_percent ?? USUAL_PLAN.quorum * 100) / 100,
  };
}

export function rolloutForm(row: RolloutNow, states: States) {
  const { id, state, untold, createdAt, changedAt, body } = row;
  const { rollout, manifest, chosen, createdBy, leftOut, leftOutCount } = body;
  const { release, plan, devices, offered, stage, since, excused, stopped } = rollout;
  const offer = readOffer(manifest);
  const sizes = stageSizes(devices.length, plan.stages);
  const counts = countOf(rollout, outcomesOf(row, states), 0, offered);
  const isWaiting = state === "running" && offered < devices.length && stage >= 0;
  return {
    id,
    release,
    version: offer?.version ?? "",
    boards: offer?.boards ?? [],
    manifest_expires: timeOf(offer?.expires),
    state,
    why: stopped?.why ?? null,
    created_at: formatTime(createdAt),
    created_by: createdBy,
    changed_at: formatTime(changedAt),
    devices: chosen,
    stages: plan.stages.map(({ share, soakSeconds }, i) => ({
      percent: Math.round(share * 1e6) / 1e4,
      devices: sizes[i]!,
      soak_seconds: soakSeconds,
      state: i < stage || state === "done" ? "done" : i === stage ? "now" : "next",
    })),
    next_stage_at: isWaiting ? timeOf(since + plan.stages[stage]!.soakSeconds) : null,
    limit_percent: plan.mostFailures * 100,
    quorum_percent: plan.quorum * 100,
    counts: {
      devices: devices.length,
      offered,
      pending: counts.devices - counts.confirmed - counts.failed,
      confirmed: counts.confirmed,
      failed: counts.failed,
      excused: excused.length,
      untold,
    },
    left_out: leftOut.map(({ device, why }) => ({ device_id: uuidOf(device), mqtt_id: device, why })),
    left_out_count: leftOutCount,
  };
}

/** Those of its devices that are in the account still. */
export function rolloutDevicesForm(row: RolloutNow, devices: readonly KeyedDevice[], states: States) {
  const { rollout } = row.body;
  const sizes = stageSizes(rollout.devices.length, rollout.plan.stages);
  const outcome = outcomesOf(row, states);
  const excused = new Set(rollout.excused);
  const known = new Map(devices.map((device) => [device.id, device]));
  return rollout.devices.flatMap((id, i) => {
    const device = known.get(id);
    if (!device) return [];
    const { update, heard_at } = updateForm(states.get(id)?.update);
    return [
      {
        device_id: device.cloudId,
        mqtt_id: id,
        friendlyName: device.friendlyName,
        stage: sizes.findIndex((size) => i < size),
        outcome: i < rollout.offered ? outcome(id) : "waiting",
        excused: excused.has(id),
        state: update?.state ?? null,
        progress_percent: update?.state === "downloading" ? update.progress * 25 : null,
        running: update?.running ?? null,
        reason: update?.reason ?? null,
        wait: update?.wait ?? null,
        crash: update?.crash ?? null,
        heard_at,
      },
    ];
  });
}

export const updateForm = (said: Said<UpdateState> | undefined) => ({
  update: said?.value ?? null,
  heard_at: said ? formatTime(said.since) : null,
});

/** A manifest may say a time that no calendar has. */
const timeOf = (unixSeconds: number | undefined): string | null =>
  unixSeconds === undefined || !(Math.abs(unixSeconds) <= 8.64e12) ? null : formatTime(unixSeconds);
