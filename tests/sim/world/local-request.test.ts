import { connect } from "node:net";
import fc from "fast-check";
import { expect, test } from "vitest";
import { PageServer } from "../../../sim/live/page-server";
import type { Show } from "../../../sim/live/show";
import { LONGEST_TARGET, parseLocalRequest } from "../../../sim/world/local-request";
import { Phone, parseHead } from "../../../sim/world/phone";
import { fuzz, LONG } from "../../support/volume";

const PORT = 8_420;
const HOST = `127.0.0.1:${PORT}`;
const ask = (url: string, headers: Record<string, string[]> = {}, method = "GET") =>
  parseLocalRequest({ method, url, headersDistinct: { host: [HOST], ...headers } }, PORT);
const status = (...args: Parameters<typeof ask>) => {
  const answer = ask(...args);
  return "status" in answer ? answer.status : 200;
};

test("A path is what stands before the question mark, whatever it looks like", () => {
  expect(ask("//")).toEqual({ method: "GET", path: "//", host: HOST });
  expect(ask("/status?attempt=1?")).toMatchObject({ path: "/status" });
  expect(ask("/%", { host: [`localhost:${PORT}`] })).toMatchObject({ path: "/%", host: `localhost:${PORT}` });
});

test.each(["", "*", "http://x/", "x", "/ä", "/ ", `/${"x".repeat(LONGEST_TARGET)}`])(
  "%j is no address of ours",
  (url) => expect(status(url)).toBe(400),
);

test.each([[["evil.example"]], [[`evil.example:${PORT}`]], [["127.0.0.1"]], [[HOST, HOST]], [[]]])(
  "A host called %j is somebody else's name, pointed here",
  (host) => expect(status("/", { host })).toBe(421),
);

test("Another page may lead a person here, and do nothing else", () => {
  const from = (site: string, mode: string, method = "GET") =>
    status("/", { "sec-fetch-site": [site], "sec-fetch-mode": [mode] }, method);
  for (const site of ["cross-site", "same-site"]) {
    expect(from(site, "navigate")).toBe(200);
    expect(from(site, "navigate", "POST")).toBe(403);
    expect(from(site, "no-cors")).toBe(403);
  }
  expect(from("same-origin", "cors", "POST")).toBe(200);
  expect(from("none", "navigate")).toBe(200);
});

test("An origin that is named is this page's own", () => {
  expect(status("/act", { origin: [`http://${HOST}`] }, "POST")).toBe(200);
  for (const origin of ["null", "http://evil.example", `https://${HOST}`, `http://localhost:${PORT}`])
    expect(status("/act", { origin: [origin] }, "POST"), origin).toBe(403);
});

const anything = fc.oneof(
  fc.string(),
  fc.string({ unit: "binary" }),
  fc.constantFrom("/", "//", HOST, "null"),
);

test("No request makes the gate throw, and what passes is bounded", () => {
  const headers = fc.dictionary(
    fc.constantFrom("host", "origin", "sec-fetch-site", "sec-fetch-mode", "__proto__"),
    fc.array(anything, { maxLength: 3 }),
  );
  fc.assert(
    fc.property(fc.option(anything, { nil: undefined }), headers, (url, headersDistinct) => {
      const asked = parseLocalRequest(
        { method: "GET", headersDistinct, ...(url !== undefined && { url }) },
        PORT,
      );
      if ("why" in asked) return;
      expect(asked.path).toMatch(/^\/[!-~]{0,2047}$/);
      expect(headersDistinct.host).toEqual([asked.host]);
    }),
    fuzz(),
  );
});

test("A head of an answer that Node would throw at is none", () => {
  expect(parseHead("HTTP/1.1 200 OK\r\nA: b\r\nSet-Cookie:x")).toEqual({
    status: 200,
    headers: [
      ["A", "b"],
      ["Set-Cookie", "x"],
    ],
  });
  for (const head of [
    "",
    "HTTP/1.1 099 x",
    "HTTP/1.1 999",
    "HTTP/1.1 200 OK\r\nno colon",
    "HTTP/1.1 200 OK\r\na b: c",
  ])
    expect(parseHead(head), head).toBeUndefined();
});

