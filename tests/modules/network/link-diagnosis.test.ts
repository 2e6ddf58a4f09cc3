import { describe, expect, it } from "vitest";
import {
  type BrokerFailure,
  diagnoseLink,
  isBrokerFailure,
  moreTelling,
  needsProbe,
  type ProbeResult,
} from "../../../modules/network/link-diagnosis";
import type { LinkFailure } from "../../../modules/network/link-failure";

const ALL = [
  "connect-timeout",
  "connect-refused",
  "closed",
  "unknown-ca",
  "expired",
  "not-yet-valid",
  "wrong-name",
  "wrong-usage",
  "weak-certificate",
  "client-certificate-refused",
  "protocol",
  "plaintext",
  "handshake-timeout",
  "no-server",
  "no-answer",
  "no-such-name",
  "no-address",
  "server-failure",
  "malformed",
  "truncated",
  "closed-on-connect",
  "connack-timeout",
] as const satisfies readonly BrokerFailure[];
const GREETINGS = ["closed-on-connect", "connack-timeout"];
const PROBES = ["verified", ...ALL.filter((each) => !GREETINGS.includes(each))] as readonly ProbeResult[];

const NOT_OURS = ["unknown-ca", "wrong-name", "plaintext"];
const AFTER_OUR_CA = [
  "expired",
  "not-yet-valid",
  "wrong-usage",
  "weak-certificate",
  "client-certificate-refused",
];

