import { crc32 } from "../../modules/base/crc32";
import { FIELD } from "../../modules/identity/fields";
import {
  type Identity,
  identityOf,
  MAGIC,
  parseIdentity,
  readIdentityImage,
} from "../../modules/identity/identity";
import type { Tests } from "./tests";

const text = (value: string): number[] => Array.from(value, (character) => character.charCodeAt(0));
const field = (tag: number, value: readonly number[]): number[] => [tag, value.length, 0, ...value];
/** PKCS#8 of a P-256 key, its private part 0 to 31. */
const KEY = [
  ...[0x30, 0x41, 0x02, 0x01, 0x00, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06],
  ...[0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x04, 0x27, 0x30, 0x25, 0x02, 0x01, 0x01, 0x04],
  ...[0x20, ...Array.from({ length: 32 }, (_, i) => i)],
];
const FIELDS = [
  ...field(FIELD.deviceId, text("aerolink-a4cf12aabbcc")),
  ...field(FIELD.mac, [0xa4, 0xcf, 0x12, 0xaa, 0xbb, 0x0c]),
  ...field(FIELD.setupPassword, text("kw7mrt4xn9pc")),
  ...field(FIELD.privateKey, KEY),
  ...field(FIELD.certificate, [0x30, 0x01, 0x05]),
  ...field(FIELD.authority, [0x30, 0x02, 0x05, 0x00]),
];

function imageOf(fields: readonly number[]): Uint8Array {
  const head = [...MAGIC, 1, 0, fields.length, 0, ...fields];
  const crc = crc32(Uint8Array.from(head));
  return Uint8Array.from([...head, crc & 0xff, (crc >> 8) & 0xff, (crc >> 16) & 0xff, crc >>> 24]);
}

export default function identity({ test }: Tests): void {
  test("CRC-32 has its check value", (check) => {
    check.equal(crc32(Uint8Array.from(text("123456789"))), 0xcbf43926);
  });

  test("an identity image is read", (check) => {
    const found = parseIdentity(imageOf(FIELDS)) as Identity;
    check.equal(found.deviceId, "aerolink-a4cf12aabbcc");
    check.equal(found.mac, "a4:cf:12:aa:bb:0c");
    check.equal(found.setupPassword, "kw7mrt4xn9pc");
    check.equal(found.privateKey, Uint8Array.from(KEY));
    check.equal(found.certificateChain, [Uint8Array.of(0x30, 0x01, 0x05)]);
    check.equal(found.certificateAuthorities, [Uint8Array.of(0x30, 0x02, 0x05, 0x00)]);
  });

  test("a broker of the factory is read, and a profile that is none makes the identity malformed", (check) => {
    const withBroker = (json: string) =>
      parseIdentity(imageOf([...FIELDS, ...field(FIELD.broker, text(json))]));
    check.equal((withBroker('{"brokerPort":443,"topicPrefix":"a/{id}"}') as Identity).broker, {
      brokerPort: 443,
      topicPrefix: "a/{id}",
    });
    check.equal(withBroker('{"topicPrefix":"a/#"}'), "malformed");
    check.equal(withBroker('{"toString":1}'), "malformed");
    check.equal(withBroker("[]"), "malformed");
  });

  test("no damaged byte of an identity goes unseen", (check) => {
    const image = imageOf(FIELDS);
    for (let at = 0; at < image.length; at++) {
      image[at] = image[at]! ^ 0x40;
      check.equal(parseIdentity(image), "corrupt", `byte ${at}`);
      image[at] = image[at]! ^ 0x40;
    }
  });

  test("an erased partition has no identity", (check) => {
    const read = (length: number): ArrayBuffer => new Uint8Array(length).fill(0xff).buffer as ArrayBuffer;
    check.equal(identityOf(readIdentityImage({ read })), "missing");
    check.equal(identityOf(undefined), "missing");
  });
}
