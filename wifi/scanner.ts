import { isSound, MAX_FOUND } from "./air";
import type { AccessPointInfo, Radio } from "./radio";

/** What a scan looks for: all networks, or one that may hide its name. */
export interface ScanRequest {
  readonly ssid?: string;
}

/** `crowded`: there may be more than the radio could keep. */
export type OnFound = (request: ScanRequest, found: AccessPointInfo[], crowded: boolean) => void;

/** One scan at a time. A scan cannot be called off: what was begun for one purpose may serve the next, or be ignored. */
export class Scanner {
  #radio: Radio;
  #onFound: OnFound;
  #running: ScanRequest | undefined;

  constructor(radio: Radio, onFound: OnFound) {
    this.#radio = radio;
    this.#onFound = onFound;
  }

  /** The radio scans; it must not associate meanwhile. */
  get running(): boolean {
    return this.#running !== undefined;
  }

  /** Starts a scan, unless one runs: its result comes first. */
  start(request: ScanRequest): void {
    if (this.#running) return;
    this.#running = request;
    this.#radio.scan(request, (found) => {
      if (this.#running !== request) return;
      this.#running = undefined;
      this.#onFound(request, found.filter(isSound), found.length >= MAX_FOUND);
    });
  }

  /** Waits no longer for the scan that runs; its result, should it come, is ignored. */
  giveUp(): void {
    this.#running = undefined;
  }
}
