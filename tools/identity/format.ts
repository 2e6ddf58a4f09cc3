import { crc32 } from "../../modules/base/crc32";
import { FIELD } from "../../modules/identity/fields";
import {
  CRC_LENGTH,
  HEADER_LENGTH,
  IDENTITY_SIZE,
  IDENTITY_VERSION,
  type Identity,
  LENGTH_OFFSET,
  MAGIC,
  parseIdentity,
  VERSION_OFFSET,
} from "../../modules/identity/identity";

/**
 * The image of `identity` for the flash partition, {@link IDENTITY_SIZE} bytes, unused ones FF.
 * @throws RangeError when the firmware's parser would not take it, or it does not fit
 */
export function formatIdentity(identity: Identity): Uint8Array {
  const fields = Buffer.concat([
    field(FIELD.deviceId, Buffer.from(identity.deviceId)),
    ...(identity.mac === undefined
      ? []
      : [field(FIELD.mac, Buffer.from(identity.mac.replaceAll(":", ""), "hex"))]),
    field(FIELD.setupPassword, Buffer.from(identity.setupPassword)),
    ...(identity.brokerDomain === undefined
      ? []
      : [field(FIELD.brokerDomain, Buffer.from(identity.brokerDomain))]),
    ...(identity.broker === undefined
      ? []
      : [field(FIELD.broker, Buffer.from(JSON.stringify(identity.broker)))]),
    ...(identity.calibration === undefined
      ? []
      : [field(FIELD.calibration, Buffer.from(JSON.stringify(identity.calibration)))]),
    ...(identity.renewal === undefined ? [] : [field(FIELD.renewal, Buffer.from(identity.renewal))]),
    field(FIELD.privateKey, identity.privateKey),
    ...identity.certificateChain.map((der) => field(FIELD.certificate, der)),
    ...identity.certificateAuthorities.map((der) => field(FIELD.authority, der)),
  ]);
  const image = formatImage(fields, IDENTITY_VERSION);
  if (typeof parseIdentity(image) === "string")
    throw new RangeError("a part of the identity is out of its range");
  return image;
}

/** Puts header and CRC around fields. */
export function formatImage(fields: Uint8Array, version: number): Uint8Array {
  const end = HEADER_LENGTH + fields.length;
  if (end + CRC_LENGTH > IDENTITY_SIZE) {
    throw new RangeError(
      `the identity takes ${end + CRC_LENGTH} bytes, and ${IDENTITY_SIZE} is all there is`,
    );
  }
  const image = Buffer.alloc(IDENTITY_SIZE, 0xff);
  image.set(MAGIC);
  image.writeUInt16LE(version, VERSION_OFFSET);
  image.writeUInt16LE(fields.length, LENGTH_OFFSET);
  image.set(fields, HEADER_LENGTH);
  image.writeUInt32LE(crc32(image, 0, end), end);
  return new Uint8Array(image);
}

/** One field. */
export function field(tag: number, value: Uint8Array): Uint8Array {
  if (value.length > 0xffff) throw new RangeError(`a field of ${value.length} bytes is too long`);
  return Buffer.concat([Buffer.from([tag, value.length & 0xff, value.length >> 8]), value]);
}
