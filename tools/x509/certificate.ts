import { createPublicKey, type KeyObject } from "node:crypto";
import { DerReader, lowerText, oidOf, readBits, readInteger, TAG, Unreadable, type Value } from "./der";
import { type Extensions, readExtensions } from "./extensions";
import {
  CURVES,
  HASHES,
  type Hash,
  KEYS,
  MGF1,
  RSASSA_PSS,
  SIGNATURES,
  type SignatureAlgorithm,
} from "./oids";

export interface Signature extends SignatureAlgorithm {
  /** RSASSA-PSS, with this much salt. */
  readonly saltLength?: number;
  readonly value: Buffer;
}

/** A certificate as the device's TLS sees it. */
export interface Certificate extends Extensions {
  readonly der: Buffer;
  readonly version: number;
  readonly issuer: Name;
  readonly subject: Name;
  /** Unix milliseconds; the last moment still counts. */
  readonly notBefore: number;
  readonly notAfter: number;
  readonly key: KeyObject;
  readonly keyKind: "rsa" | "ec";
  readonly hasStrongKey: boolean;
  /** What is signed. */
  readonly signed: Buffer;
  readonly signature: Signature;
}

/** Attributes in order: set, type, tag and value. */
export type Name = readonly { readonly set: number; readonly oid: string; readonly value: Value }[];

/** `cannot-read`: mbedTLS ends the handshake for it. `passed-over`: its signature is of a kind that it does not know. */
export type Reading = Certificate | "cannot-read" | "passed-over";

const STRONG_RSA_BITS = 2048;
const STRINGS = [0x1e, 0x0c, 0x14, 0x13, 0x16, 0x1c, 0x03];
const NO_EXTENSIONS: Extensions = { isAuthority: false, mayServe: true, mayConnect: true, names: [] };

class UnknownSignature extends Error {}

/**
 * What mbedTLS makes of a certificate's DER (mbedtls_x509_crt_parse_der), and the device's engine with it. One of our
 * own anchors may have critical name constraints, which the engine judges itself; mbedTLS takes none from a server.
 */
export function readCertificate(der: Uint8Array, isAnchor = false): Reading {
  try {
    return parse(der, isAnchor);
  } catch (error) {
    if (error instanceof UnknownSignature) return "passed-over";
    if (error instanceof Unreadable) return "cannot-read";
    throw error;
  }
}

function parse(der: Uint8Array, isAnchor: boolean): Certificate {
  const whole = new DerReader(der).take(TAG.sequence);
  const outer = new DerReader(whole.content);
  const signed = outer.take(TAG.sequence);
  const body = new DerReader(signed.content);
  const version = readVersion(body);
  const serial = body.take();
  if (serial.tag !== TAG.integer && serial.tag !== 0x82) throw new Unreadable();
  const algorithm = body.take(TAG.sequence);
  const { oid, parameters } = readAlgorithm(algorithm);
  if (version < 0 || version > 2) throw new Unreadable();
  const kind = readSignatureKind(oid, parameters);
  const issuer = readName(body.enter(TAG.sequence), false);
  const dates = body.enter(TAG.sequence);
  const notBefore = readTime(dates.take());
  const notAfter = readTime(dates.take());
  dates.end();
  const subject = readName(body.enter(TAG.sequence), true);
  const publicKey = readPublicKey(body.take(TAG.sequence));
  if (version > 0) {
    body.takeIf(0xa1);
    body.takeIf(0xa2);
  }
  const extensions = version === 2 && !body.isAtEnd ? enterExtensions(body) : undefined;
  body.end();
  const second = readAlgorithm(outer.take(TAG.sequence));
  if (second.oid !== oid || !sameParameters(parameters, second.parameters)) throw new Unreadable();
  const value = outer.take(TAG.bitString);
  if (value.content[0] !== 0) throw new Unreadable();
  outer.end();
  return {
    ...(extensions ? readExtensions(extensions, isAnchor) : NO_EXTENSIONS),
    der: whole.whole,
    version: version + 1,
    issuer,
    subject,
    notBefore,
    notAfter,
    ...publicKey,
    signed: signed.whole,
    signature: { ...kind, value: value.content.subarray(1) },
  };
}

function readVersion(body: DerReader): number {
  if (body.nextTag !== 0xa0) return 0;
  const content = body.enter(0xa0);
  const version = readInteger(content.take(TAG.integer));
  content.end();
  return version;
}

function enterExtensions(body: DerReader): DerReader {
  const explicit = body.enter(0xa3);
  const list = explicit.enter(TAG.sequence);
  explicit.end();
  return list;
}

function readAlgorithm({ content }: Value): { oid: string; parameters?: Value } {
  const reader = new DerReader(content);
  const oid = oidOf(reader.take(TAG.oid));
  if (reader.isAtEnd) return { oid };
  const parameters = reader.take();
  reader.end();
  return { oid, parameters };
}

function sameParameters(a: Value | undefined, b: Value | undefined): boolean {
  return a?.tag === b?.tag && (a?.content ?? Buffer.alloc(0)).equals(b?.content ?? Buffer.alloc(0));
}

function isAbsent(parameters: Value | undefined): boolean {
  return parameters === undefined || (parameters.tag === TAG.null && parameters.content.length === 0);
}

