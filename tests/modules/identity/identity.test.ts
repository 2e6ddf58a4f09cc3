import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { FIELD } from "../../../modules/identity/fields";
import {
  CRC_LENGTH,
  HEADER_LENGTH,
  IDENTITY_SIZE,
  IDENTITY_VERSION,
  type Identity,
  identityOf,
  parseIdentity,
  readIdentityImage,
} from "../../../modules/identity/identity";
import { field, formatIdentity, formatImage } from "../../../tools/identity/format";
import { p256Pkcs8, sampleIdentity, sequence } from "../../support/identity";
import { fuzz } from "../../support/volume";

const ascii = (text: string) => new TextEncoder().encode(text);
const bytes = (maxLength: number) => fc.uint8Array({ maxLength });
const characters = (set: string, minLength: number, maxLength: number) =>
  fc.array(fc.constantFrom(...set), { minLength, maxLength }).map((list) => list.join(""));
const ID = "ABCXYZabcxyz0189-._";
const PRINTABLE = Array.from({ length: 95 }, (_, i) => String.fromCharCode(32 + i)).join("");

const anyIdentity: fc.Arbitrary<Identity> = fc
  .record(
    {
      deviceId: characters(ID, 1, 64),
      mac: fc.uint8Array({ minLength: 6, maxLength: 6 }).map((mac) =>
        Buffer.from(mac)
          .toString("hex")
          .replace(/..(?!$)/g, "$&:"),
      ),
      setupPassword: characters(PRINTABLE, 8, 63),
      privateKey: bytes(109).map(p256Pkcs8),
      brokerDomain: characters(ID, 1, 64),
      broker: fc.record(
        {
          brokerHost: fc.domain(),
          brokerPort: fc.integer({ min: 1, max: 65_535 }),
          mqttVersion: fc.constantFrom(4, 5),
          brokerUser: characters(PRINTABLE, 0, 128),
          brokerPassword: characters(`${PRINTABLE}äß€`, 0, 60),
          topicPrefix: fc.constantFrom("a", "dt/{id}/b", "aerolink/v1/{id}"),
        },
        { requiredKeys: [] },
      ),
      calibration: fc.record(
        {
          temperatureOffset: fc.integer({ min: -1000, max: 1000 }),
          humidityOffset: fc.integer({ min: -2000, max: 2000 }),
          co2Offset: fc.integer({ min: -500, max: 500 }),
        },
        { requiredKeys: [] },
      ),
      renewal: fc.constant("mqtt"),
      certificateChain: fc.array(bytes(300).map(sequence), { minLength: 1, maxLength: 4 }),
      certificateAuthorities: fc.array(bytes(300).map(sequence), { minLength: 1, maxLength: 4 }),
    },
    {
      requiredKeys: ["deviceId", "setupPassword", "privateKey", "certificateChain", "certificateAuthorities"],
    },
  )
  .map((identity) => identity as Identity);

/** Bytes that the image takes of the partition. */
const lengthOf = (image: Uint8Array) => HEADER_LENGTH + image[6]! + image[7]! * 256 + CRC_LENGTH;

/** The sample's fields, to leave out or put in one; with a CRC that is right. */
function imageOf(change: (fields: Uint8Array[]) => Uint8Array[], version = IDENTITY_VERSION): Uint8Array {
  const { deviceId, setupPassword, privateKey, certificateChain, certificateAuthorities } = sampleIdentity();
  const fields = [
    field(FIELD.deviceId, ascii(deviceId)),
    field(FIELD.setupPassword, ascii(setupPassword)),
    field(FIELD.privateKey, privateKey),
    field(FIELD.certificate, certificateChain[0]!),
    field(FIELD.authority, certificateAuthorities[0]!),
  ];
  return formatImage(Buffer.concat(change(fields)), version);
}

test("what the tool writes, the firmware reads", () => {
  fc.assert(
    fc.property(anyIdentity, (identity) => {
      expect(parseIdentity(formatIdentity(identity))).toEqual(identity);
    }),
    fuzz(),
  );
});

