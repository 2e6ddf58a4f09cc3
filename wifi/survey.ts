import Timer from "timer";
import type { AccessPointInfo } from "./radio";

/** A scan of 13 channels takes 1.6–5 s; one that has not ended by now never will. */
export const SCAN_MS = 15_000;

/** A look around for a person, who is told once, whatever the radio does. */
export class Survey {
  #onFound: ((found: readonly AccessPointInfo[]) => void) | undefined;
  #limit: Timer | undefined;

  /** In place of one that is under way. `onSilence`: the radio has not answered. */
  begin(onFound: (found: readonly AccessPointInfo[]) => void, onSilence: () => void): void {
    this.cancel();
    this.#onFound = onFound;
    this.#limit = Timer.set(() => {
      onSilence();
      this.end([]);
    }, SCAN_MS);
  }

  end(found: readonly AccessPointInfo[]): void {
    const onFound = this.#onFound;
    this.cancel();
    onFound?.(found);
  }

  cancel(): void {
    Timer.clear(this.#limit);
    this.#limit = undefined;
    this.#onFound = undefined;
  }
}
