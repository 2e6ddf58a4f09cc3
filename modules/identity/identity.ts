import { crc32 } from "../base/crc32";
import { parseJsonObject } from "../base/json";
import { type BrokerProfile, parseFactoryProfile } from "../configuration/broker-profile";
import type { TlsIdentity } from "../network/socket";

/**
 * Who the device is: what the factory wrote into the flash partition `identity`, and nothing in the firmware ever
 * writes. The image, integers little-endian:
 *
 * | offset | bytes | |
 * |---|---|---|
 * | 0 | 4 | "ALID" |
 * | 4 | 2 | version, 1 |
 * | 6 | 2 | length of the fields |
 * | 8 | length | fields: tag (1), length (2), value; tags in {@link FIELD}, unknown ones are passed over |
 * | 8 + length | 4 | CRC-32 of all before it |
 *
 * The rest of the partition is not looked at.
 */
export interface Identity extends TlsIdentity {
  /** 1–{@link MAX_ID_LENGTH} of A–Z a–z 0–9 - . _: MQTT client id, topic level and common name of the certificate. */
  readonly deviceId: string;
  /** Station MAC of the board that this image was made for, "aa:bb:cc:dd:ee:ff". */
  readonly mac?: string;
  /** Password of the setup access point, as on the label: 8–63 printable ASCII characters. */
  readonly setupPassword: string;
  /** Where a broker that the cloud sets must lie: a domain; absent: anywhere. */
  readonly brokerDomain?: string;
  /** The broker that the device knows from the factory, in place of the build's; a factory reset comes back to it. */
  readonly broker?: Partial<BrokerProfile>;
  readonly privateKey: Uint8Array;
}

/** Why there is no identity. None of these is ever mended by inventing one. */
export type IdentityFault =
  /** Erased flash, or no such partition: the factory has not written it. */
  | "missing"
  /** Not an image, cut short, or its CRC is wrong. */
  | "corrupt"
  /** A sound image of a version that this firmware does not know. */
  | "unsupported-version"
  /** The CRC is right and the contents are not: the tool that wrote it is at fault. */
  | "malformed"
  /** The board's TLS cannot be this device: a key that is not its certificate's, or of a kind that it does not know. */
  | "unusable";

/** Bytes of the partition. */
export const IDENTITY_SIZE = 8192;
export const IDENTITY_VERSION = 1;
export const MAX_ID_LENGTH = 64;
/** Certificates in the chain, and authorities, at most. */
export const MAX_CERTIFICATES = 4;
export const VERSION_OFFSET = 4;
export const LENGTH_OFFSET = 6;
export const HEADER_LENGTH = 8;
export const CRC_LENGTH = 4;

/** Tags of the fields. */
export const FIELD = Object.freeze(
  {
    deviceId: 1,
    mac: 2,
    /** PKCS#8 DER of a P-256 key. */
    privateKey: 3,
    /** DER, leaf first; once each. */
    certificate: 4,
    /** DER; once each. */
    authority: 5,
    setupPassword: 6,
    brokerDomain: 7,
    /** JSON of settings of the broker's profile. */
    broker: 8,
  } as const,
  true,
);

const BROKER_LIMITS = Object.freeze({ mostBytes: 1_024, mostDepth: 1, mostParts: 16 } as const, true);

/** "ALID" */
export const MAGIC: readonly number[] = Object.freeze([0x41, 0x4c, 0x49, 0x44]);

/** What a P-256 key's PKCS#8 (RFC 5208, RFC 5915) says between its outer header and the key itself. */
const P256_PREFIX: readonly number[] = Object.freeze([
  0x02, 0x01, 0x00, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86,
  0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x04,
]);

/** The part of the SDK's flash storage that is needed to read the partition. */
export interface IdentityPartition {
  read(byteLength: number, byteOffset: number): ArrayBuffer;
}

/** Of the image that a board has read; `undefined` stands for no such partition. */
export function identityOf(image: ArrayBuffer | undefined): Identity | IdentityFault {
  return image ? parseIdentity(new Uint8Array(image)) : "missing";
}

/** As much of the partition as its image is long by its own header; the header alone when that is none. */
export function readIdentityImage(partition: IdentityPartition): ArrayBuffer {
  const header = partition.read(HEADER_LENGTH, 0);
  const length = imageLength(new Uint8Array(header));
  return length === undefined ? header : partition.read(length, 0);
}

/** The one parser of identity images. The byte fields of the result are views of `image`. Never throws. */
export function parseIdentity(image: Uint8Array): Identity | IdentityFault {
  const length = imageLength(image);
  if (length === undefined) return image.every((byte) => byte === 0xff) ? "missing" : "corrupt";
  if (length > image.length) return "corrupt";
  const end = length - CRC_LENGTH;
  const crc = (uint16(image, end) | (uint16(image, end + 2) << 16)) >>> 0;
  if (crc !== crc32(image, 0, end)) return "corrupt";
  if (uint16(image, VERSION_OFFSET) !== IDENTITY_VERSION) return "unsupported-version";
  return parseFields(image.subarray(HEADER_LENGTH, end)) ?? "malformed";
}

