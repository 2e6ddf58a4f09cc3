import type { IncomingMessage, ServerResponse } from "node:http";
import { pipeline } from "node:stream/promises";
import { type ByteRange, parseRange } from "./byte-range";
import type { ImageStore, OpenImage } from "./image-store";

const PATH = /^\/aerolink\/v1\/images\/([0-9a-f]{64})\.bin$/;

/** A transfer may take so long, and a second more for each so many bytes: slower than any Wi-Fi that holds MQTT. */
const PATIENCE_MS = 30_000;
const SLOWEST_BYTES_PER_SECOND = 1_024;

export interface ImageRouteOptions {
  readonly store: ImageStore;
  /** Has whoever asks shown a device's certificate? */
  isDevice(request: IncomingMessage): boolean;
  /** Images that are sent at a time; the next one is asked to come back. */
  readonly mostTransfers: number;
  /** When: from this many seconds to twice as many, so that a fleet does not come back as one. */
  readonly retryAfterSeconds: number;
  /** An image has been sent up to a byte, the last one of a range. */
  onServed?(sha256: string, end: number, size: number): void;
  /** Default: Math.random. */
  random?(): number;
}

/**
 * `GET` and `HEAD` of `/aerolink/v1/images/<sha256>.bin`, for devices only. It holds no connection and knows no TLS,
 * so any HTTP server can have it. Every request is answered by one of 200, 206, 304, 403, 404, 405, 416 and 503.
 */
export class ImageRoute {
  #options: ImageRouteOptions;
  #transfers = 0;

  constructor(options: ImageRouteOptions) {
    this.#options = options;
  }

  get transfers(): number {
    return this.#transfers;
  }

  /** Ends when the answer has been sent, or whoever asked has gone. */
  async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    response.on("error", () => {});
    // Nobody has a reason to send a body: it is not read, and the connection ends with the answer.
    if (request.headers["transfer-encoding"] !== undefined || Number(request.headers["content-length"]) > 0)
      response.setHeader("connection", "close");
    // Before anything else: a stranger learns nothing of what is here.
    if (!this.#options.isDevice(request)) return refuse(response, 403, "a device's certificate is needed");
    if (request.method !== "GET" && request.method !== "HEAD") {
      response.setHeader("allow", "GET, HEAD");
      return refuse(response, 405, "GET or HEAD");
    }
    const [, sha256] = PATH.exec(request.url ?? "") ?? [];
    if (sha256 === undefined) return refuse(response, 404, "no such image");
    if (this.#transfers >= this.#options.mostTransfers) return this.#later(response);
    this.#transfers++;
    let image: OpenImage | undefined;
    try {
      image = await this.#options.store.open(sha256);
      if (!image) return refuse(response, 404, "no such image");
      await this.#send(request, response, sha256, image);
    } catch {
      // A file that cannot be read, or whoever asked has gone.
      if (response.headersSent) response.destroy();
      else this.#later(response);
    } finally {
      this.#transfers--;
      await image?.file.close().catch(() => {});
    }
  }

  async #send(
    request: IncomingMessage,
    response: ServerResponse,
    sha256: string,
    { file, size }: OpenImage,
  ): Promise<void> {
    const etag = `"${sha256}"`;
    const headers = {
      etag,
      "cache-control": "public, max-age=31536000, immutable",
      "accept-ranges": "bytes",
    };
    if (matches(request.headers["if-none-match"], etag)) {
      response.writeHead(304, headers).end();
      return;
    }
    // If-Range of something else: the whole of this one (RFC 9110, 13.1.5).
    const since = request.headers["if-range"];
    const asked = since === undefined || since === etag ? request.headers.range : undefined;
    // A range is defined for GET alone (14.2).
    const range = parseRange(request.method === "GET" ? asked : undefined, size);
    if (range === "unsatisfiable") {
      response.setHeader("content-range", `bytes */${size}`);
      return refuse(response, 416, `one range of ${size} bytes`);
    }
    const { first, last }: ByteRange = range === "whole" ? { first: 0, last: size - 1 } : range;
    response.writeHead(range === "whole" ? 200 : 206, {
      ...headers,
      "content-type": "application/octet-stream",
      "content-length": last - first + 1,
      ...(range !== "whole" && { "content-range": `bytes ${first}-${last}/${size}` }),
    });
    if (request.method === "HEAD" || size === 0) {
      response.end();
      return;
    }
    const longest = PATIENCE_MS + ((last - first + 1) / SLOWEST_BYTES_PER_SECOND) * 1000;
    const timer = setTimeout(() => response.destroy(), longest);
    try {
      await pipeline(file.createReadStream({ start: first, end: last, autoClose: false }), response);
      this.#options.onServed?.(sha256, last + 1, size);
    } finally {
      clearTimeout(timer);
    }
  }

  #later(response: ServerResponse): void {
    const { retryAfterSeconds, random = Math.random } = this.#options;
    response.setHeader("retry-after", Math.round(retryAfterSeconds * (1 + random())));
    refuse(response, 503, "busy, come back later");
  }
}

/** `If-None-Match`: a list, `*`, or weak tags, which compare alike here (RFC 9110, 13.1.2). */
function matches(header: string | undefined, etag: string): boolean {
  if (header === undefined) return false;
  return header.split(",").some((each) => ["*", etag, `W/${etag}`].includes(each.trim()));
}

function refuse(response: ServerResponse, status: number, why: string): void {
  const text = `${why}\n`;
  response
    .writeHead(status, {
      "content-type": "text/plain; charset=utf-8",
      "content-length": Buffer.byteLength(text),
      "cache-control": "no-store",
    })
    .end(response.req.method === "HEAD" ? "" : text);
}
