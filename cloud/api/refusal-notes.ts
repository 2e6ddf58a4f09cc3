import { Attempts } from "../access/attempts";

/** Rows of an hour; whoever goes on is in the log of requests. */
const ROWS = 100;
const HOUR_MS = 3_600_000;

/** Which refusals have an audit row: strangers must not be able to fill the disk with them. */
export class RefusalNotes {
  #noted: Attempts;

  constructor(now?: () => number) {
    this.#noted = new Attempts({ failures: ROWS, windowMs: HOUR_MS, ...(now && { now }) });
  }

  /** `actor`: as the row would name it; "unknown" is all strangers together. */
  mayNote(actor: string): boolean {
    if (this.#noted.waitSeconds(actor) > 0) return false;
    this.#noted.countFailure(actor);
    return true;
  }
}
