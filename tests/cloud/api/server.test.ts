import { connect } from "node:net";
import { gunzipSync } from "node:zlib";
import { UnsecuredJWT } from "jose";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { makeTokenKey, Tokens } from "../../../cloud/access/tokens";
import {
  ACME,
  addDevice,
  type CloudApi,
  type CloudApiOptions,
  NOW,
  SECRET,
  startCloudApi,
} from "../../support/cloud-api";

const DEVICES = "/api/v3/external/devices";
const TOKEN = "/api/v3/external/oauth/client_credential/accesstoken?grant_type=client_credentials";
let cloud: CloudApi;
const others: CloudApi[] = [];

beforeAll(async () => {
  cloud = await startCloudApi({ publicUrl: "https://cloud.example" });
  await addDevice(cloud, "one", ACME, { minutes: 60 });
});
afterAll(() => cloud.close());
afterEach(async () => {
  for (const each of others.splice(0)) await each.close();
});

async function another(options: CloudApiOptions): Promise<CloudApi> {
  const started = await startCloudApi(options);
  others.push(started);
  return started;
}

const withToken = (authorization: string): Promise<Response> =>
  fetch(`${cloud.url}${DEVICES}`, { headers: { authorization } });
const form = (members: Record<string, string>): RequestInit => ({
  method: "POST",
  body: new URLSearchParams(members),
});

test("A token of another audience, an expired one, one without a signature and a changed one are refused, and say how", async () => {
  const issuer = "https://cloud.example";
  const good = await cloud.tokenOf("acme");
  const claims = { client: "acme", account: ACME, scopes: new Set(["api:read:device"] as const) };
  const elsewhere = await Tokens.open({
    key: await makeTokenKey(),
    issuer,
    audience: issuer,
    now: () => NOW * 1000,
  });
  const none = new UnsecuredJWT({ sub: "acme", scope: "api:read:device", account_id: ACME })
    .setIssuer(issuer)
    .setAudience(issuer)
    .encode();
  for (const token of [await elsewhere.issue(claims), none, `${good.slice(0, -6)}AAAAAA`, "x"]) {
    const response = await withToken(`Bearer ${token}`);
    expect(response.status).toBe(401);
    expect(response.headers.get("www-authenticate")).toContain('error="invalid_token"');
    expect(await response.json()).toMatchObject({ type: "urn:aerolink:problem:bad-token" });
  }
  expect((await withToken(`Basic ${good}`)).status).toBe(401);
  const bare = await fetch(`${cloud.url}${DEVICES}`);
  expect([bare.status, bare.headers.get("www-authenticate")]).toEqual([401, "Bearer"]);
  expect((await withToken(`Bearer ${good}`)).status).toBe(200);
});

test("An expired token is told so", async () => {
  const clock = { now: NOW * 1000 };
  const later = await another({ clock });
  const token = await later.tokenOf("acme");
  clock.now += 3_600_000;
  const response = await fetch(`${later.url}${DEVICES}`, { headers: { authorization: `Bearer ${token}` } });
  expect(await response.json()).toMatchObject({ type: "urn:aerolink:problem:expired-token", status: 401 });
});

test("A lapsed subscription is 403, for a token and with one; a revoked client is 401", async () => {
  await cloud.addClient({ id: "lapsed", endsAt: NOW });
  await cloud.addClient({ id: "revoked", isRevoked: true });
  expect((await cloud.get(DEVICES, {}, "lapsed")).status).toBe(403);
  expect((await cloud.get(DEVICES, {}, "revoked")).status).toBe(401);
  const response = await fetch(`${cloud.url}${TOKEN}`, form({ client_id: "lapsed", client_secret: SECRET }));
  expect([response.status, await response.json()]).toEqual([
    403,
    expect.objectContaining({ error: "access_denied" }),
  ]);
});

test("A scope that the token lacks is 403", async () => {
  await cloud.addClient({ id: "reader", scopes: ["api:read:device"] });
  expect((await cloud.get(DEVICES, {}, "reader")).status).toBe(200);
  for (const path of ["/metrics", "/api/v3/external/audit"]) {
    const response = await cloud.get(path, {}, "reader");
    expect([response.status, response.headers.get("www-authenticate")]).toEqual([
      403,
      'Bearer error="insufficient_scope"',
    ]);
  }
  expect((await cloud.send("PATCH", `${DEVICES}/one`, { friendlyName: "x" }, "reader")).status).toBe(403);
});

