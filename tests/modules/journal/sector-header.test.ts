import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  encodeDetails,
  encodeHeader,
  HEADER_BYTES,
  maxDetailsBytes,
  parseDetails,
  parseHeader,
  type SectorHeader,
} from "../../../modules/journal/sector-header";
import { fuzz } from "../../support/volume";

const u32 = fc.nat(0xffffffff);
const u16 = fc.nat(0xffff);
const header: fc.Arbitrary<SectorHeader> = fc.record({
  epoch: u32,
  sectors: u16,
  sectorLength: u32,
  generation: u32,
  firstSeq: u32,
  frontier: u32,
  acknowledged: u32,
  dropped: u32,
  torn: u32,
  boot: u32,
  unixSecondsAtBoot: u32,
  detailsLength: u16,
});
const details = fc.record({
  islands: fc
    .array(fc.tuple(fc.integer({ min: 2, max: 9000 }), fc.nat(9000)), { maxLength: 64 })
    .map((gaps) => {
      let at = 5;
      return gaps.flatMap(([gap, more]) => {
        const first = at + gap;
        at = first + more;
        return [first, at];
      });
    }),
  dates: fc.array(fc.record({ boot: u32, unixSecondsAtBoot: u32, untilSeq: u32 }), { maxLength: 32 }),
});
const BASE = { frontier: 5, generation: 9 };

describe("sector headers", () => {
  it("give back what they were given", () => {
    fc.assert(
      fc.property(header, (given) => {
        const bytes = encodeHeader(given);
        expect(bytes.length).toBe(HEADER_BYTES);
        expect(parseHeader(bytes)).toEqual({ ...given, isNewer: false });
      }),
      fuzz(),
    );
  });

  it("do not count with any bit changed", () => {
    fc.assert(
      fc.property(header, fc.nat(HEADER_BYTES * 8 - 1), (given, bit) => {
        const bytes = encodeHeader(given);
        bytes[bit >> 3]! ^= 1 << (bit & 7);
        expect(parseHeader(bytes)).toBe(bit < 16 ? "foreign" : "corrupt");
      }),
      fuzz(),
    );
  });

  it("tell erased flash, zeros and other data apart from a damaged header", () => {
    expect(parseHeader(new Uint8Array(HEADER_BYTES).fill(0xff))).toBe("blank");
    expect(parseHeader(new Uint8Array(HEADER_BYTES))).toBe("foreign");
    expect(parseHeader(new TextEncoder().encode("A".repeat(HEADER_BYTES)))).toBe("foreign");
  });
});

describe("sector details", () => {
  it("give back what they were given, within their bound", () => {
    fc.assert(
      fc.property(details, (given) => {
        const bytes = encodeDetails(given, BASE);
        expect(bytes.length).toBeLessThanOrEqual(
          maxDetailsBytes(given.islands.length / 2, given.dates.length),
        );
        expect(parseDetails(bytes, BASE)).toEqual(given);
      }),
      fuzz(500),
    );
  });

  it("take no room when there is nothing to say", () => {
    expect(encodeDetails({ islands: [], dates: [] }, BASE).length).toBe(0);
  });

  it("are refused when damaged, cut short or of another sector", () => {
    fc.assert(
      fc.property(details, fc.nat(), (given, where) => {
        const bytes = encodeDetails(given, BASE);
        if (bytes.length === 0) return;
        expect(parseDetails(bytes, { ...BASE, generation: 10 })).toBeUndefined();
        expect(parseDetails(bytes.subarray(0, where % bytes.length || 1), BASE)).toBeUndefined();
        bytes[where % bytes.length]! ^= 1 << (where & 7);
        expect(parseDetails(bytes, BASE)).toBeUndefined();
      }),
      fuzz(500),
    );
  });

  it("end on any bytes", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        if (bytes.length > 0) expect(parseDetails(bytes, BASE)).toBeUndefined();
      }),
      fuzz(),
    );
  });
});
