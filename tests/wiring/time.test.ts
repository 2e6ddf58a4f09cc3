import { describe, expect, it } from "vitest";
import { ClockWires, TimeSyncWires } from "../../wiring/time";
import { recordedParts } from "../support/recorded-parts";

const clock = (quality: string) => ({ quality, unixMs: 1_800_000_000_500 });

describe("A time that was set", () => {
  it("dates the readings of this boot and is remembered once it is synced, and then the cloud hears of it", () => {
    const { parts, calls } = recordedParts({ clock: clock("synced"), boot: new Number(7) });
    new ClockWires(parts).onSet(1_799_999_000_000, undefined, "none");
    expect(calls).toEqual([
      "journal.date(7, 1799999000)",
      'settings.set("lastKnownUnixSeconds", 1800000000)',
      "cloud.statusChanged()",
    ]);
  });

  it("is told to the cloud once, and not at each resync", () => {
    const { parts, calls } = recordedParts({ clock: clock("synced"), boot: new Number(7) });
    new ClockWires(parts).onSet(1_799_999_000_000, 5, "synced");
    expect(calls).not.toContain("cloud.statusChanged()");
  });

  it("dates nothing while it is an estimate", () => {
    const { parts, calls } = recordedParts({ clock: clock("estimated") });
    new ClockWires(parts).onSet(1_799_999_000_000, undefined, "none");
    expect(calls).toEqual([]);
  });
});

describe("Without a time server", () => {
  it.each([
    ["no-answer", "sntp-blocked", "sntp-blocked: going on with an estimated time"],
    ["refused", "no-time", "no time (refused): going on with an estimated time"],
  ] as const)(
    "%s: the last known time serves as an estimate, and the cloud goes on",
    (reason, counted, line) => {
      const { parts, calls } = recordedParts({ settings: { get: () => 1_790_000_000 } });
      new TimeSyncWires(parts).onBlocked(reason);
      expect(calls).toEqual([
        "clock.estimate(1790000000000)",
        `failures.count("${counted}")`,
        `log.warn("${line}")`,
        "cloud.timeKnown()",
      ]);
    },
  );

  it("asks the name servers of the network that was joined last", () => {
    const { parts, calls } = recordedParts({ nameServers: ["192.0.2.1"] });
    new TimeSyncWires(parts).resolve({ host: "time.example", onResolved() {}, onFailure() {} });
    expect(calls).toEqual(['dns.resolve({"host":"time.example","servers":["192.0.2.1"]})']);
  });
});
