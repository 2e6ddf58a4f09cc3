import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { verifyJws } from "../../../modules/signed/jws";
import { nodeSignatures } from "../../../sim/device/node-signatures";
import { createAuthority } from "../../../tools/pki/certificates";
import { createKey } from "../../../tools/pki/keys";
import { formatPem } from "../../../tools/pki/pem";
import { main } from "../../../tools/release/cli";
import { formatPoint, pointOfPkcs8 } from "../../../tools/release/keys";
import { createManifest, signManifest } from "../../../tools/release/manifest";
import { createTrustList, readTrustList, signTrustList } from "../../../tools/release/trust-list";
import { issue, pem } from "../../support/test-pki";
import { simulatorImageOf } from "./support";

const NOW = Date.now();
let dir: string;
let key: Uint8Array;
let point: Uint8Array;
const file = (name: string): string => join(dir, name);
const authorities: Record<string, Uint8Array> = {};

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), "aerolink-trust-"));
  key = await createKey();
  point = pointOfPkcs8(key);
  writeFileSync(file("key.pem"), formatPem("PRIVATE KEY", key));
  writeFileSync(file("manifest.json"), JSON.stringify({ updateKeys: [formatPoint(point)] }));
  for (const name of ["old", "new", "third", "fourth", "fifth"]) {
    authorities[name] = (await createAuthority(`Broker ${name}`, { usage: "server" })).certificate;
    writeFileSync(file(`${name}.pem`), formatPem("CERTIFICATE", authorities[name]));
  }
});
afterAll(() => rmSync(dir, { recursive: true }));

async function run(...args: string[]): Promise<{ code: number; said: string }> {
  let said = "";
  const add = (text: string): void => {
    said += `${text}\n`;
  };
  const all = [...args, "--manifest", file("manifest.json")];
  return { code: await main(all, { print: add, warn: add }), said };
}

const trust = (names: readonly string[], ...more: string[]) =>
  run(
    ...[
      "trust",
      "--signing-key",
      file("key.pem"),
      ...names.flatMap((name) => ["--authority", file(`${name}.pem`)]),
    ],
    ...more,
  );

test("A trust list is signed by the keys of updates, under a type of its own, and counts on from the one before it", async () => {
  expect(await trust(["old"], "--list", "1", "--out", file("1.jws"))).toMatchObject({ code: 0 });
  expect(await trust(["old", "new"], "--previous", file("1.jws"), "--out", file("2.jws"))).toMatchObject({
    code: 0,
  });
  const text = readFileSync(file("2.jws"), "utf8");
  expect(readTrustList(text, [point], "it")).toMatchObject({
    v: 1,
    list: 2,
    authorities: ["old", "new"].map((name) => Buffer.from(authorities[name]!).toString("base64url")),
  });
  const keys = [formatPoint(point)];
  const asDevice = (typ: string) => verifyJws(Buffer.from(text), { typ, keys, signatures: nodeSignatures });
  expect(asDevice("aerolink-trust+jwt")).toHaveProperty("payload");
  expect(asDevice("aerolink-manifest+jwt")).toEqual({ fault: "wrong-type" });
});

test("An update is no trust list, and a trust list no update", () => {
  const facts = { image: simulatorImageOf(2), release: 2, version: "0.2.0", boards: ["simulator"] };
  const formats = { journal: 1, settings: 1, credentials: 1 };
  const offer = signManifest(
    createManifest({ ...facts, from: 1, floor: 1, formats, iat: 1, expires: 2 }),
    key,
  );
  expect(() => readTrustList(offer, [point], "it")).toThrow("signed, but not as a trust list");
});

test("Four authorities of P-256 are what a device reads at once", () => {
  const four = ["old", "new", "third", "fourth"].map((name) => authorities[name]!);
  const jws = signTrustList(createTrustList(four, 7, NOW), key);
  expect(jws.length).toBeGreaterThan(2_048);
  expect(jws.length).toBeLessThanOrEqual(3_840);
  expect(() => createTrustList([...four, authorities.fifth!], 7, NOW)).toThrow("1 to 4");
  expect(() => createTrustList([], 7, NOW)).toThrow("1 to 4");
});

test("A list without any authority of the one before it is refused: between the two a device would know nobody", async () => {
  await trust(["old", "new"], "--list", "5", "--out", file("5.jws"));
  const next = await trust(["third"], "--previous", file("5.jws"), "--out", file("6.jws"));
  expect(next).toMatchObject({ code: 1 });
  expect(next.said).toContain("side by side");
  const late = await trust(["new"], "--previous", file("5.jws"), "--list", "5", "--out", file("6.jws"));
  expect(late.said).toContain("not above 5");
  expect(await trust(["new"], "--previous", file("5.jws"), "--out", file("6.jws"))).toMatchObject({
    code: 0,
  });
});

test("What would leave a device without a way is refused: a leaf, an authority for clients, a weak or an ending one", async () => {
  const wrong: Record<string, [Uint8Array, string]> = {
    leaf: [(await issue({ commonName: "leaf" })).der, "is no authority"],
    clients: [(await createAuthority("clients", { usage: "client" })).certificate, "reach no broker"],
    weak: [(await issue({ commonName: "weak", authority: true, key: "RSA-1024" })).der, "too weak"],
    ending: [
      (await createAuthority("ending", { notAfter: new Date(NOW + 20 * 86_400_000) })).certificate,
      "expires within a month",
    ],
  };
  for (const [name, [der, why]] of Object.entries(wrong)) {
    writeFileSync(file(`${name}.pem`), pem(der, "CERTIFICATE"));
    const { code, said } = await trust([name], "--list", "1", "--out", file("wrong.jws"));
    expect([code, said], name).toEqual([1, expect.stringContaining(why)]);
  }
  expect(await trust(["clients", "old"], "--list", "1", "--out", file("both.jws"))).toMatchObject({
    code: 0,
  });
  const twice = await trust(["old", "old"], "--list", "1", "--out", file("wrong.jws"));
  expect(twice.said).toContain("twice");
});

test("Authorities with keys of RSA are too long together, which is said before it is signed", async () => {
  const long = await Promise.all(
    ["a", "b", "c"].map(
      async (name) =>
        (await issue({ commonName: name, authority: true, key: "RSA-2048", validForDays: 90 })).der,
    ),
  );
  expect(() => createTrustList([...long, authorities.old!], 1, NOW)).toThrow(
    /has \d+ bytes, and a device reads/,
  );
});

test("A key that no build trusts signs nothing, and no list is overwritten", async () => {
  writeFileSync(file("other.pem"), formatPem("PRIVATE KEY", await createKey()));
  const other = await run(
    ...["trust", "--signing-key", file("other.pem"), "--authority", file("old.pem")],
    ...["--list", "1", "--out", file("other.jws")],
  );
  expect(other.said).toContain("no device would take it");
  await trust(["old"], "--list", "1", "--out", file("there.jws"));
  expect((await trust(["old"], "--list", "1", "--out", file("there.jws"))).said).toContain("there already");
  expect((await trust(["old"], "--out", file("none.jws"))).said).toContain("--list N");
});
