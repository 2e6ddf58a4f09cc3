import { outcomeOf } from "../../cloud/rollout/facts";
import { newRollout, type RolloutPlan, step } from "../../cloud/rollout/plan";
import type { UpdateState } from "../../tools/cloud/protocol";
import { installMachine, type Machine } from "../sdk/machine";
import { FleetDevice, fleetImage, WAYS_TO_FAIL } from "./fleet-device";
import { manifestOf, OfferKey } from "./offer";
import { SeededRandom, VirtualTime } from "./virtual-time";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
/** How often the tool looks at the fleet. */
const LOOK_MS = 10 * MINUTE_MS;

export interface FleetOptions {
  readonly devices: number;
  /** On this share of them the release fails. */
  readonly failing: number;
  readonly seed: number;
  readonly plan?: RolloutPlan;
  readonly days?: number;
  /** Default: 3 % are without a network when they boot, and 2 % lose their power in the hour after. */
  readonly outages?: number;
  readonly cuts?: number;
}

export interface FleetOutcome {
  readonly verdict: "soaking" | "stopped" | "done";
  /** How many had the offer at the begin of each stage that was begun, and when, hours. */
  readonly stages: readonly { readonly offered: number; readonly atHours: number }[];
  readonly stoppedAtHours: number | undefined;
  readonly why: string | undefined;
  /** Devices by what they run in the end. */
  readonly old: number;
  readonly renewed: number;
  /** Devices without an image that boots. */
  readonly lost: number;
  /** Devices that were offered the release, on which it fails and which still run it. */
  readonly stuck: number;
  readonly mostTrials: number;
  /** Good devices that gave the release up all the same. */
  readonly falselyFailed: number;
}

/** Rolls a release out to a fleet on virtual time, as `npm run release -- rollout` does. */
export function runFleet(options: FleetOptions): FleetOutcome {
  const time = new VirtualTime();
  installMachine({
    now: () => time.now(),
    setTimer: (callback: () => void, delayMs: number) => time.set(callback, Math.max(delayMs, 1)),
    clearTimer: (timer: unknown) => time.clear(timer),
  } as Machine);
  try {
    return rollOut(time, options);
  } finally {
    installMachine(undefined);
  }
}

function rollOut(time: VirtualTime, options: FleetOptions): FleetOutcome {
  const { seed, outages = 0.03, cuts = 0.02 } = options;
  const random = new SeededRandom(seed);
  const key = new OfferKey();
  const images = [0, 1, 2].map(fleetImage);
  const said = new Map<string, UpdateState>();
  const failing = new Set<string>();
  const devices = new Map<string, FleetDevice>();
  for (let i = 0; i < options.devices; i++) {
    const id = `device-${i}`;
    const fails =
      random.next() < options.failing ? WAYS_TO_FAIL[random.below(WAYS_TO_FAIL.length)] : undefined;
    if (fails) failing.add(id);
    devices.set(
      id,
      new FleetDevice({
        ...{ id, time, random, fails, outages, cuts, key: key.point },
        image: (release) => images[release]!,
        onState: (state) => said.set(id, state),
      }),
    );
  }
  const jws = key.sign(manifestOf(images[2]!, 2, { iat: 1, expires: undefined }));
  const outcome = (id: string): ReturnType<typeof outcomeOf> => {
    const update = said.get(id);
    return outcomeOf(update ? { update } : {}, 2);
  };

  let rollout = newRollout(2, [...devices.keys()], options.plan);
  let verdict: FleetOutcome["verdict"] = "soaking";
  let stoppedAtHours: number | undefined;
  const stages: { offered: number; atHours: number }[] = [];
  const end = (options.days ?? 7) * DAY_MS;
  for (time.run(HOUR_MS); time.now() < end && verdict !== "done"; time.run(LOOK_MS)) {
    const next = step(rollout, outcome, Math.floor(time.now() / 1000));
    const atHours = time.now() / HOUR_MS;
    if (next.rollout.stage > rollout.stage) stages.push({ offered: next.rollout.offered, atHours });
    if (next.verdict === "stopped") stoppedAtHours ??= atHours;
    ({ rollout, verdict } = next);
    for (const id of next.offer) devices.get(id)!.offer(jws);
    for (const id of next.withdraw) devices.get(id)!.offer("");
  }
  // What was under way ends by itself.
  time.run(DAY_MS);

  const all = [...devices.values()];
  const running = (release: number): number => all.filter((each) => each.release === release).length;
  return {
    verdict,
    stages,
    stoppedAtHours,
    why: rollout.stopped?.why,
    old: running(1),
    renewed: running(2),
    lost: all.filter((each) => each.release === undefined).length,
    stuck: all.filter((each) => failing.has(each.id) && each.release !== 1).length,
    mostTrials: Math.max(...all.map(({ trials }) => trials)),
    falselyFailed: all.filter(({ id }) => !failing.has(id) && outcome(id) === "failed").length,
  };
}
