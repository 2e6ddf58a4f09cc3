import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { silentLogger } from "../../../modules/base/logger";
import type { DnsFailure } from "../../../modules/names/dns-client";
import { Clock, LATEST_UNIX_MS } from "../../../modules/time/clock";
import { TimeSync, type TimeSyncOptions } from "../../../modules/time/time-sync";
import { answerSntp, type SntpServerOptions } from "../../../sim/world/sntp-server";
import { FakeUdp, type SentDatagram } from "../../support/fake-udp";

const BUILD = Date.UTC(2026, 0, 1);
const NOW = Date.UTC(2026, 5, 15);
const HOUR = 3_600_000;
const HOSTS = ["one.example", "two.example", "three.example"];
const ADDRESSES: Record<string, string[]> = {
  "one.example": ["10.0.0.1", "10.0.0.11"],
  "two.example": ["10.0.0.2"],
  "three.example": ["10.0.0.3"],
};

describe("TimeSync", () => {
  let net: FakeUdp;
  let clock: Clock;
  let sync: TimeSync;
  let random: number;
  let dns: (host: string) => readonly string[] | DnsFailure | undefined;
  let cancelled: number;
  let heard: number;
  let proven: number | undefined;
  const onSynced = vi.fn();
  const onBlocked = vi.fn();
  const onSet = vi.fn();

  const make = (more: Partial<TimeSyncOptions> = {}) =>
    new TimeSync({
      logger: silentLogger,
      hosts: HOSTS,
      resolve: ({ host, onResolved, onFailure }) => {
        const timer = setTimeout(() => {
          const found = dns(host);
          if (typeof found === "string") onFailure(found);
          else if (found) onResolved(found, false);
        }, 0);
        return {
          cancel: () => {
            cancelled += 1;
            clearTimeout(timer);
          },
        };
      },
      UDP: net.UDP,
      clock,
      provenMsAtBoot: () => proven,
      randomUint32: () => {
        random = (random * 1_664_525 + 1_013_904_223) >>> 0;
        return random;
      },
      onSynced,
      onBlocked,
      fallbackHosts: [],
      onHeard: () => void heard++,
      ...more,
    });

  /** Lets time servers answer: address → how, or the reply to each request. */
  const serve = (
    servers: Record<string, SntpServerOptions | ((sent: SentDatagram) => void)>,
    delayMs = 0,
  ) => {
    net.answer = (sent) => {
      const server = servers[sent.address];
      if (typeof server === "function") server(sent);
      else if (server) {
        setTimeout(() => {
          const reply = answerSntp(sent.bytes, trueTime(), server);
          if (reply) setTimeout(() => sent.from.deliver(reply, sent.address, sent.port), delayMs / 2);
        }, delayMs / 2);
      }
    };
  };

  const trueTime = () => NOW + performance.now();
  const asked = () => net.sent.map((sent) => sent.address);

  beforeEach(() => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
    net = new FakeUdp();
    random = 1;
    cancelled = 0;
    heard = 0;
    proven = undefined;
    dns = (host) => ADDRESSES[host] ?? "no-such-name";
    clock = new Clock({ floorUnixMs: BUILD, ceilingUnixMs: LATEST_UNIX_MS - 1, onSet });
    sync = make();
  });
  afterEach(() => {
    sync.close();
    clock.close();
    expect(net.openSockets).toBe(0);
    vi.resetAllMocks();
    vi.useRealTimers();
  });

  it("does nothing until started", () => {
    vi.advanceTimersByTime(HOUR);
    expect(sync.state).toBe("idle");
    expect(net.sent).toHaveLength(0);
  });

  it("sets the clock from the first server, with one request to port 123, and believes it once a second agrees", () => {
    serve({ "10.0.0.1": {} });
    sync.start();
    expect(net.sent).toHaveLength(0);
    vi.advanceTimersByTime(10);
    expect(clock.quality).toBe("estimated");
    expect(Math.abs(clock.unixMs! - trueTime())).toBeLessThanOrEqual(1);
    expect(onSynced).toHaveBeenCalledOnce();
    expect(onBlocked).not.toHaveBeenCalled();
    expect(net.sent.map(({ address, port }) => [address, port])).toEqual([
      ["10.0.0.1", 123],
      ["10.0.0.2", 123],
    ]);
    serve({ "10.0.0.1": {}, "10.0.0.3": {} });
    vi.advanceTimersByTime(3_900);
    expect(clock.quality).toBe("estimated");
    vi.advanceTimersByTime(1_100);
    expect(asked()).toEqual(["10.0.0.1", "10.0.0.2", "10.0.0.3"]);
    expect(clock.quality).toBe("synced");
    expect(Math.abs(clock.unixMs! - trueTime())).toBeLessThanOrEqual(1);
    expect(onSynced).toHaveBeenCalledOnce();
    expect(net.openSockets).toBe(0);
    expect(sync.state).toBe("pausing");
  });

  it("tells when a server answers, be it with a refusal", () => {
    serve({});
    sync.start();
    vi.advanceTimersByTime(15_000);
    expect(heard).toBe(0);
    serve({ "10.0.0.1": { kiss: "RATE" } });
    sync.start();
    vi.advanceTimersByTime(100);
    expect(heard).toBe(1);
  });

  it("asks nobody to confirm the time of the only server it has", () => {
    sync = make({ hosts: ["10.0.0.9"] });
    serve({ "10.0.0.9": {} });
    sync.start();
    vi.advanceTimersByTime(10);
    expect(clock.quality).toBe("synced");
    expect(net.sent).toHaveLength(1);
    expect(sync.state).toBe("pausing");
  });

  it("believes the first time after all when nobody else answers", () => {
    serve({ "10.0.0.1": {} });
    sync.start();
    vi.advanceTimersByTime(7_900);
    expect(clock.quality).toBe("estimated");
    vi.advanceTimersByTime(12_100);
    expect(clock.quality).toBe("synced");
    expect(Math.abs(clock.unixMs! - trueTime())).toBeLessThanOrEqual(1);
    expect(onBlocked).not.toHaveBeenCalled();
    expect(sync.state).toBe("pausing");
    net.sent.length = 0;
    vi.advanceTimersByTime(0.3 * HOUR - 20_000);
    expect(net.sent).toHaveLength(0);
    vi.advanceTimersByTime(0.1 * HOUR);
    expect(net.sent).not.toHaveLength(0);
  });

  for (const liar of HOSTS.keys())
    for (const lieMs of [-10 * HOUR, -5_000, 5_000, 1_000 * HOUR])
      it(`never believes a time that is off although server ${liar + 1} of 3 is ${lieMs / 1000} s off`, () => {
        const lie = ADDRESSES[HOSTS[liar]!]![0]!;
        serve({ "10.0.0.1": {}, "10.0.0.2": {}, "10.0.0.3": {}, [lie]: { lieMs } });
        onSet.mockImplementation(() => {
          if (clock.quality === "synced") expect(Math.abs(clock.unixMs! - trueTime())).toBeLessThanOrEqual(1);
        });
        sync.start();
        vi.advanceTimersByTime(100);
        expect(clock.quality).toBe("synced");
        for (let hour = 0; hour < 24; hour++) {
          expect(Math.abs(clock.unixMs! - trueTime())).toBeLessThanOrEqual(1);
          vi.advanceTimersByTime(HOUR);
        }
      });

  it("never believes the second server's lie while the first is silent: it asks the third, and neither twice", () => {
    serve({ "10.0.0.2": { lieMs: HOUR }, "10.0.0.3": {} });
    sync.start();
    vi.advanceTimersByTime(12_000);
    expect(asked()).toEqual(["10.0.0.1", "10.0.0.2", "10.0.0.3"]);
    expect(clock.quality).toBe("estimated");
    serve({ "10.0.0.2": {}, "10.0.0.3": {} });
    vi.advanceTimersByTime(60_000);
    expect(clock.quality).toBe("synced");
    expect(Math.abs(clock.unixMs! - trueTime())).toBeLessThanOrEqual(1);
  });

  it("believes neither of two servers that contradict each other, while the third is silent", () => {
    serve({ "10.0.0.1": { lieMs: HOUR }, "10.0.0.2": {} });
    sync.start();
    vi.advanceTimersByTime(5 * HOUR);
    expect(clock.quality).toBe("estimated");
    expect(onBlocked.mock.calls).toEqual([["unusable"]]);
    serve({ "10.0.0.1": { lieMs: HOUR }, "10.0.0.2": {}, "10.0.0.3": {} });
    vi.advanceTimersByTime(HOUR);
    expect(clock.quality).toBe("synced");
    expect(Math.abs(clock.unixMs! - trueTime())).toBeLessThanOrEqual(1);
  });

  it("begins anew with a first time that was not confirmed when the network went", () => {
    serve({ "10.0.0.1": { lieMs: HOUR } });
    sync.start();
    vi.advanceTimersByTime(1_000);
    expect(clock.quality).toBe("estimated");
    sync.stop();
    serve({ "10.0.0.1": {}, "10.0.0.2": {} });
    sync.start();
    vi.advanceTimersByTime(10);
    expect(clock.quality).toBe("synced");
    expect(Math.abs(clock.unixMs! - trueTime())).toBeLessThanOrEqual(1);
  });

  it("follows no single server that jumps, nor a jump that another contradicts", () => {
    serve({ "10.0.0.1": {}, "10.0.0.2": {}, "10.0.0.3": {} });
    sync.start();
    vi.advanceTimersByTime(1_000);
    serve({ "10.0.0.1": { lieMs: 30 * HOUR }, "10.0.0.2": { lieMs: -30 * HOUR }, "10.0.0.3": {} });
    vi.advanceTimersByTime(30 * HOUR);
    expect(Math.abs(clock.unixMs! - trueTime())).toBeLessThanOrEqual(1);
  });

  it("follows the only server that answers over a small step, when it says the same in a second round", () => {
    serve({ "10.0.0.1": {} });
    sync.start();
    vi.advanceTimersByTime(20_000);
    serve({ "10.0.0.1": { lieMs: 4 * 60_000 } });
    vi.advanceTimersByTime(1.2 * HOUR);
    expect(Math.abs(clock.unixMs! - trueTime() - 4 * 60_000)).toBeLessThanOrEqual(1);
  });

  it("never follows one server of three over a step of more than five minutes, and says that it is disputed", () => {
    serve({ "10.0.0.1": {}, "10.0.0.2": {} });
    sync.start();
    vi.advanceTimersByTime(20_000);
    for (const lieMs of [-400 * 24 * HOUR, -301_000, 301_000, 400 * 24 * HOUR]) {
      serve({ "10.0.0.3": { lieMs } });
      onBlocked.mockClear();
      vi.advanceTimersByTime(6 * HOUR);
      expect(Math.abs(clock.unixMs! - trueTime())).toBeLessThanOrEqual(1);
      expect(onBlocked.mock.calls).toEqual([["disputed"]]);
      serve({ "10.0.0.1": {}, "10.0.0.2": {} });
      vi.advanceTimersByTime(2 * HOUR);
    }
    expect(clock.quality).toBe("synced");
  });

  it("follows two of three over any step within its bounds", () => {
    serve({ "10.0.0.1": {}, "10.0.0.2": {}, "10.0.0.3": {} });
    sync.start();
    vi.advanceTimersByTime(20_000);
    serve({ "10.0.0.1": {}, "10.0.0.2": { lieMs: 7 * HOUR }, "10.0.0.3": { lieMs: 7 * HOUR } });
    vi.advanceTimersByTime(1.2 * HOUR);
    expect(Math.abs(clock.unixMs! - trueTime() - 7 * HOUR)).toBeLessThanOrEqual(1);
    expect(onBlocked).not.toHaveBeenCalled();
  });

  it("is not kept at a lie by the one liar that is left: an honest majority ends it within 70 minutes", () => {
    const lie = { lieMs: 300 * HOUR };
    serve({ "10.0.0.1": lie, "10.0.0.2": lie, "10.0.0.3": lie });
    sync.start();
    vi.advanceTimersByTime(20_000);
    expect(Math.abs(clock.unixMs! - trueTime() - 300 * HOUR)).toBeLessThanOrEqual(1);
    serve({ "10.0.0.1": lie, "10.0.0.2": {}, "10.0.0.3": {} });
    vi.advanceTimersByTime(70 * 60_000);
    expect(Math.abs(clock.unixMs! - trueTime())).toBeLessThanOrEqual(1);
  });

  it("goes back behind the time that proved good before this boot with a majority only", () => {
    proven = NOW + 30 * 24 * HOUR;
    serve({ "10.0.0.1": {} });
    sync.start();
    vi.advanceTimersByTime(20_000);
    expect(clock.quality).toBe("none");
    expect(onBlocked.mock.calls).toEqual([["disputed"]]);
    serve({ "10.0.0.1": {}, "10.0.0.3": {} });
    vi.advanceTimersByTime(HOUR);
    expect(clock.quality).toBe("synced");
    expect(Math.abs(clock.unixMs! - trueTime())).toBeLessThanOrEqual(1);
  });

  it("says that it is disputed when a synced clock is offered nothing but what cannot be", () => {
    serve({ "10.0.0.1": {}, "10.0.0.2": {} });
    sync.start();
    vi.advanceTimersByTime(20_000);
    const lie = { lieMs: -3_000 * 24 * HOUR };
    serve({ "10.0.0.1": lie, "10.0.0.2": lie, "10.0.0.3": lie });
    vi.advanceTimersByTime(6 * HOUR);
    expect(Math.abs(clock.unixMs! - trueTime())).toBeLessThanOrEqual(1);
    expect(onBlocked.mock.calls).toEqual([["disputed"]]);
  });

  it("makes up for the way to the server and back, and for the time that the server took", () => {
    serve({ "10.0.0.1": {} }, 800);
    sync.start();
    vi.advanceTimersByTime(1_000);
    expect(Math.abs(clock.unixMs! - trueTime())).toBeLessThanOrEqual(2);
    sync.close();
    sync = make();
    const holding = (sent: SentDatagram) =>
      void setTimeout(() => {
        sent.from.deliver(answerSntp(sent.bytes, trueTime(), { heldMs: 600 })!, "10.0.0.1", 123);
      }, 600);
    serve({ "10.0.0.1": holding });
    sync.start();
    vi.advanceTimersByTime(1_000);
    expect(onSynced).toHaveBeenCalledTimes(2);
    expect(Math.abs(clock.unixMs! - trueTime())).toBeLessThanOrEqual(2);
  });

  it("does not let a server that claims to have held the request too long move the clock", () => {
    serve({ "10.0.0.1": { heldMs: 30_000 } });
    sync.start();
    vi.advanceTimersByTime(10);
    expect(Math.abs(clock.unixMs! - trueTime())).toBeLessThanOrEqual(2);
  });

  it("asks the next server after four seconds of silence, or at once when a name does not resolve", () => {
    serve({ "10.0.0.3": {} });
    dns = (host) => (host === "one.example" ? "no-such-name" : (ADDRESSES[host] ?? "no-such-name"));
    sync.start();
    vi.advanceTimersByTime(3_999);
    expect(asked()).toEqual(["10.0.0.2"]);
    vi.advanceTimersByTime(20);
    expect(asked()).toEqual(["10.0.0.2", "10.0.0.3"]);
    expect(onSynced).toHaveBeenCalledOnce();
  });

  it("says once that it is blocked after a round of silence, goes on trying, and sets the clock when it can", () => {
    sync.start();
    vi.advanceTimersByTime(11_900);
    expect(onBlocked).not.toHaveBeenCalled();
    vi.advanceTimersByTime(200);
    expect(asked()).toEqual(["10.0.0.1", "10.0.0.2", "10.0.0.3"]);
    expect(onBlocked.mock.calls).toEqual([["no-answer"]]);
    vi.advanceTimersByTime(2 * HOUR);
    expect(onBlocked).toHaveBeenCalledOnce();
    expect(net.sent.length).toBeGreaterThan(10);
    serve({ "10.0.0.2": {} });
    vi.advanceTimersByTime(1_100_000);
    expect(onSynced).toHaveBeenCalledOnce();
  });

  it("never asks a server twice within 15 seconds, however long it is silent", () => {
    const times: number[] = [];
    net.answer = () => times.push(performance.now());
    sync = make({ hosts: ["10.0.0.9"] });
    sync.start();
    vi.advanceTimersByTime(24 * HOUR);
    const gaps = times.slice(1).map((time, i) => time - times[i]!);
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(15_000);
    expect(net.sent.length).toBeGreaterThan(80);
    expect(net.sent.length).toBeLessThan(400);
  });

  it("asks again about every hour, beginning with the server that last gave the time", () => {
    serve({ "10.0.0.2": {}, "10.0.0.3": {} });
    sync.start();
    vi.advanceTimersByTime(5_000);
    net.sent.length = 0;
    vi.advanceTimersByTime(0.9 * HOUR - 6_000);
    expect(net.sent).toHaveLength(0);
    vi.advanceTimersByTime(0.2 * HOUR + 6_000);
    expect(asked()).toEqual(["10.0.0.2", "10.0.0.3"]);
    vi.advanceTimersByTime(22 * HOUR);
    expect(onSynced.mock.calls.length).toBeGreaterThanOrEqual(20);
    expect(onSynced.mock.calls.length).toBeLessThanOrEqual(27);
  });

  it("spreads the hourly requests of devices that started together", () => {
    serve({ "10.0.0.1": {} });
    const times = new Set<number>();
    for (let device = 0; device < 5; device++) {
      random = device * 7919;
      sync = make();
      sync.start();
      vi.advanceTimersByTime(10_000);
      const from = performance.now();
      net.sent.length = 0;
      while (net.sent.length === 0) vi.advanceTimersByTime(1_000);
      times.add(performance.now() - from);
      sync.close();
    }
    expect(times.size).toBeGreaterThanOrEqual(4);
  });

  it("says that it is blocked again when a resync fails, and the clock stays synced", () => {
    serve({ "10.0.0.1": {} });
    sync.start();
    vi.advanceTimersByTime(10);
    serve({});
    vi.advanceTimersByTime(3 * HOUR);
    expect(onBlocked.mock.calls).toEqual([["no-answer"]]);
    expect(clock.quality).toBe("synced");
  });

  it("believes no reply from another address or port, or without its random timestamp", () => {
    serve({
      "10.0.0.1": (sent) => {
        const forged = answerSntp(sent.bytes, trueTime(), { lieMs: 50 * 86_400_000 })!;
        sent.from.deliver(forged, "10.6.6.6", 123);
        sent.from.deliver(forged, "10.0.0.1", 1123);
        const blind = (options: SntpServerOptions) =>
          sent.from.deliver(
            answerSntp(sent.bytes, trueTime(), { lieMs: 1, fault: "wrong-origin", ...options })!,
            "10.0.0.1",
            123,
          );
        blind({});
        blind({ kiss: "DENY" });
        sent.from.deliver(sent.bytes, "10.0.0.1", 123);
        sent.from.deliver(forged.subarray(0, 47), "10.0.0.1", 123);
        setTimeout(() => sent.from.deliver(answerSntp(sent.bytes, trueTime())!, "10.0.0.1", 123), 1_000);
      },
    });
    sync.start();
    vi.advanceTimersByTime(900);
    expect(clock.quality).toBe("none");
    expect(sync.state).toBe("asking");
    vi.advanceTimersByTime(200);
    expect(onSynced).toHaveBeenCalledOnce();
    expect(Math.abs(clock.unixMs! - trueTime())).toBeLessThanOrEqual(501); // half of a late reply's round trip
    expect(asked().slice(0, -1)).toEqual(["10.0.0.1"]);
  });

  it("sends another random timestamp, never zero, with each request", () => {
    sync = make({ randomUint32: () => 0 });
    sync.start();
    vi.advanceTimersByTime(10);
    expect([...net.sent[0]!.bytes.subarray(40)]).toEqual([0, 0, 0, 0, 0, 0, 0, 1]);
    sync.close();
    sync = make();
    sync.start();
    vi.advanceTimersByTime(5 * 60_000);
    const nonces = net.sent.map(({ bytes }) => bytes.subarray(40).join());
    expect(new Set(nonces).size).toBe(nonces.length);
  });

  it.each<[string, SntpServerOptions]>([
    ["says that it is not set", { fault: "unsynchronised" }],
    ["is before our build", { lieMs: BUILD - NOW - 86_400_000 }],
    ["is after 2100", { lieMs: Date.UTC(2101, 0, 1) - NOW }],
  ])("takes no time from a server whose clock %s, and asks the next at once", (_what, options) => {
    serve({ "10.0.0.1": options, "10.0.0.2": {} });
    sync.start();
    vi.advanceTimersByTime(20);
    expect(asked().slice(0, 2)).toEqual(["10.0.0.1", "10.0.0.2"]);
    expect(onSynced).toHaveBeenCalledOnce();
    expect(onSet).toHaveBeenCalledTimes(1);
    expect(clock.quality).toBe("estimated");
    expect(Math.abs(clock.unixMs! - trueTime())).toBeLessThanOrEqual(1);
  });

  it.each(["DENY", "RSTR"])("never again asks an address that answers %s, but others of its name", (kiss) => {
    serve({ "10.0.0.1": { kiss }, "10.0.0.2": {}, "10.0.0.3": {} });
    sync.start();
    vi.advanceTimersByTime(9_000);
    expect(asked()).toEqual(["10.0.0.1", "10.0.0.2", "10.0.0.3"]);
    serve({ "10.0.0.1": { kiss }, "10.0.0.11": {}, "10.0.0.3": {} });
    vi.advanceTimersByTime(48 * HOUR);
    expect(asked().filter((address) => address === "10.0.0.1")).toHaveLength(1);
    expect(asked()).toContain("10.0.0.11");
    sync.start();
    vi.advanceTimersByTime(10);
    expect(asked().filter((address) => address === "10.0.0.1")).toHaveLength(1);
  });

  it("leaves a server alone for four hours when it limits the rate", () => {
    sync = make({ hosts: ["10.0.0.9", "10.0.0.8", "10.0.0.7", "10.0.0.6", "10.0.0.5"] });
    serve({ "10.0.0.9": { kiss: "RATE" }, "10.0.0.6": {}, "10.0.0.5": {} });
    sync.start();
    vi.advanceTimersByTime(60_000);
    // From here on a majority: the two, and the next one after the server that is left alone.
    serve({ "10.0.0.9": { kiss: "RATE" }, "10.0.0.8": {}, "10.0.0.6": {}, "10.0.0.5": {} });
    vi.advanceTimersByTime(3.9 * HOUR - 60_000);
    expect(asked().filter((address) => address === "10.0.0.9")).toHaveLength(1);
    vi.advanceTimersByTime(1.3 * HOUR);
    expect(asked().filter((address) => address === "10.0.0.9")).toHaveLength(2);
  });

  it.each(["DENY", "RSTR", "RATE"])(
    "obeys %s for 45 minutes while nobody else gives the time, for a liar may have said it",
    (kiss) => {
      sync = make({ hosts: ["10.0.0.9", "10.0.0.8"] });
      serve({ "10.0.0.9": { kiss }, "10.0.0.8": { kiss } });
      sync.start();
      vi.advanceTimersByTime(45 * 60_000);
      expect(net.sent).toHaveLength(2);
      serve({ "10.0.0.9": {}, "10.0.0.8": {} });
      vi.advanceTimersByTime(20 * 60_000);
      expect(clock.quality).toBe("synced");
    },
  );

  it("says why a round failed, by the most that any server did", () => {
    const rounds: [Record<string, SntpServerOptions>, typeof dns, string][] = [
      [{}, () => "no-answer", "dns-failed"],
      [{}, () => "no-such-name", "dns-failed"],
      [{}, (host) => (host === "two.example" ? ["10.0.0.2"] : "server-failure"), "no-answer"],
      [{ "10.0.0.2": { kiss: "RATE" } }, (host) => ADDRESSES[host], "refused"],
      [
        { "10.0.0.3": { fault: "zero-time" }, "10.0.0.1": { kiss: "RATE" } },
        (host) => ADDRESSES[host],
        "unusable",
      ],
    ];
    for (const [servers, resolver, reason] of rounds) {
      sync.close();
      onBlocked.mockClear();
      sync = make();
      serve(servers);
      dns = resolver;
      sync.start();
      vi.advanceTimersByTime(13_000);
      expect(onBlocked.mock.calls).toEqual([[reason]]);
    }
  });

  it("asks no second name when name servers are silent, but still asks servers given by address", () => {
    sync = make({ hosts: ["one.example", "two.example", "10.0.0.9"] });
    const resolved: string[] = [];
    dns = (host) => {
      resolved.push(host);
      return "no-answer";
    };
    serve({ "10.0.0.9": {} });
    sync.start();
    vi.advanceTimersByTime(20);
    expect(resolved).toEqual(["one.example"]);
    expect(onSynced).toHaveBeenCalledOnce();
  });

  it.each(["open", "write"] as const)("goes on when the stack cannot %s", (failing) => {
    serve({ "10.0.0.1": {}, "10.0.0.2": {} });
    net.failing = failing;
    sync.start();
    vi.advanceTimersByTime(1_000);
    net.failing = undefined;
    vi.advanceTimersByTime(4_000);
    expect(onSynced).toHaveBeenCalledOnce();
  });

  describe("whose own servers are dead names", () => {
    const POOL = ["a.pool.example", "one.example", "b.pool.example"];
    const dead = ["gone.example", "10.9.9.9"];

    const usual = { "10.1.0.1": {}, "10.0.0.1": {}, "10.1.0.2": {} };
    /** Whom each round asked, by name. */
    let onRound: string[][];

    const makeWith = (hosts: readonly string[]) => {
      onRound = [];
      const debug = (text: string): void => {
        const host = text.slice(0, text.indexOf(":"));
        if (host === hosts[0]) onRound.push([]);
        onRound.at(-1)?.push(host);
      };
      return make({ hosts, fallbackHosts: POOL, logger: { debug, info() {}, warn() {}, error() {} } });
    };
    /** Lets so many more rounds begin, and the last of them end. */
    const rounds = (count: number): void => {
      const wanted = onRound.length + count;
      for (let i = 0; i < 10 * 3_600 && onRound.length < wanted; i++) vi.advanceTimersByTime(1_000);
      vi.advanceTimersByTime(10_000);
    };

    beforeEach(() => {
      const pool: Record<string, string[]> = {
        "a.pool.example": ["10.1.0.1"],
        "b.pool.example": ["10.1.0.2"],
      };
      dns = (host) => pool[host] ?? ADDRESSES[host] ?? "no-such-name";
      sync = makeWith(dead);
    });

    it("asks the usual ones too, after its own, once those have been silent for three rounds", () => {
      serve(usual);
      sync.start();
      rounds(4);
      expect(onRound).toEqual([dead, dead, dead, [...dead, ...POOL]]);
      expect(clock.quality).toBe("synced");
      expect(Math.abs(clock.unixMs! - trueTime())).toBeLessThanOrEqual(1);
    });

    it("goes on with them, its own first, until one of its own answers", () => {
      serve(usual);
      sync.start();
      rounds(5);
      expect(onRound[4]).toEqual([...dead, ...POOL]);
      serve({ ...usual, "10.9.9.9": {} });
      rounds(1);
      expect(onRound[5]).toContain("10.9.9.9");
      onRound = [];
      rounds(2);
      expect(onRound.flat().filter((host) => POOL.includes(host))).toEqual([]);
    });

    it.each([
      ["says anything", { kiss: "RATE" }],
      ["has set the clock", {}],
    ] as const)("asks nobody else as long as one of its own %s", (_, server) => {
      sync = makeWith(["10.9.9.9"]);
      serve({ ...usual, "10.9.9.9": server });
      sync.start();
      rounds(2);
      if (!("kiss" in server)) serve(usual);
      rounds(6);
      expect([...new Set(onRound.flat())]).toEqual(["10.9.9.9"]);
    });

    it("does not count rounds that the network cut short", () => {
      serve(usual);
      for (let i = 0; i < 10; i++) {
        sync.start();
        vi.advanceTimersByTime(2_000);
      }
      sync.start();
      rounds(1);
      expect(onRound.flat().filter((host) => POOL.includes(host))).toEqual([]);
    });

    it("lets no two of all five step a clock that they have set", () => {
      serve(usual);
      sync.start();
      rounds(4);
      const lie = { lieMs: HOUR };
      serve({ "10.1.0.1": lie, "10.0.0.1": lie });
      vi.advanceTimersByTime(2 * HOUR);
      expect(Math.abs(clock.unixMs! - trueTime())).toBeLessThanOrEqual(1);
      expect(onBlocked.mock.calls.flat()).toContain("disputed");
    });
  });

  it("uses another port when told to", () => {
    sync = make({ port: 11_123 });
    serve({ "10.0.0.1": {} });
    sync.start();
    vi.advanceTimersByTime(10);
    expect(net.sent[0]?.port).toBe(11_123);
    expect(onSynced).toHaveBeenCalledOnce();
  });

  it("follows the time into NTP's next era and past 2038", () => {
    for (const now of [
      Date.UTC(2036, 1, 7, 6, 28, 16),
      Date.UTC(2038, 0, 19, 3, 14, 8),
      Date.UTC(2099, 0, 1),
    ]) {
      sync.close();
      clock.close();
      clock = new Clock({ floorUnixMs: BUILD, ceilingUnixMs: LATEST_UNIX_MS - 1, onSet });
      sync = make();
      serve({ "10.0.0.1": { lieMs: now - NOW } });
      sync.start();
      vi.advanceTimersByTime(10);
      expect(Math.abs(clock.unixMs! - (now + performance.now()))).toBeLessThanOrEqual(1);
    }
  });

  it("stops silently at any stage, and a start begins anew", () => {
    serve({ "10.0.0.1": {} }, 100);
    for (const ms of [0, 1, 50, 101]) {
      sync.start();
      vi.advanceTimersByTime(ms);
      const synced = onSynced.mock.calls.length;
      sync.stop();
      sync.stop();
      expect(sync.state).toBe("idle");
      vi.advanceTimersByTime(10 * 60_000);
      expect(onSynced.mock.calls.length).toBe(synced);
      expect(onBlocked).not.toHaveBeenCalled();
    }
    expect(cancelled).toBeGreaterThan(0);
    onSynced.mockClear();
    sync.start();
    vi.advanceTimersByTime(200);
    expect(onSynced).toHaveBeenCalledOnce();
  });

  it("can be stopped from within its callbacks and from the clock's", () => {
    serve({ "10.0.0.1": {} });
    onSynced.mockImplementation(() => sync.stop());
    sync.start();
    vi.advanceTimersByTime(3 * HOUR);
    expect(net.sent).toHaveLength(1);
    onSynced.mockReset();
    onSet.mockImplementation(() => sync.stop());
    sync.start();
    vi.advanceTimersByTime(3 * HOUR);
    expect(net.sent).toHaveLength(2);
    expect(onSynced).not.toHaveBeenCalled();
    // Where nobody else answers, the clock is set a second time.
    onSet.mockImplementation(() => {
      if (clock.quality === "synced") sync.stop();
    });
    sync.start();
    vi.advanceTimersByTime(3 * HOUR);
    expect(net.sent).toHaveLength(5);
    expect(sync.state).toBe("idle");
    onSet.mockReset();
    serve({});
    onBlocked.mockImplementation(() => sync.stop());
    sync.start();
    vi.advanceTimersByTime(3 * HOUR);
    expect(net.sent).toHaveLength(8);
    expect(sync.state).toBe("idle");
  });

  it("throws for hosts or a port that cannot be", () => {
    for (const hosts of [[], ["a b"], ["1.2.3.256"], ["one.example", ""]])
      expect(() => make({ hosts })).toThrow(RangeError);
    for (const port of [0, 65_536, 1.5]) expect(() => make({ port })).toThrow(RangeError);
  });
});
