import fc from "fast-check";
import { expect, test } from "vitest";
import {
  type HttpFault,
  type HttpRequest,
  MOST_BODY_BYTES,
  MOST_HEAD_BYTES,
  MOST_LINE_BYTES,
  RequestParser,
} from "../../provisioning/http-request";
import { fuzz } from "../support/volume";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const feed = (text: string): HttpRequest | HttpFault | undefined => new RequestParser().feed(bytes(text));
/** The request, or why it cannot be served. */
const parse = (text: string): HttpRequest | HttpFault | undefined => {
  const result = feed(text);
  return typeof result === "object" ? (result.fault ?? result) : result;
};
const whole = (text: string): HttpRequest => {
  const request = parse(text);
  if (typeof request !== "object") throw new Error(`no request: ${request}`);
  return request;
};
const get = (head: string): string => `GET / HTTP/1.1\r\n${head}\r\n`;

test("A request is read: method, path, query, the headers that matter, body", () => {
  const request = whole(
    "POST /join?a=b?c HTTP/1.1\r\nhOST: 198.19.80.1\r\nOrigin:http://198.19.80.1 \r\nSec-Fetch-Site: same-origin\r\n" +
      "User-Agent: x\r\nContent-Type: text/plain\r\nContent-Length: 4\r\n\r\nssid",
  );
  expect(request).toMatchObject({
    method: "POST",
    path: "/join",
    query: "a=b?c",
    host: "198.19.80.1",
    origin: "http://198.19.80.1",
    fetchSite: "same-origin",
    contentType: "text/plain",
  });
  expect(new TextDecoder().decode(request.body)).toBe("ssid");
});

test("HTTP/1.0, a lone LF, empty lines before and an absolute target are read", () => {
  expect(whole("\r\n\nGET / HTTP/1.0\n\n")).toMatchObject({ path: "/", host: "", query: "" });
  expect(whole("GET http://captive.apple.com HTTP/1.1\r\n\r\n").path).toBe("/");
  expect(whole("GET HTTP://a/b?c HTTP/1.1\r\n\r\n")).toMatchObject({ path: "/b", query: "c" });
});

test("The path is taken as it is: tricks with dots and percent signs name nothing", () => {
  for (const path of ["/../../etc/passwd", "/%2e%2e/", "//", "/a\\b"])
    expect(whole(`GET ${path} HTTP/1.1\r\n\r\n`).path).toBe(path);
});

test("What is malformed is refused", () => {
  for (const text of [
    "GET /\r\n\r\n",
    "GET  / HTTP/1.1\r\n\r\n",
    "GET / HTTP/1.1 x\r\n\r\n",
    "GET * HTTP/1.1\r\n\r\n",
    "GET a HTTP/1.1\r\n\r\n",
    "GET /\u00e9 HTTP/1.1\r\n\r\n",
    "GET / HTTPS/1.1\r\n\r\n",
    "\u0016\u0003\u0001\u0000\r\n\r\n",
    get("no colon\r\n"),
    get(": x\r\n"),
    get("a: b\r\n folded\r\n"),
    get("Host : a\r\n"),
    get("Host: a\r\nHost: b\r\n"),
    get("Content-Length: 1\r\nContent-Length: 1\r\n"),
    get("Content-Length: -1\r\n"),
    get("Content-Length: 0x10\r\n"),
    get("Content-Length:\r\n"),
    get("Content-Length: 1/\r\n"),
    get("Content-Length: 1:\r\n"),
    get("a: \u001f\r\n"),
    get("a: \u0000\r\n"),
  ])
    expect(parse(text), JSON.stringify(text)).toBe(400);
  expect(parse("GET / HTTP/2.0\r\n\r\n")).toBe(505);
  expect(parse("POST / HTTP/1.1\r\n\r\n")).toBe(411);
  expect(parse(get("Transfer-Encoding: chunked\r\n"))).toBe(501);
});

test("Lines, head and body have bounds, and the limit itself is still served", () => {
  const path = (length: number): string => `GET /${"a".repeat(length - 14)} HTTP/1.1\r\n\r\n`;
  expect(typeof parse(path(MOST_LINE_BYTES - 1))).toBe("object");
  // Its CR is one byte more.
  expect(parse(path(MOST_LINE_BYTES))).toBe(414);
  expect(parse(path(MOST_LINE_BYTES + 1))).toBe(414);
  expect(parse(get(`a: ${"b".repeat(MOST_LINE_BYTES)}\r\n`))).toBe(431);
  expect(parse(get("a: b\r\n".repeat(MOST_HEAD_BYTES / 6)))).toBe(431);
  const head = (length: number): string => {
    const lines = get("a: b\r\n".repeat(Math.floor((length - 18) / 6) - 1));
    return `${lines.slice(0, -2)}a: ${"b".repeat(length - lines.length - 5)}\r\n\r\n`;
  };
  expect(head(MOST_HEAD_BYTES)).toHaveLength(MOST_HEAD_BYTES);
  expect(typeof parse(head(MOST_HEAD_BYTES))).toBe("object");
  expect(parse(head(MOST_HEAD_BYTES + 1))).toBe(431);
  const post = (length: number): string => `POST / HTTP/1.1\r\nContent-Length: ${length}\r\n\r\n`;
  expect(parse(post(MOST_BODY_BYTES))).toBeUndefined();
  expect(parse(post(MOST_BODY_BYTES) + "x".repeat(MOST_BODY_BYTES))).toMatchObject({ method: "POST" });
  expect(parse(post(MOST_BODY_BYTES + 1))).toBe(413);
  expect(parse(post(1_000_000_000))).toBe(413);
  expect(parse(`POST / HTTP/1.1\r\nContent-Length: ${"9".repeat(400)}\r\n\r\n`)).toBe(413);
});

