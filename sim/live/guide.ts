import type { UpdateState } from "../../tools/cloud/protocol";
import type { BoardState } from "../world/board-state";
import type { Sight } from "../world/led-observer";
import { Progress } from "./progress";
import type { Message } from "./protocol";
import type { ReleaseKind } from "./release-kinds";
import type { Scene } from "./tour";

/** What a scene does by itself, once the time has come. */
export interface GuideDeeds {
  cutPower(): Promise<void>;
  /** All routers off, and on again as long as `stillPlays`. */
  cycleRouters(stillPlays: () => boolean): Promise<void>;
  ping(): void;
  /** @returns its number, if it was made */
  sendRelease(kind: ReleaseKind, plugAt: number | undefined): Promise<number | undefined>;
  beginCertificates(scene: Scene): void;
  onDone(scene: Scene): void;
}

export interface GuideSight {
  readonly sight: Sight | undefined;
  /** Readings that the cloud lacks. */
  readonly missing: number;
  /** What the scene does with certificates has come to its end. */
  readonly certificatesDone: boolean;
}

/** Leads through the tour: one scene plays at a time, what it wants is done, and it is ticked when it has come true. */
export class Guide {
  #deeds: GuideDeeds;
  #progress: Progress | undefined;
  #done = new Set<string>();

  constructor(deeds: GuideDeeds) {
    this.#deeds = deeds;
  }

  get scene(): Scene | undefined {
    return this.#progress?.scene;
  }

  get done(): readonly string[] {
    return [...this.#done];
  }

  /** A scene plays from now on; that it came true before does not count. */
  play(scene: Scene): void {
    this.#done.delete(scene.id);
    this.#progress = new Progress(scene);
  }

  /** No scene plays. `again`: the one that is to be set next has not come true yet. */
  stop(again?: Scene): void {
    this.#progress = undefined;
    if (again) this.#done.delete(again.id);
  }

  state(state: BoardState): void {
    this.#progress?.state(state);
  }

  message(message: Message): void {
    this.#progress?.message(message);
  }

  updated(said: UpdateState | undefined): void {
    this.#progress?.updated(said);
  }

  /** Called often. */
  look({ sight, missing, certificatesDone }: GuideSight): void {
    const progress = this.#progress;
    if (!progress) return;
    progress.saw(sight);
    const wanted = progress.wants;
    if (wanted !== undefined) {
      progress.asked = true;
      this.#begin(wanted, progress);
    }
    if (certificatesDone) progress.identityDone = true;
    const { scene } = progress;
    if (this.#done.has(scene.id) || !progress.isDone(missing)) return;
    this.#done.add(scene.id);
    this.#deeds.onDone(scene);
  }

  #begin(wanted: NonNullable<Progress["wants"]>, progress: Progress): void {
    switch (wanted) {
      case "power-cut":
        void this.#deeds.cutPower();
        break;
      case "power-cycle":
        void this.#deeds.cycleRouters(() => this.#progress === progress);
        break;
      case "command":
        this.#deeds.ping();
        break;
      case "release":
        void this.#sendRelease(progress);
        break;
      case "identity":
        this.#deeds.beginCertificates(progress.scene);
        break;
    }
  }

  async #sendRelease(progress: Progress): Promise<void> {
    const { update } = progress.scene.goal;
    if (!update) return;
    const release = await this.#deeds.sendRelease(update.send, update.plugAt);
    if (release !== undefined) progress.sent(release);
  }
}
