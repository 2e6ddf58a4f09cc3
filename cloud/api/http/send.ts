import type { ServerResponse } from "node:http";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";
import type { Reply } from "./reply";

/** Below it the header of gzip costs more than it saves. */
const WORTH_IT = 860;

export interface SendOptions {
  readonly headers: Readonly<Record<string, string>>;
  readonly isHead: boolean;
  /** The request's Accept-Encoding. */
  readonly accepts: string | undefined;
}

/**
 * Sends a reply; a body in pieces as fast as the caller reads. @throws whatever the body throws: before anything is
 * sent when its first piece does, and with the connection cut off when a later one does, so that nobody takes the
 * part for the whole.
 */
export async function send(response: ServerResponse, reply: Reply, options: SendOptions): Promise<void> {
  const { body = "" } = reply;
  const pieces = typeof body === "string" ? undefined : body[Symbol.asyncIterator]();
  const first = pieces && (await pieces.next());
  const isCompressed = takesGzip(options.accepts) && (typeof body !== "string" || body.length >= WORTH_IT);
  response.statusCode = reply.status;
  for (const [name, value] of Object.entries({ ...options.headers, ...reply.headers }))
    response.setHeader(name, value as string | string[]);
  if (reply.type)
    response.setHeader(
      "Content-Type",
      /^text\//.test(reply.type) ? `${reply.type}; charset=utf-8` : reply.type,
    );
  if (isCompressed) response.setHeader("Content-Encoding", "gzip");
  else if (typeof body === "string") response.setHeader("Content-Length", Buffer.byteLength(body));
  if (options.isHead || (typeof body === "string" && body === "")) {
    await pieces?.return?.();
    response.end();
    return;
  }
  const source = Readable.from(pieces ? rest(first!, pieces) : [body as string], { objectMode: true });
  await (isCompressed ? pipeline(source, createGzip({ level: 5 }), response) : pipeline(source, response));
}

async function* rest(first: IteratorResult<string>, pieces: AsyncIterator<string>): AsyncGenerator<string> {
  try {
    for (let piece = first; !piece.done; piece = await pieces.next()) yield piece.value;
  } finally {
    await pieces.return?.();
  }
}

const takesGzip = (accepts = ""): boolean => /\bgzip\b(?!\s*;\s*q=0(\.0*)?\s*(,|$))/i.test(accepts);
