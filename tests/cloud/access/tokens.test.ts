import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  decodeJwt,
  decodeProtectedHeader,
  exportSPKI,
  generateKeyPair,
  importJWK,
  SignJWT,
  UnsecuredJWT,
} from "jose";
import { expect, onTestFinished, test } from "vitest";
import { makeTokenKey, readTokenKey, Tokens } from "../../../cloud/access/tokens";

const key = await makeTokenKey();
const options = { key, issuer: "https://cloud.example", audience: "https://cloud.example/api" };
const clock = { now: 1_800_000_000_000 };
const tokens = await Tokens.open({ ...options, now: () => clock.now });
const claims = { client: "client-1", account: "acme", scopes: new Set(["api:read:device"] as const) };
const good = await tokens.issue(claims);

test("A token is an ES256 JWT of an hour with audience, scope and account, and is known again", async () => {
  expect(decodeProtectedHeader(good)).toMatchObject({ alg: "ES256", typ: "at+jwt" });
  expect(decodeJwt(good)).toMatchObject({
    iss: "https://cloud.example",
    aud: "https://cloud.example/api",
    scope: "api:read:device",
    account_id: "acme",
    exp: 1_800_003_600,
  });
  expect(await tokens.check(good)).toEqual(claims);
});

test("The key set that is published has the public half only", () => {
  expect(tokens.keySet.keys).toHaveLength(1);
  expect(Object.keys(tokens.keySet.keys[0]!).sort()).toEqual(["alg", "crv", "kid", "kty", "use", "x", "y"]);
});

test("A token is expired after its hour", async () => {
  const later = await Tokens.open({ ...options, now: () => clock.now + 3_600_000 });
  expect(await later.check(good)).toBe("expired");
});

test("A token for another audience, of another issuer or of another key is none of ours", async () => {
  for (const others of [
    { audience: "https://other.example" },
    { issuer: "https://other.example" },
    { key: await makeTokenKey() },
  ]) {
    const other = await Tokens.open({ ...options, now: () => clock.now, ...others });
    expect(await tokens.check(await other.issue(claims))).toBe("invalid");
  }
});

test("A token without a signature, or signed with the public key as if it were a secret, is none of ours", async () => {
  const body = decodeJwt(good);
  const none = new UnsecuredJWT(body).encode();
  expect(await tokens.check(none)).toBe("invalid");
  const [, payload] = good.split(".");
  const header = Buffer.from(JSON.stringify({ alg: "none", typ: "at+jwt" })).toString("base64url");
  expect(await tokens.check(`${header}.${payload}.`)).toBe("invalid");
  const jwk = await importJWK(tokens.keySet.keys[0]!, "ES256");
  const spki = new TextEncoder().encode(await exportSPKI(jwk as Parameters<typeof exportSPKI>[0]));
  const confused = await new SignJWT(body).setProtectedHeader({ alg: "HS256", typ: "at+jwt" }).sign(spki);
  expect(await tokens.check(confused)).toBe("invalid");
});

test("A token with any one character changed is refused", async () => {
  const wrong: string[] = [];
  for (let i = 0; i < good.length; i++) {
    if (good[i] === "." || i === good.length - 1) continue; // the last has bits that do not count
    const other = good[i] === "A" ? "B" : "A";
    const changed = good.slice(0, i) + other + good.slice(i + 1);
    if ((await tokens.check(changed)) !== "invalid") wrong.push(changed);
  }
  expect(wrong).toEqual([]);
});

test("A JWT that lacks what a token must have, or is of another type, is refused", async () => {
  const { privateKey } = await generateKeyPair("ES256");
  expect(await tokens.check("")).toBe("invalid");
  expect(await tokens.check("a.b.c")).toBe("invalid");
  const foreign = await new SignJWT(decodeJwt(good))
    .setProtectedHeader({ alg: "ES256", typ: "at+jwt" })
    .sign(privateKey);
  expect(await tokens.check(foreign)).toBe("invalid");
});

test("The key is made at the first start, for its owner alone, and kept", async () => {
  const folder = mkdtempSync(join(tmpdir(), "aerolink-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = join(folder, "token.key.pem");
  const [first, second] = await Promise.all([readTokenKey(file), readTokenKey(file)]);
  expect(first).toBe(second);
  expect(readFileSync(file, "utf8")).toBe(first);
  expect(statSync(file).mode & 0o777).toBe(0o600);
});