test("Secrets cannot be tried out: after ten the answer is to wait, and the log and the audit know no secret", async () => {
  await cloud.addClient({ id: "guessed" });
  const answers = await Promise.all(
    Array.from({ length: 14 }, (_, i) =>
      fetch(`${cloud.url}${TOKEN}`, form({ client_id: "guessed", client_secret: `guess-${i}` })),
    ),
  );
  const statuses = answers.map(({ status }) => status).sort();
  expect(statuses).toEqual([...Array(10).fill(401), ...Array(4).fill(429)]);
  const waiting = await fetch(`${cloud.url}${TOKEN}`, form({ client_id: "guessed", client_secret: SECRET }));
  expect([waiting.status, waiting.headers.get("retry-after")]).toEqual([429, "900"]);
  const rows = await cloud.store.audit.visible({ fleet: true });
  expect(rows.filter(({ actor, action }) => actor === "guessed" && action === "token")).toHaveLength(15);
  const text = JSON.stringify(rows) + cloud.log.join("\n");
  expect(text).not.toContain("guess-");
  expect(text).not.toContain(SECRET);
});

test("A secret put where the id belongs is written down nowhere", async () => {
  await fetch(`${cloud.url}${TOKEN}`, form({ client_id: "a-secret-in-the-wrong-place", client_secret: "x" }));
  await fetch(
    `${cloud.url}${TOKEN}&client_secret=in-the-address`,
    form({ client_id: "acme", client_secret: "x" }),
  );
  const text = JSON.stringify(await cloud.store.audit.visible({ fleet: true })) + cloud.log.join("\n");
  expect(text).not.toContain("a-secret-in-the-wrong-place");
  expect(text).not.toContain("in-the-address");
});

test("No token, cookie or header is in the log, which names operations and not addresses", async () => {
  const token = await cloud.tokenOf("acme");
  await fetch(`${cloud.url}${DEVICES}?serial=private-serial`, {
    headers: { authorization: `Bearer ${token}`, cookie: "aerolink-session=private-cookie" },
  });
  await fetch(`${cloud.url}/nowhere/private-path`);
  const text = cloud.log.join("\n");
  expect(text).toContain("GET devices 200");
  for (const secret of [token, token.split(".")[2]!, "private"]) expect(text).not.toContain(secret);
});

test("A client with an address list may ask from there alone, also behind a proxy, whose word counts and no other's", async () => {
  const here = await another({ proxies: ["127.0.0.1"] });
  const direct = await another({});
  for (const each of [here, direct]) await each.addClient({ id: "listed", addresses: ["192.0.2.0/24"] });
  const from = async (api: CloudApi, forwarded?: string): Promise<number> =>
    (await api.get(DEVICES, forwarded === undefined ? {} : { "x-forwarded-for": forwarded }, "listed"))
      .status;
  expect(await from(here, "192.0.2.7")).toBe(200);
  expect(await from(here, "198.51.100.1")).toBe(403);
  expect(await from(here, "192.0.2.7, 198.51.100.1")).toBe(403);
  expect(await from(here)).toBe(403);
  expect(await from(direct, "192.0.2.7")).toBe(403);
  const token = await fetch(`${direct.url}${TOKEN}`, {
    ...form({ client_id: "listed", client_secret: SECRET }),
    headers: { "x-forwarded-for": "192.0.2.7" },
  });
  expect(token.status).toBe(403);
});

test("Every answer has the headers of a hardened site and none of the server's name", async () => {
  for (const response of [
    await cloud.get(DEVICES),
    await fetch(`${cloud.url}/nowhere`),
    await cloud.get(`${DEVICES}?is_indoor=x`),
  ]) {
    expect(Object.fromEntries(response.headers)).toMatchObject({
      "strict-transport-security": "max-age=31536000; includeSubDomains",
      "x-content-type-options": "nosniff",
      "content-security-policy": expect.stringContaining("default-src 'none'"),
      "referrer-policy": "no-referrer",
      "x-frame-options": "DENY",
      "cache-control": "no-store",
      "cross-origin-resource-policy": "same-origin",
    });
    for (const header of ["server", "x-powered-by", "access-control-allow-origin"])
      expect(response.headers.has(header)).toBe(false);
  }
});