test("a renewal service of another kind is none that this firmware knows", () => {
  for (const other of ["est", "mqtt5", "", "MQTT"]) {
    const identity = parseIdentity(imageOf((fields) => [...fields, field(FIELD.renewal, ascii(other))]));
    expect(identity).toMatchObject({ deviceId: sampleIdentity().deviceId });
    expect(identity).not.toHaveProperty("renewal");
  }
});

test("an image is of a known shape, for tools that are not ours", () => {
  const image = formatIdentity(sampleIdentity());
  expect(Buffer.from(image.subarray(0, 8)).toString("latin1")).toBe("ALID\x01\x00\xe3\x03");
  expect(image.length).toBe(IDENTITY_SIZE);
  expect(image.subarray(lengthOf(image)).every((byte) => byte === 0xff)).toBe(true);
});

test.each([
  ["not JSON", "{"],
  ["not an object", "[]"],
  ["deep", `{"brokerUser":${"[".repeat(500)}`],
  ["longer than any", JSON.stringify({ brokerUser: "u".repeat(1_100) })],
  ["a setting that is not of the broker's profile", '{"ledBrightness":1}'],
  ["a name of Object's prototype", '{"toString":1}'],
  ["a port out of range", '{"brokerPort":0}'],
  ["a host that is none", '{"brokerHost":"http://x"}'],
  ["a prefix with a wildcard", '{"topicPrefix":"a/#"}'],
  ["a user name with a control character", '{"brokerUser":"a\\nb"}'],
])("a broker of the factory that is %s makes the identity malformed", (_what, text) => {
  const image = (value: string): Uint8Array =>
    imageOf((fields) => [...fields, field(FIELD.broker, ascii(value))]);
  expect(parseIdentity(image('{"brokerPort":443}'))).toMatchObject({ broker: { brokerPort: 443 } });
  expect(parseIdentity(image(text))).toBe("malformed");
});

test.each([
  ["not JSON", "{"],
  ["a setting that is no offset", '{"altitude":100}'],
  ["a setting of the broker", '{"brokerPort":443}'],
  ["out of range", '{"temperatureOffset":1001}'],
  ["no whole number", '{"co2Offset":1.5}'],
])("a calibration of the factory that is %s makes the identity malformed", (_what, text) => {
  const image = (value: string): Uint8Array =>
    imageOf((fields) => [...fields, field(FIELD.calibration, ascii(value))]);
  expect(parseIdentity(image('{"temperatureOffset":-150}'))).toMatchObject({
    calibration: { temperatureOffset: -150 },
  });
  expect(parseIdentity(image(text))).toBe("malformed");
});

