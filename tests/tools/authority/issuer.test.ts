import { X509Certificate } from "node:crypto";
import { appendFileSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { formatAnswer, LONGEST_ANSWER, parseRequest } from "../../../tools/authority/messages";
import { Register } from "../../../tools/authority/register";
import type { RequestSigner } from "../../../tools/authority/signer";
import { certifyKey, createAuthority, issueCertificate } from "../../../tools/pki/certificates";
import { createKey } from "../../../tools/pki/keys";
import { DAY_MS, know, makeIssuer, requestOf, START_MS, serialOf, spkiOf } from "./support";

const folder = mkdtempSync(join(tmpdir(), "aerolink-register-"));
afterAll(() => rmSync(folder, { recursive: true }));

test("A known device gets 13 months for its new key and its old name", async () => {
  const { issuer, register, authority } = await makeIssuer();
  await know(register, authority, "aerolink-1");
  const key = await createKey();
  const answer = await issuer.renew("aerolink-1", await requestOf("aerolink-1", key), "mqtt");
  if (!("certificates" in answer)) throw new Error(answer.error);
  const leaf = new X509Certificate(answer.certificates[0]!);
  expect(leaf.subject).toBe("CN=aerolink-1");
  expect(leaf.publicKey.export({ format: "der", type: "spki" })).toEqual(spkiOf(key));
  expect(leaf.verify(new X509Certificate(authority.certificate).publicKey)).toBe(true);
  expect(Date.parse(leaf.validTo) - START_MS).toBe(397 * DAY_MS);
  expect(START_MS - Date.parse(leaf.validFrom)).toBe(DAY_MS);
  expect(leaf.keyUsage).toEqual(["1.3.6.1.5.5.7.3.2"]);
  expect(register.get("aerolink-1").issued).toHaveLength(1);
});

test("The answer that was lost is given again, and nothing is signed twice", async () => {
  const { issuer, register, authority } = await makeIssuer();
  await know(register, authority, "aerolink-1");
  const request = await requestOf("aerolink-1");
  const first = await issuer.renew("aerolink-1", request, "mqtt");
  const second = await issuer.renew("aerolink-1", request, "mqtt");
  expect(first).toEqual(second);
  expect(register.get("aerolink-1").issued).toHaveLength(1);
});

test("Whom the register does not know, it gives nothing, but for one that the factory has made since", async () => {
  const authority = await createAuthority("Factory");
  const { issuer } = await makeIssuer({
    findKnown: async (id) =>
      id === "aerolink-2"
        ? issueCertificate(authority, await createKey(), { commonName: id, usage: "client" })
        : undefined,
  });
  expect(await issuer.renew("aerolink-1", await requestOf("aerolink-1"), "mqtt")).toEqual({
    error: "unknown-device",
  });
  expect(await issuer.renew("aerolink-2", await requestOf("aerolink-2"), "mqtt")).toHaveProperty(
    "certificates",
  );
});

test("Another's name, another's key, a key that was used before and bytes that are none are refused, each by its reason", async () => {
  const { issuer, register, authority } = await makeIssuer();
  await know(register, authority, "aerolink-1");
  await know(register, authority, "aerolink-2");
  const first = await createKey();
  const old = await requestOf("aerolink-1", first);
  expect(await issuer.renew("aerolink-1", old, "mqtt")).toHaveProperty("certificates");
  expect(await issuer.renew("aerolink-1", await requestOf("aerolink-1"), "mqtt")).toHaveProperty(
    "certificates",
  );
  const errorOf = async (device: string, csr: Uint8Array) =>
    ((await issuer.renew(device, csr, "mqtt")) as { error: string }).error;
  expect(await errorOf("aerolink-2", old)).toBe("name");
  expect(await errorOf("aerolink-1", old)).toBe("key");
  expect(await errorOf("aerolink-2", await requestOf("aerolink-2", first))).toBe("key");
  expect(await errorOf("aerolink-2", Buffer.from("nonsense"))).toBe("refused");
});

test("A device gets four a day, is told when the next one is to be had, and gets it then", async () => {
  const { issuer, register, authority, clock } = await makeIssuer();
  await know(register, authority, "aerolink-1");
  const renew = async () => issuer.renew("aerolink-1", await requestOf("aerolink-1"), "mqtt");
  for (let hour = 0; hour < 4; hour++) {
    expect(await renew()).toHaveProperty("certificates");
    clock.now += DAY_MS / 24;
  }
  expect(await renew()).toEqual({ error: "rate", retryAfterSeconds: 20 * 3_600 });
  clock.now += 20 * 3_600_000 - 1_000;
  expect(await renew()).toEqual({ error: "rate", retryAfterSeconds: 1 });
  clock.now += 1_000;
  expect(await renew()).toHaveProperty("certificates");
});

test("One request of a device is signed at a time, and no more than the policy says altogether", async () => {
  const waiting: (() => void)[] = [];
  const authority = await createAuthority("Slow");
  const signer: RequestSigner = {
    sign: async ({ device, publicKey }) => {
      await new Promise<void>((resolve) => waiting.push(resolve));
      return [await certifyKey(authority, publicKey, { commonName: device, usage: "client" })];
    },
  };
  const { issuer, register } = await makeIssuer({ signer, policy: { atOnce: 2 } });
  for (const id of ["a", "b", "c"]) await know(register, authority, id);
  const [requestA, requestB] = [await requestOf("a"), await requestOf("b")];
  const first = issuer.renew("a", requestA, "mqtt");
  const busy = { error: "busy", retryAfterSeconds: 60 };
  expect(await issuer.renew("a", await requestOf("a"), "est")).toEqual(busy);
  const second = issuer.renew("b", requestB, "mqtt");
  expect(await issuer.renew("c", await requestOf("c"), "mqtt")).toEqual(busy);
  while (waiting.length < 2) await new Promise((resolve) => setImmediate(resolve));
  for (const go of waiting) go();
  expect(await first).toHaveProperty("certificates");
  expect(await second).toHaveProperty("certificates");
});

test("A revoked device gets nothing, and all its certificates that have not expired are on the list", async () => {
  const { issuer, register, authority, clock } = await makeIssuer();
  const factory = await know(register, authority, "aerolink-1");
  const answer = await issuer.renew("aerolink-1", await requestOf("aerolink-1"), "mqtt");
  if (!("certificates" in answer)) throw new Error(answer.error);
  await register.add({ at: START_MS / 1000, device: "aerolink-1", what: "revoked", why: "stolen" });
  expect(await issuer.renew("aerolink-1", await requestOf("aerolink-1"), "mqtt")).toEqual({
    error: "refused",
  });
  const renewed = answer.certificates[0]!;
  expect(register.revoked(START_MS / 1000).map(({ serial }) => serial)).toEqual(
    [factory, renewed].map(serialOf),
  );
  expect(register.denied()).toEqual(["aerolink-1"]);
  clock.now += 398 * DAY_MS;
  expect(register.revoked(clock.now / 1000).map(({ serial }) => serial)).toEqual([serialOf(factory)]);
});

test("What an authority elsewhere gets wrong never reaches a device: another key, another name, an authority, too long a chain", async () => {
  const authority = await createAuthority("Elsewhere");
  const wrong: Record<string, RequestSigner["sign"]> = {
    "another key": async ({ device }) => [
      await issueCertificate(authority, await createKey(), { commonName: device, usage: "client" }),
    ],
    "another name": async ({ publicKey }) => [
      await certifyKey(authority, publicKey, { commonName: "aerolink-9", usage: "client" }),
    ],
    nothing: async () => [],
    "longer than a device reads": async ({ device, publicKey }) => {
      const leaf = await certifyKey(authority, publicKey, { commonName: device, usage: "client" });
      return [leaf, ...Array.from({ length: 12 }, () => authority.certificate)];
    },
  };
  for (const [what, sign] of Object.entries(wrong)) {
    const { issuer, register, events } = await makeIssuer({ signer: { sign } });
    await know(register, authority, "aerolink-1");
    const answer = await issuer.renew("aerolink-1", await requestOf("aerolink-1"), "mqtt");
    expect(answer, what).toEqual({ error: "refused", retryAfterSeconds: 3_600 });
    expect(events[0], what).toMatch(/another key|aerolink-9|nothing|longer/);
    expect(register.get("aerolink-1").issued).toEqual([]);
  }
});

test("An authority that is not reached is worth waiting for", async () => {
  const { issuer, register, authority, events } = await makeIssuer({
    signer: { sign: () => Promise.reject(new Error("the authority does not answer")) },
  });
  await know(register, authority, "aerolink-1");
  expect(await issuer.renew("aerolink-1", await requestOf("aerolink-1"), "mqtt")).toEqual({
    error: "busy",
    retryAfterSeconds: 3_600,
  });
  expect(events).toEqual(["aerolink-1: busy (the authority does not answer)"]);
});

test("The register outlives the process, also where a power cut left its last line unfinished", async () => {
  const path = join(folder, "register.jsonl");
  const { issuer, authority } = await makeIssuer({ register: await Register.open(path) });
  await know(issuer.register, authority, "aerolink-1");
  const request = await requestOf("aerolink-1");
  const answer = await issuer.renew("aerolink-1", request, "mqtt");
  await issuer.register.add({ at: START_MS / 1000, device: "aerolink-2", what: "revoked", why: "lost" });
  appendFileSync(path, '{"at":1,"device":"aerolink-3","wh');

  const again = await Register.open(path);
  expect(again.get("aerolink-1")).toEqual(issuer.register.get("aerolink-1"));
  expect(again.denied()).toEqual(["aerolink-2"]);
  const after = await makeIssuer({ register: again });
  expect(await after.issuer.renew("aerolink-1", request, "mqtt")).toEqual(answer);
  expect(readFileSync(path, "utf8").endsWith('"wh')).toBe(true);
  await again.add({ at: 2, device: "aerolink-4", what: "revoked", why: "lost" });
  expect((await Register.open(path)).denied()).toEqual(["aerolink-2", "aerolink-4"]);
});

test("A file that is no register is refused, and not written to", async () => {
  const path = join(folder, "other.txt");
  appendFileSync(path, "something else\n");
  await expect(Register.open(path)).rejects.toThrow("is no register");
  expect(readFileSync(path, "utf8")).toBe("something else\n");
});

test("Who is revoked by another program gets nothing from then on", async () => {
  const path = join(folder, "shared.jsonl");
  const { issuer, authority } = await makeIssuer({ register: await Register.open(path) });
  await know(issuer.register, authority, "aerolink-1");
  const other = await Register.open(path);
  await other.add({ at: START_MS / 1000, device: "aerolink-1", what: "revoked", why: "stolen" });
  expect(await issuer.renew("aerolink-1", await requestOf("aerolink-1"), "mqtt")).toEqual({
    error: "refused",
  });
});

test("A device that is refused a hundred times in an hour is one line of the register", async () => {
  const path = join(folder, "flood.jsonl");
  const register = await Register.open(path);
  const { issuer, clock } = await makeIssuer({ register });
  const request = await requestOf("aerolink-1");
  for (let i = 0; i < 100; i++) {
    await issuer.renew("aerolink-1", request, "mqtt");
    clock.now += 30_000;
  }
  expect(readFileSync(path, "utf8").split("\n")).toHaveLength(2);
  clock.now += DAY_MS / 24;
  await issuer.renew("aerolink-1", request, "mqtt");
  expect(readFileSync(path, "utf8").split("\n")).toHaveLength(3);
});

test("A request is JSON with eight hex digits and base64url; all else is not answered", () => {
  const parse = (text: string) => parseRequest(Buffer.from(text));
  expect(parse('{"id":"0123abcd","csr":"AQID"}')).toEqual({ id: "0123abcd", csr: Uint8Array.of(1, 2, 3) });
  for (const text of [
    "",
    "[]",
    "null",
    '{"id":"0123ABCD","csr":"AQID"}',
    '{"id":"0123abc","csr":"AQID"}',
    '{"id":"0123abcd"}',
    '{"id":"0123abcd","csr":"AQ=="}',
    '{"id":"0123abcd","csr":""}',
    `{"id":"0123abcd","csr":"${"A".repeat(2_048)}"}`,
  ])
    expect(parse(text), text.slice(0, 40)).toBeUndefined();
});

test("An answer names seconds as the protocol does, and a chain of two fits into it", async () => {
  expect(JSON.parse(formatAnswer("0123abcd", { error: "rate", retryAfterSeconds: 7 }))).toEqual({
    id: "0123abcd",
    error: "rate",
    retryAfter: 7,
  });
  const { certificate } = await createAuthority("Some authority of a customer, with a long name");
  expect(formatAnswer("0123abcd", { certificates: [certificate, certificate] }).length).toBeLessThan(
    LONGEST_ANSWER,
  );
});
