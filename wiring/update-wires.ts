import type { Logger } from "../modules/base/logger";
import type { Socket } from "../modules/network/socket";
import type { SignatureCheck } from "../modules/signed/crypto";
import type { FetchCallbacks } from "../modules/update/fetch/http-get-options";
import type { Slots } from "../modules/update/slots";
import type { UpdateMemory } from "../modules/update/trial/trial-watch-options";
import type { UpdatesOptions } from "../modules/update/updates-options";
import { type Parts, Wires } from "./parts";
import { random } from "./random";

/** Readings that may wait for the broker while an update begins: two full batches of the backlog. */
const FEW_READINGS = 60;
/** A backlog that has stood for so long is one that the broker does not take, and may need the update for its cure. */
const STANDING_MS = 3_600_000;

/** Of the updates: what speaks against one, and who makes room for it. */
export class UpdateWires extends Wires implements UpdatesOptions {
  readonly slots: Slots | undefined;
  /** Uptime since which readings wait. */
  #backlogSince: number | undefined;

  constructor(parts: Parts) {
    super(parts);
    this.slots = parts.board.openSlots();
  }

  get signatures(): SignatureCheck {
    return this.parts.board.signatures;
  }

  get release(): number {
    return this.parts.build.release;
  }

  get firmwareVersion(): string {
    return this.parts.build.firmwareVersion;
  }

  get boardId(): string {
    return this.parts.build.boardId;
  }

  get updateKeys(): readonly string[] {
    return this.parts.build.updateKeys;
  }

  get memory(): UpdateMemory {
    return this.parts.settings;
  }

  get resetReason(): string {
    return this.parts.board.resetReason;
  }

  get log(): Logger {
    return this.parts.logs.room("update");
  }

  setting(): string {
    return this.parts.settings.get("updates");
  }

  uptimeMs(): number {
    return this.parts.clock.uptimeMs;
  }

  unixMs(): number | undefined {
    return this.parts.clock.unixMs;
  }

  syncedUnixMs(): number | undefined {
    const { clock } = this.parts;
    return clock.quality === "synced" ? clock.unixMs : undefined;
  }

  evidence(unixMs: number): void {
    this.parts.timeKeeper.evidence(unixMs);
  }

  random(): number {
    return random(this.parts.board);
  }

  inSetup(): boolean {
    return this.parts.monitor.status === "setup";
  }

  busy(): ReturnType<UpdatesOptions["busy"]> {
    const { cloud } = this.parts;
    if (this.inSetup()) return "setup";
    if (cloud.isTryingBroker) return "broker-trial";
    if (!cloud.isUp) return "offline";
    return this.hasBacklog() ? "backlog" : undefined;
  }

  freeHeap(): number | undefined {
    return this.parts.board.heap?.().free;
  }

  holdLink(holds: boolean): void {
    this.parts.cloud.hold(holds);
  }

  host(): string {
    return this.parts.settings.get("updateHost") || this.parts.cloud.brokerHost;
  }

  openTls(callbacks: FetchCallbacks): Socket {
    return this.parts.cloud.openUpdate(this.host(), callbacks);
  }

  lastCrash(): string | undefined {
    return this.parts.board.lastCrash?.();
  }

  restart(reason: string): void {
    const { cloud, board } = this.parts;
    cloud.whenAnswered(() => board.restart(reason));
  }

  onState(): void {
    this.parts.cloud.updateChanged();
  }

  onTrial(): void {
    this.parts.updates.trialMoved();
  }

  private hasBacklog(): boolean {
    const { journal, settings, clock } = this.parts;
    const few = Math.max(FEW_READINGS, 2 * settings.get("readingsPerBatch"));
    if (journal.counts.pending <= few) this.#backlogSince = undefined;
    else this.#backlogSince ??= clock.uptimeMs;
    return this.#backlogSince !== undefined && clock.uptimeMs < this.#backlogSince + STANDING_MS;
  }
}

/** A restart for a reason of the device's own, for which an image on trial is not to blame. */
export function restartDevice({ updates, board }: Parts, reason: string): void {
  updates.leaving();
  board.restart(reason);
}
