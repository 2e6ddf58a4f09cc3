/** Certificates in the chain, and authorities, at most. */
export const MAX_CERTIFICATES = 4;

/** Tags of the fields of an identity, and of what was renewed over it. */
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
    /** The service that renews the device's certificate. */
    renewal: 9,
    /** Number of a trust list, four bytes; not in an identity. */
    list: 10,
    /** JSON of offsets that the factory measured. */
    calibration: 11,
  } as const,
  true,
);

/** What a P-256 key's PKCS#8 (RFC 5208, RFC 5915) says between its outer header and the key itself. */
const P256_PREFIX: readonly number[] = Object.freeze([
  0x02, 0x01, 0x00, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86,
  0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x04,
]);

/** What of an identity can be renewed: a key with the chain that is for it, and authorities by the number of their list. */
export interface RenewedParts {
  /** PKCS#8 DER. */
  readonly privateKey?: Uint8Array;
  /** DER, leaf first. */
  readonly certificateChain?: readonly Uint8Array[];
  /** DER. */
  readonly certificateAuthorities?: readonly Uint8Array[];
  readonly list?: number;
}

/** The fields of these parts. */
export function formatParts(parts: RenewedParts): Uint8Array {
  const { privateKey, certificateChain = [], certificateAuthorities = [], list } = parts;
  const fields: [tag: number, value: Uint8Array][] = [];
  if (list !== undefined)
    fields.push([FIELD.list, Uint8Array.of(list, list >>> 8, list >>> 16, list >>> 24)]);
  if (privateKey) fields.push([FIELD.privateKey, privateKey]);
  for (const der of certificateChain) fields.push([FIELD.certificate, der]);
  for (const der of certificateAuthorities) fields.push([FIELD.authority, der]);
  let length = 0;
  for (const [, value] of fields) length += 3 + value.length;
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const [tag, value] of fields) {
    bytes[at] = tag;
    bytes[at + 1] = value.length;
    bytes[at + 2] = value.length >> 8;
    bytes.set(value, at + 3);
    at += 3 + value.length;
  }
  return bytes;
}

/** The one parser of that; its parts are views. `undefined`: it is neither a key with its chain nor a list. */
export function parseParts(fields: Uint8Array): RenewedParts | undefined {
  if (!areWhole(fields)) return undefined;
  const privateKey = onlyField(fields, FIELD.privateKey);
  const number = onlyField(fields, FIELD.list);
  const certificateChain = allFields(fields, FIELD.certificate);
  const certificateAuthorities = allFields(fields, FIELD.authority);
  if (number)
    return number.length === 4 && areCertificates(certificateAuthorities)
      ? { list: uint32(number, 0), certificateAuthorities }
      : undefined;
  return privateKey && isP256Key(privateKey) && areCertificates(certificateChain)
    ? { privateKey, certificateChain }
    : undefined;
}

/** Whether the fields fill their bytes exactly: tag (1), length (2, little-endian), value. What follows relies on it. */
export function areWhole(fields: Uint8Array): boolean {
  let at = 0;
  while (at + 3 <= fields.length) at += 3 + uint16(fields, at + 1);
  return at === fields.length;
}

/** The values of all fields with `tag`, in order: views of `fields`. */
export function allFields(fields: Uint8Array, tag: number): Uint8Array[] {
  const values: Uint8Array[] = [];
  for (let at = 0; at < fields.length; at += 3 + uint16(fields, at + 1)) {
    if (fields[at] === tag) values.push(fields.subarray(at + 3, at + 3 + uint16(fields, at + 1)));
  }
  return values;
}

/** The value of the only field with `tag`; `undefined` when there is none or more than one. */
export function onlyField(fields: Uint8Array, tag: number): Uint8Array | undefined {
  const values = allFields(fields, tag);
  return values.length === 1 ? values[0] : undefined;
}

export function areCertificates(values: readonly Uint8Array[]): boolean {
  const count = values.length;
  return count > 0 && count <= MAX_CERTIFICATES && values.every((der) => contentOffset(der) !== undefined);
}

export function isP256Key(der: Uint8Array): boolean {
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

export function startsWith(bytes: Uint8Array, at: number, expected: readonly number[]): boolean {
  return expected.every((byte, i) => bytes[at + i] === byte);
}

export function uint16(bytes: Uint8Array, at: number): number {
  return bytes[at]! | (bytes[at + 1]! << 8);
}

export function uint32(bytes: Uint8Array, at: number): number {
  return (uint16(bytes, at) | (uint16(bytes, at + 2) << 16)) >>> 0;
}
