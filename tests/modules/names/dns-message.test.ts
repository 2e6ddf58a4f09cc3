import packet, { type Answer, type Packet } from "dns-packet";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { formatQuery, parseDnsAnswer, readQuestion } from "../../../modules/names/dns-message";
import { fuzz } from "../../support/volume";

const ID = 0x1234;
const NAME = "mqtt.example.com";

const a = (data: string, name = NAME, ttl = 300): Answer => ({ type: "A", name, ttl, data });
const cname = (data: string, name = NAME, ttl = 300): Answer => ({ type: "CNAME", name, ttl, data });

/** An answer as an independent encoder writes it. */
const answer = (answers: Answer[], more: Packet & { flags?: number } = {}): Uint8Array =>
  new Uint8Array(
    packet.encode({ type: "response", id: ID, questions: [{ type: "A", name: NAME }], answers, ...more }),
  );

const parse = (bytes: Uint8Array) => parseDnsAnswer(bytes, ID, NAME);

describe("formatQuery", () => {
  it("is a recursive question for one IPv4 address, to an independent decoder", () => {
    const query = packet.decode(Buffer.from(formatQuery(0xfffe, "MQTT.Example.com")));
    expect(query).toMatchObject({ type: "query", id: 0xfffe, flag_rd: true, opcode: "QUERY", answers: [] });
    expect(query.questions).toEqual([{ type: "A", class: "IN", name: NAME }]);
    expect(query.authorities).toEqual([]);
    expect(query.additionals).toEqual([]);
  });

  it("throws for a bad id or name", () => {
    for (const id of [-1, 0x10000, 1.5, Number.NaN]) expect(() => formatQuery(id, NAME)).toThrow(RangeError);
    for (const name of ["", "a_b.example", "a".repeat(64), "1.2.3.4"])
      expect(() => formatQuery(ID, name)).toThrow(RangeError);
  });
});

describe("readQuestion", () => {
  it("reads what formatQuery wrote", () => {
    expect(readQuestion(formatQuery(ID, NAME), 12)).toEqual({ name: NAME, type: 1, class: 1, end: 34 });
  });

  it("refuses a question that is cut off", () => {
    const query = formatQuery(ID, NAME);
    for (let length = 12; length < query.length; length++) {
      expect(readQuestion(query.subarray(0, length), 12)).toBeUndefined();
    }
  });
});

