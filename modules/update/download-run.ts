import type { Socket } from "../network/socket";
import type { SignatureCheck } from "../signed/crypto";
import type { DownloadFailure, DownloadOptions } from "./download";
import type { FetchCallbacks } from "./http-get";
import type { Manifest } from "./manifest";
import type { Slots } from "./slots";
import type { UpdatesOptions } from "./updates-options";

/** Whose download it is. */
export interface DownloadOwner {
  blocksRight(count: number): void;
  verifying(): void;
  imageReady(): void;
  downloadFailed(reason: DownloadFailure, retryMs: number | undefined): void;
}

/** Options of a download, with methods that lie in flash. */
export class DownloadRun implements DownloadOptions {
  readonly manifest: Manifest;
  readonly host: string;
  readonly slots: Slots;
  #device: UpdatesOptions;
  #owner: DownloadOwner;

  constructor(device: UpdatesOptions, slots: Slots, owner: DownloadOwner, manifest: Manifest) {
    this.#device = device;
    this.#owner = owner;
    this.slots = slots;
    this.manifest = manifest;
    this.host = device.host();
  }

  get signatures(): SignatureCheck {
    return this.#device.signatures;
  }

  get boardId(): string {
    return this.#device.boardId;
  }

  open(callbacks: FetchCallbacks): Socket {
    return this.#device.openTls(callbacks);
  }

  unixMs(): number | undefined {
    return this.#device.unixMs();
  }

  onBlocks(count: number): void {
    this.#owner.blocksRight(count);
  }

  onVerifying(): void {
    this.#owner.verifying();
  }

  onReady(): void {
    this.#owner.imageReady();
  }

  onFailure(reason: DownloadFailure, retryMs: number | undefined): void {
    this.#owner.downloadFailed(reason, retryMs);
  }
}
