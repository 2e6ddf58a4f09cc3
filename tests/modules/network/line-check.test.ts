import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { DnsFailure } from "../../../modules/names/dns-client";
import {
  type Cause,
  causeOfSilence,
  LINE_MS,
  LineCheck,
  type LineCheckOptions,
  mayBeLine,
} from "../../../modules/network/line-check";
import { isBrokerFailure } from "../../../modules/network/link-diagnosis";
import { FakeUdp } from "../../support/fake-udp";

describe("A failed attempt is surely the line's", () => {
  it.each<[string, boolean, boolean, boolean, Cause]>([
    ["when names and time are silent", true, true, false, "line"],
    ["also for a broker that is known by its address", true, true, true, "line"],
    ["when names are silent, without which there is no way", true, false, false, "line"],
    ["not when names are no part of the way, and no time server was asked", true, false, true, "cloud"],
    ["not by silent time alone, which may be a firewall", false, true, true, "cloud"],
    ["not when nobody was asked", false, false, false, "cloud"],
  ])("%s", (_, names, time, brokerIsAddress, cause) => {
    expect(causeOfSilence(names, time, brokerIsAddress)).toBe(cause);
  });

  it("never after an answer, however bad", () => {
    const answers = [
      "connect-refused",
      "closed",
      "unknown-ca",
      "protocol",
      "expired",
      "no-such-name",
    ] as const;
    for (const each of answers) expect([isBrokerFailure(each), mayBeLine(each)]).toEqual([true, false]);
    for (const each of ["connect-timeout", "no-answer", "server-failure"] as const)
      expect(mayBeLine(each)).toBe(true);
  });
});

describe("LineCheck", () => {
  let udp: FakeUdp;
  let names: readonly string[] | DnsFailure | "silent";
  let known: readonly string[] | undefined;
  let asked: string[];
  let causes: Cause[];
  let heard: number;

  beforeEach(() => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
    udp = new FakeUdp();
    names = "silent";
    known = ["192.0.2.123"];
    asked = [];
    causes = [];
    heard = 0;
  });
  afterEach(() => {
    expect([vi.getTimerCount(), udp.openSockets]).toEqual([0, 0]);
    vi.useRealTimers();
  });

  const make = (more: Partial<LineCheckOptions> = {}): LineCheck =>
    new LineCheck({
      host: "broker.test",
      timeServers: ["time.test"],
      UDP: udp.UDP,
      randomUint32: () => 7,
      lastKnown: () => known,
      onHeard: () => void heard++,
      resolve: ({ host, anew, onResolved, onFailure }) => {
        asked.push(`${host}${anew ? " anew" : ""}`);
        const timer = setTimeout(() => {
          if (names !== "silent" && typeof names === "string") onFailure(names);
          else if (names !== "silent") onResolved(names, false);
        }, 100);
        return { cancel: () => clearTimeout(timer) };
      },
      ...more,
    });
  const run = (check: LineCheck, ms: number, namesSilent = false): Cause[] => {
    check.run(namesSilent, (cause) => causes.push(cause));
    expect(causes).toEqual([]);
    vi.advanceTimersByTime(ms);
    return causes.splice(0);
  };

  it("asks a name server and a time server anew, both at once, and waits six seconds for either", () => {
    const check = make();
    expect(run(check, LINE_MS - 1)).toEqual([]);
    expect([asked, udp.sent.map(({ address, port }) => `${address}:${port}`)]).toEqual([
      ["time.test anew"],
      ["192.0.2.123:123"],
    ]);
    vi.advanceTimersByTime(1);
    expect(causes).toEqual(["line"]);
  });

  it.each([[["192.0.2.1"]], ["no-such-name"], ["no-address"]] as const)(
    "ends at once when a name server answers: %s",
    (answer) => {
      names = answer as never;
      expect(run(make(), 100)).toEqual(["cloud"]);
    },
  );

  it("ends at once when the time server answers, which others may know, and nobody else", () => {
    udp.answer = ({ from, bytes }) => {
      from.deliver(bytes, "192.0.2.9", 123);
      from.deliver(bytes, "192.0.2.123", 1230);
    };
    expect([run(make(), LINE_MS), heard]).toEqual([["line"], 0]);
    udp.answer = ({ from, bytes, address, port }) => from.deliver(bytes, address, port);
    expect([run(make(), 1), heard]).toEqual([["cloud"], 1]);
  });

  it("believes a name server that cannot only once the time server is silent too", () => {
    names = "server-failure";
    expect(run(make(), LINE_MS - 1)).toEqual([]);
    vi.advanceTimersByTime(1);
    expect(causes.splice(0)).toEqual(["line"]);
    known = undefined;
    expect(run(make(), 100)).toEqual(["line"]);
  });

  it("does not ask a name server again that has just been silent", () => {
    expect(run(make(), LINE_MS, true)).toEqual(["line"]);
    known = undefined;
    expect(run(make(), 0, true)).toEqual(["line"]);
    expect(asked).toEqual([]);
  });

  it("asks for the broker's name where all time servers are addresses", () => {
    run(make({ timeServers: ["192.0.2.5"] }), LINE_MS);
    expect([asked, udp.sent[0]?.address]).toEqual([["broker.test anew"], "192.0.2.5"]);
  });

  it("cannot tell where no name is in use: then it is the cloud's", () => {
    expect(run(make({ timeServers: ["192.0.2.5"], host: "192.0.2.8" }), 0)).toEqual(["cloud"]);
    expect(udp.sent).toEqual([]);
  });

  it("takes a stack without a route for silence", () => {
    for (const failing of ["open", "write"] as const) {
      udp.failing = failing;
      expect(run(make(), LINE_MS)).toEqual(["line"]);
    }
  });

  it("tells nothing once cancelled, and a new run replaces the one before", () => {
    const check = make();
    run(check, 10);
    check.run(false, (cause) => causes.push(cause));
    check.cancel();
    check.cancel();
    vi.advanceTimersByTime(60_000);
    expect(causes).toEqual([]);
  });
});
