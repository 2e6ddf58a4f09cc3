import { createHash, createPrivateKey, createPublicKey, type KeyObject } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { exists, Refusal } from "../pki/files";

/** The device takes so many keys at most (`config.updateKeys`). */
export const MOST_KEYS = 3;

/** A folder of signing keys: the private one, and beside it the public one as an image has it. */
export const keyPaths = (dir: string, name: string): { key: string; point: string } => ({
  key: join(dir, `${name}.key.pem`),
  point: join(dir, `${name}.pub`),
});

/** The uncompressed point of P-256 of a private or public key, 65 bytes. @throws RangeError for any other key */
export function pointOf(key: KeyObject): Uint8Array {
  const { kty, crv, x, y } =
    key.type === "private" ? createPublicKey(key).export({ format: "jwk" }) : key.export({ format: "jwk" });
  if (kty !== "EC" || crv !== "P-256") throw new RangeError("not a key of the curve P-256");
  return Buffer.concat([Buffer.of(4), Buffer.from(x!, "base64url"), Buffer.from(y!, "base64url")]);
}

export const pointOfPkcs8 = (pkcs8: Uint8Array): Uint8Array =>
  pointOf(createPrivateKey({ key: Buffer.from(pkcs8), format: "der", type: "pkcs8" }));

/** A point as a key that verifies. @throws Error when it is none of the curve */
export function keyOfPoint(point: Uint8Array): KeyObject {
  if (point.length !== 65 || point[0] !== 4) throw new RangeError("not an uncompressed point of P-256");
  const [x, y] = [point.subarray(1, 33), point.subarray(33)].map((each) =>
    Buffer.from(each).toString("base64url"),
  );
  return createPublicKey({ key: { kty: "EC", crv: "P-256", x: x!, y: y! }, format: "jwk" });
}

/** A hint at the key of a signature: the first 8 hex digits of its SHA-256. */
export const kidOf = (point: Uint8Array): string =>
  createHash("sha256").update(point).digest("hex").slice(0, 8);

export const formatPoint = (point: Uint8Array): string => Buffer.from(point).toString("base64url");

/** @throws Refusal naming `where` */
export function parsePoint(text: string, where: string): Uint8Array {
  const point = new Uint8Array(Buffer.from(text.trim(), "base64url"));
  try {
    keyOfPoint(point);
  } catch (cause) {
    throw new Refusal(`${where}: not a public key of P-256 (65 bytes, base64url)`, { cause });
  }
  return point;
}

/** The keys that the next build trusts. @throws Refusal when the manifest has none to read */
export async function readTrustedKeys(manifest: string): Promise<Uint8Array[]> {
  const list = listIn(await readText(manifest), manifest);
  return list.map((text, i) => parsePoint(text, `${manifest}, key ${i + 1} of updateKeys`));
}

/** `text` of a manifest with one key more. @throws Refusal when it has three, or this one */
export function withTrustedKey(text: string, point: Uint8Array, where: string): string {
  const list = listIn(text, where);
  const key = formatPoint(point);
  if (list.includes(key)) throw new Refusal(`${where} has this key already`);
  if (list.length >= MOST_KEYS)
    throw new Refusal(`${where} has ${MOST_KEYS} keys, which is all that a device takes: remove one first`);
  const lines = [...list, key].map((each) => `      ${JSON.stringify(each)}`);
  return text.replace(LIST, `"updateKeys": [\n${lines.join(",\n")}\n    ]`);
}

const LIST = /"updateKeys"\s*:\s*(\[[^\]]*\])/;

function listIn(text: string, where: string): string[] {
  const list: unknown = JSON.parse(LIST.exec(text)?.[1] ?? "null");
  if (!Array.isArray(list) || !list.every((each) => typeof each === "string"))
    throw new Refusal(`${where}: no list "updateKeys" in its config`);
  return list;
}

/** Names of the keys whose private half lies in the folder. */
export async function keysIn(dir: string): Promise<string[]> {
  if (!(await exists(dir))) return [];
  return (await readdir(dir))
    .flatMap((file) => /^(.+)\.key\.pem$/.exec(file)?.[1] ?? [])
    .sort((a, b) => (a < b ? -1 : 1));
}

async function readText(path: string): Promise<string> {
  return readFile(path, "utf8").catch((cause: NodeJS.ErrnoException) => {
    throw new Refusal(`${path}: cannot be read (${cause.code})`, { cause });
  });
}
