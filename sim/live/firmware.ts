import type { UpdateState } from "../../tools/cloud/protocol";
import { FACTORY_RELEASE } from "../scenes/update-scenes";
import type { Message } from "./protocol";
import type { ReleaseKind } from "./release-kinds";

/** What the page shows of the firmware. */
export interface FirmwareState {
  /** What the device said last; absent: nothing yet. */
  readonly said?: UpdateState;
  /** Of the image, percent that has been loaded, as server and device tell it. */
  readonly loaded: number;
  /** What was sent last. */
  readonly sent?: { readonly kind: ReleaseKind; readonly release: number };
  /** The plug is pulled when so many percent have been loaded. */
  readonly plugAt?: number;
  /** Whether releases can be sent: the board trusts the development key, and the broker is ours. */
  readonly canSend: boolean;
}

/** Follows an update from the offer to its end. Time is nobody's here: messages and bytes move it on. */
export class FirmwareWatch {
  plugAt: number | undefined;
  #said: UpdateState | undefined;
  #sent: FirmwareState["sent"];
  #served = 0;
  #hasAsked = false;

  state(canSend: boolean): FirmwareState {
    const said = this.#said;
    return {
      ...(said && { said }),
      loaded: this.#loaded(),
      ...(this.#sent && { sent: this.#sent }),
      ...(this.plugAt !== undefined && { plugAt: this.plugAt }),
      canSend,
    };
  }

  /** That runs, and the highest that was ever kept here: a cable brings an older one back. */
  get releases(): { readonly running: number; readonly highest: number } {
    const { running = FACTORY_RELEASE, confirmed = 0 } = this.#said ?? {};
    return { running, highest: Math.max(running, confirmed) };
  }

  offered(kind: ReleaseKind, release: number): void {
    this.#sent = { kind, release };
    this.#served = 0;
    this.#hasAsked = false;
  }

  /** Nothing is offered any more, and no plug is pulled. @returns whether something was */
  withdraw(): boolean {
    const had = this.#sent !== undefined;
    this.#sent = undefined;
    this.plugAt = undefined;
    return had;
  }

  /**
   * A message of the device, and what is to be answered: a person at the page does not wait up to ten minutes until the
   * device begins by itself. @returns the release that it is told to load now
   */
  message({ topic, from, text }: Message): number | undefined {
    if (from !== "device" || topic !== "update/state") return undefined;
    const said = parseState(text);
    if (!said) return undefined;
    this.#said = said;
    const release = this.#sent?.release;
    if (release === undefined || said.release !== release) return undefined;
    // What else it waits for has its reason: after a trial that failed, an hour.
    const idles = said.state === "waiting" && said.wait === "jitter";
    if (!idles || this.#hasAsked) return undefined;
    this.#hasAsked = true;
    return release;
  }

  /** The server has sent the image up to `fraction`. @returns whether the plug is to be pulled */
  served(fraction: number): boolean {
    this.#served = fraction;
    if (this.plugAt === undefined || fraction * 100 < this.plugAt) return false;
    this.plugAt = undefined;
    return true;
  }

  /** The board starts anew. */
  booted(): void {
    this.#hasAsked = false;
  }

  #loaded(): number {
    const said = this.#said;
    if (said?.state !== "downloading") return said && LOADED.has(said.state) ? 100 : 0;
    return Math.round(Math.max(said.progress * 25, Math.min(1, this.#served) * 100));
  }
}

const LOADED: ReadonlySet<UpdateState["state"]> = new Set(["verifying", "ready", "trial", "confirmed"]);

function parseState(text: string): UpdateState | undefined {
  try {
    const value = JSON.parse(text) as UpdateState | null;
    return typeof value === "object" && value !== null && value.v === 1 ? value : undefined;
  } catch {
    return undefined;
  }
}
