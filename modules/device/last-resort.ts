import Timer from "timer";
import type { Logger } from "../base/logger";
import type { Settings } from "../configuration/settings";
import type { Status } from "./status";

/** Why the device restarted itself. Never because a router or the cloud is away: that passes by itself. */
export type RestartReason =
  /** The Wi-Fi driver answered nothing in several rounds. */
  "restart-radio-stuck";

export interface LastResortOptions {
  /** This boot's number. */
  readonly boot: number;
  readonly settings: Pick<Settings, "get" | "set">;
  uptimeMs(): number;
  /** Leaves the network and joins it anew. */
  rejoin(): void;
  /** Restarts the device. What the journal has is in flash already. */
  restart(reason: RestartReason): void;
  readonly log: Logger;
}

/** With an address and no cloud for so long, the address may be the trouble: a lease or gateway that silently changed. */
export const REJOIN_MS = 30 * 60_000;
/** A restart that did not help is not tried again before: gas sensors lose their baseline at each. */
export const RESTART_PAUSE_MS = 3 * 3_600_000;

/**
 * What is done when nothing else helped: join anew, and in the end restart.
 *
 * - Counted by reason; restarts in the settings, so that they outlive themselves.
 * - After a restart of its own the next one waits {@link RESTART_PAUSE_MS}; a person's power cycle ends the wait.
 */
export class LastResort {
  #options: LastResortOptions;
  #log: Logger;
  #timer: Timer | undefined;
  #rejoins = 0;

  constructor(options: LastResortOptions) {
    this.#options = options;
    this.#log = options.log;
  }

  /** Times each was done, by reason; for diagnostics. */
  get counts(): Record<string, number> {
    const restarts = this.#options.settings.get("radioRestarts");
    return {
      ...(this.#rejoins > 0 && { "rejoin-no-cloud": this.#rejoins }),
      ...(restarts > 0 && { "restart-radio-stuck": restarts }),
    };
  }

  /** The device has a new status. */
  statusChanged(status: Status): void {
    Timer.clear(this.#timer);
    this.#timer = status === "connecting" ? Timer.set(() => this.rejoin(), REJOIN_MS) : undefined;
  }

  radioStuck(): void {
    const { boot, settings } = this.#options;
    const cameFromOne = boot > 1 && settings.get("lastResortBoot") === boot - 1;
    if (cameFromOne && this.#options.uptimeMs() < RESTART_PAUSE_MS) {
      this.#log.warn("the radio does not answer, and the last restart did not help: waiting");
      return;
    }
    settings.set("lastResortBoot", boot);
    settings.set("radioRestarts", settings.get("radioRestarts") + 1);
    this.#log.error("the radio does not answer: restarting");
    this.#options.restart("restart-radio-stuck");
  }

  close(): void {
    Timer.clear(this.#timer);
    this.#timer = undefined;
  }

  private rejoin(): void {
    this.#timer = undefined;
    this.#rejoins++;
    this.#log.warn("an address and no cloud for half an hour: joining anew");
    this.#options.rejoin();
  }
}
