// What a stranger tries who has no client: each of these found something open once, or might.
import { connect, type Socket } from "node:net";
import { SignJWT } from "jose";
import { afterAll, beforeAll, expect, test } from "vitest";
import { RefusalNotes } from "../../../cloud/api/refusal-notes";
import { addDevice, type CloudApi, SECRET, startCloudApi } from "../../support/cloud-api";

const DEVICES = "/api/v3/external/devices";
const TOKEN = "/oauth/token?grant_type=client_credentials";
const PROXY = "127.0.0.1";
let cloud: CloudApi;

beforeAll(async () => {
  cloud = await startCloudApi({
    proxies: [PROXY],
    limits: { headMs: 150, requestMs: 300 },
    rateLimit: { requests: 60, windowSeconds: 60, atOnce: 16 },
  });
  await addDevice(cloud, "one");
});
afterAll(() => cloud.close());

const port = (api: CloudApi): number => Number(new URL(api.url).port);

/** Opens a connection, says that, and tells how long it was left open and what came back. */
function open(api: CloudApi, text: string, drip = ""): Promise<{ ms: number; answer: string }> {
  return new Promise((resolve) => {
    const start = performance.now();
    let answer = "";
    const socket: Socket = connect(port(api), "127.0.0.1", () => socket.write(text));
    const timer = setInterval(() => drip && socket.write(drip), 20);
    socket.on("data", (piece) => {
      answer += piece;
    });
    socket.on("error", () => {});
    socket.on("close", () => {
      clearInterval(timer);
      resolve({ ms: performance.now() - start, answer });
    });
  });
}

test.each([
  ["says nothing", "", "", " 408 "],
  ["sends a header a letter at a time", "GET / HTTP/1.1\r\nHost: x\r\nX-Slow: ", "a", " 408 "],
  [
    "sends a body a letter at a time",
    `POST ${TOKEN} HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 9000\r\n\r\n`,
    "a",
    " 408 ",
  ],
])(
  "Whoever %s is sent away within the limit, and not half a minute later",
  async (_what, text, drip, status) => {
    const { ms, answer } = await open(cloud, text, drip);
    expect(ms).toBeLessThan(5_000);
    expect(answer === "" || answer.includes(status), answer).toBe(true);
  },
);

test("One address holds so many connections and no more, and others are let in", async () => {
  const few = await startCloudApi({ limits: { ofOnePeer: 5 } });
  const sockets = Array.from({ length: 12 }, () => connect(port(few), "127.0.0.1"));
  const closed = new Set<Socket>();
  for (const socket of sockets) socket.on("error", () => {}).on("close", () => closed.add(socket));
  await expect.poll(() => closed.size).toBe(7);
  for (const socket of sockets) socket.destroy();
  await expect.poll(async () => (await few.get(DEVICES).catch(() => undefined))?.status).toBe(200);
  await few.close();
});

test("A proxy's connections are everybody's, and are not counted as one stranger's", async () => {
  const behind = await startCloudApi({ proxies: [PROXY], limits: { ofOnePeer: 1 } });
  const sockets = Array.from({ length: 4 }, () => connect(port(behind), "127.0.0.1"));
  let closed = 0;
  for (const socket of sockets) socket.on("close", () => closed++);
  expect((await behind.get(DEVICES)).status).toBe(200);
  expect(closed).toBe(0);
  for (const socket of sockets) socket.destroy();
  await behind.close();
});

const guess = (secret: string, forwarded: string, id = "acme"): Promise<Response> =>
  fetch(`${cloud.url}${TOKEN}`, {
    method: "POST",
    headers: { "x-forwarded-for": forwarded },
    body: new URLSearchParams({ client_id: id, client_secret: secret }),
  });

test("Whoever has an IPv6 network has one stranger's guesses, and not 2^64 times as many", async () => {
  const statuses = [];
  for (let i = 0; i < 12; i++) statuses.push((await guess("x", `2001:db8:1:2:${i}::7`)).status);
  expect(statuses).toEqual([...Array(10).fill(401), 429, 429]);
  expect((await guess(SECRET, "2001:db8:1:3::7")).status).toBe(200);
});

test("Nor does a network of IPv6 ask more often than one address may", async () => {
  const ask = async (i: number): Promise<number> =>
    (await fetch(`${cloud.url}/nowhere`, { headers: { "x-forwarded-for": `2001:db8:5:6::${i}` } })).status;
  const statuses = [];
  for (let i = 0; i < 62; i++) statuses.push(await ask(i));
  expect(statuses.filter((status) => status === 429)).toHaveLength(2);
});

