import type { Logger } from "../base/logger";
import type { Journal } from "../journal/journal";
import { type Clock, type ClockOptions, type ClockQuality, LATEST_UNIX_MS } from "./clock";
import { STEP_MS } from "./time-judge";

/** A lower time than the one that proved good is taken for the truth when it has stood for so long. */
const STANDING_MS = 86_400_000;
/** For so long after it proved good the clock is not doubted: a certificate that has expired has expired. */
const PROOF_MS = 86_400_000;

/** What outlasts restarts, in seconds since 1970 but for the boot; 0: nothing. */
export interface TimeMemory {
  get(key: TimeMemoryKey): number;
  set(key: TimeMemoryKey, value: number): unknown;
}
type TimeMemoryKey =
  /** What signed evidence says: it is later than this. */
  | "timeFloor"
  /** The latest time under which the broker was reached. */
  | "lastKnownUnixSeconds"
  /** The first boot in which the time servers went back behind that, and have not come forward again. */
  | "disputedBoot";

/** Why a certificate was refused that may be good: the clock may be wrong. */
export type TimeDoubt = "expired" | "not-yet-valid";

/** The parts of the device that it works with, read when something happens. */
export interface TimeKeeperParts {
  /** When the firmware was built, Unix milliseconds. */
  readonly buildUnixMs: number;
  /** The end of the last authority that is trusted, Unix milliseconds; 0: not known. */
  readonly trustedUntilMs: number;
  readonly boot: number;
  readonly settings: TimeMemory;
  readonly clock: Pick<
    Clock,
    "uptimeMs" | "unixMs" | "quality" | "unixAt" | "estimate" | "distrust" | "isPlausible"
  >;
  readonly journal: Pick<Journal, "date" | "undate">;
}

export interface TimeKeeperOptions {
  /** The broker has accepted us, under the clock's time. */
  isOnline(): boolean;
  /** The time servers have moved the clock by more than drift explains, or behind what proved good. */
  onDisputed(): void;
  /** Readings that were delivered have another time now. */
  onRedated(): void;
  /** The clock is synced now, or is that no more. */
  onQuality(): void;
  readonly log: Logger;
}

/** How far the clock has been led back from what the servers said. */
type Rung =
  /** It says what they said, or what was estimated at first. */
  | "told"
  /** It goes on from the time that proved good. */
  | "proven"
  /** It goes on from the floor. */
  | "floor";

/**
 * Between which bounds a time is believed, and what is done when one proves wrong.
 *
 * - The floor is the firmware's build, raised by signed evidence alone (`evidence`): the broker's certificate once it
 *   was verified, later an update's manifest. Neither a network nor a factory reset lowers it; a person at the device
 *   does (`forget`), down to the build: one wrongly dated signature is not to lock it out.
 * - The ceiling is the end of the last trusted authority: after it nothing can be verified. The device's own
 *   certificate is no bound.
 * - A time proves good when the broker accepts us under it. It serves for estimates, and no single server goes back
 *   behind it. Servers that do so together are followed; until they have stood by it for a day, the proven time is
 *   kept, and if it is reached again the readings from between lose their time.
 * - Where certificates are refused for their dates and no server gives the time, the clock goes on from the proven
 *   time; where it does already and has not proved good for a day, from the floor.
 */
export class TimeKeeper implements ClockOptions {
  #parts: TimeKeeperParts;
  #options: TimeKeeperOptions;
  #log: Logger;
  /** The proven time as Unix milliseconds at uptime zero; of an earlier boot: at least. 0: none. */
  #provenMsAtBoot: number;
  /** When (uptime) it last proved good. */
  #provenAt: number | undefined;
  /** Since when (uptime) servers stand by a time behind the proven one. */
  #standingSince: number | undefined;
  #isBlocked = false;
  #doubt: TimeDoubt | undefined;
  #rung: Rung = "told";

  constructor(parts: TimeKeeperParts, options: TimeKeeperOptions) {
    this.#parts = parts;
    this.#options = options;
    this.#log = options.log;
    this.#provenMsAtBoot = parts.settings.get("lastKnownUnixSeconds") * 1000;
  }

  get floorUnixMs(): number {
    const { buildUnixMs, settings } = this.#parts;
    return Math.max(buildUnixMs, settings.get("timeFloor") * 1000);
  }

  /** Authorities that have all expired bound nothing: the reason is to be theirs. */
  get ceilingUnixMs(): number {
    const { trustedUntilMs } = this.#parts;
    return trustedUntilMs > this.floorUnixMs
      ? Math.min(trustedUntilMs, LATEST_UNIX_MS - 1)
      : LATEST_UNIX_MS - 1;
  }

