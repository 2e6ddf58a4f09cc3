import { crc32 } from "../base/crc32";
import { parseJsonObject } from "../base/json";
import { type BrokerProfile, parseFactoryProfile } from "../configuration/broker-profile";
import { type Calibration, type FactoryValues, parseCalibration } from "../configuration/factory-values";
import type { TlsIdentity } from "../network/socket";
import {
  allFields,
  areCertificates,
  areWhole,
  FIELD,
  isP256Key,
  onlyField,
  startsWith,
  uint16,
  uint32,
} from "./fields";

/**
 * Who the device is: what the factory wrote into the flash partition `identity`, and nothing in the firmware ever
 * writes. The image, integers little-endian:
 *
 * | offset | bytes | |
 * |---|---|---|
 * | 0 | 4 | "ALID" |
 * | 4 | 2 | version, 1 |
 * | 6 | 2 | length of the fields |
 * | 8 | length | fields: tag (1), length (2), value; tags in {@link FIELD} (fields.ts), unknown ones are passed over |
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
  /** What the factory measured of its sensors: defaults of these settings, to which a factory reset comes back. */
  readonly calibration?: Calibration;
  /** Behind its broker there is a service that renews its certificate. */
  readonly renewal?: "mqtt";
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
export const VERSION_OFFSET = 4;
export const LENGTH_OFFSET = 6;
export const HEADER_LENGTH = 8;
export const CRC_LENGTH = 4;

const VALUES_LIMITS = Object.freeze({ mostBytes: 1_024, mostDepth: 1, mostParts: 16 } as const, true);

/** "ALID" */
export const MAGIC: readonly number[] = Object.freeze([0x41, 0x4c, 0x49, 0x44]);

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
  if (uint32(image, end) !== crc32(image, 0, end)) return "corrupt";
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
  const deviceId = parseText(onlyField(fields, FIELD.deviceId), 1, MAX_ID_LENGTH, isIdCharacter);
  const setupPassword = parseText(onlyField(fields, FIELD.setupPassword), 8, 63, isPrintable);
  const privateKey = onlyField(fields, FIELD.privateKey);
  const certificateChain = allFields(fields, FIELD.certificate);
  const certificateAuthorities = allFields(fields, FIELD.authority);
  if (deviceId === undefined || setupPassword === undefined) return undefined;
  if (!privateKey || !isP256Key(privateKey)) return undefined;
  if (!areCertificates(certificateChain) || !areCertificates(certificateAuthorities)) return undefined;
  const brokerDomain = parseText(onlyField(fields, FIELD.brokerDomain), 1, 253, isIdCharacter);
  if (brokerDomain === undefined && allFields(fields, FIELD.brokerDomain).length > 0) return undefined;
  const broker = parseValues(allFields(fields, FIELD.broker), parseFactoryProfile);
  const calibration = parseValues(allFields(fields, FIELD.calibration), parseCalibration);
  if (broker === undefined || calibration === undefined) return undefined;
  const renewal = parseText(onlyField(fields, FIELD.renewal), 4, 4, isIdCharacter);
  const identity = {
    deviceId,
    setupPassword,
    privateKey,
    certificateChain,
    certificateAuthorities,
    ...(brokerDomain !== undefined && { brokerDomain }),
    ...(broker && { broker }),
    ...(calibration && { calibration }),
    // Of another service than this one a later firmware may know more.
    ...(renewal === "mqtt" && { renewal: "mqtt" as const }),
  };
  if (allFields(fields, FIELD.mac).length === 0) return identity;
  const mac = onlyField(fields, FIELD.mac);
  return mac?.length === 6 ? { ...identity, mac: formatMac(mac) } : undefined;
}

/** Settings as JSON. `null`: there are none. */
function parseValues<Parsed>(
  fields: readonly Uint8Array[],
  parse: (values: FactoryValues) => Parsed | undefined,
): Parsed | null | undefined {
  if (fields.length === 0) return null;
  const json = fields.length === 1 ? parseJsonObject(fields[0]!, VALUES_LIMITS) : "not-json";
  return typeof json === "string" ? undefined : parse(json);
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
