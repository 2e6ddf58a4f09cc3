import Timer from "timer";
import type { Logger } from "../base/logger";
import { Attempts } from "./attempts";
import { Download, type DownloadFailure, type DownloadOwner } from "./fetch/download";
import { judgeOffer, type Offer } from "./offer";
import { activate, type NoPrevious, previousOf } from "./trial/activation";
import { Standing } from "./trial/standing";
import { MOST_TRIALS } from "./trial/trial";
import { TrialWatch } from "./trial/trial-watch";
import type { UpdateReason, UpdateReport, UpdateWait } from "./update-report";
import type { UpdatesOptions } from "./updates-options";
import { whyNot } from "./when";

const JITTER_MS = 600_000;
const LOOK_MS = 2_000;
/**
 * Free heap below which the broker's connection makes room for the download's. TLS may take 45 KB (the budget of
 * docs/tls.md; 19.5 KB were measured in an emulator), 4 KB are a sector's, the rest is what readings need meanwhile.
 */
const LEAST_HEAP = 65_536;

/**
 * Updates of the firmware: from an offer to a new image in its slot, and on to its trial (trial-watch.ts).
 *
 * - Nothing of an offer is kept over a restart: the broker retains it, and how far the download has come lies in the
 *   slot. What must not be forgotten is in {@link Attempts} and the trial's record.
 * - One look every two seconds while there is something to do decides what is next; between offers nothing runs.
 */
export class Updates implements DownloadOwner {
  #options: UpdatesOptions;
  #log: Logger;
  #trial: TrialWatch;
  #attempts: Attempts;
  #standing: Standing;
  #offer: Offer | undefined;
  /** Release of an offer that is not for this device. */
  #refused: number | undefined;
  /** What came while an image is on trial. */
  #held: Uint8Array | undefined;
  #download: Download | undefined;
  #holdsLink = false;
  /** Uptime until which the device waits so that not all come at once. */
  #notBefore = 0;
  /** Why the last download failed. */
  #failure: UpdateReason | undefined;
  #timer: Timer | undefined;

  constructor(options: UpdatesOptions) {
    this.#options = options;
    this.#log = options.log;
    this.#standing = new Standing(options);
    this.#trial = new TrialWatch(options);
    this.#attempts = new Attempts(options);
    this.#standing.rest(this.#trial.record);
  }

  get report(): UpdateReport {
    const { state } = this.#standing;
    const tried = state === "failed" ? this.#refused : this.#trial.record?.release;
    return this.#standing.report(this.#offer?.manifest.release ?? tried);
  }

  sessionUp(): void {
    this.#trial.sessionUp();
  }

  sessionDown(): void {
    this.#trial.sessionDown();
  }

  /** The broker has acknowledged a status. */
  statusTold(): void {
    this.#trial.statusTold();
  }

  /** The device restarts for a reason of its own. */
  leaving(): void {
    this.#trial.leaving();
  }

