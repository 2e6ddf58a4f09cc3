import dnsPacket from "dns-packet";
import fc from "fast-check";
import { expect, test } from "vitest";
import { formatDnsReply, MOST_QUERY_BYTES } from "../../../provisioning/captive/dns-reply";
import { fuzz } from "../../support/volume";

const ADDRESS = "198.19.80.1";

const query = (packet: dnsPacket.Packet): Uint8Array =>
  new Uint8Array(
    dnsPacket.encode({ type: "query", id: 4711, flags: dnsPacket.RECURSION_DESIRED, ...packet }),
  );
const ask = (type: dnsPacket.RecordType, name = "captive.apple.com"): Uint8Array =>
  query({ questions: [{ type, name }] });
function reply(bytes: Uint8Array): dnsPacket.DecodedPacket | undefined {
  const answer = formatDnsReply(bytes, ADDRESS);
  return answer && dnsPacket.decode(Buffer.from(answer));
}

test("Any name has the access point's address, for no time at all", () => {
  for (const name of ["captive.apple.com", "a", "xn--bcher-kva.example", `${"a".repeat(63)}.example`]) {
    const answer = reply(ask("A", name))!;
    expect(answer).toMatchObject({
      id: 4711,
      type: "response",
      rcode: "NOERROR",
      flag_rd: true,
      flag_ra: true,
    });
    expect(answer.questions).toMatchObject([{ name, type: "A" }]);
    expect(answer.answers).toMatchObject([{ name, type: "A", ttl: 0, data: ADDRESS }]);
  }
});

test("Other types have no data, so that a phone does not wait for IPv6 or HTTPS records", () => {
  for (const type of ["AAAA", "TXT", "MX", "SRV", "PTR", "SOA"] as const) {
    const answer = reply(ask(type))!;
    expect(answer).toMatchObject({ rcode: "NOERROR", answers: [], questions: [{ type }] });
  }
  const https = ask("A");
  https[https.length - 3] = 65;
  expect(reply(https)).toMatchObject({ rcode: "NOERROR", answers: [] });
});

test("EDNS is left out of the answer, and what follows the question with it", () => {
  const answer = reply(
    query({
      questions: [{ type: "A", name: "example.com" }],
      additionals: [{ type: "OPT", name: ".", udpPayloadSize: 1232, flags: 0, options: [] } as never],
    }),
  )!;
  expect(answer.additionals).toEqual([]);
  expect(answer.answers).toHaveLength(1);
});

test("Several questions are a format error, none is no query", () => {
  const question = { type: "A", name: "example.com" } as const;
  expect(reply(query({ questions: [question, question] }))).toMatchObject({
    rcode: "FORMERR",
    questions: [],
  });
  expect(reply(query({ questions: [] }))).toBeUndefined();
});

test("Answers, other operations and truncated queries get no answer", () => {
  for (const [offset, bit] of [
    [2, 0x80],
    [2, 0x08],
    [2, 0x02],
  ] as const) {
    const bytes = ask("A");
    bytes[offset]! |= bit;
    expect(formatDnsReply(bytes, ADDRESS)).toBeUndefined();
  }
});

test("A name that points, loops, is cut off or too long gets no answer", () => {
  const header = ask("A").subarray(0, 12);
  const broken = [
    [0xc0, 0x0c, 0, 1, 0, 1],
    [0x01, 0x61, 0xc0, 0x0c, 0, 1, 0, 1],
    [0x40, 0x61, 0, 0, 1, 0, 1],
    [0x05, 0x61],
    [0x01, 0x61, 0, 0, 1, 0],
    Array.from({ length: 300 }, (_, i) => (i % 2 === 0 ? 1 : 0x61)),
  ];
  for (const name of broken)
    expect(formatDnsReply(Uint8Array.from([...header, ...name]), ADDRESS)).toBeUndefined();
  for (let length = 0; length < ask("A").length; length++)
    expect(formatDnsReply(ask("A").subarray(0, length), ADDRESS)).toBeUndefined();
});

test("More than 512 bytes are not looked at", () => {
  const long = new Uint8Array(MOST_QUERY_BYTES + 1);
  long.set(ask("A"));
  expect(formatDnsReply(long.subarray(0, MOST_QUERY_BYTES), ADDRESS)).toBeDefined();
  expect(formatDnsReply(long, ADDRESS)).toBeUndefined();
});

test("Noise is dropped or answered with a message that others can read, never longer than it by more than a record", () => {
  const valid = ask("A");
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 520 }), fc.boolean(), fc.nat(valid.length), (noise, mixed, at) => {
      const bytes = mixed ? Uint8Array.from([...valid.subarray(0, at), ...noise]) : noise;
      const answer = formatDnsReply(bytes, ADDRESS);
      if (!answer) return;
      expect(answer.length).toBeLessThanOrEqual(bytes.length + 16);
      expect(answer.subarray(0, 2)).toEqual(bytes.subarray(0, 2));
      expect(dnsPacket.decode(Buffer.from(answer)).type).toBe("response");
    }),
    fuzz(),
  );
});
