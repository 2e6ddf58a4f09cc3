import fc from "fast-check";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { HttpGet } from "../../../../modules/update/fetch/http-get";
import type { FetchFailure } from "../../../../modules/update/fetch/http-get-options";
import { HttpHead } from "../../../../modules/update/fetch/http-head";
import { retryAfterMs } from "../../../../modules/update/fetch/retry-after";
import { ScriptedStream } from "../../../support/scripted-stream";
import { fuzz } from "../../../support/volume";

const WANTED = { from: 8, to: 15, total: 100 };
const RANGE = "Content-Range: bytes 8-15/100\r\n";
const GOOD = `HTTP/1.1 206 Partial Content\r\n${RANGE}Content-Length: 8\r\n\r\n`;
const NOW_MS = Date.UTC(2026, 10, 29, 8, 0, 0);

beforeEach(
  () =>
    void vi.useFakeTimers({
      toFake: ["setTimeout", "clearTimeout", "setInterval", "clearInterval", "performance"],
    }),
);
afterEach(() => void vi.useRealTimers());
const settle = () => vi.advanceTimersByTime(50);

function open({ room = 4_096 } = {}) {
  const streams: ScriptedStream[] = [];
  const state = { room, ranges: 0, failures: [] as [FetchFailure, number | undefined][], body: "" };
  const http = new HttpGet({
    host: "updates.example.com",
    path: "/aerolink/v1/images/ab.bin",
    open: (callbacks) => {
      const stream = new ScriptedStream(callbacks);
      streams.push(stream);
      return stream;
    },
    unixMs: () => NOW_MS,
    room: () => state.room,
    onBody: (bytes) => {
      expect(bytes.length).toBeLessThanOrEqual(state.room);
      state.body += Buffer.from(bytes).toString("latin1");
    },
    onRange: () => state.ranges++,
    onFailure: (reason, retryMs) => state.failures.push([reason, retryMs]),
  });
  return { http, streams, state, last: () => streams.at(-1)! };
}

function asked(options: { room?: number } = {}) {
  const rig = open(options);
  rig.http.get(WANTED);
  rig.last().accept();
  settle();
  return rig;
}

test("A part is asked for by its range, and comes", () => {
  const { state, last, http } = asked();
  expect(last().written).toEqual([
    "GET /aerolink/v1/images/ab.bin HTTP/1.1\r\nHost: updates.example.com\r\nRange: bytes=8-15\r\nAccept-Encoding: identity\r\n\r\n",
  ]);
  last().deliver(`${GOOD}01234567`);
  settle();
  expect(state).toMatchObject({ body: "01234567", ranges: 1, failures: [] });
  http.close();
  expect(last().isOpen).toBe(false);
  expect(vi.getTimerCount()).toBe(0);
});

test("The next part goes over the same connection", () => {
  const { http, state, streams, last } = asked();
  last().deliver(`${GOOD}01234567`);
  settle();
  http.get({ from: 16, to: 17, total: 100 });
  settle();
  last().deliver("HTTP/1.1 206 OK\r\nContent-Range: bytes 16-17/100\r\ncontent-length:2\r\n\r\n89");
  settle();
  expect(state).toMatchObject({ body: "0123456789", ranges: 2, failures: [] });
  expect(streams).toHaveLength(1);
});

test.each(["closed at once", "closed when asked"])(
  "A connection that the server %s between two parts is opened anew",
  (when) => {
    const { http, state, streams, last } = asked();
    last().deliver(`${GOOD}01234567`);
    settle();
    if (when === "closed at once") {
      last().end();
      settle();
    }
    http.get({ from: 16, to: 16, total: 100 });
    if (when === "closed when asked") last().end();
    settle();
    expect(streams).toHaveLength(2);
    last().accept();
    settle();
    last().deliver("HTTP/1.1 206 \r\nContent-Range: bytes 16-16/100\r\nContent-Length: 1\r\n\r\n8");
    settle();
    expect(state).toMatchObject({ body: "012345678", ranges: 2, failures: [] });
  },
);

test("A server that closes every connection before it answers is not asked for ever", () => {
  const { http, state, streams, last } = asked();
  last().deliver(`${GOOD}01234567`);
  settle();
  http.get({ from: 16, to: 16, total: 100 });
  last().end();
  settle();
  last().accept();
  settle();
  last().end();
  settle();
  expect(streams).toHaveLength(2);
  expect(state.failures).toEqual([["cut-off", undefined]]);
});

test("Connection: close is obeyed", () => {
  const { http, state, streams, last } = asked();
  last().deliver(
    `HTTP/1.1 206 Partial Content\r\nConnection: Close\r\n${RANGE}Content-Length: 8\r\n\r\n01234567`,
  );
  settle();
  expect(last().isOpen).toBe(false);
  http.get({ from: 16, to: 16, total: 100 });
  expect(streams).toHaveLength(2);
  expect(state.ranges).toBe(1);
});

