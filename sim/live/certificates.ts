import type { IdentityScene } from "../scenes/identity-scenes";
import { IdentityPlay, type IdentitySight } from "./identity-play";
import type { Mode } from "./protocol";

/** How long the authority that ends lasts in the virtual world: at the highest speed some seconds. */
const VIRTUAL_ENDING_MS = 3 * 3_600_000;

/** What the cloud can do with certificates (world/cloud-identity.ts). */
export interface CertificateCloud {
  announce(list: number, lifeMs: number): Promise<void>;
  show(which: "own" | "other"): Promise<void>;
  refuseNew(on: boolean): void;
}

/** Plays what a scene does with certificates, and puts the cloud's back afterwards. */
export class Certificates {
  #deeds: { renew(): void; say(text: string): void };
  #playing: { readonly play: IdentityPlay; readonly cloud: CertificateCloud } | undefined;

  /** `renew`: tells the device to ask for a new certificate. */
  constructor(deeds: { renew(): void; say(text: string): void }) {
    this.#deeds = deeds;
  }

  begin(scene: IdentityScene, cloud: CertificateCloud, mode: Mode): void {
    const { renew, say } = this.#deeds;
    const play = new IdentityPlay(scene, {
      renew,
      announce: async (list, lifeMs) => {
        await cloud.announce(list, lifeMs);
        say(`list ${list} with a second authority is published`);
      },
      show: async (which) => {
        await cloud.show(which);
        say(`the broker shows ${which === "own" ? "its own authority" : "the second authority"}`);
      },
      refuseNew: (on) => cloud.refuseNew(on),
      ...(mode === "virtual" && { endingMs: VIRTUAL_ENDING_MS }),
    });
    this.#playing = { play, cloud };
  }

  /** Called often. @returns whether what plays has come to its end */
  look(now: IdentitySight): boolean {
    if (!this.#playing) return false;
    this.#playing.play.look(now);
    return this.#playing.play.isDone;
  }

  /** The cloud's certificates are as they were. */
  async end(): Promise<void> {
    const cloud = this.#playing?.cloud;
    this.#playing = undefined;
    cloud?.refuseNew(false);
    await cloud?.show("own");
  }
}
