import type { Socket, SocketCallbacks, SocketFailure } from "../../network/socket";
import type { HttpFault } from "./http-head";

/** Why a part of the image did not come. */
export type FetchFailure =
  | HttpFault
  | Exclude<SocketFailure, "closed">
  /** The connection ended before the part was whole. */
  | "cut-off"
  /** More came than was asked for. */
  | "surplus"
  /** The host has no address. */
  | "dns-failed"
  /** Less than 4 KB came in 30 s. */
  | "too-slow";

/** Of a stream to a host. */
export interface FetchCallbacks extends Omit<SocketCallbacks, "onError"> {
  onError(reason: SocketFailure | "dns-failed"): void;
}

export interface HttpGetOptions {
  /** For the header `Host`. */
  readonly host: string;
  /** Begins with "/". */
  readonly path: string;
  /** Opens TLS to the server. */
  open(callbacks: FetchCallbacks): Socket;
  /** Unix time, for a date in `Retry-After`; `undefined`: not known. */
  unixMs(): number | undefined;
  /** Bytes of the body that can be taken now; 0: `resume` of http-get.ts tells when. */
  room(): number;
  onBody(bytes: Uint8Array): void;
  /** All of the range that was asked for has been given to `onBody`. */
  onRange(): void;
  /** The connection is closed. `retryMs`: how long the server asks to be left alone. */
  onFailure(reason: FetchFailure, retryMs: number | undefined): void;
}