test("No more is read than there is room for, and the rest when there is room again", () => {
  const { http, state, last } = asked({ room: 300 });
  last().deliver(GOOD);
  settle();
  state.room = 3;
  last().deliver("01234567");
  settle();
  state.room = 0;
  const { body } = state;
  expect(body).toBe("01234567".slice(0, body.length));
  vi.advanceTimersByTime(1_000);
  expect(state.body).toBe(body);
  state.room = 100;
  http.resume();
  settle();
  expect(state).toMatchObject({ body: "01234567", ranges: 1 });
});

test("However the bytes are cut, the same part comes", () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 30 }), (cuts) => {
      const { state, last } = asked();
      let text = `${GOOD}01234567`;
      for (let i = 0; text.length > 0; i++) {
        const size = cuts[i % cuts.length]!;
        last().deliver(text.slice(0, size));
        text = text.slice(size);
        settle();
      }
      expect(state).toMatchObject({ body: "01234567", ranges: 1, failures: [] });
    }),
    fuzz(100) as never,
  );
});

const answer = (status: string, headers = "", body = "") => `HTTP/1.1 ${status}\r\n${headers}\r\n${body}`;
const LENGTH = "Content-Length: 8\r\n";

test.each([
  ["not-partial", answer("200 OK", LENGTH, "01234567")],
  ["not-partial", answer("200 OK", "Content-Length: 100\r\n", "0".repeat(100))],
  ["wrong-range", answer("206 Partial Content", `Content-Range: bytes 0-7/100\r\n${LENGTH}`)],
  ["wrong-range", answer("206 Partial Content", `Content-Range: bytes 8-15/101\r\n${LENGTH}`)],
  ["wrong-range", answer("206 Partial Content", `Content-Range: bytes 8-15/*\r\n${LENGTH}`)],
  ["wrong-range", answer("206 Partial Content", `Content-Range: bytes 8-16/100\r\n${LENGTH}`)],
  ["wrong-range", answer("206 Partial Content", LENGTH)],
  ["wrong-range", answer("206 x", "Content-Type: multipart/byteranges; boundary=x\r\n")],
  ["wrong-length", answer("206 Partial Content", RANGE)],
  ["wrong-length", answer("206 Partial Content", `${RANGE}Content-Length: 9\r\n`)],
  ["wrong-length", answer("206 Partial Content", `${RANGE}Content-Length: 08\r\n`)],
  ["wrong-length", answer("206 Partial Content", `${RANGE}Content-Length: 8, 8\r\n`)],
  [
    "chunked",
    answer("206 Partial Content", `${RANGE}Transfer-Encoding: chunked\r\n`, "8\r\n01234567\r\n0\r\n\r\n"),
  ],
  ["chunked", answer("206 Partial Content", `${RANGE}${LENGTH}Transfer-Encoding: identity\r\n`)],
  ["encoded", answer("206 Partial Content", `${RANGE}${LENGTH}Content-Encoding: gzip\r\n`)],
  ["redirect", answer("301 Moved", "Location: https://elsewhere.example\r\n")],
  ["redirect", answer("307 Temporary Redirect", "Location: /x\r\n")],
  ["redirect", answer("304 Not Modified")],
  ["forbidden", answer("403 Forbidden")],
  ["forbidden", answer("401 Unauthorized")],
  ["not-found", answer("404 Not Found")],
  ["not-found", answer("410 Gone")],
  ["range-refused", answer("416 Range Not Satisfiable", "Content-Range: bytes */50\r\n")],
  ["busy", answer("429 Too Many Requests")],
  ["busy", answer("503 Service Unavailable")],
  ["server-error", answer("500 Oops")],
  ["server-error", answer("204 No Content")],
  ["server-error", answer("100 Continue")],
  ["not-http", "HTTP/1.0 206 Partial Content\r\n"],
  ["not-http", "HTTP/2 206\r\n"],
  ["not-http", "\r\n"],
  ["not-http", "SSH-2.0-OpenSSH_9.6\r\n"],
  ["not-http", answer("206 x", " folded\r\n")],
  ["not-http", answer("206 x", "no colon\r\n")],
  ["not-http", answer("206 x", "Content-Length : 8\r\n")],
  ["not-http", answer("206 x", `${LENGTH}${LENGTH}`)],
  ["not-http", answer("206 x", `${RANGE}${RANGE}`)],
  ["not-http", answer("206 x", `Content-Range: ${" ".repeat(200)}bytes 8-15/100\r\n`)],
  ["not-http", answer("206 x", `X: ${"y".repeat(9_000)}\r\n`)],
  ["not-http", answer("206 x", "Y: z\r\n".repeat(2_000))],
  ["not-http", "x".repeat(9_000)],
  ["surplus", `${GOOD}0123456789`],
])("%s: %j", (reason, text) => {
  const { state, last } = asked();
  last().deliver(text);
  settle();
  expect(state).toMatchObject({ ranges: 0, failures: [[reason, undefined]] });
  expect(last().isOpen).toBe(false);
  expect(vi.getTimerCount()).toBe(0);
});

