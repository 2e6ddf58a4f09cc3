import type { FirmwareWatch } from "./firmware";
import { RELEASE_KINDS, type ReleaseKind } from "./release-kinds";
import type { MadeRelease, Releases } from "./releases";

export interface ReleaseDeskOptions {
  /** Absent: the board takes no release of the simulator's. */
  readonly releases: Pick<Releases, "make"> | undefined;
  readonly unixMs: () => number;
  putImage(image: Uint8Array): Promise<void>;
  /** Retained at the broker; empty: nothing is offered. */
  offer(jws: string): void;
  say(text: string): void;
  onChange(): void;
}

/** Makes a release, puts its image where the device finds it, and offers it: one after the other. */
export class ReleaseDesk {
  #options: ReleaseDeskOptions;
  #isSending = false;

  constructor(options: ReleaseDeskOptions) {
    this.#options = options;
  }

  get canSend(): boolean {
    return this.#options.releases !== undefined;
  }

  get isSending(): boolean {
    return this.#isSending;
  }

  /** @returns its number; `undefined`: it could not be made, and the log says why */
  async send(kind: ReleaseKind, watch: FirmwareWatch): Promise<number | undefined> {
    const { releases, unixMs, onChange } = this.#options;
    if (!releases || this.#isSending) return undefined;
    this.#isSending = true;
    try {
      const made = await releases.make(kind, watch.releases, Math.floor(unixMs() / 1_000));
      await this.#publish(kind, made, watch);
      return made.release;
    } catch (error) {
      this.#options.say(`no release was made: ${(error as Error).message}`);
      return undefined;
    } finally {
      this.#isSending = false;
      onChange();
    }
  }

  async #publish(
    kind: ReleaseKind,
    { release, image, jws }: MadeRelease,
    watch: FirmwareWatch,
  ): Promise<void> {
    await this.#options.putImage(image);
    watch.offered(kind, release);
    this.#options.say(`release ${release} is offered, ${image.length} bytes: ${RELEASE_KINDS[kind].says}`);
    this.#options.offer(jws);
  }

  /** Nothing is offered any more. */
  withdraw(watch: FirmwareWatch): void {
    if (watch.withdraw()) this.#options.offer("");
  }
}
