import TextEncoder from "text/encoder";
import Timer from "timer";
import type { Socket, SocketFailure } from "../../network/socket";
import type { FetchCallbacks, FetchFailure, HttpGetOptions } from "./http-get-options";
import { HttpHead, type WantedRange } from "./http-head";
import { retryAfterMs } from "./retry-after";

/** In so long at least so many bytes must come: some 140 a second, head and all. */
export const PACE_MS = 30_000;
export const LEAST_BYTES = 4_096;
/** Read at once, of a head. */
const SLICE = 256;

type State =
  /** Nothing is asked for. */
  | "idle"
  /** The connection is being opened, and the request waits for it. */
  | "opening"
  /** Asked; the head is coming. */
  | "head"
  | "body"
  | "closed";

/**
 * Parts of one file by HTTP/1.1 over one connection, which stays open from part to part: one `Range` a request, and 206
 * with exactly that range is the only answer that counts.
 *
 * - A connection that the server has closed between two parts is opened anew, once a part.
 * - The body is read only as fast as it is taken.
 * - No callback runs inside a call but `open`. `close` is idempotent and silences them.
 */
export class HttpGet implements FetchCallbacks {
  #options: HttpGetOptions;
  #state: State = "idle";
  #socket: Socket | undefined;
  #isOpen = false;
  /** This part has had an answer on this connection, or the connection is fresh: its end is a failure. */
  #isFresh = false;
  #wanted: WantedRange | undefined;
  #head: HttpHead | undefined;
  #readable = 0;
  #writable = 0;
  /** Of the body. */
  #left = 0;
  /** Since the pace was last looked at. */
  #came = 0;
  #pace: Timer | undefined;
  #turn: Timer | undefined;

  constructor(options: HttpGetOptions) {
    this.#options = options;
  }

  /** Asks for a part. @throws Error while another one is under way */
  get(wanted: WantedRange): void {
    if (this.#state !== "idle") throw new Error(`get while ${this.#state}`);
    this.#wanted = wanted;
    this.#came = 0;
    this.#pace = Timer.repeat(() => this.keepPace(), PACE_MS);
    this.#state = "opening";
    this.#isFresh = !this.#socket;
    if (this.#socket) this.later();
    else this.connect();
  }

  /** There is room for more of the body. */
  resume(): void {
    if (this.#state === "body") this.later();
  }

  close(): void {
    this.stop("closed");
    this.disconnect();
  }

  onWritable(bytes: number): void {
    this.#writable = bytes;
    this.#isOpen = true;
    if (this.#state === "opening") this.later();
  }

  onReadable(bytes: number): void {
    this.#readable = bytes;
    this.later();
  }

  onError(reason: SocketFailure | "dns-failed"): void {
    const wasOpen = this.#isOpen;
    this.disconnect();
    if (this.#state === "idle" || this.#state === "closed") return;
    if (wasOpen && !this.#isFresh) {
      this.#isFresh = true;
      this.#state = "opening";
      this.connect();
    } else this.fail(reason === "closed" ? "cut-off" : reason);
  }

  private connect(): void {
    this.#socket = this.#options.open(this);
  }

  private disconnect(): void {
    Timer.clear(this.#turn);
    this.#turn = undefined;
    this.#socket?.close();
    this.#socket = undefined;
    this.#isOpen = false;
    this.#readable = this.#writable = 0;
  }

  private stop(next: "idle" | "closed"): void {
    Timer.clear(this.#pace);
    this.#pace = undefined;
    this.#head = undefined;
    if (this.#state !== "closed") this.#state = next;
  }

  private fail(reason: FetchFailure, retryMs?: number): void {
    this.stop("idle");
    this.disconnect();
    this.#options.onFailure(reason, retryMs);
  }

  private keepPace(): void {
    if (this.#came < LEAST_BYTES) this.fail("too-slow");
    this.#came = 0;
  }

  private later(): void {
    this.#turn ??= Timer.set(() => {
      this.#turn = undefined;
      this.advance();
    }, 0);
  }

  private advance(): void {
    switch (this.#state) {
      case "opening":
        return this.ask();
      case "head":
        return this.readHead();
      case "body":
        return this.readBody();
      case "idle":
        // Said without being asked.
        if (this.#readable > 0) this.disconnect();
    }
  }

  private ask(): void {
    const { host, path } = this.#options;
    const { from, to } = this.#wanted!;
    const request = new TextEncoder().encode(
      `GET ${path} HTTP/1.1\r\nHost: ${host}\r\nRange: bytes=${from}-${to}\r\nAccept-Encoding: identity\r\n\r\n`,
    );
    if (!this.#isOpen || this.#writable < request.length) return;
    if (this.#readable > 0) return this.fail("surplus");
    this.#writable -= request.length;
    this.#socket!.write(request);
    this.#head = new HttpHead();
    this.#state = "head";
  }

  private read(most: number): Uint8Array | undefined {
    const bytes = this.#socket?.read(Math.min(this.#readable, most));
    if (!bytes) return undefined;
    this.#readable -= bytes.byteLength;
    this.#came += bytes.byteLength;
    return new Uint8Array(bytes);
  }

  private readHead(): void {
    const bytes = this.#readable > 0 && this.read(Math.min(SLICE, this.#options.room()));
    if (!bytes) return;
    this.#isFresh = true;
    const { taken, ended } = this.#head!.take(bytes);
    if (!ended) return this.later();
    const head = this.#head!;
    const wanted = this.#wanted!;
    const fault = head.faultFor(wanted);
    if (fault) return this.fail(fault, retryAfterMs(head.retryAfter, this.#options.unixMs()));
    this.#left = wanted.to - wanted.from + 1;
    this.#state = "body";
    this.give(bytes.subarray(taken));
  }

  private readBody(): void {
    const most = Math.min(this.#left, this.#options.room());
    const bytes = most > 0 && this.#readable > 0 && this.read(most);
    if (bytes) this.give(bytes);
  }

  private give(bytes: Uint8Array): void {
    if (bytes.length > this.#left) return this.fail("surplus");
    this.#left -= bytes.length;
    if (bytes.length > 0) this.#options.onBody(bytes);
    if (this.#state !== "body") return;
    if (this.#left > 0) {
      if (this.#readable > 0 && this.#options.room() > 0) this.later();
      return;
    }
    const keepsAlive = this.#head!.keepsAlive;
    this.stop("idle");
    if (!keepsAlive) this.disconnect();
    this.#options.onRange();
  }
}