test("What a caller writes before the proxy's word changes neither its guesses nor its requests", async () => {
  const statuses = [];
  for (let i = 0; i < 12; i++)
    statuses.push((await guess("x", `10.9.8.${i}, 127.0.0.1:99, 203.0.113.50`)).status);
  expect(statuses.slice(-2)).toEqual([429, 429]);
});

test("Refusals fill no disk: a hundred an hour have a row, and the rest are counted in the log", async () => {
  let now = 0;
  const notes = new RefusalNotes(() => now);
  const noted = (actor: string): number =>
    Array.from({ length: 150 }, () => notes.mayNote(actor)).filter(Boolean).length;
  expect([noted("unknown"), noted("unknown"), noted("acme")]).toEqual([100, 0, 100]);
  now += 3_600_000;
  expect(noted("unknown")).toBe(100);

  await cloud.addClient({ id: "tried" });
  const before = (await cloud.store.audit.visible({ fleet: true }, { limit: 1_000 })).length;
  for (let i = 0; i < 110; i++) await guess("x", `198.51.${i}.1`, "tried");
  const rows = await cloud.store.audit.visible({ fleet: true }, { limit: 1_000 });
  expect(rows.length - before).toBe(100);
});

test("An id that no database takes is no client, also by HTTP Basic", async () => {
  const basic = (text: string): Promise<Response> =>
    fetch(`${cloud.url}${TOKEN}`, {
      method: "POST",
      headers: { authorization: `Basic ${btoa(text)}`, "x-forwarded-for": "198.51.100.77" },
    });
  expect((await basic(`acme:${SECRET}`)).status).toBe(200);
  for (const text of [
    "a\0b:secret",
    `acme:a\0b`,
    `${"x".repeat(257)}:y`,
    `acme:${"y".repeat(2_000)}`,
    "acme",
  ])
    expect((await basic(text)).status, JSON.stringify(text.slice(0, 20))).toBe(400);
});

test("A token that brings its own key, a cookie, or a session's key is no token", async () => {
  const pair = await crypto.subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, true, [
    "sign",
    "verify",
  ]);
  const { kty, crv, x, y } = await crypto.subtle.exportKey("jwk", pair.publicKey);
  const jwk = { kty: kty!, crv: crv!, x: x!, y: y! };
  const claims = { scope: "api:read:device", account_id: "x", client_id: "acme" };
  const sign = (header: object): Promise<string> =>
    new SignJWT(claims)
      .setProtectedHeader({ alg: "ES256", typ: "at+jwt", ...header })
      .setIssuer("http://127.0.0.1")
      .setAudience("http://127.0.0.1")
      .setSubject("acme")
      .setExpirationTime("1h")
      .sign(pair.privateKey);
  const cookie = (await cloud.sessions.begin({ name: "a", account: "x" })).split(";")[0]!.split("=")[1]!;
  const tokens = [
    await sign({ jwk }),
    await sign({ jku: "https://evil.example/keys" }),
    await sign({ kid: "../../dev/null" }),
    cookie,
  ];
  for (const token of tokens) {
    const headers = { authorization: `Bearer ${token}`, "x-forwarded-for": "198.51.100.78" };
    expect((await fetch(`${cloud.url}${DEVICES}`, { headers })).status).toBe(401);
  }
  const asCookie = {
    cookie: `aerolink-session=${await cloud.tokenOf("acme")}`,
    "x-forwarded-for": "198.51.100.79",
  };
  expect((await fetch(`${cloud.url}${DEVICES}`, { headers: asCookie })).status).toBe(401);
});

test("A header of a proxy that names no address, or many, fails closed", async () => {
  await cloud.addClient({ id: "listed", addresses: ["192.0.2.0/24"] });
  for (const forwarded of [
    "192.0.2.1:443",
    "192.0.2.1, unknown",
    "192.0.2.1,",
    "for=192.0.2.1",
    "192.0.2.1, 198.51.100.1",
    `${"192.0.2.1, ".repeat(200)}198.51.100.1`,
    "::ffff:198.51.100.1",
  ])
    expect((await cloud.get(DEVICES, { "x-forwarded-for": forwarded }, "listed")).status, forwarded).toBe(
      403,
    );
  expect((await cloud.get(DEVICES, { "x-forwarded-for": "::ffff:192.0.2.1" }, "listed")).status).toBe(200);
});