describe("an identity that is not there or not sound", () => {
  test.each([0, 4, 8, IDENTITY_SIZE])("erased flash of %i bytes is missing", (length) => {
    expect(parseIdentity(new Uint8Array(length).fill(0xff))).toBe("missing");
  });

  test("other contents are corrupt", () => {
    expect(parseIdentity(new Uint8Array(IDENTITY_SIZE))).toBe("corrupt");
    expect(parseIdentity(ascii("ALI"))).toBe("corrupt");
    const interrupted = new Uint8Array(IDENTITY_SIZE).fill(0xff);
    interrupted[IDENTITY_SIZE - 1] = 0;
    expect(parseIdentity(interrupted)).toBe("corrupt");
  });

  test("an image cut short anywhere is corrupt", () => {
    const image = formatIdentity(sampleIdentity());
    for (let length = 1; length < lengthOf(image); length++) {
      expect(parseIdentity(image.subarray(0, length))).toBe("corrupt");
    }
  });

  test("another version is named as such only where its CRC is right", () => {
    const image = imageOf((fields) => fields, 2);
    expect(parseIdentity(image)).toBe("unsupported-version");
    image[100] = image[100]! ^ 1;
    expect(parseIdentity(image)).toBe("corrupt");
  });

  test.each([0, 1, 2, 3, 4])("without its field %i it is malformed", (left) => {
    expect(parseIdentity(imageOf((fields) => fields.filter((_, i) => i !== left)))).toBe("malformed");
  });

  test.each([0, 1, 2])("with its field %i twice it is malformed", (twice) => {
    expect(parseIdentity(imageOf((fields) => [...fields, fields[twice]!]))).toBe("malformed");
  });

  const key = sampleIdentity().privateKey;
  const wrongCurve = key.slice();
  wrongCurve[26] = 0x06;
  test.each([
    ["an empty device id", field(FIELD.deviceId, ascii("")), 0],
    ["a device id of 65 characters", field(FIELD.deviceId, ascii("a".repeat(65))), 0],
    ["a device id that would be a topic level more", field(FIELD.deviceId, ascii("a/b")), 0],
    ["a device id that is a wildcard", field(FIELD.deviceId, ascii("a+")), 0],
    ["a password of 7 characters", field(FIELD.setupPassword, ascii("1234567")), 1],
    ["a password of 64 characters", field(FIELD.setupPassword, ascii("1".repeat(64))), 1],
    ["a password beyond ASCII", field(FIELD.setupPassword, ascii("pässword")), 1],
    ["a key that is no sequence", field(FIELD.privateKey, new Uint8Array(138)), 2],
    ["a key cut short", field(FIELD.privateKey, key.subarray(0, -1)), 2],
    ["a key of another curve", field(FIELD.privateKey, wrongCurve), 2],
    ["an empty certificate", field(FIELD.certificate, new Uint8Array()), 3],
    ["a certificate with bytes behind it", field(FIELD.certificate, Uint8Array.of(0x30, 0, 0)), 3],
    ["a certificate of indefinite length", field(FIELD.certificate, Uint8Array.of(0x30, 0x80, 0, 0)), 3],
    [
      "a certificate of a length in four bytes",
      field(FIELD.certificate, Uint8Array.of(0x30, 0x84, 0, 0, 0, 0)),
      3,
    ],
    ["an authority in PEM", field(FIELD.authority, ascii("-----BEGIN CERTIFICATE-----")), 4],
    ["a field longer than the rest", Uint8Array.of(FIELD.authority, 1, 0), 4],
    ["a field without its length", Uint8Array.of(FIELD.authority, 1), 4],
  ])("%s is malformed", (_, wrong, place) => {
    expect(parseIdentity(imageOf((fields) => fields.with(place, wrong)))).toBe("malformed");
  });

  test("a MAC of five bytes is malformed, and so are two MACs", () => {
    const mac = field(FIELD.mac, new Uint8Array(6));
    expect(parseIdentity(imageOf((fields) => [...fields, mac]))).toMatchObject({ mac: "00:00:00:00:00:00" });
    expect(parseIdentity(imageOf((fields) => [...fields, mac, mac]))).toBe("malformed");
    expect(parseIdentity(imageOf((fields) => [...fields, field(FIELD.mac, new Uint8Array(5))]))).toBe(
      "malformed",
    );
  });

  test("a fifth certificate is malformed", () => {
    const shell = sequence(new Uint8Array(3));
    const more = (tag: number, count: number) => (fields: Uint8Array[]) => [
      ...fields,
      ...Array(count).fill(field(tag, shell)),
    ];
    for (const tag of [FIELD.certificate, FIELD.authority]) {
      expect(parseIdentity(imageOf(more(tag, 3)))).toBeTypeOf("object");
      expect(parseIdentity(imageOf(more(tag, 4)))).toBe("malformed");
    }
  });
});

describe("the domain of brokers", () => {
  const domain = (...texts: string[]) =>
    parseIdentity(
      imageOf((fields) => [...fields, ...texts.map((text) => field(FIELD.brokerDomain, ascii(text)))]),
    );

  test("is there once, and a domain", () => {
    expect(domain("eu.example.com")).toMatchObject({ brokerDomain: "eu.example.com" });
    expect(domain("com")).toMatchObject({ brokerDomain: "com" });
    for (const text of ["", "a b", "a/b", "ä", "a".repeat(254)]) expect(domain(text), text).toBe("malformed");
    expect(domain("a.example", "a.example")).toBe("malformed");
  });

  test("is kept by the tool that makes images", () => {
    const identity = sampleIdentity({ brokerDomain: "example.com" });
    expect(parseIdentity(formatIdentity(identity))).toEqual(identity);
  });
});

test("fields of a later tool are passed over", () => {
  const image = imageOf((fields) => [field(99, ascii("later")), ...fields, field(98, new Uint8Array())]);
  expect(parseIdentity(image)).toMatchObject({ deviceId: sampleIdentity().deviceId });
});

