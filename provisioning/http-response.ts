import TextEncoder from "text/encoder";

/** What is answered. The body's parts are encoded piece by piece as they leave, so constants of it take no RAM. */
export interface HttpResponse {
  readonly status: number;
  readonly type?: string;
  /** Where to go instead, for 302 and 303. */
  readonly location?: string;
  /** A header line of its own, "Name: value". */
  readonly extra?: string;
  readonly body?: readonly string[];
}

const REASONS = Object.freeze(
  {
    200: "OK",
    204: "No Content",
    302: "Found",
    303: "See Other",
    400: "Bad Request",
    403: "Forbidden",
    404: "Not Found",
    405: "Method Not Allowed",
    411: "Length Required",
    413: "Content Too Large",
    414: "URI Too Long",
    431: "Request Header Fields Too Large",
    501: "Not Implemented",
    503: "Service Unavailable",
    505: "HTTP Version Not Supported",
  } as const satisfies Record<number, string>,
  true,
);

/**
 * On every answer: one request a connection; nothing cached, since the same address means something else on the next
 * network; nothing loaded from or sent to anywhere else.
 */
const COMMON =
  "Connection: close\r\nCache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\n" +
  "Referrer-Policy: same-origin\r\n" +
  "Content-Security-Policy: default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; " +
  "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'\r\n";

/** The head of `response`, ASCII. */
export function formatHead({ status, type, location, extra, body }: HttpResponse): string {
  let head = `HTTP/1.1 ${status} ${REASONS[status as keyof typeof REASONS] ?? ""}\r\n${COMMON}`;
  if (type !== undefined) head += `Content-Type: ${type}\r\n`;
  if (location !== undefined) head += `Location: ${location}\r\n`;
  if (extra !== undefined) head += `${extra}\r\n`;
  if (status !== 204) head += `Content-Length: ${lengthOf(body)}\r\n`;
  return `${head}\r\n`;
}

/** UTF-16 units that are encoded at once: what a connection holds in RAM beside the parts themselves. */
const PIECE_UNITS = 512;

/** The piece of `part` from `at` on; no surrogate pair is cut. Empty at the end. */
export function pieceOf(part: string, at: number): string {
  const end = at + PIECE_UNITS;
  return part.slice(at, end < part.length && (part.charCodeAt(end) & 0xfc00) === 0xdc00 ? end + 1 : end);
}

/** Bytes of the body. */
function lengthOf(body: readonly string[] | undefined): number {
  const encoder = new TextEncoder();
  let length = 0;
  for (const part of body ?? []) {
    for (let at = 0; at < part.length; ) {
      const piece = pieceOf(part, at);
      length += encoder.encode(piece).length;
      at += piece.length;
    }
  }
  return length;
}