/** Bytes of the image by its header; `undefined` when that is none. */
function imageLength(image: Uint8Array): number | undefined {
  if (image.length < HEADER_LENGTH || !startsWith(image, 0, MAGIC)) return undefined;
  const length = HEADER_LENGTH + uint16(image, LENGTH_OFFSET) + CRC_LENGTH;
  return length <= IDENTITY_SIZE ? length : undefined;
}

/** @returns `undefined` when a field is cut, missing, there twice or out of its range */
function parseFields(fields: Uint8Array): Identity | undefined {
  if (!areWhole(fields)) return undefined;
  const deviceId = parseText(only(fields, FIELD.deviceId), 1, MAX_ID_LENGTH, isIdCharacter);
  const setupPassword = parseText(only(fields, FIELD.setupPassword), 8, 63, isPrintable);
  const privateKey = only(fields, FIELD.privateKey);
  const certificateChain = all(fields, FIELD.certificate);
  const certificateAuthorities = all(fields, FIELD.authority);
  if (deviceId === undefined || setupPassword === undefined) return undefined;
  if (!privateKey || !isP256Key(privateKey)) return undefined;
  if (!areCertificates(certificateChain) || !areCertificates(certificateAuthorities)) return undefined;
  const brokerDomain = parseText(only(fields, FIELD.brokerDomain), 1, 253, isIdCharacter);
  if (brokerDomain === undefined && all(fields, FIELD.brokerDomain).length > 0) return undefined;
  const broker = parseBroker(all(fields, FIELD.broker));
  if (broker === undefined) return undefined;
  const identity = {
    deviceId,
    setupPassword,
    privateKey,
    certificateChain,
    certificateAuthorities,
    ...(brokerDomain !== undefined && { brokerDomain }),
    ...(broker && { broker }),
  };
  if (all(fields, FIELD.mac).length === 0) return identity;
  const mac = only(fields, FIELD.mac);
  return mac?.length === 6 ? { ...identity, mac: formatMac(mac) } : undefined;
}

/** `null`: there is none. */
function parseBroker(values: readonly Uint8Array[]): Partial<BrokerProfile> | null | undefined {
  if (values.length === 0) return null;
  const json = values.length === 1 ? parseJsonObject(values[0]!, BROKER_LIMITS) : "not-json";
  return typeof json === "string" ? undefined : parseFactoryProfile(json);
}

/** Whether the fields fill their bytes exactly. What follows relies on it. */
function areWhole(fields: Uint8Array): boolean {
  let at = 0;
  while (at + 3 <= fields.length) at += 3 + uint16(fields, at + 1);
  return at === fields.length;
}

/** The values of all fields with `tag`, in order. */
function all(fields: Uint8Array, tag: number): Uint8Array[] {
  const values: Uint8Array[] = [];
  for (let at = 0; at < fields.length; at += 3 + uint16(fields, at + 1)) {
    if (fields[at] === tag) values.push(fields.subarray(at + 3, at + 3 + uint16(fields, at + 1)));
  }
  return values;
}

/** The value of the only field with `tag`; `undefined` when there is none or more than one. */
function only(fields: Uint8Array, tag: number): Uint8Array | undefined {
  const values = all(fields, tag);
  return values.length === 1 ? values[0] : undefined;
}

function areCertificates(values: Uint8Array[]): boolean {
  const count = values.length;
  return count > 0 && count <= MAX_CERTIFICATES && values.every((der) => contentOffset(der) !== undefined);
}

function isP256Key(der: Uint8Array): boolean {
  const content = contentOffset(der);
  return content !== undefined && startsWith(der, content, P256_PREFIX);
}

/** Where the content of the DER SEQUENCE begins that is the whole of `der` (X.690, 8.1.3); `undefined`: it is not one. */
function contentOffset(der: Uint8Array): number | undefined {
  if (der.length < 2 || der[0] !== 0x30) return undefined;
  const short = der[1]!;
  if (short < 0x80) return short === der.length - 2 ? 2 : undefined;
  const lengthBytes = short - 0x80;
  if (lengthBytes === 1) return der[2] === der.length - 3 ? 3 : undefined;
  return lengthBytes === 2 && der[2]! * 256 + der[3]! === der.length - 4 ? 4 : undefined;
}

function parseText(
  value: Uint8Array | undefined,
  min: number,
  max: number,
  allowed: (code: number) => boolean,
): string | undefined {
  if (!value || value.length < min || value.length > max || !value.every(allowed)) return undefined;
  return String.fromCharCode(...value);
}

function isPrintable(code: number): boolean {
  return code >= 0x20 && code < 0x7f;
}

/** A–Z a–z 0–9 - . _ */
function isIdCharacter(code: number): boolean {
  const letter = code | 0x20;
  if (letter >= 0x61 && letter <= 0x7a) return true;
  return (code >= 0x30 && code <= 0x39) || code === 0x2d || code === 0x2e || code === 0x5f;
}

function formatMac(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join(":");
}

function startsWith(bytes: Uint8Array, at: number, expected: readonly number[]): boolean {
  return expected.every((byte, i) => bytes[at + i] === byte);
}

function uint16(bytes: Uint8Array, at: number): number {
  return bytes[at]! | (bytes[at + 1]! << 8);
}
