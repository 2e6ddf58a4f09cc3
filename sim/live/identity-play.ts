import type { IdentityState } from "../../tools/cloud/protocol";
import type { IdentityScene, IdentityStep } from "../scenes/identity-scenes";
import type { Sight } from "../world/led-observer";

/** What the cloud and the device's commands can do for a scene (world/cloud-identity.ts). */
export interface IdentityDeeds {
  /** Sends the command `renew-certificate`. */
  renew(): void;
  announce(list: number, lifeMs: number): Promise<void>;
  show(which: "own" | "other"): Promise<void>;
  refuseNew(on: boolean): void;
  /** How long an authority lasts that soon ends; default: two and a half minutes. */
  readonly endingMs?: number;
}

/** What the scene sees. */
export interface IdentitySight {
  readonly said: IdentityState | undefined;
  readonly sight: Sight | undefined;
  /** Unix milliseconds of the stage. */
  readonly unixMs: number;
}

const YEAR_MS = 365 * 86_400_000;
/** A trial of the list takes a minute, and a bit of blue with the new authority is to be seen. */
const ENDING_MS = 150_000;

/** Plays the steps of a scene: begins each, and goes on once the device has come to its end. */
export class IdentityPlay {
  readonly scene: IdentityScene;
  #deeds: IdentityDeeds;
  #at = -1;
  /** As the step began. */
  #before: IdentitySight | undefined;
  #list = 0;
  #endsMs = 0;
  #isBusy = false;
  #left = false;

  constructor(scene: IdentityScene, deeds: IdentityDeeds) {
    this.scene = scene;
    this.#deeds = deeds;
  }

  get isDone(): boolean {
    return this.#at >= this.scene.steps.length;
  }

  /** Called often. Nothing begins before the device is online and has spoken of its certificate. */
  look(now: IdentitySight): void {
    if (this.isDone) return;
    // Where the clock runs fast the device may have left and be back before the deed itself has ended.
    if (this.#at >= 0 && now.sight !== "solid blue") this.#left = true;
    if (this.#isBusy) return;
    if (this.#at < 0) {
      if (now.said && now.said.state !== "trial" && now.sight === "solid blue") this.#next(now);
      return;
    }
    const step = this.scene.steps[this.#at]!;
    if (this.#reached(step, now)) this.#next(now);
  }

  #next(now: IdentitySight): void {
    if (this.scene.steps[this.#at] === "renew-in-vain") this.#deeds.refuseNew(false);
    this.#at++;
    this.#before = now;
    this.#left = false;
    const step = this.scene.steps[this.#at];
    if (!step) return;
    this.#isBusy = true;
    void this.#begin(step, now).finally(() => {
      this.#isBusy = false;
    });
  }

  async #begin(step: IdentityStep, { said, unixMs }: IdentitySight): Promise<void> {
    switch (step) {
      case "renew":
      case "renew-in-vain":
        this.#deeds.refuseNew(step === "renew-in-vain");
        this.#deeds.renew();
        return;
      case "announce":
      case "announce-ending": {
        const lifeMs = step === "announce" ? YEAR_MS : (this.#deeds.endingMs ?? ENDING_MS);
        this.#list = (said?.list ?? 0) + 1;
        this.#endsMs = unixMs + lifeMs;
        return this.#deeds.announce(this.#list, lifeMs);
      }
      case "move":
        return this.#deeds.show("other");
      case "expire":
        return;
      case "move-back":
        return this.#deeds.show("own");
    }
  }

  #reached(step: IdentityStep, { said, sight, unixMs }: IdentitySight): boolean {
    const isBlue = sight === "solid blue";
    const rests = said?.state === "current" || said?.state === "refused";
    switch (step) {
      case "renew":
        return isBlue && rests && said.source === "renewed" && said.expires !== this.#before?.said?.expires;
      case "renew-in-vain":
        return isBlue && this.#left && said?.state === "refused";
      case "announce":
      case "announce-ending":
        return isBlue && rests && said.list === this.#list;
      case "move":
      case "move-back":
        return isBlue && this.#left;
      case "expire":
        // A session that stands is not ended by what its certificate says: the broker's next start is.
        if (unixMs > this.#endsMs && !this.#left && !this.#isBusy) void this.#kick();
        return this.#left && sight === "pulse blue";
    }
  }

  async #kick(): Promise<void> {
    this.#isBusy = true;
    this.#left = true;
    await this.#deeds.show("other").finally(() => {
      this.#isBusy = false;
    });
  }
}
