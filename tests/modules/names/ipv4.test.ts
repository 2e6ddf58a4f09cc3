import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isIpv4, parseIpv4 } from "../../../modules/names/ipv4";
import { fuzz } from "../../support/volume";

describe("parseIpv4", () => {
  it("reads dotted quads", () => {
    expect(parseIpv4("0.0.0.0")).toEqual([0, 0, 0, 0]);
    expect(parseIpv4("192.168.10.255")).toEqual([192, 168, 10, 255]);
  });

  it.each([
    "",
    "1.2.3",
    "1.2.3.4.5",
    "1.2.3.256",
    "01.2.3.4",
    "1.2.3.",
    "1..2.3",
    " 1.2.3.4",
    "1.2.3.4 ",
    "1.2.3.x",
    "+1.2.3.4",
    "1e1.2.3.4",
    "0x1.2.3.4",
    "::ffff:1.2.3.4",
    "1000.1.1.1",
  ])("refuses %j", (text) => {
    expect(parseIpv4(text)).toBeUndefined();
    expect(isIpv4(text)).toBe(false);
  });

  it("reads back every address that it could have written", () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 4, maxLength: 4 }), (bytes) => {
        expect(parseIpv4(bytes.join("."))).toEqual([...bytes]);
      }),
      fuzz(),
    );
  });
});
