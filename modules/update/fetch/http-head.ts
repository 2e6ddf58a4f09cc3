import { digitsOf } from "../../base/digits";

/** Why an answer of the server brings nothing. */
export type HttpFault =
  /** Not HTTP/1.1, or a head that is too long or not of its form. */
  | "not-http"
  /** 200: the whole, and not the part that was asked for. */
  | "not-partial"
  /** 206 of another part, or of another whole. */
  | "wrong-range"
  /** Without a length, or with another one than the part has. */
  | "wrong-length"
  /** In chunks, whose length nobody says beforehand. */
  | "chunked"
  /** Compressed, say: other bytes than those of the image. */
  | "encoded"
  /** 3xx: an update comes from its host, or not at all. */
  | "redirect"
  /** 401 or 403. */
  | "forbidden"
  /** 404 or 410. */
  | "not-found"
  /** 416: the server's file is shorter. */
  | "range-refused"
  /** 429 or 503: later. */
  | "busy"
  /** Any other status. */
  | "server-error";

export interface WantedRange {
  readonly from: number;
  readonly to: number;
  /** Bytes of the whole. */
  readonly total: number;
}

/** Of one header line; a longer one is none of those that matter. */
const LONGEST_LINE = 160;
const LONGEST_HEAD = 8_192;
const CR = 0x0d;
const LF = 0x0a;
const COLON = 0x3a;

/** Headers that decide. Twice the same is a head that nobody can trust. */
const NAMES = Object.freeze([
  "content-range",
  "content-length",
  "transfer-encoding",
  "content-encoding",
  "retry-after",
  "connection",
] as const);
type Name = (typeof NAMES)[number];

const BY_STATUS: { readonly [status: number]: HttpFault } = Object.freeze({
  200: "not-partial",
  401: "forbidden",
  403: "forbidden",
  404: "not-found",
  410: "not-found",
  416: "range-refused",
  429: "busy",
  503: "busy",
} as const);

/** The head of a response, taken byte by byte: nothing of it is kept but what decides. */
export class HttpHead {
  #line = new Uint8Array(LONGEST_LINE);
  #length = 0;
  #taken = 0;
  #status = 0;
  #values: { [Key in Name]?: string } = {};
  #fault: HttpFault | undefined;

  /** Returns how many of `bytes` belong to the head and whether it has ended; the rest is the body's. */
  take(bytes: Uint8Array): { readonly taken: number; readonly ended: boolean } {
    for (let i = 0; i < bytes.length; i++) {
      const byte = bytes[i]!;
      if (++this.#taken > LONGEST_HEAD) this.#fault = "not-http";
      else if (byte === LF) {
        if (this.endsWithLine()) return { taken: i + 1, ended: true };
      } else if (this.#length < LONGEST_LINE) this.#line[this.#length] = byte;
      if (byte !== LF) this.#length++;
      if (this.#fault) return { taken: i + 1, ended: true };
    }
    return { taken: bytes.length, ended: false };
  }

  get keepsAlive(): boolean {
    return this.#values.connection?.toLowerCase() !== "close";
  }

  get retryAfter(): string | undefined {
    return this.#values["retry-after"];
  }

  /** `undefined`: what follows is the part that was asked for, and nothing else. */
  faultFor({ from, to, total }: WantedRange): HttpFault | undefined {
    const values = this.#values;
    if (this.#fault) return this.#fault;
    if (this.#status >= 300 && this.#status < 400) return "redirect";
    if (this.#status !== 206) return BY_STATUS[this.#status] ?? "server-error";
    if (values["transfer-encoding"] !== undefined) return "chunked";
    const encoding = values["content-encoding"];
    if (encoding !== undefined && encoding.toLowerCase() !== "identity") return "encoded";
    if (values["content-range"] !== `bytes ${from}-${to}/${total}`) return "wrong-range";
    return values["content-length"] === `${to - from + 1}` ? undefined : "wrong-length";
  }

  /** True: it was the empty line. */
  private endsWithLine(): boolean {
    const isWhole = this.#length <= LONGEST_LINE;
    let length = Math.min(this.#length, LONGEST_LINE);
    this.#length = 0;
    if (isWhole && length > 0 && this.#line[length - 1] === CR) length--;
    if (length === 0) {
      if (this.#status === 0) this.#fault = "not-http";
      return true;
    }
    const line = this.#line.subarray(0, length);
    if (this.#status === 0) this.#status = statusOf(line);
    else this.takeHeader(line, isWhole);
    if (this.#status === 0) this.#fault = "not-http";
    return this.#fault !== undefined;
  }

  private takeHeader(line: Uint8Array, isWhole: boolean): void {
    const colon = line.indexOf(COLON);
    // Also a line that begins with a space, and so belongs to the one before it (RFC 9112, 5.2).
    if (colon <= 0 || line[0]! <= 0x20 || line[colon - 1]! <= 0x20) {
      this.#fault = "not-http";
      return;
    }
    const name = ascii(line.subarray(0, colon)).toLowerCase() as Name;
    if (!NAMES.includes(name)) return;
    if (!isWhole || this.#values[name] !== undefined) this.#fault = "not-http";
    else this.#values[name] = ascii(line.subarray(colon + 1)).trim();
  }
}

const VERSION = "HTTP/1.1 ";

/** 0: no status line of HTTP/1.1. */
function statusOf(line: Uint8Array): number {
  const text = ascii(line.subarray(0, 13));
  const status = digitsOf(text, VERSION.length, VERSION.length + 3);
  return text.startsWith(VERSION) && status >= 100 && (text.length === 12 || text[12] === " ") ? status : 0;
}

function ascii(bytes: Uint8Array): string {
  let text = "";
  for (let i = 0; i < bytes.length; i++) text += String.fromCharCode(bytes[i]!);
  return text;
}
