import { outcomeOf } from "../../cloud/rollout/facts";
import {
  countOf,
  parseRollout,
  type Rollout,
  resume,
  type Step,
  stageStart,
  step,
  stop,
} from "../../cloud/rollout/plan";
import { exists, Refusal, replace, writeNew } from "../pki/files";
import type { Fleet } from "./fleet";
import type { Output } from "./output";
import { readText } from "./read-file";

/**
 * A rollout that lies in a file. The file is written before a device is told anything: who has the offer by the file is
 * offered it once more when the tool starts, for a tool that died in between told nobody.
 */
export class RolloutRun {
  #path: string;
  #rollout: Rollout;
  #fleet: Fleet;
  #jws: string;
  #output: Output;

  private constructor(path: string, rollout: Rollout, options: RunOptions) {
    this.#path = path;
    this.#rollout = rollout;
    this.#fleet = options.fleet;
    this.#jws = options.jws;
    this.#output = options.output;
  }

  /** @throws Refusal when the file is there, or the fleet has no such release to take */
  static async begin(path: string, rollout: Rollout, options: RunOptions): Promise<RolloutRun> {
    if (await exists(path)) throw new Refusal(`${path} is there already`);
    await writeNew(path, format(rollout));
    return new RolloutRun(path, rollout, options);
  }

  /** @throws Refusal when the file is of another release, or damaged */
  static async goOn(path: string, release: number, options: RunOptions): Promise<RolloutRun> {
    const rollout = await readRollout(path);
    if (rollout.release !== release)
      throw new Refusal(`${path} is the rollout of release ${rollout.release}, and not of ${release}`);
    const run = new RolloutRun(path, rollout, options);
    if (!rollout.stopped) for (const id of run.#open()) await options.fleet.offer(id, options.jws);
    return run;
  }

  get rollout(): Rollout {
    return this.#rollout;
  }

  look(now: number): Promise<Step["verdict"]> {
    return this.#take(step(this.#rollout, this.#outcome, now));
  }

  stop(why: string, now: number): Promise<Step["verdict"]> {
    return this.#take(stop(this.#rollout, this.#outcome, why, now));
  }

  resume(now: number): Promise<Step["verdict"]> {
    return this.#take(resume(this.#rollout, this.#outcome, now));
  }

  /** Where it stands, in one line. */
  describe(): string {
    const { release, plan, stage, devices, offered, stopped } = this.#rollout;
    const all = countOf(this.#rollout, this.#outcome, 0, offered);
    const now = countOf(this.#rollout, this.#outcome, stageStart(this.#rollout), offered);
    const at = stage < 0 ? "not begun" : `stage ${stage + 1} of ${plan.stages.length}`;
    return [
      `release ${release}, ${at}: ${offered} of ${devices.length} devices have the offer`,
      `${all.confirmed} confirmed (${now.confirmed} of this stage's ${now.devices}), ${all.failed} failed`,
      ...(stopped ? [`STOPPED: ${stopped.why}`] : []),
    ].join("; ");
  }

  #outcome = (id: string) => outcomeOf(this.#fleet.devices.get(id), this.#rollout.release);

  #open(): string[] {
    const { devices, offered } = this.#rollout;
    return devices.slice(0, offered).filter((id) => this.#outcome(id) === "pending");
  }

  async #take({ rollout, offer, withdraw, verdict }: Step): Promise<Step["verdict"]> {
    const changed = rollout !== this.#rollout;
    this.#rollout = rollout;
    if (changed) await replace(this.#path, format(rollout));
    for (const id of offer) await this.#fleet.offer(id, this.#jws);
    for (const id of withdraw) await this.#fleet.offer(id, "");
    if (changed) this.#output.print(this.describe());
    return verdict;
  }
}

export interface RunOptions {
  readonly fleet: Fleet;
  readonly jws: string;
  readonly output: Output;
}

/** @throws Refusal when it cannot be read */
export async function readRollout(path: string): Promise<Rollout> {
  const text = await readText(path);
  try {
    return parseRollout(text);
  } catch (cause) {
    throw new Refusal(`${path}: not a rollout of ours (${(cause as Error).message})`, { cause });
  }
}

const format = (rollout: Rollout): string => `${JSON.stringify(rollout)}\n`;
