import { randomUUID } from "node:crypto";
import type { KeyedDevice } from "../store/devices";
import type { RolloutState } from "../store/rollouts";
import type { Store } from "../store/store";
import { type DeviceFacts, whyNot } from "./facts";
import { afterStep, afterTelling, outcomesOf, type RolloutNow, type Selection } from "./kept";
import { type Offer, readOffer } from "./offer";
import { newRollout, type Outcome, type RolloutPlan, resume, step, stop } from "./plan";
import { RolloutRefusal } from "./refusal";

export interface RolloutDeskOptions {
  readonly store: Store;
  /** Tells devices of an offer, or with "" that there is none any more. */
  offer(devices: readonly string[], manifest: string): Promise<void>;
  /** What images are built for, by the name that a board gives itself; a board that is not in it is not judged. */
  readonly targets?: ReadonlyMap<string, string>;
  /** How long a person's change waits for a process that is telling devices. Default: 10 s. */
  readonly patienceMs?: number;
  /** Devices could not be told: they are at the next look. */
  onTrouble?(error: Error): void;
}

export interface Beginning {
  readonly account: string;
  readonly actor: string;
  readonly manifest: string;
  readonly chosen: Selection;
  readonly devices: readonly KeyedDevice[];
  readonly plan: RolloutPlan;
}

export interface Change {
  readonly to: "paused" | "running" | "ended";
  readonly why?: string;
  /** The same image, signed again. */
  readonly manifest?: string;
}

/** Others wait no longer for a process that was killed while it was at a rollout. */
const HELD_SECONDS = 60;
const PATIENCE_MS = 10_000;
const RETRY_MS = 50;
/** Told between two signs of life. */
const AT_ONCE = 500;
const LEFT_OUT = 100;

/**
 * Rollouts as the store keeps them. Each step is written before a device is told anything; who could not be told is
 * told at the next look, by whichever process has it.
 */
export class RolloutDesk {
  #options: RolloutDeskOptions;

  constructor(options: RolloutDeskOptions) {
    this.#options = options;
  }

  /** @throws RolloutRefusal */
  async begin({ account, actor, manifest, chosen, devices, plan }: Beginning): Promise<RolloutNow> {
    const { store } = this.#options;
    const offer = this.#readOffer(manifest);
    const { able, leftOut } = await this.#sort(account, devices, offer);
    if (able.length === 0)
      throw new RolloutRefusal("nobody", "None of these devices can take the release.", leftOut);
    const now = store.seconds;
    const row: RolloutNow = {
      id: randomUUID(),
      account,
      state: "running",
      untold: 0,
      createdAt: now,
      changedAt: now,
      body: {
        v: 1,
        rollout: newRollout(offer.release, able, plan),
        manifest,
        chosen,
        leftOut: leftOut.slice(0, LEFT_OUT),
        leftOutCount: leftOut.length,
        createdBy: actor,
        untold: {},
      },
    };
    const wanted = new Set(able);
    const other = await store.rollouts.add(row, ({ body }) =>
      body.rollout.devices.some((id) => wanted.has(id)),
    );
    if (other !== undefined)
      throw new RolloutRefusal("under-way", `Rollout ${other} has some of these devices, and is not over.`);
    return (await this.look(account, row.id)) ?? row;
  }

  /** `undefined`: the account has no such rollout. @throws RolloutRefusal */
  async change(account: string, id: string, { to, why, manifest }: Change): Promise<RolloutNow | undefined> {
    const offer = manifest === undefined ? undefined : this.#readOffer(manifest);
    const { patienceMs = PATIENCE_MS } = this.#options;
    const decide = (before: RolloutNow, outcome: (id: string) => Outcome): RolloutNow => {
      if (before.state === "done" || before.state === "ended") throw new RolloutRefusal("over");
      const now = this.#options.store.seconds;
      const row = offer ? signedAgain(before, manifest!, offer) : before;
      const { rollout } = row.body;
      if (to === "running") {
        if (row.state === "running") return row;
        this.#readOffer(row.body.manifest);
        return afterStep(row, resume(rollout, outcome, now), { now, state: "running" });
      }
      if (rollout.stopped) return to === "ended" ? { ...row, state: "ended", changedAt: now } : row;
      return afterStep(row, stop(rollout, outcome, why ?? "by a person", now), { now, state: to });
    };
    return this.#at(account, id, decide, patienceMs);
  }

  /** Goes on where it is time to. `undefined`: there is no such rollout, or another process is at it. */
  async look(account: string, id: string): Promise<RolloutNow | undefined> {
    try {
      return await this.#at(account, id, (row, outcome) => this.#goOn(row, outcome));
    } catch (error) {
      if (error instanceof RolloutRefusal && error.reason === "busy") return undefined;
      throw error;
    }
  }