describe("whatever stands in the flash", () => {
  // Small certificates, so that most changes meet what the parser looks at.
  const shells = [sequence(new Uint8Array(20))];
  const image = formatIdentity(sampleIdentity({ certificateChain: shells, certificateAuthorities: shells }));
  const length = lengthOf(image);
  const faults = ["missing", "corrupt", "unsupported-version", "malformed"];

  test("a damaged image is never taken", () => {
    const damage = fc.array(fc.tuple(fc.nat(length - 1), fc.integer({ min: 1, max: 255 })), {
      minLength: 1,
      maxLength: 8,
    });
    fc.assert(
      fc.property(damage, (changes) => {
        const damaged = image.slice();
        for (const [at, xor] of changes) damaged[at] = damaged[at]! ^ xor;
        const found = parseIdentity(damaged);
        // Two changes can undo each other; anything else must be seen.
        if (Buffer.compare(damaged, image) === 0) expect(found).toBeTypeOf("object");
        else expect(faults).toContain(found);
      }),
      fuzz(),
    );
  });

  test("a right CRC over mutated fields gives an identity in range or malformed, and never throws", () => {
    const fields = image.slice(HEADER_LENGTH, length - CRC_LENGTH);
    // Near the front, where tags and lengths are, and anywhere.
    const change = fc.tuple(fc.oneof(fc.nat(60), fc.nat(fields.length - 1)), fc.nat(255));
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 4 }), fc.nat(fields.length), (changes, cut) => {
        const mutated = fields.slice(0, cut % 3 ? fields.length : cut);
        for (const [at, value] of changes) if (at < mutated.length) mutated[at] = value;
        const found = parseIdentity(formatImage(mutated, IDENTITY_VERSION));
        if (typeof found === "string") expect(found).toBe("malformed");
        else expect(parseIdentity(formatIdentity(found))).toEqual(found);
      }),
      fuzz(),
    );
  });

  test("random bytes are corrupt", () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 300 }), fc.boolean(), (noise, magic) => {
        const found = parseIdentity(magic ? Uint8Array.from([...ascii("ALID"), ...noise]) : noise);
        expect(["corrupt", "missing"]).toContain(found);
      }),
      fuzz(),
    );
  });
});

describe("reading the partition", () => {
  function partition(image: Uint8Array) {
    const reads: number[] = [];
    const read = (length: number, offset: number): ArrayBuffer => {
      reads.push(length);
      return image.slice(offset, offset + length).buffer as ArrayBuffer;
    };
    return { reads, read };
  }

  test("takes no more memory than the image is long", () => {
    const image = formatIdentity(sampleIdentity());
    const flash = partition(image);
    expect(identityOf(readIdentityImage(flash))).toEqual(sampleIdentity());
    expect(flash.reads).toEqual([8, lengthOf(image)]);
  });

  test("a length beyond the partition is not followed", () => {
    const image = formatIdentity(sampleIdentity());
    image[7] = 0x20;
    const flash = partition(image);
    expect(identityOf(readIdentityImage(flash))).toBe("corrupt");
    expect(flash.reads).toEqual([8]);
  });

  test("erased, or not there at all, the identity is missing", () => {
    expect(identityOf(readIdentityImage(partition(new Uint8Array(IDENTITY_SIZE).fill(0xff))))).toBe(
      "missing",
    );
    expect(identityOf(undefined)).toBe("missing");
  });
});

describe("the tool refuses", () => {
  test.each<[string, Partial<Identity>]>([
    ["an id that is no topic level", { deviceId: "a/b" }],
    ["a short password", { setupPassword: "short" }],
    ["a key that is none", { privateKey: new Uint8Array(9) }],
    ["no certificate", { certificateChain: [] }],
  ])("%s", (_, over) => {
    expect(() => formatIdentity(sampleIdentity(over))).toThrow("out of its range");
  });

  test("what does not fit", () => {
    const certificateChain = Array(4).fill(sequence(new Uint8Array(2000)));
    expect(() => formatIdentity(sampleIdentity({ certificateChain }))).toThrow(/takes 8\d{3} bytes/);
  });
});
