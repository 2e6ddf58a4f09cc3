import { describe, expect, it } from "vitest";
import { DnsWires, TimeKeeperWires, TimeSyncWires } from "../../wiring/time";
import { recordedParts } from "../support/recorded-parts";

const clock = (quality: string) => ({ quality, unixMs: 1_800_000_000_500 });

describe("A clock that is synced now, or is that no more", () => {
  it("is told to the cloud", () => {
    const { parts, calls } = recordedParts();
    new TimeKeeperWires(parts).onQuality();
    expect(calls).toEqual(["cloud.statusChanged()"]);
  });
});

describe("A time that the servers gave against what was known", () => {
  it("is counted and logged", () => {
    const { parts, calls } = recordedParts();
    new TimeKeeperWires(parts).onDisputed();
    expect(calls[0]).toBe('failures.count("time-disputed")');
    expect(calls[1]).toContain("log.warn(");
  });

  it("has readings delivered again that have another time now", () => {
    const { parts, calls } = recordedParts();
    new TimeKeeperWires(parts).onRedated();
    expect(calls).toEqual(["cloud.readingsRedated()"]);
  });
});

describe("Without a time server", () => {
  it.each([
    ["no-answer", "estimated", "sntp-blocked", "sntp-blocked: going on with an estimated time"],
    ["refused", "estimated", "no-time", "no time (refused): going on with an estimated time"],
    ["no-answer", "synced", "sntp-blocked", "sntp-blocked: going on with the time that it has"],
    ["disputed", "synced", "time-disputed", "time-disputed: going on with the time that it has"],
  ] as const)("%s: the cloud goes on with a clock that is %s", (reason, quality, counted, line) => {
    const { parts, calls } = recordedParts({ clock: clock(quality) });
    new TimeSyncWires(parts).onBlocked(reason);
    expect(calls).toEqual([
      "timeKeeper.blocked()",
      `failures.count("${counted}")`,
      `log.warn("${line}")`,
      "cloud.timeKnown()",
    ]);
  });

  it("asks the name servers of the network that was joined last", () => {
    const { parts, calls } = recordedParts({ nameServers: ["192.0.2.1"] });
    new TimeSyncWires(parts).resolve({ host: "time.example", onResolved() {}, onFailure() {} });
    expect([calls, new DnsWires(parts).servers]).toEqual([
      ['dns.resolve({"host":"time.example"})'],
      ["192.0.2.1"],
    ]);
  });
});