/** Whole requests as bytes, near to good ones. */
const request = fc
  .record({
    method: fc.constantFrom("GET", "POST", "HEAD", "OPTIONS", "CONNECT", "PUT", "G\0T"),
    target: fc.oneof(
      fc.constantFrom(
        "/",
        "//",
        "///x",
        "/events",
        "/act",
        "/label.svg",
        "/%",
        "/%00",
        "/..",
        "*",
        "http://",
        "//[",
        "/\\",
      ),
      fc.string({ unit: "binary", maxLength: 40 }).map((text) => `/${text}`),
    ),
    headers: fc.array(
      fc.oneof(
        fc.constantFrom("Host: 127.0.0.1:PORT", "Host: x", "Origin: http://127.0.0.1:PORT", "Origin: null"),
        fc.constantFrom(
          "Content-Length: 5",
          "Transfer-Encoding: chunked",
          "Expect: 100-continue",
          "Upgrade: websocket",
        ),
        fc.string({ unit: "binary", maxLength: 30 }),
      ),
      { maxLength: 5 },
    ),
    body: fc.string({ unit: "binary", maxLength: 60 }),
  })
  .map(({ method, target, headers, body }) =>
    [`${method} ${target} HTTP/1.1`, ...headers, "", body].join("\r\n"),
  );

const send = (port: number, text: string): Promise<void> =>
  new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1", () => socket.end(text.replaceAll("PORT", String(port))));
    socket.on("error", () => {});
    socket.on("data", () => socket.destroy());
    socket.on("close", () => resolve());
  });

const show = {
  act: () => Promise.resolve(undefined),
  subscribe: () => () => {},
  state: { device: { id: "a", mac: "02:00:5e:10:20:30", setupSsid: "A", setupPassword: "secret99" } },
} as unknown as Show;

test("No bytes end the page's server, nor the phone's", async () => {
  const page = await PageServer.start({ show, folder: ".", port: 0 });
  const phone = new Phone({
    scheduler: { now: () => 0, set: (callback) => setTimeout(callback, 0), clear: () => {} },
    send: (message) => {
      if (message.t === "tcp-data") phone.take({ t: "tcp-close", id: message.id });
    },
  });
  phone.take({ t: "ap-start", ssid: "Aerolink", channel: 1, address: "10.32.48.1" });
  phone.take({ t: "tcp-listen", port: 80 });
  const phonePort = Number(new URL(await phone.serve()).port);
  try {
    for (const port of [page.port, phonePort])
      await fc.assert(
        fc.asyncProperty(request, (text) => send(port, text)),
        fuzz(LONG ? 5_000 : 150),
      );
    const answer = await fetch(page.url);
    expect(answer.status).toBe(404);
  } finally {
    await page.close();
    await phone.close();
  }
});

test("The phone's portal is not to be had under another name", async () => {
  const heard: string[] = [];
  const phone = new Phone({
    scheduler: { now: () => 0, set: (callback) => setTimeout(callback, 0), clear: () => {} },
    send: (message) => {
      if (message.t === "tcp-data") heard.push(Buffer.from(message.bytes).toString("latin1"));
    },
  });
  phone.take({ t: "ap-start", ssid: "Aerolink", channel: 1, address: "10.32.48.1" });
  phone.take({ t: "tcp-listen", port: 80 });
  const port = Number(new URL(await phone.serve()).port);
  await send(
    port,
    "POST /forget HTTP/1.1\r\nHost: evil.example:PORT\r\nOrigin: http://evil.example:PORT\r\n\r\n",
  );
  expect(heard).toEqual([]);
  await phone.close();
});