test("Requests are counted, and the headers say what is left; above it is 429", async () => {
  const few = await another({ rateLimit: { requests: 3, windowSeconds: 60, atOnce: 16 } });
  const answers = [];
  for (let i = 0; i < 4; i++) answers.push(await few.get(DEVICES));
  expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 429]);
  expect(answers[0]!.headers.get("ratelimit-policy")).toBe('"requests";q=3;w=60');
  expect(answers.map(({ headers }) => /r=(\d+)/.exec(headers.get("ratelimit")!)![1])).toEqual([
    "2",
    "1",
    "0",
    "0",
  ]);
  expect(Number(answers[3]!.headers.get("retry-after"))).toBeGreaterThan(50);
  expect(await answers[3]!.json()).toMatchObject({ type: "urn:aerolink:problem:too-many" });
  expect((await few.get(DEVICES, {}, "rival")).status).toBe(200);
});

test("Bad tokens are counted by address, so that they cannot be tried out either", async () => {
  const few = await another({ rateLimit: { requests: 2, windowSeconds: 60, atOnce: 16 } });
  const statuses = [];
  for (let i = 0; i < 3; i++)
    statuses.push((await fetch(`${few.url}${DEVICES}`, { headers: { authorization: "Bearer x" } })).status);
  expect(statuses).toEqual([401, 401, 429]);
  expect((await few.get(DEVICES)).status).toBe(200);
});

/** As it is on the wire: fetch unpacks. */
function raw(request: string): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const socket = connect(Number(new URL(cloud.url).port), "127.0.0.1", () => socket.write(request));
    const pieces: Buffer[] = [];
    socket.on("data", (piece) => pieces.push(piece));
    socket.on("error", reject);
    socket.on("close", () => resolve(Buffer.concat(pieces)));
  });
}

test("What is long comes packed to whoever takes gzip, and as it is to others", async () => {
  const authorization = `Bearer ${await cloud.tokenOf("acme")}`;
  const get = (accept: string): Promise<Buffer> =>
    raw(
      `GET /api/v3/external/telemetry?age=1 HTTP/1.0\r\nHost: x\r\nAuthorization: ${authorization}\r\n${accept}\r\n`,
    );
  const packed = await get("Accept-Encoding: deflate, gzip\r\n");
  const split = packed.indexOf("\r\n\r\n");
  expect(packed.subarray(0, split).toString()).toContain("Content-Encoding: gzip");
  const plain = await get("Accept-Encoding: gzip;q=0\r\n");
  const body = plain.subarray(plain.indexOf("\r\n\r\n") + 4);
  expect(gunzipSync(packed.subarray(split + 4))).toEqual(body);
  expect(JSON.parse(body.toString())).toHaveLength(60);
  expect(packed.length).toBeLessThan(body.length / 5);
});

test("HEAD is GET without the body, and other methods are told which there are", async () => {
  const authorization = `Bearer ${await cloud.tokenOf("acme")}`;
  const head = await fetch(`${cloud.url}${DEVICES}`, { method: "HEAD", headers: { authorization } });
  expect([head.status, await head.text()]).toEqual([200, ""]);
  const put = await fetch(`${cloud.url}${DEVICES}/one`, { method: "PUT", headers: { authorization } });
  expect([put.status, put.headers.get("allow")]).toEqual([405, "PATCH"]);
  const options = await fetch(`${cloud.url}${DEVICES}`, { method: "OPTIONS" });
  expect([options.status, options.headers.get("allow")]).toEqual([405, "GET"]);
});

