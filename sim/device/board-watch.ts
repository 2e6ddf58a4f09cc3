import Timer from "timer";
import type { Failure } from "../../modules/diagnostics/failure-counts";
import type { OpenCloud } from "../../wiring/cloud";
import type { Parts } from "../../wiring/parts";
import { COUNTED_AS, HEARD_MS } from "../../wiring/time";
import type { BoardFault, BoardState } from "../world/board-state";

const LOOK_MS = 200;

/** What a round of time servers that failed is counted as, without a detail. */
const OF_TIME: readonly string[] = Object.freeze(Object.values(COUNTED_AS));

/** Looks at the firmware's parts from the board under it, and tells the world what has changed. */
export class BoardWatch {
  #parts: Partial<Parts>;
  #tell: (state: BoardState) => void;
  #told = "";
  /** Failures up to this one belong to another network, or are mended. */
  #over = 0;
  #joinOver: unknown;
  #connects = 0;
  #joinedMs = 0;
  #joined = false;

  /** `parts`: main.ts lays them down one after the other. */
  constructor(parts: Partial<Parts>, tell: (state: BoardState) => void) {
    this.#parts = parts;
    this.#tell = tell;
    Timer.repeat(() => this.#look(), LOOK_MS);
  }

  #look(): void {
    const { monitor, station, cloud, clock, failures, boot, timeSync } = this.#parts;
    if (!monitor || !station || !cloud || !clock || !failures || !timeSync || boot === undefined) return;
    const { link, connects = 0 } = cloud as Partial<OpenCloud>;
    const joined = station.at !== undefined;
    if (joined !== this.#joined) {
      this.#joined = joined;
      this.#joinedMs = clock.uptimeMs;
      if (joined) {
        this.#over = failures.total;
        this.#joinOver = station.failures.at(-1);
      }
    }
    if (link?.isUp || connects !== this.#connects) this.#over = failures.total;
    this.#connects = connects;
    const failed = station.failures.at(-1);
    const fault = newest(failures.recent, failures.total - this.#over).findLast(
      ({ reason, detail }) => detail !== undefined || !OF_TIME.includes(reason),
    );
    const isHeard = (this.#parts.heardMs ?? 0) > Math.max(this.#joinedMs, clock.uptimeMs - HEARD_MS);
    const state: BoardState = {
      boot,
      ...(monitor.status && { status: monitor.status }),
      joined,
      ...(failed && failed !== this.#joinOver && { join: { reason: failed.reason } }),
      link: link?.state ?? "stopped",
      connects,
      ...(fault && joined && { fault: faultOf(fault) }),
      clock: clock.quality,
      ...(timeSync.failure && { time: { reason: COUNTED_AS[timeSync.failure] } }),
      heard: joined && isHeard,
      failures: failures.total,
    };
    const text = JSON.stringify(state);
    if (text === this.#told) return;
    this.#told = text;
    this.#tell(state);
  }
}

const newest = (recent: readonly Failure[], count: number): readonly Failure[] =>
  count > 0 ? recent.slice(-count) : [];

const faultOf = ({ reason, detail }: Failure): BoardFault =>
  detail === undefined ? { reason } : { reason, detail };
