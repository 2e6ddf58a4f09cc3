import type { Socket } from "../network/socket";
import { type FetchCallbacks, type FetchFailure, HttpGet, type HttpGetOptions } from "./http-get";
import { type SlotFailure, SlotWriter, type SlotWriterOptions } from "./slot-writer";

export type DownloadFailure = FetchFailure | SlotFailure;

export interface DownloadOptions extends SlotWriterOptions {
  /** Where the image is. */
  readonly host: string;
  open(callbacks: FetchCallbacks): Socket;
  unixMs(): number | undefined;
  /** So many blocks are right. */
  onBlocks(right: number): void;
  /** All blocks are there, and the whole is being read back. */
  onVerifying(): void;
  /** The image lies in its slot. */
  onReady(): void;
  onFailure(reason: DownloadFailure, retryMs: number | undefined): void;
}

/** Brings an image into its slot: each block that is not there already, then a look at the whole. Everything is closed at its end. */
export class Download implements HttpGetOptions {
  readonly host: string;
  readonly path: string;
  /** Blocks that this download has brought. */
  brought = 0;
  #options: DownloadOptions;
  #writer: SlotWriter;
  #http: HttpGet;
  #block = 0;

  constructor(options: DownloadOptions) {
    this.#options = options;
    this.host = options.host;
    this.path = `/aerolink/v1/images/${options.manifest.sha256}.bin`;
    this.#writer = new SlotWriter(options);
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
    return this.#options.open(callbacks);
  }

  unixMs(): number | undefined {
    return this.#options.unixMs();
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
    this.#options.onFailure(reason, retryMs);
  }

  private right(): void {
    this.#block++;
    this.#options.onBlocks(this.#block);
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
    this.#http.get({ from, to: end - 1, total: this.#options.manifest.size });
  }

  private verify(): void {
    // TLS is needed no more.
    this.#http.close();
    this.#options.onVerifying();
    this.#writer.verify((failure) => {
      if (failure) return this.onFailure(failure, undefined);
      this.close();
      this.#options.onReady();
    });
  }
}