  /** The trial has ended, or the last one is judged. */
  trialMoved(): void {
    this.#standing.rest(this.#trial.record);
    const held = this.#held;
    this.#held = undefined;
    if (held && !this.#trial.isOnTrial) this.take(held);
  }

  /** A message of the topic `update/offer`. */
  take(payload: Uint8Array): void {
    if (this.#trial.isOnTrial) {
      this.#held = payload.slice();
      return;
    }
    // It restarts in a moment.
    if (this.#standing.state === "ready" && !this.#timer) return;
    const verdict = payload.length === 0 ? undefined : judgeOffer(payload, this.#options);
    const offer = verdict && "manifest" in verdict ? verdict : undefined;
    const refused = verdict && "reason" in verdict ? verdict : undefined;
    if (offer && offer.image === this.#offer?.image && this.#timer) return;
    this.stop();
    this.#offer = undefined;
    this.#standing.quarters = 0;
    this.#refused = refused?.release;
    if (refused) this.#standing.enter("failed", refused.reason);
    else if (offer) this.accept(offer);
    else this.#standing.rest(this.#trial.record);
  }

  /** A person asks for release `release`. */
  update(release: number): "off" | "on-trial" | "not-offered" | undefined {
    if (this.#trial.isOnTrial) return "on-trial";
    if (this.#options.setting() === "off") return "off";
    const offer = this.#offer;
    if (offer?.manifest.release !== release) return "not-offered";
    if (this.#download || this.#standing.state === "ready") return undefined;
    this.#attempts.reset(offer.image, true);
    if (this.#trial.record?.image === offer.image) this.#trial.forget(undefined);
    this.accept(offer);
    return undefined;
  }

  /** A person asks for the image before this one. Its release, or why not. */
  bootPrevious(): number | NoPrevious {
    const previous = previousOf(this.#options, this.#trial);
    if (typeof previous === "string") return previous;
    this.stop();
    const failure = activate(this.#options, this.#trial, previous, MOST_TRIALS);
    this.#offer = undefined;
    if (failure === undefined) {
      this.#standing.enter("ready");
      return previous.release;
    }
    this.#standing.rest(this.#trial.record);
    return failure === "storage" ? "storage" : "no-previous";
  }

  blocksRight(count: number): void {
    this.#standing.blocksRight(count, this.#download!.blockCount);
  }

  verifying(): void {
    this.#standing.enter("verifying");
  }

  imageReady(): void {
    this.endDownload();
    this.#attempts.ended();
    this.#standing.enter("ready");
  }

  downloadFailed(reason: DownloadFailure, retryMs: number | undefined): void {
    const cameNearer = this.#download!.brought > 0;
    const wasHeld = this.#holdsLink;
    this.endDownload();
    this.#log.warn(`release ${this.#offer!.manifest.release} did not come: ${reason}`);
    this.#failure = reason;
    // Without the broker it is the network that is away; a broker that was sent away says nothing.
    if (reason === "busy") this.#attempts.busy(retryMs);
    else if (!wasHeld && this.#options.busy() === "offline") this.#attempts.ended();
    else this.#attempts.failed(cameNearer, retryMs);
    this.afterFailure(reason);
  }

  private accept(offer: Offer): void {
    this.#offer = offer;
    this.#failure = undefined;
    this.#attempts.offered(offer.image);
    this.#notBefore = this.#options.uptimeMs() + Math.floor(this.#options.random() * JITTER_MS);
    const record = this.#trial.record;
    if (record?.image === offer.image && record.state === "rolled-back")
      this.#standing.enter("rolled-back", record.reason);
    else if (this.#attempts.isExhausted) this.#standing.enter("failed", "attempts");
    else {
      this.#timer ??= Timer.repeat(() => this.look(), LOOK_MS);
      this.#standing.enter("waiting", undefined, this.whyNot());
    }
  }

  /** What comes next, if anything: every two seconds, and at once when something has ended. */
  private look(): void {
    const wait = this.whyNot();
    if (this.#standing.state === "waiting") {
      if (wait === undefined) this.begin();
      else this.#standing.enter("waiting", this.#failure, wait);
    } else if (this.#standing.state === "ready") {
      if (wait === undefined) this.activate();
    } else if (wait === "off" || wait === "setup" || wait === "broker-trial") {
      this.endDownload();
      this.#attempts.ended();
      this.#standing.enter("waiting", undefined, wait);
    } else if (!this.#download) this.fetch();
  }

  private whyNot(): UpdateWait | undefined {
    return whyNot(this.#options, this.#trial, this.#attempts, this.#offer!.image, this.#notBefore);
  }

  private begin(): void {
    const freeHeap = this.#options.freeHeap();
    this.#failure = undefined;
    this.#attempts.began();
    this.#standing.quarters = 0;
    this.#standing.enter("downloading");
    if (freeHeap === undefined || freeHeap >= LEAST_HEAP) return this.fetch();
    // Its memory is free once it has said goodbye: the next look begins the download.
    this.#log.warn(`${freeHeap} bytes are free: the connection to the broker makes room`);
    this.#holdsLink = true;
    this.#options.holdLink(true);
  }

  private fetch(): void {
    const { manifest } = this.#offer!;
    this.#download = new Download(this.#options, this, this.#options.slots!, manifest);
  }

  private activate(): void {
    const { manifest, image } = this.#offer!;
    const { release, floor } = manifest;
    const failure = activate(this.#options, this.#trial, { release, image, floor });
    if (failure === undefined) return this.stop();
    this.#failure = failure;
    this.#attempts.failed(false, undefined);
    this.afterFailure(failure);
  }

  private afterFailure(reason: UpdateReason): void {
    if (reason !== "wrong-image" && !this.#attempts.isExhausted)
      return this.#standing.enter("waiting", reason, this.whyNot());
    this.stop();
    this.#standing.enter("failed", reason);
  }

  private endDownload(): void {
    this.#download?.close();
    this.#download = undefined;
    if (!this.#holdsLink) return;
    this.#holdsLink = false;
    this.#options.holdLink(false);
  }

  private stop(): void {
    this.endDownload();
    Timer.clear(this.#timer);
    this.#timer = undefined;
  }
}
