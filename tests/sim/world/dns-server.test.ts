import packet from "dns-packet";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { formatQuery, parseDnsAnswer } from "../../../modules/names/dns-message";
import { answerDns, type DnsServerFault, type DnsZone } from "../../../sim/world/dns-server";
import { fuzz } from "../../support/volume";

const zone: DnsZone = {
  records: {
    "mqtt.example": { a: ["10.0.0.1", "10.0.0.2"], ttlSeconds: 60 },
    "www.example": { cname: "MQTT.example" },
    "six.example": { aaaa: ["2001:db8::1"] },
    "loop.example": { cname: "loop.example" },
    "lost.example": { cname: "gone.example" },
  },
};

const ask = (name: string, more: Partial<DnsZone> = {}) => {
  const reply = answerDns(formatQuery(77, name), { ...zone, ...more });
  return reply && parseDnsAnswer(reply, 77, name);
};

describe("answerDns", () => {
  it("answers from its zone, through aliases", () => {
    expect(ask("MQTT.example")).toEqual({ addresses: ["10.0.0.1", "10.0.0.2"], ttlSeconds: 60 });
    expect(ask("www.example")).toEqual({ addresses: ["10.0.0.1", "10.0.0.2"], ttlSeconds: 60 });
    expect(ask("six.example")).toBe("no-address");
    expect(ask("loop.example")).toBe("no-address");
  });

  it("denies names that it does not have, and those of every object", () => {
    for (const name of ["other.example", "lost.example", "constructor"])
      expect(ask(name)).toBe("no-such-name");
  });

  it("answers IPv6 questions too", () => {
    const question = { type: "AAAA", name: "six.example" } as const;
    const reply = answerDns(packet.encode({ type: "query", id: 1, questions: [question] }), zone);
    expect(packet.decode(Buffer.from(reply!)).answers).toMatchObject([{ type: "AAAA", data: "2001:db8::1" }]);
  });

  it("gives one address for every name when it hijacks", () => {
    const hijack = "192.168.4.1";
    expect(ask("mqtt.example", { hijack })).toEqual({ addresses: [hijack], ttlSeconds: 0 });
    expect(ask("anything.example", { hijack })).toEqual({ addresses: [hijack], ttlSeconds: 0 });
  });

  it("shows each fault as the device should see it", () => {
    const seen = {
      silent: undefined,
      "server-failure": "server-failure",
      "no-such-name": "no-such-name",
      "wrong-id": "not-ours",
      "wrong-question": "not-ours",
      truncated: "truncated",
      malformed: "malformed",
    } as const satisfies Record<DnsServerFault, unknown>;
    for (const [fault, expected] of Object.entries(seen)) {
      expect(ask("mqtt.example", { fault: fault as DnsServerFault }), fault).toBe(expected);
    }
  });

  it("stays silent to replies and noise", () => {
    const reply = answerDns(formatQuery(1, "mqtt.example"), zone)!;
    expect(answerDns(reply, zone)).toBeUndefined();
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => {
        answerDns(bytes, zone);
      }),
      fuzz(),
    );
  });
});
