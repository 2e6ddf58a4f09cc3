import TextDecoder from "text/decoder";

/** A whole request, as far as the portal looks at it. */
export interface HttpRequest {
  /** Upper case as sent: "GET". */
  readonly method: string;
  /** From the first slash to the question mark, not decoded. */
  readonly path: string;
  /** After the question mark, not decoded; empty when there is none. */
  readonly query: string;
  /** Lower case, as sent; empty in HTTP/1.0. */
  readonly host: string;
  readonly origin: string | undefined;
  /** `Sec-Fetch-Site`: where the browser says the request comes from. */
  readonly fetchSite: string | undefined;
  readonly contentType: string;
  /** Empty when there is a fault. */
  readonly body: Uint8Array;
  /** Why it cannot be served all the same. Whom it is for is known, so a stranger can be shown the way. */
  readonly fault: HttpFault | undefined;
}

/** The status that answers a request that cannot be served. */
export type HttpFault =
  /** Malformed. */
  | 400
  /** A body without a length. */
  | 411
  /** Body above {@link MOST_BODY_BYTES}. */
  | 413
  /** Request line above {@link MOST_LINE_BYTES}: its rest was dropped. */
  | 414
  /** A header line above {@link MOST_LINE_BYTES}, or all above {@link MOST_HEAD_BYTES}. */
  | 431
  /** Chunked or another transfer coding. */
  | 501
  /** Not HTTP/1.0 or 1.1. */
  | 505;

export const MOST_LINE_BYTES = 1_024;
/** Browsers send some 600 bytes; without cookies there is little to add. */
export const MOST_HEAD_BYTES = 4_096;
/** What comes beyond the limits is dropped; a head that has not ended by now is answered as far as it is known. */
export const MOST_DROPPED_BYTES = 65_536;
/** The largest form: 32 bytes of SSID and 64 of password, all percent-encoded, and the names of the fields. */
export const MOST_BODY_BYTES = 1_024;

const LF = 0x0a;
const CR = 0x0d;
const HEADERS = Object.freeze([
  "host",
  "origin",
  "sec-fetch-site",
  "content-type",
  "content-length",
  "transfer-encoding",
] as const);
type Header = (typeof HEADERS)[number];

type State = "request-line" | "headers" | "body" | "over";

/**
 * Reads one HTTP/1 request from bytes as they come (RFC 9112), in bounded memory. What follows the request on its
 * connection is not looked at: the answer says `Connection: close`.
 */
export class RequestParser {
  #state: State = "request-line";
  #line = new Uint8Array(MOST_LINE_BYTES);
  #lineLength = 0;
  #fault: HttpFault | undefined;
  #headLength = 0;
  #method = "";
  #path = "";
  #query = "";
  #headers: Partial<Record<Header, string>> = {};
  #body: Uint8Array | undefined;
  #bodyLength = 0;

