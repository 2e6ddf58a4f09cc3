import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { formatRequest, parseReply, type SntpNonce } from "../../../modules/time/sntp-message";
import { answerSntp, type SntpServerOptions } from "../../../sim/world/sntp-server";
import { fuzz } from "../../support/volume";

const NONCE: SntpNonce = [0xfedcba98, 0x76543211];
const BUILD = Date.UTC(2026, 0, 1);
const NOW = Date.UTC(2026, 5, 15, 12, 30, 0) + 250;

const reply = (options?: SntpServerOptions, now = NOW) => answerSntp(formatRequest(NONCE), now, options)!;
const parse = (bytes: Uint8Array, earliest = BUILD) => parseReply(bytes, NONCE, earliest);

describe("formatRequest", () => {
  it("is a version 4 client's packet with nothing in it but the nonce", () => {
    const bytes = formatRequest(NONCE);
    expect([...bytes.subarray(0, 40)]).toEqual([0x23, ...new Array(39).fill(0)]);
    expect([...bytes.subarray(40)]).toEqual([0xfe, 0xdc, 0xba, 0x98, 0x76, 0x54, 0x32, 0x11]);
  });
});

describe("parseReply", () => {
  it("gives the time at which the server sent, and how long it held the request", () => {
    const read = parse(reply({ heldMs: 40 }));
    if (typeof read === "string") throw new Error(read);
    expect(read.transmitUnixMs).toBeCloseTo(NOW, 3);
    expect(read.heldMs).toBeCloseTo(40, 3);
  });

  it("reads a packet from the field (RFC 5905 figure 8 layout, written by hand)", () => {
    // Stratum 1, 2024-01-01T00:00:00.5Z = NTP 3913056000.5
    const bytes = Uint8Array.from([
      ...[0x24, 0x01, 0x00, 0xe7, 0, 0, 0, 0, 0, 0, 0, 0x20, 0x47, 0x50, 0x53, 0],
      ...[0xe9, 0x3c, 0x78, 0x80, 0, 0, 0, 0, 0xfe, 0xdc, 0xba, 0x98, 0x76, 0x54, 0x32, 0x11],
      ...[0xe9, 0x3c, 0x7f, 0x00, 0x40, 0, 0, 0, 0xe9, 0x3c, 0x7f, 0x00, 0x80, 0, 0, 0],
    ]);
    expect(parse(bytes, 0)).toEqual({ transmitUnixMs: Date.UTC(2024, 0, 1) + 500, heldMs: 250 });
  });

  it.each([
    ["the last second of NTP's first era", Date.UTC(2036, 1, 7, 6, 28, 15)],
    ["the first second of the next era", Date.UTC(2036, 1, 7, 6, 28, 16)],
    ["the end of signed 32-bit Unix time", Date.UTC(2038, 0, 19, 3, 14, 8)],
    ["the end of the century", Date.UTC(2099, 11, 31)],
  ])("knows the era: %s", (_what, now) => {
    // (An era's very first instant is all zeros, which RFC 5905 6 reserves for an unknown time.)
    for (const offset of [-1, 1, 999]) {
      const read = parse(reply({ heldMs: 1_500 }, now + offset));
      if (typeof read === "string") throw new Error(read);
      expect(read.transmitUnixMs).toBeCloseTo(now + offset, 3);
      expect(read.heldMs).toBeCloseTo(1_500, 3);
    }
  });

  it("takes a time before the build for one 136 years later, which no clock believes", () => {
    const read = parse(reply({}, Date.UTC(1999, 0, 1)));
    if (typeof read === "string") throw new Error(read);
    expect(read.transmitUnixMs).toBeGreaterThan(Date.UTC(2100, 0, 1));
  });

  it("accepts version 3 and refuses others, other modes and our own request sent back", () => {
    const withFirst = (first: number) => {
      const bytes = reply();
      bytes[0] = first;
      return parse(bytes);
    };
    expect(withFirst((3 << 3) | 4)).toBeTypeOf("object");
    for (const version of [0, 1, 2, 5, 7]) expect(withFirst((version << 3) | 4)).toBe("not-ours");
    for (const mode of [0, 1, 2, 3, 5, 6, 7]) expect(withFirst((4 << 3) | mode)).toBe("not-ours");
    expect(parse(formatRequest(NONCE))).toBe("not-ours");
    expect(parse(reply({ fault: "wrong-mode" }))).toBe("not-ours");
  });

  it("refuses a reply in which one bit of the nonce differs, even a kiss-o'-death", () => {
    for (const options of [{}, { kiss: "DENY" }]) {
      for (let bit = 0; bit < 64; bit++) {
        const bytes = reply(options);
        bytes[24 + (bit >> 3)]! ^= 1 << (bit & 7);
        expect(parse(bytes)).toBe("not-ours");
      }
    }
    expect(parse(reply({ fault: "wrong-origin" }))).toBe("not-ours");
  });

  it("knows the kisses of death", () => {
    expect(parse(reply({ kiss: "DENY" }))).toBe("denied");
    expect(parse(reply({ kiss: "RSTR" }))).toBe("denied");
    expect(parse(reply({ kiss: "RATE" }))).toBe("rate-limited");
    for (const kiss of ["STEP", "INIT", "\0\0\0\0"]) expect(parse(reply({ kiss }))).toBe("unsynchronised");
  });

  it.each<[string, SntpServerOptions]>([
    ["a clock that is not set", { fault: "unsynchronised" }],
    ["no time", { fault: "zero-time" }],
    ["stratum 16", { stratum: 16 }],
    ["a root dispersion of 16 s", { rootDispersion: 16, rootDelay: 0 }],
    ["a root delay of 32 s", { rootDelay: 32, rootDispersion: 0 }],
    ["a root distance with its top bit set", { rootDispersion: 65_535 }],
    ["sending before receiving", { heldMs: -1 }],
  ])("takes no time from a server with %s", (_what, options) => {
    expect(parse(reply(options))).toBe("unsynchronised");
  });

  it("takes the time from a server at the edge of those bounds", () => {
    expect(parse(reply({ stratum: 15, rootDispersion: 15.9, rootDelay: 0 }))).toBeTypeOf("object");
    expect(parse(reply({ stratum: 1 }))).toBeTypeOf("object");
    expect(parse(reply({ rootDelay: 31.9, rootDispersion: 0 }))).toBeTypeOf("object");
  });

  it("refuses what is cut off and ignores what follows the header", () => {
    const bytes = reply();
    for (let length = 0; length < 48; length++) expect(parse(bytes.subarray(0, length))).toBe("malformed");
    const longer = new Uint8Array(68 + 3);
    longer.set(bytes, 3);
    expect(parse(longer.subarray(3))).toEqual(parse(bytes));
  });

  it("never throws on random bytes, and never takes them for a reply", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => {
        expect(["malformed", "not-ours"]).toContain(parse(bytes));
      }),
      fuzz(),
    );
  });

  it("never throws on a mutated reply, and gives a time only with our nonce and from the build on", () => {
    const mutation = fc.tuple(fc.nat(47), fc.nat(255));
    fc.assert(
      fc.property(fc.array(mutation, { minLength: 1, maxLength: 8 }), (mutations) => {
        const bytes = reply();
        for (const [at, value] of mutations) bytes[at] = value;
        const read = parse(bytes);
        if (typeof read === "string") return;
        expect([...bytes.subarray(24, 32)]).toEqual([...formatRequest(NONCE).subarray(40)]);
        expect(read.transmitUnixMs).toBeGreaterThanOrEqual(BUILD);
        expect(read.transmitUnixMs).toBeLessThan(BUILD + 2 ** 32 * 1000);
        expect(read.heldMs).toBeGreaterThanOrEqual(0);
      }),
      fuzz(),
    );
  });

  it("reads back any time from the build to 2100 to a microsecond", () => {
    const ms = fc.integer({ min: BUILD, max: Date.UTC(2100, 0, 1) });
    fc.assert(
      fc.property(ms, fc.nat(9_999), (now, held) => {
        const read = parse(reply({ heldMs: held }, now));
        if (typeof read === "string") throw new Error(read);
        expect(read.transmitUnixMs).toBeCloseTo(now, 2);
        expect(read.heldMs).toBeCloseTo(held, 2);
      }),
      fuzz(),
    );
  });
});
