import type { IncomingMessage } from "node:http";

/** A request to one of the simulator's servers on loopback that may be answered. */
export interface LocalRequest {
  readonly method: string;
  /** Begins with "/", without the query; printable ASCII as it came. */
  readonly path: string;
  /** As the caller has it: `127.0.0.1:port` or `localhost:port`. */
  readonly host: string;
}

export interface LocalRefusal {
  readonly status: 400 | 403 | 421;
  readonly why: string;
}

export const LONGEST_TARGET = 2_048;

/**
 * The one gate for what reaches a server on loopback, where any page in any browser of this computer can send
 * requests. Never throws.
 *
 * - `Host` is this computer by name or address: another name has been pointed here (DNS rebinding).
 * - What a browser says of the caller (`Origin`, RFC 6454; `Sec-Fetch-Site`, W3C Fetch Metadata) is the page itself;
 *   from elsewhere a person may follow a link, and nothing more.
 */
export function parseLocalRequest(
  request: Pick<IncomingMessage, "method" | "url" | "headersDistinct">,
  port: number,
): LocalRequest | LocalRefusal {
  const { method = "", url = "", headersDistinct: headers } = request;
  if (url.length > LONGEST_TARGET || !/^\/[!-~]*$/.test(url)) return { status: 400, why: "no such address" };
  const host = single(headers.host);
  if (host !== `127.0.0.1:${port}` && host !== `localhost:${port}`)
    return { status: 421, why: "this page is served to this computer only" };
  const origin = single(headers.origin);
  if (origin !== undefined && origin !== `http://${host}`) return { status: 403, why: "not from this page" };
  const site = single(headers["sec-fetch-site"]);
  const own = site === undefined || site === "same-origin" || site === "none";
  const link = single(headers["sec-fetch-mode"]) === "navigate" && (method === "GET" || method === "HEAD");
  if (!own && !link) return { status: 403, why: "not from this page" };
  const mark = url.indexOf("?");
  return { method, path: mark < 0 ? url : url.slice(0, mark), host };
}

/** `undefined`: absent; "": more than one, which is nothing that a browser sends. */
const single = (values: readonly string[] | undefined): string | undefined =>
  values === undefined || values.length === 1 ? values?.[0] : "";