describe("parseDnsAnswer", () => {
  it("gives addresses in the server's order and their least TTL", () => {
    expect(parse(answer([a("10.0.0.2", NAME, 900), a("10.0.0.1", NAME, 60)]))).toEqual({
      addresses: ["10.0.0.2", "10.0.0.1"],
      ttlSeconds: 60,
    });
  });

  it("takes a last record that is whole and holds nothing, and none that is a byte short", () => {
    const nothing = Uint8Array.of(0, 0, 99, 0, 1, 0, 0, 0, 0, 0, 0);
    const whole = Uint8Array.of(...answer([a("10.0.0.2")]), ...nothing);
    // Two answers, says the header.
    whole[7] = 2;
    expect(parse(whole)).toEqual({ addresses: ["10.0.0.2"], ttlSeconds: 300 });
    expect(parse(whole.subarray(0, -1))).toBe("malformed");
  });

  it("follows aliases within the message, in any order, with the chain's least TTL", () => {
    const chain = [cname("lb.example.net"), cname("EDGE.example.org", "lb.example.net", 20)];
    const end = a("203.0.113.7", "edge.example.org", 500);
    for (const records of [
      [...chain, end],
      [end, ...chain.toReversed()],
    ]) {
      expect(parse(answer(records))).toEqual({ addresses: ["203.0.113.7"], ttlSeconds: 20 });
    }
  });

  it("follows the first of two aliases of one name", () => {
    const records = [
      cname("one.example"),
      cname("two.example"),
      a("10.0.0.2", "two.example"),
      a("10.0.0.1", "one.example"),
    ];
    expect(parse(answer(records))).toMatchObject({ addresses: ["10.0.0.1"] });
  });

  it("does not follow aliases in a loop or beyond eight", () => {
    expect(parse(answer([cname("b.example"), cname(NAME, "b.example")]))).toBe("no-address");
    const chain = (length: number) => [
      cname("n1.example"),
      ...Array.from({ length: length - 1 }, (_, i) => cname(`n${i + 2}.example`, `n${i + 1}.example`)),
      a("10.0.0.1", `n${length}.example`),
    ];
    expect(parse(answer(chain(8)))).toMatchObject({ addresses: ["10.0.0.1"] });
    expect(parse(answer(chain(9)))).toBe("no-address");
  });

  it("ignores addresses of other names, other classes and other types", () => {
    expect(
      parse(
        answer([
          a("10.6.6.6", "evil.example"),
          { type: "A", class: "CH", name: NAME, data: "10.6.6.7" },
          { type: "AAAA", name: NAME, data: "2001:db8::1" },
          { type: "TXT", name: NAME, data: "hello" },
          a("10.0.0.1"),
        ]),
      ),
    ).toMatchObject({ addresses: ["10.0.0.1"] });
  });

  it("does not take addresses from the authority or additional section", () => {
    expect(parse(answer([], { authorities: [a("10.6.6.6")], additionals: [a("10.6.6.7")] }))).toBe(
      "no-address",
    );
  });

  it("keeps at most four addresses", () => {
    const many = Array.from({ length: 20 }, (_, i) => a(`10.0.0.${i}`));
    expect(parse(answer(many))).toMatchObject({
      addresses: ["10.0.0.0", "10.0.0.1", "10.0.0.2", "10.0.0.3"],
    });
  });

  it("drops addresses that lead nowhere, such as a filter's 0.0.0.0", () => {
    expect(parse(answer([a("0.0.0.0")]))).toBe("no-address");
    expect(parse(answer([a("224.0.0.1"), a("255.255.255.255"), a("127.0.0.1")]))).toMatchObject({
      addresses: ["127.0.0.1"],
    });
  });

  it("takes a TTL with its top bit set as zero", () => {
    const bytes = answer([a("10.0.0.1", NAME, 0)]);
    const ttlAt = bytes.length - 10;
    bytes.set([0x80, 0, 0, 9], ttlAt);
    expect(parse(bytes)).toMatchObject({ ttlSeconds: 0 });
    bytes.set([0x7f, 0xff, 0xff, 0xff], ttlAt);
    expect(parse(bytes)).toMatchObject({ ttlSeconds: 0x7fffffff });
  });

  it("tells NXDOMAIN, no data, IPv6 only and server failures apart", () => {
    expect(parse(answer([], { flags: 3 }))).toBe("no-such-name");
    expect(parse(answer([]))).toBe("no-address");
    expect(parse(answer([{ type: "AAAA", name: NAME, data: "2001:db8::1" }]))).toBe("no-address");
    for (const code of [1, 2, 4, 5]) expect(parse(answer([], { flags: code }))).toBe("server-failure");
    expect(parse(answer([], { flags: 5, questions: [] }))).toBe("server-failure");
  });

  it("takes a truncated message's addresses, and says so when there are none", () => {
    const TC = 0x200;
    expect(parse(answer([], { flags: TC }))).toBe("truncated");
    expect(parse(answer([a("10.0.0.1")], { flags: TC }))).toMatchObject({ addresses: ["10.0.0.1"] });
    const cut = answer([cname("b.example"), a("10.0.0.1", "b.example")], { flags: TC });
    expect(parse(cut.subarray(0, cut.length - 3))).toBe("truncated");
  });

  it("refuses what is not the answer to this question", () => {
    expect(parseDnsAnswer(answer([a("10.0.0.1")]), ID + 1, NAME)).toBe("not-ours");
    expect(parseDnsAnswer(answer([a("10.0.0.1")]), ID, "other.example.com")).toBe("not-ours");
    expect(parse(answer([a("10.0.0.1")], { questions: [] }))).toBe("not-ours");
    expect(parse(answer([], { questions: [], flags: 3 }))).toBe("not-ours");
    const question = { type: "A", name: NAME } as const;
    expect(parse(answer([a("10.0.0.1")], { questions: [question, question] }))).toBe("not-ours");
    expect(parse(answer([a("10.0.0.1")], { questions: [{ type: "AAAA", name: NAME }] }))).toBe("not-ours");
    expect(parse(answer([a("10.0.0.1")], { questions: [{ ...question, class: "CH" }] }))).toBe("not-ours");
    expect(parse(formatQuery(ID, NAME))).toBe("not-ours");
    const status = answer([a("10.0.0.1")]);
    status[2]! |= 2 << 3;
    expect(parse(status)).toBe("not-ours");
  });

  it("compares names without regard to case", () => {
    expect(parseDnsAnswer(answer([a("10.0.0.1", "MQTT.example.COM")]), ID, "Mqtt.Example.Com")).toMatchObject(
      {
        addresses: ["10.0.0.1"],
      },
    );
  });

  it("refuses a message that is cut off anywhere, overlong, or wrong within a record", () => {
    const whole = answer([cname("b.example"), a("10.0.0.1", "b.example")]);
    for (let length = 0; length < whole.length; length++) {
      expect(parse(whole.subarray(0, length))).toBe("malformed");
    }
    const padded = new Uint8Array(1501);
    padded.set(whole);
    expect(parse(padded)).toBe("malformed");
    expect(parse(padded.subarray(0, 1500))).toMatchObject({ addresses: ["10.0.0.1"] });
    const shortAddress = whole.slice(0, -1);
    shortAddress[shortAddress.length - 4] = 3;
    expect(parse(shortAddress)).toBe("malformed");
    const aliasEndsEarly = answer([cname("b.example")]);
    const target = aliasEndsEarly.length - 11;
    aliasEndsEarly.set([0, 0], target);
    expect(parse(aliasEndsEarly)).toBe("malformed");
  });

  it("never throws on random bytes, and never finds an address in them", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 600 }), (bytes) => {
        expect(parse(bytes)).toBeTypeOf("string");
      }),
      fuzz(),
    );
  });

  it("never throws or hangs on a mutated answer, and gives only usable addresses", () => {
    const whole = answer([cname("a.example"), cname("b.example", "a.example"), a("10.0.0.1", "b.example")]);
    const mutation = fc.tuple(
      fc.nat(whole.length - 1),
      fc.oneof(fc.constantFrom(0, 0xc0, 0xff), fc.nat(255)),
    );
    fc.assert(
      fc.property(
        fc.array(mutation, { minLength: 1, maxLength: 6 }),
        fc.nat(whole.length),
        (mutations, length) => {
          const bytes = whole.slice(0, whole.length - (length % 7 === 0 ? length : 0));
          for (const [at, value] of mutations) if (at < bytes.length) bytes[at] = value;
          const result = parse(bytes);
          if (typeof result === "string") return;
          expect(bytes[0]).toBe(ID >> 8);
          expect(bytes[1]).toBe(ID & 0xff);
          expect(result.addresses.length).toBeGreaterThan(0);
          expect(result.ttlSeconds).toBeGreaterThanOrEqual(0);
          for (const address of result.addresses)
            expect(address).toMatch(/^([1-9]|[1-9]\d|1\d\d|2[01]\d|22[0-3])\./);
        },
      ),
      fuzz(),
    );
  });

  it("reads whatever an independent encoder writes", () => {
    const address = fc.tuple(fc.integer({ min: 1, max: 223 }), fc.nat(255), fc.nat(255), fc.nat(255));
    const ttl = fc.nat(0x7fffffff);
    const labels = fc.stringMatching(/^[a-z]([a-z0-9-]{0,20}[a-z0-9])?$/);
    fc.assert(
      fc.property(
        fc.array(labels, { minLength: 1, maxLength: 5 }),
        fc.array(fc.tuple(labels, ttl), { maxLength: 4 }),
        fc.array(fc.tuple(address, ttl), { minLength: 1, maxLength: 4 }),
        fc.nat(0xffff),
        (host, hops, ends, id) => {
          const name = host.join(".");
          const names = [name, ...hops.map(([hop], i) => `${hop}.x${i}.${name}`.slice(-250))];
          const records: Answer[] = hops.map(([, hopTtl], i) => cname(names[i + 1]!, names[i]!, hopTtl));
          for (const [parts, endTtl] of ends) records.push(a(parts.join("."), names.at(-1)!, endTtl));
          const bytes = answer(records, { id, questions: [{ type: "A", name }] });
          const expected = {
            addresses: ends.map(([parts]) => parts.join(".")),
            ttlSeconds: Math.min(...hops.map(([, t]) => t), ...ends.map(([, t]) => t)),
          };
          expect(parseDnsAnswer(bytes, id, name)).toEqual(expected);
          expect(packet.decode(Buffer.from(formatQuery(id, name))).questions?.[0]?.name).toBe(name);
        },
      ),
      fuzz(),
    );
  });
});