test.each([
  ["an address of 9,000 characters", `GET ${DEVICES}?model=${"x".repeat(9_000)} HTTP/1.0\r\n\r\n`, 414],
  [
    "a body of 20 KB",
    `POST ${TOKEN} HTTP/1.0\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 20000\r\n\r\n${"x".repeat(20_000)}`,
    413,
  ],
  [
    "a body that does not say how long it is",
    `POST ${TOKEN} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: application/x-www-form-urlencoded\r\nTransfer-Encoding: chunked\r\n\r\n4e20\r\n${"x".repeat(20_000)}\r\n0\r\n\r\n`,
    413,
  ],
  [
    "a body of another type",
    `POST ${TOKEN} HTTP/1.0\r\nContent-Type: text/plain\r\nContent-Length: 1\r\n\r\nx`,
    415,
  ],
  [
    "a body that is no UTF-8",
    `POST ${TOKEN} HTTP/1.0\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 3\r\n\r\na=\xff`,
    400,
  ],
  ["an address of another server", `GET http://elsewhere${DEVICES} HTTP/1.0\r\n\r\n`, 404],
  ["a path that is no text", "GET /%ff HTTP/1.0\r\n\r\n", 404],
  ["an asterisk", "OPTIONS * HTTP/1.0\r\n\r\n", 404],
])("A request with %s is told what is wrong with it", async (_what, request, status) => {
  const answer = (await raw(Buffer.from(request, "latin1").toString("latin1"))).toString("latin1");
  expect(answer.split("\r\n")[0]).toContain(` ${status} `);
});

test("An address of 20,000 characters does not reach us at all", async () => {
  expect((await raw(`GET /${"x".repeat(20_000)} HTTP/1.0\r\n\r\n`)).toString()).toContain(" 431 ");
});

test("A caller who goes away in the middle of an answer harms nobody", async () => {
  const authorization = `Bearer ${await cloud.tokenOf("acme")}`;
  await new Promise<void>((resolve) => {
    const socket = connect(Number(new URL(cloud.url).port), "127.0.0.1", () => {
      socket.write(
        `GET /api/v3/external/telemetry?age=1 HTTP/1.0\r\nAuthorization: ${authorization}\r\n\r\n`,
      );
      socket.once("data", () => socket.destroy());
      socket.once("close", () => resolve());
    });
  });
  expect((await cloud.get(DEVICES)).status).toBe(200);
  expect(cloud.log.filter((line) => line.startsWith("failed"))).toEqual([]);
});

test("What fails inside is 500 without its reason, which is in the log", async () => {
  const broken = await another({
    control: {
      desired: () => Promise.reject(new Error("inner workings")),
      reported: async () => ({}),
      desire: async () => ({}),
      command: async () => ({}),
      offer: async () => {},
    },
  });
  await addDevice(broken, "one");
  const response = await broken.get(`${DEVICES}/one/desired`);
  const text = await response.text();
  expect([response.status, text.includes("inner")]).toEqual([500, false]);
  expect(broken.log.some((line) => line.startsWith("failed: Error: inner workings"))).toBe(true);
});

test("Inside npm start a browser on this machine needs no sign-in; one from elsewhere, by another name or from another page does", async () => {
  const local = await another({ localAccount: ACME });
  const ask = (headers: Record<string, string> = {}, method = "GET") =>
    raw2(
      local.url,
      `${method} ${DEVICES}${method === "GET" ? "" : "/one"} HTTP/1.0\r\n${Object.entries({
        host: "localhost",
        ...headers,
      })
        .map(([name, value]) => `${name}: ${value}\r\n`)
        .join("")}\r\n`,
    );
  expect(await ask()).toContain(" 200 ");
  expect(await ask({ host: "127.0.0.1:8080" })).toContain(" 200 ");
  expect(await ask({ host: "evil.example" })).toContain(" 401 ");
  expect(await ask({ "x-forwarded-for": "192.0.2.1" })).toContain(" 401 ");
  expect(await ask({ "sec-fetch-site": "cross-site" }, "PATCH")).toContain(" 403 ");
  expect(await ask({ origin: "https://evil.example" }, "PATCH")).toContain(" 403 ");
  expect(await ask({}, "PATCH")).toContain(" 403 ");
  expect(await ask({ "sec-fetch-site": "same-origin" }, "PATCH")).toContain(" 415 "); // let in, and there is no body
  expect((await fetch(`${cloud.url}${DEVICES}`)).status).toBe(401);
});

function raw2(url: string, request: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(Number(new URL(url).port), "127.0.0.1", () => socket.write(request));
    let text = "";
    socket.on("data", (piece) => {
      text += piece;
    });
    socket.on("error", reject);
    socket.on("close", () => resolve(text.split("\r\n")[0]!));
  });
}