  async lookAtAll(): Promise<void> {
    for (const { account, id } of await this.#options.store.rollouts.due())
      await this.look(account, id).catch((error: Error) => this.#options.onTrouble?.(error));
  }

  #goOn(row: RolloutNow, outcome: (id: string) => Outcome): RolloutNow {
    if (row.state !== "running") return row;
    const now = this.#options.store.seconds;
    const { rollout, manifest } = row.body;
    const hasEnded = (readOffer(manifest)?.expires ?? 0) <= now;
    const isOver = rollout.devices.every((id) => outcome(id) !== "pending");
    const next =
      hasEnded && !isOver
        ? stop(rollout, outcome, "the offer has run out: sign the image again", now)
        : step(rollout, outcome, now);
    const state: RolloutState =
      next.verdict === "stopped" ? "halted" : next.verdict === "done" ? "done" : "running";
    if (next.rollout === rollout && state === row.state) return row;
    return afterStep(row, next, { now, state });
  }

  /** One process at a time: reads, decides, writes, tells. */
  async #at(
    account: string,
    id: string,
    decide: (row: RolloutNow, outcome: (id: string) => Outcome) => RolloutNow,
    patienceMs = 0,
  ): Promise<RolloutNow | undefined> {
    const { store } = this.#options;
    if (!(await store.rollouts.find({ account }, id))) return undefined;
    const holder = randomUUID();
    await this.#hold(id, holder, patienceMs);
    try {
      const row = (await store.rollouts.find({ account }, id)) as RolloutNow;
      const next = decide(row, outcomesOf(row, await store.states.visible({ account })));
      if (next !== row) {
        await this.#save(next, holder);
        await this.#note(row, next);
      }
      return await this.#tell(next, holder);
    } finally {
      await store.rollouts.letGo(id, holder);
    }
  }

  async #tell(row: RolloutNow, holder: string): Promise<RolloutNow> {
    if (row.untold === 0) return row;
    const { store, onTrouble } = this.#options;
    const { manifest, untold } = row.body;
    // Who has changed the account is told no more by this one.
    const own = new Set((await store.devices.visible({ account: row.account })).map(({ id }) => id));
    const told = Object.keys(untold).filter((id) => !own.has(id));
    try {
      for (const what of ["withdraw", "offer"] as const) {
        const ids = Object.keys(untold).filter((id) => untold[id] === what && own.has(id));
        for (let i = 0; i < ids.length; i += AT_ONCE) {
          await this.#hold(row.id, holder);
          const some = ids.slice(i, i + AT_ONCE);
          await this.#options.offer(some, what === "offer" ? manifest : "");
          told.push(...some);
        }
      }
    } catch (error) {
      if (error instanceof RolloutRefusal) throw error;
      onTrouble?.(error as Error);
    }
    const after = afterTelling(row, told);
    await this.#save(after, holder);
    return after;
  }

  async #hold(id: string, holder: string, patienceMs = 0): Promise<void> {
    const { store } = this.#options;
    const start = performance.now();
    for (;;) {
      const now = store.seconds;
      if (await store.rollouts.hold(id, holder, { now, until: now + HELD_SECONDS })) return;
      if (performance.now() - start >= patienceMs) throw new RolloutRefusal("busy");
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
    }
  }

  async #save(row: RolloutNow, holder: string): Promise<void> {
    if (!(await this.#options.store.rollouts.save(row, holder))) throw new RolloutRefusal("busy");
  }

  /** What it did by itself; what people do has its row from the call. */
  async #note(before: RolloutNow, { id, account, state, body: { rollout } }: RolloutNow): Promise<void> {
    const { store } = this.#options;
    const add = (action: string, detail: object): Promise<void> =>
      store.audit.add({
        ...{ at: store.seconds, account, actor: "cloud", action, device: null },
        detail: { rollout: id, release: rollout.release, ...detail },
      });
    if (rollout.stage > before.body.rollout.stage)
      await add("rollout-stage", { stage: rollout.stage + 1, offered: rollout.offered });
    if (state === "halted" && before.state === "running")
      await add("rollout-halt", { why: rollout.stopped?.why });
    if (state === "done") await add("rollout-done", {});
  }

  /** @throws RolloutRefusal */
  #readOffer(manifest: string): Offer {
    const offer = readOffer(manifest);
    if (!offer || offer.release < 1) throw new RolloutRefusal("no-manifest");
    if (offer.expires <= this.#options.store.seconds) throw new RolloutRefusal("expired");
    return offer;
  }

  async #sort(account: string, devices: readonly KeyedDevice[], offer: Offer) {
    const { store, targets = new Map() } = this.#options;
    const [statuses, states] = await Promise.all([
      store.notes.statuses({ account }),
      store.states.visible({ account }),
    ]);
    const able: string[] = [];
    const leftOut: { device: string; why: string }[] = [];
    for (const { id } of devices) {
      const update = states.get(id)?.update?.value;
      const board = statuses.get(id)?.status?.board;
      const facts: DeviceFacts = {
        ...(update && { update }),
        ...(typeof board === "string" && { board }),
      };
      const why = whyNot(facts, offer, targets);
      if (why === undefined) able.push(id);
      else leftOut.push({ device: id, why });
    }
    return { able, leftOut };
  }
}

/** @throws RolloutRefusal */
function signedAgain(row: RolloutNow, manifest: string, offer: Offer): RolloutNow {
  const before = readOffer(row.body.manifest);
  if (offer.release !== before?.release || offer.sha256 !== before.sha256)
    throw new RolloutRefusal("other-image");
  return { ...row, body: { ...row.body, manifest } };
}
