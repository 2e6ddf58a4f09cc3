// Finds private keys where none belong: in what the lanes build, in logs, pages and messages.
import { createPrivateKey } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { extname, join } from "node:path";

/** Any private key in PEM, whosever it is. */
const PEM = /-----BEGIN (?:[A-Z]+ )?PRIVATE KEY-----\s*[A-Za-z0-9+/]/;
/** How any P-256 key begins in DER (RFC 5915), behind the two bytes of its sequence: version 1, and 32 bytes. */
const DER = Buffer.from([0x02, 0x01, 0x01, 0x04, 0x20]);

/**
 * The forms that `secret` may have in other bytes: as it is, hexadecimal, base64 wherever it begins in a longer text,
 * and as a list of numbers.
 * @param {Uint8Array} secret at least 8 bytes
 * @returns {Buffer[]}
 */
export function formsOf(secret) {
  const bytes = Buffer.from(secret);
  const hex = bytes.toString("hex");
  // Base64 codes three bytes at once: what stands before the secret shifts it.
  const base64 = [0, 1, 2].map((shift) => {
    const whole = bytes.subarray((3 - shift) % 3);
    return whole.subarray(0, whole.length - (whole.length % 3)).toString("base64");
  });
  return [
    bytes,
    ...[hex, hex.toUpperCase(), hex.match(/../g).join(":"), ...base64].map((text) => Buffer.from(text)),
    ...base64.map((text) => Buffer.from(text.replaceAll("+", "-").replaceAll("/", "_"))),
    ...[",", ", "].map((comma) => Buffer.from([...bytes].join(comma))),
  ];
}

/**
 * The number that makes an EC key private, 32 bytes for P-256.
 * @param {string | Uint8Array} key PEM, or PKCS#8 DER
 */
export function privatePart(key) {
  const from = typeof key === "string" ? key : { key: Buffer.from(key), format: "der", type: "pkcs8" };
  return Buffer.from(createPrivateKey(from).export({ format: "jwk" }).d, "base64url");
}

/** Private parts of all keys in PEM files below `folder`. */
export function keysBelow(folder) {
  if (!existsSync(folder)) return [];
  return files(folder)
    .filter((file) => extname(file) === ".pem")
    .flatMap(
      (file) =>
        readFileSync(file, "latin1").match(/-----BEGIN PRIVATE KEY-----[^-]+-----END PRIVATE KEY-----/g) ??
        [],
    )
    .map((pem) => privatePart(pem));
}

/**
 * Whether `bytes` hold a private key in PEM, a P-256 key in DER, or one of `secrets` in any form; C texts also with
 * their escapes undone.
 */
export function holdsSecret(bytes, secrets) {
  const views = [bytes];
  const text = bytes.toString("latin1");
  if (PEM.test(text)) return true;
  if (/\\x[0-9a-f]{2}|\\[0-7]{3}/.test(text)) views.push(Buffer.from(unescaped(text), "latin1"));
  const forms = secrets.flatMap(formsOf);
  return views.some((view) => holdsDer(view) || forms.some((form) => view.includes(form)));
}

function holdsDer(bytes) {
  for (let at = bytes.indexOf(DER); at >= 0; at = bytes.indexOf(DER, at + 1))
    if (bytes[at - 2] === 0x30) return true;
  return false;
}

function unescaped(text) {
  return text.replace(/\\(?:x([0-9a-f]{2})|([0-7]{1,3})|([^\n]))/gi, (_, hex, octal, other) =>
    hex
      ? String.fromCharCode(Number.parseInt(hex, 16))
      : octal
        ? String.fromCharCode(Number.parseInt(octal, 8))
        : other,
  );
}

/** Files below `folder` that hold a private key; those in `except` (folders) are not looked at. */
export function leaksIn(folder, secrets, except = []) {
  return files(folder, except).filter((file) => holdsSecret(readFileSync(file), secrets));
}

function files(folder, except = []) {
  if (except.includes(folder)) return [];
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    return entry.isDirectory() ? files(path, except) : entry.isFile() ? [path] : [];
  });
}