function readSignatureKind(oid: string, parameters: Value | undefined): Omit<Signature, "value"> {
  if (oid === RSASSA_PSS) return readPssParameters(parameters);
  const known = SIGNATURES[oid];
  if (!known) throw new UnknownSignature();
  if (!isAbsent(parameters)) throw new Unreadable();
  return known;
}

/** RFC 4055, 3.1. */
function readPssParameters(parameters: Value | undefined): Omit<Signature, "value"> {
  if (parameters?.tag !== TAG.sequence) throw new Unreadable();
  const fields = new DerReader(parameters.content);
  const explicit = (tag: number): DerReader | undefined =>
    fields.nextTag === tag ? fields.enter(tag) : undefined;
  const hashField = explicit(0xa0);
  const hash = hashField ? readHash(hashField.take(TAG.sequence)) : "sha1";
  hashField?.end();
  const maskField = explicit(0xa1);
  const mask = maskField && readAlgorithm(maskField.take(TAG.sequence));
  maskField?.end();
  if (mask && (mask.oid !== MGF1 || mask.parameters?.tag !== TAG.sequence)) throw new Unreadable();
  const maskHash = mask?.parameters ? readHash(mask.parameters) : "sha1";
  const saltField = explicit(0xa2);
  const saltLength = saltField ? readInteger(saltField.take(TAG.integer)) : 20;
  saltField?.end();
  const trailer = explicit(0xa3);
  if (trailer && readInteger(trailer.take(TAG.integer)) !== 1) throw new Unreadable();
  trailer?.end();
  fields.end();
  if (maskHash !== hash) throw new Unreadable();
  return { kind: "rsa", hash, saltLength };
}

function readHash(algorithm: Value): Hash {
  const { oid, parameters } = readAlgorithm(algorithm);
  const hash = HASHES[oid];
  if (!hash || !isAbsent(parameters)) throw new Unreadable();
  return hash;
}

function readName(sets: DerReader, mayBeEmpty: boolean): Name {
  const name: { set: number; oid: string; value: Value }[] = [];
  if (sets.isAtEnd && !mayBeEmpty) throw new Unreadable();
  for (let set = 0; !sets.isAtEnd; set++) {
    const attributes = sets.enter(TAG.set);
    do {
      const attribute = attributes.enter(TAG.sequence);
      const oid = oidOf(attribute.take(TAG.oid));
      const value = attribute.take();
      attribute.end();
      if (!STRINGS.includes(value.tag)) throw new Unreadable();
      name.push({ set, oid, value });
    } while (!attributes.isAtEnd);
  }
  return name;
}

/** Equal types and values in the same sets; UTF8String and PrintableString without regard to ASCII letter case. */
export function isSameName(a: Name, b: Name): boolean {
  return (
    a.length === b.length &&
    a.every(
      ({ oid, set, value }, i) => oid === b[i]!.oid && set === b[i]!.set && isSameText(value, b[i]!.value),
    )
  );
}

function isSameText(a: Value, b: Value): boolean {
  if (a.tag === b.tag && a.content.equals(b.content)) return true;
  const isPlain = ({ tag }: Value): boolean => tag === 0x0c || tag === 0x13;
  return isPlain(a) && isPlain(b) && lowerText(a.content) === lowerText(b.content);
}

function readTime({ tag, content }: Value): number {
  const yearDigits = tag === TAG.utcTime ? 2 : tag === TAG.generalizedTime ? 4 : undefined;
  if (!yearDigits) throw new Unreadable();
  const match = new RegExp(`^(\\d{${yearDigits}})(\\d\\d)(\\d\\d)(\\d\\d)(\\d\\d)(\\d\\d)Z?$`).exec(
    content.toString("latin1"),
  );
  if (!match) throw new Unreadable();
  const [year, month, day, hour, minute, second] = match.slice(1).map(Number) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  const fullYear = yearDigits === 4 ? year : year < 50 ? 2000 + year : 1900 + year;
  const date = new Date(0);
  date.setUTCFullYear(fullYear, month - 1, day);
  date.setUTCHours(hour, minute, second);
  if (date.getUTCMonth() !== month - 1 || date.getUTCDate() !== day) throw new Unreadable();
  if (hour > 23 || minute > 59 || second > 59) throw new Unreadable();
  return date.getTime();
}

function readPublicKey({ whole, content }: Value): Pick<Certificate, "key" | "keyKind" | "hasStrongKey"> {
  const reader = new DerReader(content);
  const { oid, parameters } = readAlgorithm(reader.take(TAG.sequence));
  const bits = reader.take(TAG.bitString);
  reader.end();
  const point = readBits(bits);
  const keyKind = KEYS[oid];
  if (bits.content[0] !== 0 || !keyKind) throw new Unreadable();
  const isStrongCurve =
    keyKind === "ec" && parameters?.tag === TAG.oid ? CURVES[oidOf(parameters)] : undefined;
  if (keyKind === "ec" && (isStrongCurve === undefined || point[0] !== 4)) throw new Unreadable();
  if (keyKind === "rsa" && !isAbsent(parameters)) throw new Unreadable();
  try {
    const key = createPublicKey({ key: whole, format: "der", type: "spki" });
    const bitLength = key.asymmetricKeyDetails?.modulusLength ?? 0;
    return { key, keyKind, hasStrongKey: isStrongCurve ?? bitLength >= STRONG_RSA_BITS };
  } catch {
    throw new Unreadable();
  }
}
