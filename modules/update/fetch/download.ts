import type { Socket } from "../../network/socket";
import type { Manifest } from "../manifest";
import { type SlotFailure, SlotWriter, type SlotWriterOptions } from "../slot-writer";
import type { Slots } from "../slots";
import { HttpGet } from "./http-get";
import type { FetchCallbacks, FetchFailure, HttpGetOptions } from "./http-get-options";

export type DownloadFailure = FetchFailure | SlotFailure;

/** What a download needs of the device. */
export interface DownloadDevice extends Pick<SlotWriterOptions, "signatures" | "boardId"> {
  /** Where the image is. */
  host(): string;
  openTls(callbacks: FetchCallbacks): Socket;
  unixMs(): number | undefined;
}

export interface DownloadOwner {
  /** So many blocks are right. */
  blocksRight(count: number): void;
  /** All blocks are there, and the whole is being read back. */
  verifying(): void;
  /** The image lies in its slot. */
  imageReady(): void;
  downloadFailed(reason: DownloadFailure, retryMs: number | undefined): void;
}

/** Brings an image into its slot: each block that is not there already, then a look at the whole. Everything is closed at its end. */
export class Download implements HttpGetOptions {
  readonly host: string;
  readonly path: string;
  /** Blocks that this download has brought. */
  brought = 0;
  #device: DownloadDevice;
  #owner: DownloadOwner;
  #size: number;
  #writer: SlotWriter;
  #http: HttpGet;
  #block = 0;

  constructor(device: DownloadDevice, owner: DownloadOwner, slots: Slots, manifest: Manifest) {
    const { signatures, boardId } = device;
    this.#device = device;
    this.#owner = owner;
    this.#size = manifest.size;
    this.host = device.host();
    this.path = `/aerolink/v1/images/${manifest.sha256}.bin`;
    this.#writer = new SlotWriter({ slots, signatures, manifest, boardId });
    this.#http = new HttpGet(this);
    this.next();
  }

  get blockCount(): number {
    return this.#writer.blockCount;
  }

  /** Idempotent, and silent. */
  close(): void {
    this.#http.close();
    this.#writer.close();
  }

  open(callbacks: FetchCallbacks): Socket {
    return this.#device.openTls(callbacks);
  }

  unixMs(): number | undefined {
    return this.#device.unixMs();
  }

  room(): number {
    return this.#writer.room;
  }

  onBody(bytes: Uint8Array): void {
    const failure = this.#writer.take(bytes);
    if (failure) this.onFailure(failure, undefined);
  }

  onRange(): void {
    const failure = this.#writer.end(this.#block);
    if (failure) return this.onFailure(failure, undefined);
    this.brought++;
    this.right();
  }

  onFailure(reason: DownloadFailure, retryMs: number | undefined): void {
    this.close();
    this.#owner.downloadFailed(reason, retryMs);
  }

  private right(): void {
    this.#block++;
    this.#owner.blocksRight(this.#block);
    this.next();
  }

  private next(): void {
    const index = this.#block;
    if (index >= this.#writer.blockCount) return this.verify();
    this.#writer.check(index, (isRight) => {
      if (isRight === true) this.right();
      else if (isRight === "flash") this.onFailure("flash", undefined);
      else this.fetch(index);
    });
  }

  private fetch(index: number): void {
    const failure = this.#writer.begin(index);
    if (failure) return this.onFailure(failure, undefined);
    const { from, end } = this.#writer.rangeOf(index);
    this.#http.get({ from, to: end - 1, total: this.#size });
  }

  private verify(): void {
    // TLS is needed no more.
    this.#http.close();
    this.#owner.verifying();
    this.#writer.verify((failure) => {
      if (failure) return this.onFailure(failure, undefined);
      this.close();
      this.#owner.imageReady();
    });
  }
}
