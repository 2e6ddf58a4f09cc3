/** What the device asked for; parts are undefined where the request has none that can be read. */
export interface ImageRequest {
  readonly method: string;
  readonly path: string;
  readonly sha256: string | undefined;
  readonly range: { readonly from: number; readonly to: number } | undefined;
  readonly host: string | undefined;
}

/** Ways in which the server answers wrongly, or not at all. */
export type ServerLie =
  /** 200 and the whole image, whatever the range. */
  | "whole-image"
  /** 206, and a range that begins 16 bytes later. */
  | "other-range"
  /** 206 with the right range in its head, and the bytes of another. */
  | "other-bytes"
  /** 206 without Content-Range. */
  | "no-range"
  /** Another size of the whole image. */
  | "other-size"
  | "redirect"
  | "chunked"
  | "gzip"
  /** More than its Content-Length, for ever. */
  | "endless"
  /** A head that never ends. */
  | "endless-head"
  /** Less than its Content-Length, and the end of the connection. */
  | "short"
  /** Less than its Content-Length, and silence. */
  | "silent-in-body"
  | "silent"
  /** A page in place of HTTP's head. */
  | "no-http"
  | "404"
  | "416"
  | "429"
  | "503"
  | "500"
  | "403";

export interface Answer {
  readonly status: number;
  readonly head: string;
  readonly body: Uint8Array;
  readonly endless?: boolean;
  /** The connection ends with it. */
  readonly ends?: boolean;
}

/** Seconds that 429 and 503 ask the device to wait. */
export const RETRY_AFTER_SECONDS = 1_200;

const PATH = /^\/aerolink\/v1\/images\/([0-9a-f]{64})\.bin$/;
const NOTHING = new Uint8Array();

export function parseRequest(head: string): ImageRequest {
  const [line = "", ...lines] = head.split("\r\n");
  const [method = "", path = ""] = line.split(" ");
  const header = (name: string): string | undefined =>
    lines
      .find((each) => each.toLowerCase().startsWith(`${name}:`))
      ?.slice(name.length + 1)
      .trim();
  const range = /^bytes=(\d+)-(\d+)$/.exec(header("range") ?? "");
  return {
    method,
    path,
    sha256: PATH.exec(path)?.[1],
    range: range ? { from: Number(range[1]), to: Number(range[2]) } : undefined,
    host: header("host"),
  };
}

export function answerTo(
  request: ImageRequest,
  server: { image: Uint8Array | undefined; hasCertificate: boolean; lie: ServerLie | undefined },
): Answer {
  const { image, lie } = server;
  if (!server.hasCertificate) return bare(403, "Forbidden");
  if (!image || request.method !== "GET") return bare(404, "Not Found");
  const { range } = request;
  if (!range || range.from > range.to || range.from >= image.length)
    return bare(416, "Range Not Satisfiable");
  return lie ? LIES[lie](image, range) : part(image, range);
}

interface Range {
  readonly from: number;
  readonly to: number;
}

const head = (status: number, reason: string, fields: Record<string, string | number>): string =>
  `HTTP/1.1 ${status} ${reason}\r\n${Object.entries(fields)
    .map(([name, value]) => `${name}: ${value}\r\n`)
    .join("")}\r\n`;

const bare = (status: number, reason: string, fields: Record<string, string | number> = {}): Answer => ({
  status,
  head: head(status, reason, { "Content-Length": 0, ...fields }),
  body: NOTHING,
});

/** The answer that is right, with what a lie changes of it. */
function part(image: Uint8Array, { from, to }: Range, changes: Record<string, string | number> = {}): Answer {
  const body = image.subarray(from, to + 1);
  const last = from + body.length - 1;
  const fields = {
    "Content-Type": "application/octet-stream",
    "Content-Range": `bytes ${from}-${last}/${image.length}`,
    "Content-Length": body.length,
    ...changes,
  };
  return { status: 206, head: head(206, "Partial Content", fields), body };
}

const LIES: Record<ServerLie, (image: Uint8Array, range: Range) => Answer> = {
  "whole-image": (image) => ({
    status: 200,
    head: head(200, "OK", { "Content-Length": image.length }),
    body: image,
  }),
  "other-range": (image, { from, to }) => part(image, { from: from + 16, to: to + 16 }),
  "other-bytes": (image, range) => ({
    ...part(image, range),
    body: part(image, range).body.map((byte) => byte ^ 1),
  }),
  "no-range": (image, range) => {
    const right = part(image, range);
    return { ...right, head: right.head.replace(/Content-Range: .*\r\n/, "") };
  },
  "other-size": (image, range) =>
    part(image, range, { "Content-Range": `bytes ${range.from}-${range.to}/${image.length + 1}` }),
  redirect: () => bare(302, "Found", { Location: "https://198.51.100.66/image.bin" }),
  chunked: (image, range) => {
    const { body } = part(image, range);
    const chunk = Buffer.concat([
      Buffer.from(`${body.length.toString(16)}\r\n`),
      body,
      Buffer.from("\r\n0\r\n\r\n"),
    ]);
    const right = part(image, range, { "Transfer-Encoding": "chunked" });
    return { status: 206, head: right.head.replace(/Content-Length: .*\r\n/, ""), body: chunk };
  },
  gzip: (image, range) => part(image, range, { "Content-Encoding": "gzip" }),
  endless: (image, range) => ({ ...part(image, range), endless: true }),
  "endless-head": () => ({
    status: 206,
    head: "HTTP/1.1 206 Partial Content\r\nX: ",
    body: NOTHING,
    endless: true,
  }),
  short: (image, range) => {
    const right = part(image, range);
    return { ...right, body: right.body.subarray(0, right.body.length >> 1), ends: true };
  },
  "silent-in-body": (image, range) => {
    const right = part(image, range);
    return { ...right, body: right.body.subarray(0, right.body.length >> 1) };
  },
  silent: () => ({ status: 0, head: "", body: NOTHING }),
  "no-http": () => ({
    status: 0,
    head: "<html>Welcome to our network</html>\r\n\r\n",
    body: NOTHING,
    ends: true,
  }),
  "403": () => bare(403, "Forbidden"),
  "404": () => bare(404, "Not Found"),
  "416": () => bare(416, "Range Not Satisfiable"),
  "429": () => bare(429, "Too Many Requests", { "Retry-After": RETRY_AFTER_SECONDS }),
  "500": () => bare(500, "Internal Server Error"),
  "503": () => bare(503, "Service Unavailable", { "Retry-After": RETRY_AFTER_SECONDS }),
};

export const SERVER_LIES = Object.keys(LIES) as ServerLie[];
