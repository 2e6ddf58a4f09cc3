import { formatQuery, parseDnsAnswer } from "../../modules/names/dns-message";
import { formatRequest, parseReply } from "../../modules/time/sntp-message";
import { Decoder } from "../../mqtt/decode";
import { Framer } from "../../mqtt/framer";
import { arePropertiesSound } from "../../mqtt/properties";
import { digestOfDamage, hex } from "./digest";
import type { Tests } from "./tests";

const NAME = "mqtt.example.com";
const ID = 0x1234;
const QUESTION = "04 6d 71 74 74 07 65 78 61 6d 70 6c 65 03 63 6f 6d 00 00 01 00 01";
/** An alias to another name, and that name's address, with compressed names. */
const ALIASED = hex(`
  12 34 81 80 00 01 00 02 00 00 00 00 ${QUESTION}
  c0 0c 00 05 00 01 00 00 01 2c 00 05 02 6c 62 c0 11
  c0 2e 00 01 00 01 00 00 00 3c 00 04 cb 00 71 07`);
const NO_SUCH_NAME = hex(`12 34 81 83 00 01 00 00 00 00 00 00 ${QUESTION}`);

/** Stratum 1, 2024-01-01T00:00:00.5Z. */
const SNTP_REPLY = hex(`
  24 01 00 e7 00 00 00 00 00 00 00 20 47 50 53 00 e9 3c 78 80 00 00 00 00
  fe dc ba 98 76 54 32 11 e9 3c 7f 00 40 00 00 00 e9 3c 7f 00 80 00 00 00`);
const NONCE = [0xfedcba98, 0x76543211] as const;

/** CONNACK, PUBLISH (QoS 1, topic "a/é", payload "hi"), PUBACK, SUBACK, PINGRESP. */
/** CONNACK, PUBLISH, PUBACK and DISCONNECT of MQTT 5 with properties. */
const MQTT5 = [
  hex("20 0e 00 00 0b 21 00 14 27 00 00 10 00 22 00 05"),
  hex("32 14 00 01 74 00 07 0d 01 01 08 00 01 72 26 00 01 61 00 01 62 70"),
  hex("40 08 00 07 00 04 1f 00 01 78"),
  hex("e0 06 8b 04 1c 00 01 73"),
];
const MQTT = [
  "20 02 00 00",
  "32 0a 00 04 61 2f c3 a9 00 07 68 69",
  "40 02 00 07",
  "90 03 00 01 01",
  "d0 00",
].map(hex);

/** What parsers make of outside bytes: on XS what they make of them on Node. The digests are Node's: a
 * parser that changes on purpose changes them, and `npx vitest run tests/xs-suites.test.ts` says the new ones. */
export default function parsers({ test, later }: Tests): void {
  test("a DNS answer is read through its alias", (check) => {
    check.equal(parseDnsAnswer(ALIASED, ID, NAME), { addresses: ["203.0.113.7"], ttlSeconds: 60 });
    check.equal(parseDnsAnswer(NO_SUCH_NAME, ID, NAME), "no-such-name");
    check.equal(formatQuery(ID, NAME), hex(`12 34 01 00 00 01 00 00 00 00 00 00 ${QUESTION}`));
  });

  test("an SNTP reply is read", (check) => {
    check.equal(parseReply(SNTP_REPLY, NONCE, 0), { transmitUnixMs: 1704067200500, heldMs: 250 });
    check.equal(formatRequest(NONCE).subarray(40), hex("fe dc ba 98 76 54 32 11"));
  });

  test("MQTT packets are decoded", (check) => {
    const decoder = new Decoder(4);
    const commands = MQTT.map((bytes) => decoder.decode(bytes)?.cmd);
    check.equal(commands, ["connack", "publish", "puback", "suback", "pingresp"]);
  });

  later("2,000 damaged DNS answers are read as on Node", (check, done) => {
    const read = (bytes: Uint8Array) => parseDnsAnswer(bytes, ID, NAME);
    check.equal(digestOfDamage([ALIASED, NO_SUCH_NAME], 2_000, read), 2_485_041_998);
    done();
  });

  later("2,000 damaged SNTP replies are read as on Node", (check, done) => {
    // The engines' shortest texts of a number differ in the last digit where two are as near: whole milliseconds.
    const read = (bytes: Uint8Array) => {
      const reply = parseReply(bytes, NONCE, 0);
      return typeof reply === "string" ? reply : [Math.floor(reply.transmitUnixMs), Math.floor(reply.heldMs)];
    };
    check.equal(digestOfDamage([SNTP_REPLY], 2_000, read), 3_979_311_957);
    done();
  });

  later("2,000 damaged MQTT packets are decoded as on Node", (check, done) => {
    for (const version of [4, 5] as const) {
      const read = (bytes: Uint8Array) => new Decoder(version).decode(bytes);
      check.equal(
        digestOfDamage(MQTT, 1_000, read),
        version === 4 ? 3_496_729_976 : 206_861_979,
        `version ${version}`,
      );
    }
    done();
  });

  later("2,000 damaged properties of MQTT 5 are held to the table as on Node", (check, done) => {
    check.equal(MQTT5.map(arePropertiesSound), [true, true, true, true]);
    check.equal(digestOfDamage(MQTT5, 2_000, arePropertiesSound), 1_257_070_422);
    done();
  });

  later("2,000 damaged MQTT streams are framed as on Node", (check, done) => {
    const stream = MQTT.flatMap((bytes) => Array.from(bytes));
    const read = (bytes: Uint8Array) => {
      const seen: unknown[] = [];
      const framer = new Framer({
        maxPacketBytes: 16,
        onPacket: (packet) => seen.push(packet),
        onOversized: (packet) => seen.push(packet),
      });
      seen.push(framer.feed(bytes));
      return seen;
    };
    check.equal(digestOfDamage([new Uint8Array(stream)], 2_000, read), 82_381_625);
    done();
  });
}