describe("diagnoseLink", () => {
  it.each<[string, BrokerFailure, ProbeResult, LinkFailure | undefined]>([
    ["a firewall that drops 8883", "connect-timeout", "verified", "firewall-8883"],
    ["a broker that is down, on a host that is there", "connect-refused", "verified", "broker-down"],
    ["a load balancer whose broker is down", "closed", "verified", "broker-down"],
    ["a broker that takes no CONNECT", "closed-on-connect", "verified", "broker-down"],
    ["a broker that hangs after TLS", "connack-timeout", "connect-timeout", "broker-down"],
    ["a firewall that lets TCP up and swallows the rest", "handshake-timeout", "verified", "firewall-8883"],
    [
      "a cloud whose 443 wants a client certificate",
      "connect-timeout",
      "client-certificate-refused",
      "firewall-8883",
    ],
    ["a sign-in page that drops all but its own", "connect-timeout", "unknown-ca", "captive-portal"],
    ["a sign-in page with a public certificate", "connect-refused", "wrong-name", "captive-portal"],
    ["a sign-in page that answers 443 in plaintext", "connect-refused", "plaintext", "captive-portal"],
    ["a sign-in page that catches every port", "plaintext", "plaintext", "captive-portal"],
    ["a page that answers 8883 without TLS", "plaintext", "unknown-ca", "captive-portal"],
    ["a page that answers 443 without TLS, whatever is on 8883", "unknown-ca", "plaintext", "captive-portal"],
    ["foreign answers where neither name nor time is heard", "unknown-ca", "unknown-ca", "captive-portal"],
    ["a company that opens TLS on 8883 only", "unknown-ca", "verified", "cloud-tls"],
    ["no internet behind the router", "connect-timeout", "connect-timeout", "no-internet"],
    ["a router that rejects everything", "connect-refused", "connect-refused", "no-internet"],
    ["no internet, broker's name still remembered", "connect-timeout", "no-answer", "no-internet"],
    ["a router's name server that reaches no other", "server-failure", "server-failure", "no-internet"],
    ["no internet, seen through an old answer", "no-answer", "connect-timeout", "no-internet"],
    ["a firewall that drops DNS", "no-answer", "no-answer", "dns-blocked"],
    ["a firewall that drops DNS, with an old answer", "no-answer", "verified", "dns-blocked"],
    ["a network that gives no name server", "no-server", "no-server", "dns-blocked"],
    ["a filter that denies the broker's name", "no-such-name", "verified", "name-not-found"],
    ["a filter that denies both names", "no-such-name", "no-such-name", "name-not-found"],
    ["an IPv6-only cloud", "no-address", "no-address", "name-not-found"],
    ["a sign-in page whose name server denies the broker", "no-such-name", "unknown-ca", "captive-portal"],
    ["a broker of one's own without a service on 443", "unknown-ca", "connect-refused", "cloud-tls"],
    ["an expired broker certificate", "expired", "verified", "cloud-tls"],
    ["a broker that speaks old TLS only", "protocol", "verified", "cloud-tls"],
    ["8883 dropped, 443 unintelligible", "connect-timeout", "protocol", undefined],
    ["one name denied, nothing on 443", "no-such-name", "connect-timeout", undefined],
  ])("tells %s", (_what, broker, probe, verdict) => {
    expect(diagnoseLink(broker, probe, false)).toBe(verdict);
  });

  it.each<[string, BrokerFailure, ProbeResult]>([
    ["a broker that is down, on a host whose 443 is closed", "connect-refused", "connect-refused"],
    ["a host that is switched off", "connect-timeout", "connect-timeout"],
    ["a name that leads to a host that refuses everything", "connect-refused", "connect-refused"],
    ["a load balancer that cuts everything", "closed", "closed"],
    ["a host that drops one port and refuses the other", "connect-timeout", "connect-refused"],
    ["a proxy that takes every opening", "handshake-timeout", "handshake-timeout"],
  ])("tells %s from no internet by a name or time server that has just answered", (_what, broker, probe) => {
    expect(diagnoseLink(broker, probe, true)).toBe("broker-down");
    expect(diagnoseLink(broker, probe, false)).toBe("no-internet");
  });

  it.each<[string, BrokerFailure, ProbeResult]>([
    ["an authority that is new on both ports", "unknown-ca", "unknown-ca"],
    ["a company that opens all TLS", "unknown-ca", "wrong-name"],
    ["a broker of old TLS beside a new authority", "protocol", "unknown-ca"],
  ])(
    "tells %s from a sign-in page by a name or time server that has just answered",
    (_what, broker, probe) => {
      expect(diagnoseLink(broker, probe, true)).toBe("cloud-tls");
      expect(diagnoseLink(broker, probe, false)).toBe("captive-portal");
    },
  );

  it("goes by name and time servers only where both ports are of no use, or both are somebody else's", () => {
    const pairs = [
      ["broker-down", "no-internet"],
      ["cloud-tls", "captive-portal"],
    ];
    for (const broker of ALL)
      for (const probe of PROBES) {
        const [heard, unheard] = [true, false].map((isHeard) => diagnoseLink(broker, probe, isHeard));
        if (heard !== unheard) expect(pairs, `${broker}, ${probe}`).toContainEqual([heard, unheard]);
      }
  });

  it("takes what tells most of several addresses", () => {
    expect(moreTelling("connect-timeout", "connect-refused")).toBe("connect-refused");
    expect(moreTelling("connect-refused", "connect-timeout")).toBe("connect-refused");
    expect(moreTelling("closed", "expired")).toBe("expired");
    expect(moreTelling("closed-on-connect", "unknown-ca")).toBe("closed-on-connect");
    for (const first of ALL)
      for (const second of ALL) {
        const forth = needsProbe(moreTelling(first, second));
        expect(needsProbe(moreTelling(second, first)), `${first}, ${second}`).toBe(forth);
      }
  });

  it("blames a sign-in page only when 443 is answered by somebody else, and 8883 was not our cloud", () => {
    for (const broker of ALL) {
      for (const probe of PROBES) {
        const expected =
          NOT_OURS.includes(probe) && !AFTER_OUR_CA.includes(broker) && !GREETINGS.includes(broker);
        expect(diagnoseLink(broker, probe, false) === "captive-portal", `${broker}, ${probe}`).toBe(expected);
      }
    }
  });

  it("blames a firewall for 8883 only when our cloud answered on 443", () => {
    for (const broker of ALL) {
      for (const probe of PROBES) {
        if (diagnoseLink(broker, probe, true) !== "firewall-8883") continue;
        expect(["verified", ...AFTER_OUR_CA], `${broker}, ${probe}`).toContain(probe);
      }
    }
  });

  it("never says that there is no internet when anybody answered a TLS opening", () => {
    const answered: readonly ProbeResult[] = [
      "verified",
      "protocol",
      ...NOT_OURS,
      ...AFTER_OUR_CA,
    ] as ProbeResult[];
    for (const broker of ALL) {
      for (const probe of PROBES) {
        if (answered.includes(broker as ProbeResult) || answered.includes(probe)) {
          expect(diagnoseLink(broker, probe, false), `${broker}, ${probe}`).not.toBe("no-internet");
        }
      }
    }
  });

  it("needs no look at 443 exactly where it would change nothing", () => {
    for (const broker of ALL) {
      const verdicts = new Set(PROBES.map((probe) => diagnoseLink(broker, probe, true)));
      expect(needsProbe(broker), broker).toBe(verdicts.size > 1);
    }
  });

  it("knows its own reasons from others", () => {
    for (const reason of ALL) expect(isBrokerFailure(reason)).toBe(true);
    for (const reason of ["verified", "not-authorized", "toString", ""])
      expect(isBrokerFailure(reason)).toBe(false);
  });
});