  /** The request once it is whole, or why it never will be; `undefined`: more is needed. */
  feed(bytes: Uint8Array): HttpRequest | HttpFault | undefined {
    let at = 0;
    while (this.#state === "request-line" || this.#state === "headers") {
      if (at >= bytes.length) return undefined;
      const fault = this.takeHead(bytes[at++]!);
      if (fault !== undefined) return this.over(fault);
    }
    if (this.#state === "over") return undefined;
    const body = this.#body!;
    const part = bytes.subarray(at, at + body.length - this.#bodyLength);
    body.set(part, this.#bodyLength);
    this.#bodyLength += part.length;
    if (this.#bodyLength < body.length) return undefined;
    const {
      host = "",
      origin,
      "sec-fetch-site": fetchSite,
      "content-type": contentType = "",
    } = this.#headers;
    return this.over({
      method: this.#method,
      path: this.#path,
      query: this.#query,
      host: host.toLowerCase(),
      origin,
      fetchSite,
      contentType,
      body,
      fault: this.#fault,
    });
  }

  private over<Result>(result: Result): Result {
    this.#state = "over";
    return result;
  }

  private takeHead(byte: number): HttpFault | undefined {
    if (++this.#headLength > MOST_HEAD_BYTES) this.#fault ??= 431;
    if (this.#headLength > MOST_DROPPED_BYTES) {
      this.endHead();
      return undefined;
    }
    if (byte !== LF) {
      if (this.#lineLength < MOST_LINE_BYTES) this.#line[this.#lineLength++] = byte;
      else this.#fault ??= this.#state === "request-line" ? 414 : 431;
      return undefined;
    }
    let length = this.#lineLength;
    this.#lineLength = 0;
    if (length > 0 && this.#line[length - 1] === CR) length--;
    if (!isText(this.#line, length)) return 400;
    // Empty lines before a request are passed over (RFC 9112 2.2).
    if (length === 0) {
      if (this.#state === "headers") this.endHead();
      return undefined;
    }
    const line = new TextDecoder().decode(this.#line.subarray(0, length));
    return this.#state === "request-line" ? this.takeRequestLine(line) : this.takeHeader(line);
  }

  private takeRequestLine(line: string): HttpFault | undefined {
    const parts = line.split(" ");
    // Its end was dropped, perhaps with the end of its target.
    if (this.#fault === 414) parts.splice(2, parts.length, "HTTP/1.1");
    const [method, target, version] = parts;
    if (parts.length !== 3 || !method || !target || !version || !isAscii(line)) return 400;
    if (!version.startsWith("HTTP/")) return 400;
    if (version !== "HTTP/1.1" && version !== "HTTP/1.0") return 505;
    const origin = originForm(target);
    if (origin === undefined) return 400;
    const mark = origin.indexOf("?");
    this.#method = method;
    this.#path = mark < 0 ? origin : origin.slice(0, mark);
    this.#query = mark < 0 ? "" : origin.slice(mark + 1);
    this.#state = "headers";
    return undefined;
  }

  private takeHeader(line: string): HttpFault | undefined {
    const colon = line.indexOf(":");
    const name = line.slice(0, colon).toLowerCase();
    // No name, folded over from the line before, or with a space in it: RFC 9112 5.1, 5.2.
    if (colon < 1 || name.includes(" ") || name.includes("\t")) return 400;
    const wanted = HEADERS.find((each) => each === name);
    if (!wanted) return undefined;
    if (this.#headers[wanted] !== undefined) return 400;
    this.#headers[wanted] = line.slice(colon + 1).trim();
    return undefined;
  }

  private endHead(): void {
    const { "transfer-encoding": coding, "content-length": length } = this.#headers;
    const bytes = length === undefined ? 0 : parseLength(length);
    if (coding !== undefined) this.#fault ??= 501;
    else if (length === undefined && this.#method === "POST") this.#fault ??= 411;
    else if (bytes === undefined) this.#fault ??= 400;
    else if (bytes > MOST_BODY_BYTES) this.#fault ??= 413;
    this.#body = new Uint8Array(this.#fault === undefined ? bytes! : 0);
    this.#state = "body";
  }
}

/** "/a?b" of "/a?b" or of "http://host/a?b" (RFC 9112 3.2.2). */
function originForm(target: string): string | undefined {
  if (target.startsWith("/")) return target;
  if (!target.toLowerCase().startsWith("http://")) return undefined;
  const slash = target.indexOf("/", 7);
  return slash < 0 ? "/" : target.slice(slash);
}

/** Digits only; a number too large for a body is just that. */
function parseLength(text: string): number | undefined {
  if (text === "") return undefined;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code < 0x30 || code > 0x39) return undefined;
  }
  return Number(text);
}

/** No control characters but tabs. */
function isText(bytes: Uint8Array, length: number): boolean {
  for (let i = 0; i < length; i++) {
    const byte = bytes[i]!;
    if ((byte < 0x20 && byte !== 0x09) || byte === 0x7f) return false;
  }
  return true;
}

function isAscii(text: string): boolean {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) > 0x7e) return false;
  return true;
}