test("What a server sends beyond a part is never taken for the next one", () => {
  const { http, state, streams, last } = asked();
  last().deliver(`${GOOD}01234567`);
  settle();
  last().deliver(`HTTP/1.1 206 x\r\nContent-Range: bytes 16-16/100\r\nContent-Length: 1\r\n\r\nX`);
  settle();
  http.get({ from: 16, to: 16, total: 100 });
  settle();
  expect(streams).toHaveLength(2);
  expect(state.body).toBe("01234567");
});

test("Headers that decide nothing may be long", () => {
  const { state, last } = asked();
  last().deliver(
    GOOD.replace("\r\n\r\n", `\r\nX-Trace: ${"y".repeat(1_000)}\r\nContent-Encoding: identity\r\n\r\n`),
  );
  last().deliver("01234567");
  settle();
  expect(state).toMatchObject({ body: "01234567", failures: [] });
});

test("A connection that ends within the part is cut off, wherever it ends", () => {
  const whole = `${GOOD}01234567`;
  for (let length = 0; length < whole.length; length++) {
    const { state, last } = asked();
    last().deliver(whole.slice(0, length));
    last().end();
    settle();
    expect(state.failures, `after ${length}`).toEqual([["cut-off", undefined]]);
  }
});

test.each([
  "connect-timeout",
  "unknown-ca",
  "wrong-name",
  "expired",
  "client-certificate-refused",
  "handshake-timeout",
] as const)("An opening that fails says why: %s", (reason) => {
  const { http, state, last } = open();
  http.get(WANTED);
  last().end(reason);
  settle();
  expect(state.failures).toEqual([[reason, undefined]]);
});

test("A server that says nothing for half a minute is too slow", () => {
  const { state, last } = asked();
  vi.advanceTimersByTime(29_000);
  expect(state.failures).toEqual([]);
  vi.advanceTimersByTime(2_000);
  expect(state.failures).toEqual([["too-slow", undefined]]);
  expect(last().isOpen).toBe(false);
});

test.each(["of the head", "of the body"])("A server that gives a byte a second %s is too slow", (where) => {
  const { state, last } = asked();
  if (where === "of the body") last().deliver(GOOD);
  for (let i = 0; i < 60 && state.failures.length === 0; i++) {
    last().deliver(where === "of the head" ? GOOD[i]! : "0");
    vi.advanceTimersByTime(4_200);
    if (where === "of the body" && i === 6) break;
  }
  vi.advanceTimersByTime(30_000);
  expect(state.failures).toEqual([["too-slow", undefined]]);
});

test("A slow link that keeps the pace gets there", () => {
  const { http, streams, state, last } = open();
  http.get({ from: 0, to: 65_535, total: 65_536 });
  last().accept();
  settle();
  last().deliver("HTTP/1.1 206 x\r\nContent-Range: bytes 0-65535/65536\r\nContent-Length: 65536\r\n\r\n");
  for (let sent = 0; sent < 65_536; sent += 1_024) {
    last().deliver("x".repeat(1_024));
    vi.advanceTimersByTime(5_000);
  }
  expect(state).toMatchObject({ ranges: 1, failures: [] });
  expect(streams).toHaveLength(1);
});

test("After close nothing is said, and no timer runs", () => {
  const { http, state, last } = asked();
  last().deliver(GOOD);
  http.close();
  http.close();
  settle();
  expect(state).toMatchObject({ body: "", ranges: 0, failures: [] });
  expect(vi.getTimerCount()).toBe(0);
});

test.each([
  ["120", 120_000],
  ["0", 0],
  ["999999", 86_400_000],
  ["Sun, 29 Nov 2026 08:05:00 GMT", 300_000],
  ["Sun, 29 Nov 2026 07:05:00 GMT", 0],
  ["Sun, 29 Nov 2099 07:05:00 GMT", 86_400_000],
  ["-1", undefined],
  ["1.5", undefined],
  ["99999999999", undefined],
  ["soon", undefined],
  ["Sun, 29 Nvo 2026 08:05:00 GMT", undefined],
  ["Sun, 29 anF 2026 08:05:00 GMT", undefined],
])("Retry-After: %s", (value, expected) => {
  const { state, last } = asked();
  last().deliver(answer("503 Service Unavailable", `Retry-After: ${value}\r\n`));
  settle();
  expect(state.failures).toEqual([["busy", expected]]);
});

test("A date to come back at says nothing to a device without the time", () => {
  expect(retryAfterMs("Sun, 29 Nov 2026 08:05:00 GMT", undefined)).toBeUndefined();
});

test("Any bytes are taken for a head without a throw, and none of them is taken for the part", () => {
  const line = fc.oneof(
    fc.string(),
    fc.constantFrom("HTTP/1.1 206 x", "Content-Length: 8", ": ", "Transfer-Encoding: x"),
  );
  const text = fc.array(line, { maxLength: 6 }).map((lines) => Buffer.from(lines.join("\r\n")));
  fc.assert(
    fc.property(fc.oneof(fc.uint8Array({ maxLength: 200 }), text), (bytes) => {
      const head = new HttpHead();
      head.take(bytes);
      expect(head.faultFor(WANTED)).toBeDefined();
    }),
    fuzz() as never,
  );
});
