import type { IncomingMessage } from "node:http";
import type { Operation } from "./operation";
import { Problem } from "./problem";

const MOST_BYTES = 16_384;

/** The text of a request's body, if the operation takes one. @throws Problem */
export async function readBody(request: IncomingMessage, { body }: Operation): Promise<string | undefined> {
  if (!body) return undefined;
  const type = (request.headers["content-type"] ?? "").split(";")[0]!.trim().toLowerCase();
  const most = body.mostBytes ?? MOST_BYTES;
  if (Number(request.headers["content-length"] ?? 0) > most) throw new Problem("too-large");
  const pieces: Buffer[] = [];
  let bytes = 0;
  for await (const piece of request as AsyncIterable<Buffer>) {
    bytes += piece.length;
    if (bytes > most) throw new Problem("too-large");
    pieces.push(piece);
  }
  if (bytes === 0 && body.isRequired === false) return undefined;
  if (type !== body.type) throw new Problem("wrong-type", { detail: `Content-Type is ${body.type}` });
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(Buffer.concat(pieces));
  } catch {
    throw new Problem("bad-request", { errors: [{ at: "body", says: "is no UTF-8" }] });
  }
}