test("What is too much is dropped, and whom the request is for is known all the same", () => {
  const host = "Host: example.com\r\n";
  const end = `${host}\r\n`;
  for (const [text, fault] of [
    [`GET /a?${"b".repeat(9_000)} HTTP/1.1\r\n${end}`, 414],
    [`GET / HTTP/1.1 ${"b".repeat(9_000)}\r\n${end}`, 414],
    [get(`Cookie: ${"b".repeat(9_000)}\r\n${host}`), 431],
    [get(`${host}${"a: b\r\n".repeat(5_000)}`), 431],
    [`POST / HTTP/1.1\r\n${end}`, 411],
    [`POST / HTTP/1.1\r\nContent-Length: 5000\r\n${end}`, 413],
  ] as const) {
    const request = feed(text);
    expect(request, text.slice(0, 60)).toMatchObject({ host: "example.com", fault, body: new Uint8Array(0) });
  }
  for (const endless of [
    "a".repeat(70_000),
    `GET /${"a".repeat(70_000)}`,
    `GET / HTTP/1.1\r\n${"a: b\r\n".repeat(11_000)}`,
  ])
    expect(feed(endless)).toMatchObject({ host: "" });
});

test("A head that is dropped ends at 64 KB, no byte before, whatever that byte is", () => {
  const parser = new RequestParser();
  expect(parser.feed(bytes(`GET /${"a".repeat(65_531)}`))).toBeUndefined();
  expect(parser.feed(bytes("\n"))).toMatchObject({ host: "", fault: 414 });
});

test("A target may hold any visible character", () => {
  expect(whole("GET /~a!}? HTTP/1.1\r\n\r\n").path).toBe("/~a!}");
});

test("What follows a body that came in two parts is not taken for its end", () => {
  const parser = new RequestParser();
  expect(parser.feed(bytes("POST / HTTP/1.1\r\nContent-Length: 4\r\n\r\nss"))).toBeUndefined();
  const request = parser.feed(bytes("idGET / HTTP/1.1")) as HttpRequest;
  expect(new TextDecoder().decode(request.body)).toBe("ssid");
});

test("What follows a request is not looked at, and a parser is used once", () => {
  const parser = new RequestParser();
  const first = parser.feed(bytes("GET /a HTTP/1.1\r\n\r\nGET /b HTTP/1.1\r\n\r\n"));
  expect(first).toMatchObject({ path: "/a" });
  expect(parser.feed(bytes("GET /c HTTP/1.1\r\n\r\n"))).toBeUndefined();
});

test("It makes no difference how the bytes are cut", () => {
  const text = "POST /join HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\na=b&c";
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 9 }), { maxLength: 60 }), (cuts) => {
      const parser = new RequestParser();
      const all = bytes(text);
      let at = 0;
      let result: unknown;
      for (const cut of [...cuts, all.length]) {
        result ??= parser.feed(all.subarray(at, at + cut));
        at += cut;
      }
      expect(result).toEqual(parse(text));
    }),
    fuzz(500),
  );
});

test("Whatever comes, it ends in a request, a status, or waiting for more within its bounds", () => {
  const piece = fc.oneof(
    fc.constantFrom(
      "GET ",
      "/",
      " HTTP/1.1",
      "\r\n",
      "\n",
      "Host: a",
      "Content-Length: 3",
      ":",
      "%",
      "\u0000",
    ),
    fc.string({ maxLength: 30 }),
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
      const parser = new RequestParser();
      let fed = 0;
      for (const each of pieces) {
        const data = bytes(each);
        fed += data.length;
        const result = parser.feed(data);
        if (typeof result === "object" && result.fault !== undefined) {
          expect([411, 413, 414, 431, 501, 400]).toContain(result.fault);
          return;
        }
        if (typeof result === "number") expect([400, 411, 413, 414, 431, 501, 505]).toContain(result);
        else if (result) expect(result.path.startsWith("/")).toBe(true);
        if (result !== undefined) return;
      }
      expect(fed).toBeLessThanOrEqual(MOST_HEAD_BYTES + MOST_BODY_BYTES);
    }),
    fuzz(),
  );
});
