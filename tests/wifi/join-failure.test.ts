import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { diagnoseJoin, type JoinEvidence, type JoinFailureReason } from "../../wifi/join-failure";
import type { Security } from "../../wifi/radio";
import { describeReason, REASON_NAMES } from "../../wifi/reason-codes";
import { fuzz } from "../support/volume";

const NUMBERS = Object.keys(REASON_NAMES).map(Number);
const REASONS: readonly JoinFailureReason[] = [
  "not-found",
  "wrong-password",
  "rejected",
  "unsupported-security",
  "no-address",
  "captive-portal",
  "timeout",
  "unknown",
];
const SECURITIES: readonly Security[] = [
  "open",
  "wep",
  "wpa",
  "wpa2",
  "wpa-wpa2",
  "wpa3",
  "wpa2-wpa3",
  "enterprise",
  "owe",
  "unknown",
];

const evidence = (
  number: number | undefined,
  security?: Security,
  more: Partial<JoinEvidence> = {},
): JoinEvidence => ({
  phase: "associating",
  ...(number !== undefined && { number }),
  ...(security && { security }),
  hasPassword: true,
  ...more,
});

describe("reason numbers", () => {
  it("are all of ESP-IDF 6.0: 1–39, 46–51, 67, 68 and 200–212", () => {
    const range = (first: number, last: number) =>
      Array.from({ length: last - first + 1 }, (_, i) => first + i);
    expect(NUMBERS).toEqual([...range(1, 39), ...range(46, 51), 67, 68, ...range(200, 212)]);
  });

  it("are shown with their name, or as the bare number", () => {
    expect(describeReason(15)).toBe("15 4WAY_HANDSHAKE_TIMEOUT");
    expect(describeReason(99)).toBe("99");
    expect(describeReason(0)).toBe("0");
  });
});

describe("diagnoseJoin", () => {
  it.each<[string, JoinEvidence, JoinFailureReason]>([
    ["a handshake that times out: the password", evidence(15, "wpa2"), "wrong-password"],
    ["ESP-IDF's own handshake number", evidence(204, "wpa-wpa2"), "wrong-password"],
    ["a MIC failure in the handshake", evidence(14, "wpa2"), "wrong-password"],
    ["a handshake though there was no password", evidence(204, undefined, { hasPassword: false }), "unknown"],
    ["authentication refused by WPA2: a MAC filter", evidence(202, "wpa2"), "rejected"],
    ["authentication refused by an open network", evidence(202, "open", { hasPassword: false }), "rejected"],
    ["authentication refused by WPA3: the password", evidence(202, "wpa3"), "wrong-password"],
    ["authentication refused by WEP: the key", evidence(202, "wep"), "wrong-password"],
    ["authentication refused, security not seen", evidence(202), "unknown"],
    ["authentication refused by an enterprise network", evidence(202, "enterprise"), "unsupported-security"],
    ["association refused", evidence(203, "wpa2"), "rejected"],
    ["too many stations", evidence(5, "wpa2"), "rejected"],
    ["no access point", evidence(201), "not-found"],
    ["no access point by the driver, though the scan saw one", evidence(201, "wpa2"), "not-found"],
    ["201 of a network that has no password", evidence(201, "open"), "wrong-password"],
    ["201 of a network that has one", evidence(201, "wpa2", { hasPassword: false }), "wrong-password"],
    ["201 of an open network", evidence(201, "open", { hasPassword: false }), "not-found"],
    ["201 of an enterprise network", evidence(201, "enterprise"), "unsupported-security"],
    ["an enterprise network", evidence(210, "enterprise"), "unsupported-security"],
    ["802.1X refused", evidence(23), "unsupported-security"],
    ["WEP without the choice", evidence(211, "wep"), "unsupported-security"],
    ["WPA without the choice", evidence(211, "wpa"), "unsupported-security"],
    ["a password saved for what is open now", evidence(211, "open"), "wrong-password"],
    ["no password for what has one now", evidence(210, "wpa2", { hasPassword: false }), "wrong-password"],
    ["ciphers that the chip lacks", evidence(210, "wpa2"), "unsupported-security"],
    ["OWE only", evidence(210, "owe", { hasPassword: false }), "unsupported-security"],
    ["too weak", evidence(212, "wpa2"), "not-found"],
    ["authentication unanswered", evidence(2, "wpa2"), "timeout"],
    ["association unanswered", evidence(4, "wpa2"), "timeout"],
    ["nothing heard for 15 s", evidence(undefined, "wpa2"), "timeout"],
    ["no address for 15 s", evidence(undefined, "wpa2", { phase: "addressing" }), "no-address"],
    [
      "thrown out as full while waiting for an address",
      evidence(5, "wpa2", { phase: "addressing" }),
      "rejected",
    ],
    ["a handshake number after the handshake", evidence(15, "wpa2", { phase: "addressing" }), "unknown"],
    ["a number that ESP-IDF does not have", evidence(99, "wpa2"), "unknown"],
    ["the number zero", evidence(0, "wpa2"), "unknown"],
  ])("%s", (_, given, reason) => {
    expect(diagnoseJoin(given)).toBe(reason);
  });

  it("has an answer of the closed set for any number, phase and security", () => {
    const given = fc.record(
      {
        phase: fc.constantFrom("associating", "addressing"),
        hasPassword: fc.boolean(),
        number: fc.oneof(fc.constantFrom(...NUMBERS), fc.integer({ min: -1, max: 70_000 })),
        security: fc.constantFrom(...SECURITIES),
      },
      { requiredKeys: ["phase", "hasPassword"] },
    );
    fc.assert(
      fc.property(given, (each) => {
        const reason = diagnoseJoin(each);
        if (!REASONS.includes(reason)) expect.fail(reason);
        if (reason === "no-address") expect(each).toMatchObject({ phase: "addressing" });
        if (each.number !== undefined && !NUMBERS.includes(each.number)) expect(reason).toBe("unknown");
      }),
      fuzz(),
    );
  });
});
