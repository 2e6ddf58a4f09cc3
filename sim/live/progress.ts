import type { UpdateState } from "../../tools/cloud/protocol";
import type { BoardState } from "../world/board-state";
import type { Sight } from "../world/led-observer";
import type { Message } from "./protocol";
import type { Scene } from "./tour";

/** How far a scene of the tour has come. A new one for each time that it is set. */
export class Progress {
  readonly scene: Scene;
  /** What the scene wants has been set going. */
  asked = false;
  #sight = false;
  #reason = false;
  #answered = false;
  #readings = 0;
  #boots = 0;
  #boot: number | undefined;
  #online = false;
  #updated = false;
  /** That the scene has sent: the device may still speak of the one before. */
  #release: number | undefined;

  constructor(scene: Scene) {
    this.scene = scene;
  }

  /** Its certificates have come to their end. */
  identityDone = false;
  /** What the scene itself must do next: pull the board's plug or the router's, send a command or a release. */
  get wants(): "power-cut" | "command" | "power-cycle" | "release" | "identity" | undefined {
    if (this.asked) return undefined;
    if (this.scene.goal.powerCycle && this.#reason) return "power-cycle";
    if (!this.#online || this.#readings === 0) return undefined;
    const { survivesCut, answered, update, identity } = this.scene.goal;
    if (update) return "release";
    if (identity) return "identity";
    if (survivesCut) return "power-cut";
    if (answered) return "command";
    return undefined;
  }

  /** What the firmware knows of its way to the cloud. */
  state({ boot, status, join, fault, time }: BoardState): void {
    if (boot !== this.#boot) {
      this.#boot = boot;
      this.#boots++;
      this.#online = false;
      this.#sight = false;
      if (this.#boots > 1) this.#readings = 0;
    }
    this.#online = status === "online";
    const { reason } = this.scene.goal;
    if (reason === undefined) return;
    for (const each of [join, fault, time])
      if (each?.reason === reason || each?.detail === reason) this.#reason = true;
  }

  message(message: Message): void {
    if (message.topic === "command/result") this.#answered = true;
    this.#readings += message.readings?.length ?? 0;
  }

  /** The scene's release has been sent. */
  sent(release: number): void {
    this.#release = release;
  }

  /** What the device says of an update. */
  updated(said: UpdateState | undefined): void {
    const { update } = this.scene.goal;
    const isOurs = this.#release !== undefined && said?.release === this.#release;
    if (update && isOurs && said.state === update.ends) this.#updated = true;
  }

  saw(sight: Sight | undefined): void {
    if (sight !== undefined && sight === this.scene.goal.sight && this.#earlier) this.#sight = true;
  }

  /** A light counts once what led to it has been said: white is also how joining begins. */
  get #earlier(): boolean {
    return this.scene.goal.reason === undefined || this.#reason;
  }

  /** `missing`: readings that the cloud lacks. */
  isDone(missing: number): boolean {
    const { sight, reason, readings, survivesCut, answered, update, identity } = this.scene.goal;
    return (
      (!identity || this.identityDone) &&
      (!update || this.#updated) &&
      (sight === undefined || this.#sight) &&
      (reason === undefined || this.#reason) &&
      (readings === undefined || this.#readings >= readings) &&
      (!survivesCut || (this.#boots >= 2 && this.#readings > 0 && missing === 0)) &&
      (!answered || this.#answered)
    );
  }
}
