import TextEncoder from "text/encoder";
import Timer from "timer";
import { type HttpRequest, RequestParser } from "./http-request";
import { formatHead, type HttpResponse, pieceOf } from "./http-response";

/** A TCP connection that a listener gave, after modules/network/socket.ts and modules/tls/tcp-class.ts. */
export interface AcceptedSocket {
  read(maxBytes?: number): ArrayBuffer | number | undefined;
  write(bytes: Uint8Array): unknown;
  close(): void;
}

export interface AcceptedCallbacks {
  onReadable(bytes: number): void;
  onWritable(bytes: number): void;
  onError(): void;
}

/** Without a byte either way. */
export const IDLE_MS = 5_000;
/** From accepting to the whole request: a form is small, and bytes that come one by one are no browser's. */
export const REQUEST_MS = 10_000;
/** From the request to the last byte of the answer. */
export const RESPONSE_MS = 20_000;
/** How long a sender whose request was cut off may finish: closing on unread bytes would reset the answer away. */
const DRAIN_MS = 1_000;

export interface HttpConnectionOptions {
  open(callbacks: AcceptedCallbacks): AcceptedSocket;
  respond(request: HttpRequest): HttpResponse;
  /** The connection is over; once. Not called from the constructor. */
  onClosed(): void;
}

type State =
  /** The request is on its way. */
  | "receiving"
  /** The answer is on its way. */
  | "responding"
  /** The answer has left; the rest of a refused request is read and dropped. */
  | "draining"
  | "closed";

const LIMITS_MS = Object.freeze({
  receiving: REQUEST_MS,
  responding: RESPONSE_MS,
  draining: DRAIN_MS,
  closed: 0,
});

/** One request, one answer, closed. Ends by itself within the limits above. `close` is idempotent. */
export class HttpConnection {
  #options: HttpConnectionOptions;
  #state: State = "receiving";
  #socket: AcceptedSocket;
  /** Until the request is whole. */
  #parser: RequestParser | undefined = new RequestParser();
  #limit: Timer | undefined;
  #idle: Timer | undefined;
  #untouched = true;
  #writable = 0;
  /** What is still to be encoded, the head first. */
  #parts: readonly string[] = [];
  #nextPart = 0;
  /** UTF-16 units of that part that are encoded. */
  #at = 0;
  #chunk: Uint8Array | undefined;
  #whole = false;

  constructor(options: HttpConnectionOptions) {
    this.#options = options;
    this.#socket = options.open({
      onReadable: (bytes) => this.receive(bytes),
      onWritable: (bytes) => {
        this.#writable = bytes;
        if (this.#state === "responding") this.send();
      },
      onError: () => this.close(),
    });
    this.enter("receiving");
    this.touch();
  }

  /** Nothing has come: a browser's spare connection, which may be closed in favour of another. */
  get untouched(): boolean {
    return this.#untouched;
  }

  close(): void {
    if (this.#state === "closed") return;
    this.enter("closed");
    Timer.clear(this.#idle);
    this.#socket.close();
    this.#options.onClosed();
  }

  private receive(bytes: number): void {
    if (this.#state === "closed" || bytes === 0) return;
    const data = this.#socket.read(bytes);
    if (!(data instanceof ArrayBuffer)) return;
    this.#untouched = false;
    this.touch();
    // What follows a request is read, so that closing does not reset the answer away, and dropped.
    const result = this.#parser?.feed(new Uint8Array(data));
    if (result === undefined) return;
    this.#parser = undefined;
    // Of a request that cannot be served, more may be on its way.
    this.#whole = typeof result === "object" && result.fault === undefined;
    if (typeof result === "object") this.answer(this.#options.respond(result), result.method === "HEAD");
    else this.answer({ status: result }, false);
  }

  private answer(response: HttpResponse, headOnly: boolean): void {
    if (this.#state !== "receiving") return;
    const head = formatHead(response);
    this.#parts = headOnly ? [head] : [head, ...(response.body ?? [])];
    this.enter("responding");
    this.send();
  }

  private send(): void {
    while (this.#writable > 0) {
      if (!this.#chunk?.length) {
        const part = this.#parts[this.#nextPart];
        if (part === undefined) return this.sent();
        const piece = pieceOf(part, this.#at);
        this.#at += piece.length;
        if (piece === "") {
          this.#nextPart++;
          this.#at = 0;
        } else this.#chunk = new TextEncoder().encode(piece);
        continue;
      }
      const piece = this.#chunk.subarray(0, this.#writable);
      this.#chunk = this.#chunk.subarray(piece.length);
      this.#writable -= piece.length;
      try {
        this.#socket.write(piece);
      } catch {
        return this.close();
      }
      this.touch();
    }
  }

  private sent(): void {
    if (this.#whole) this.close();
    else this.enter("draining");
  }

  private touch(): void {
    Timer.clear(this.#idle);
    this.#idle = Timer.set(() => this.close(), IDLE_MS);
  }

  private enter(next: State): void {
    Timer.clear(this.#limit);
    this.#limit = undefined;
    this.#state = next;
    if (next !== "closed") this.#limit = Timer.set(() => this.close(), LIMITS_MS[next]);
  }
}