  /** `undefined`: no time has proved good, or it is none that is believed any more. */
  get provenMsAtBoot(): number | undefined {
    const { clock } = this.#parts;
    return clock.isPlausible(this.#provenMsAtBoot + clock.uptimeMs) ? this.#provenMsAtBoot : undefined;
  }

  /** The time servers and what proved good contradict each other. */
  get isDisputed(): boolean {
    return this.#parts.settings.get("disputedBoot") !== 0;
  }

  /** Something signed says that it is later than this. */
  evidence(unixMs: number): void {
    const { settings, clock } = this.#parts;
    if (unixMs <= this.floorUnixMs || unixMs > this.ceilingUnixMs) return;
    settings.set("timeFloor", Math.floor(unixMs / 1000));
    if (clock.unixMs !== undefined && clock.unixMs < this.floorUnixMs)
      this.leadBack(this.floorUnixMs, "floor");
  }

  onSet(unixMsAtBoot: number, stepMs: number | undefined, before: ClockQuality): void {
    const isSynced = this.#parts.clock.quality === "synced";
    if (isSynced) this.synced(unixMsAtBoot, before === "synced" && Math.abs(stepMs!) > STEP_MS);
    if (isSynced !== (before === "synced")) this.#options.onQuality();
  }

  /** The broker has accepted us. */
  online(): void {
    this.#doubt = undefined;
    if (this.#parts.clock.quality === "synced") this.proves();
  }

  /** A whole round over the time servers gave no time. */
  blocked(): void {
    const { clock } = this.#parts;
    this.#isBlocked = true;
    if (clock.quality === "none") clock.estimate(this.#provenMsAtBoot + clock.uptimeMs);
    else this.doubted();
  }

  /** The broker's certificate was refused for its dates. */
  refused(doubt: TimeDoubt): void {
    this.#doubt = doubt;
    this.doubted();
  }

  /** A person at the device says that its time is wrong: only the build bounds it. */
  forget(): void {
    const { settings } = this.#parts;
    settings.set("timeFloor", 0);
    settings.set("lastKnownUnixSeconds", 0);
    settings.set("disputedBoot", 0);
    this.#provenMsAtBoot = 0;
    this.#provenAt = undefined;
    this.#standingSince = undefined;
    this.leadBack(this.floorUnixMs, "told");
  }

  private synced(unixMsAtBoot: number, isStep: boolean): void {
    const { clock, journal, boot, settings } = this.#parts;
    this.#isBlocked = false;
    this.#doubt = undefined;
    this.#rung = "told";
    const disputedBoot = settings.get("disputedBoot");
    const proven = this.provenMsAtBoot;
    const isBehind = proven !== undefined && unixMsAtBoot < proven - STEP_MS;
    if (isStep || (isBehind && this.#standingSince === undefined)) this.#options.onDisputed();
    if (isBehind) {
      this.#standingSince ??= clock.uptimeMs;
      if (disputedBoot === 0) settings.set("disputedBoot", boot);
    } else {
      this.#standingSince = undefined;
      if (disputedBoot !== 0) {
        journal.undate(disputedBoot, boot - 1);
        settings.set("disputedBoot", 0);
      }
    }
    if (isStep) this.#provenAt = undefined;
    if (journal.date(boot, unixMsAtBoot / 1000)) this.#options.onRedated();
    if (this.#options.isOnline()) this.proves();
  }

  private proves(): void {
    const { clock, settings } = this.#parts;
    const unixMsAtBoot = clock.unixAt(0)!;
    const proven = this.provenMsAtBoot;
    const isBehind = proven !== undefined && unixMsAtBoot < proven - STEP_MS;
    if (isBehind && !(this.#standingSince! + STANDING_MS <= clock.uptimeMs)) return;
    this.#standingSince = undefined;
    this.#provenMsAtBoot = unixMsAtBoot;
    this.#provenAt = clock.uptimeMs;
    settings.set("lastKnownUnixSeconds", Math.floor(clock.unixMs! / 1000));
    settings.set("disputedBoot", 0);
  }

  private doubted(): void {
    const doubt = this.#doubt;
    if (doubt === undefined || !this.#isBlocked) return;
    const { clock } = this.#parts;
    const shown = clock.unixAt(0)!;
    const proven = this.provenMsAtBoot ?? this.floorUnixMs - clock.uptimeMs;
    const isProven = Math.abs(shown - proven) <= STEP_MS;
    if (isProven && clock.uptimeMs < (this.#provenAt ?? Number.NaN) + PROOF_MS) return;
    if (!isProven && this.#rung === "told") this.leadBack(proven + clock.uptimeMs, "proven");
    else if (doubt === "expired" && this.#rung !== "floor") this.leadBack(this.floorUnixMs, "floor");
  }

  private leadBack(unixMs: number, rung: Rung): void {
    const { clock, journal, boot } = this.#parts;
    this.#doubt = undefined;
    this.#rung = rung;
    this.#log.warn("the time that the clock had is not believed any more");
    if (clock.quality === "synced") journal.undate(boot, boot);
    clock.distrust(unixMs);
  }
}
