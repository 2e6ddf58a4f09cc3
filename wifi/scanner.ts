import type { AccessPointInfo, Radio } from "./radio";

/** What a scan looks for: all networks, or one that may hide its name. */
export interface ScanRequest {
  readonly ssid?: string;
}

/** One scan at a time. A scan cannot be called off: what was begun for one purpose may serve the next, or be ignored. */
export class Scanner {
  #radio: Radio;
  #onFound: (request: ScanRequest, found: AccessPointInfo[]) => void;
  #running: ScanRequest | undefined;

  constructor(radio: Radio, onFound: (request: ScanRequest, found: AccessPointInfo[]) => void) {
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
      this.#onFound(request, found);
    });
  }

  /** Waits no longer for the scan that runs; its result, should it come, is ignored. */
  giveUp(): void {
    this.#running = undefined;
  }
}
