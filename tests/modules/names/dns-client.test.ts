import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { silentLogger } from "../../../modules/base/logger";
import { DnsClient, type DnsClientOptions, type ResolveOptions } from "../../../modules/names/dns-client";
import { answerDns, type DnsZone } from "../../../sim/world/dns-server";
import { FakeUdp, type SentDatagram } from "../../support/fake-udp";

const HOST = "mqtt.example";
const ONE = "10.0.0.53";
const TWO = "10.0.0.54";
const SERVERS = [ONE, TWO];
const ZONE: DnsZone = {
  records: {
    [HOST]: { a: ["203.0.113.7", "203.0.113.8"], ttlSeconds: 300 },
    "api.example": { a: ["203.0.113.9"] },
    "brief.example": { a: ["203.0.113.1"], ttlSeconds: 0 },
    "long.example": { a: ["203.0.113.2"], ttlSeconds: 1_000_000 },
    "six.example": { aaaa: ["2001:db8::1"] },
  },
};
const HOUR = 3_600_000;

describe("DnsClient", () => {
  let net: FakeUdp;
  let client: DnsClient;
  let random: number;
  let heard: number[];

  const make = (more: Partial<DnsClientOptions> = {}) =>
    new DnsClient({
      logger: silentLogger,
      UDP: net.UDP,
      randomUint32: () => {
        random = (random + 0x1357_9bdf) >>> 0;
        return random;
      },
      clock: {
        get uptimeMs() {
          return performance.now();
        },
      },
      servers: [ONE],
      onHeard: () => void heard.push(performance.now()),
      ...more,
    });

  /** Lets servers answer: address → zone, or the reply to each query. */
  const serve = (servers: Record<string, DnsZone | ((sent: SentDatagram) => void)>) => {
    net.answer = (sent) => {
      const server = servers[sent.address];
      if (typeof server === "function") server(sent);
      else {
        const reply = server && answerDns(sent.bytes, server);
        if (reply) sent.from.deliver(reply, sent.address, sent.port);
      }
    };
  };

  const resolve = (more: Partial<ResolveOptions> = {}) => {
    const onResolved = vi.fn();
    const onFailure = vi.fn();
    const resolution = client.resolve({ host: HOST, servers: SERVERS, onResolved, onFailure, ...more });
    return { onResolved, onFailure, cancel: () => resolution.cancel() };
  };

  const asked = () => net.sent.map((sent) => sent.address);

  beforeEach(() => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
    net = new FakeUdp();
    random = 1;
    heard = [];
    client = make();
  });
  afterEach(() => {
    client.close();
    expect(vi.getTimerCount()).toBe(0);
    expect(net.openSockets).toBe(0);
    vi.useRealTimers();
  });

  it("resolves a name with one query to port 53 and closes its socket", () => {
    serve({ [ONE]: ZONE });
    const { onResolved, onFailure } = resolve({ host: "MQTT.example" });
    expect(net.sent).toHaveLength(0);
    vi.advanceTimersByTime(10);
    expect(onResolved.mock.calls).toEqual([[["203.0.113.7", "203.0.113.8"], false]]);
    expect(onFailure).not.toHaveBeenCalled();
    expect(net.sent.map(({ address, port }) => [address, port])).toEqual([[ONE, 53]]);
    expect(net.openSockets).toBe(0);
    vi.advanceTimersByTime(60_000);
    expect(net.sent).toHaveLength(1);
  });

  it("asks a server anew when told to, whatever it remembers, and falls back to that", () => {
    serve({ [ONE]: ZONE });
    resolve();
    vi.advanceTimersByTime(10);
    expect(net.sent).toHaveLength(1);
    const again = resolve({ anew: true, allowStale: true });
    vi.advanceTimersByTime(10);
    expect(net.sent).toHaveLength(2);
    expect(again.onResolved.mock.calls).toEqual([[["203.0.113.7", "203.0.113.8"], false]]);
    serve({});
    const silent = resolve({ anew: true, allowStale: true });
    vi.advanceTimersByTime(60_000);
    expect(silent.onResolved.mock.calls).toEqual([[["203.0.113.7", "203.0.113.8"], true]]);
  });

  it("tells when a server says what it knows, be it that there is no such name", () => {
    serve({ [ONE]: { ...ZONE, fault: "server-failure" } });
    resolve();
    vi.advanceTimersByTime(60_000);
    expect(heard).toEqual([]);
    serve({ [ONE]: ZONE });
    resolve({ host: "none.example" });
    vi.advanceTimersByTime(1);
    expect(heard).toHaveLength(1);
    resolve({ host: "10.0.0.1" });
    vi.advanceTimersByTime(5_000);
    expect(heard).toHaveLength(1);
  });

  it("asks the network's name servers where no others are named", () => {
    serve({ [ONE]: ZONE });
    const onResolved = vi.fn();
    client.resolve({ host: "api.example", onResolved, onFailure() {} });
    vi.advanceTimersByTime(10);
    expect(net.sent.map(({ address }) => address)).toEqual([ONE]);
    expect(onResolved).toHaveBeenCalledOnce();
  });

  it("answers an IPv4 literal itself, and not within the call", () => {
    const { onResolved } = resolve({ host: "192.168.1.20", servers: [] });
    expect(onResolved).not.toHaveBeenCalled();
    vi.advanceTimersByTime(0);
    expect(onResolved.mock.calls).toEqual([[["192.168.1.20"], false]]);
    expect(net.sockets).toHaveLength(0);
  });

  it("asks two servers in turn, three times each, two seconds apart, then says that none answered", () => {
    const { onResolved, onFailure } = resolve({ servers: [ONE, TWO, "10.0.0.55"] });
    vi.advanceTimersByTime(2_000);
    expect(asked()).toEqual([ONE, TWO]);
    vi.advanceTimersByTime(9_999);
    expect(asked()).toEqual([ONE, TWO, ONE, TWO, ONE, TWO]);
    expect(onFailure).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1);
    expect(onFailure.mock.calls).toEqual([["no-answer"]]);
    expect(onResolved).not.toHaveBeenCalled();
    expect(net.sockets).toHaveLength(1);
    expect(net.openSockets).toBe(0);
  });

  it("asks the second server when the first is silent", () => {
    serve({ [TWO]: ZONE });
    const { onResolved } = resolve();
    vi.advanceTimersByTime(1_999);
    expect(onResolved).not.toHaveBeenCalled();
    vi.advanceTimersByTime(10);
    expect(onResolved).toHaveBeenCalledOnce();
  });

  it("takes a late answer to an earlier try", () => {
    serve({
      [ONE]: (sent) => {
        setTimeout(() => sent.from.deliver(answerDns(sent.bytes, ZONE)!, ONE, 53), 3_000);
      },
    });
    const { onResolved } = resolve({ servers: [ONE] });
    vi.advanceTimersByTime(2_999);
    expect(onResolved).not.toHaveBeenCalled();
    vi.advanceTimersByTime(3_000);
    expect(onResolved).toHaveBeenCalledOnce();
  });

  it("asks each usable server once only, and says when there is none", () => {
    const { onFailure } = resolve({ servers: ["0.0.0.0", ONE, ONE, "fe80::1", ""] });
    vi.advanceTimersByTime(6_000);
    expect(asked()).toEqual([ONE, ONE, ONE]);
    expect(onFailure.mock.calls).toEqual([["no-answer"]]);
    const none = resolve({ servers: ["0.0.0.0"] });
    vi.advanceTimersByTime(0);
    expect(none.onFailure.mock.calls).toEqual([["no-server"]]);
  });

  it.each([
    ["no-such-name", "gone.example"],
    ["no-address", "six.example"],
  ])("takes a server's %s as final", (reason, host) => {
    serve({ [ONE]: ZONE, [TWO]: ZONE });
    const { onFailure } = resolve({ host });
    vi.advanceTimersByTime(10);
    expect(onFailure.mock.calls).toEqual([[reason]]);
    expect(asked()).toEqual([ONE]);
  });

  it.each(["server-failure", "truncated", "malformed"] as const)(
    "asks the other server at once after %s",
    (fault) => {
      serve({ [ONE]: { ...ZONE, fault }, [TWO]: ZONE });
      const { onResolved } = resolve();
      vi.advanceTimersByTime(10);
      expect(asked()).toEqual([ONE, TWO]);
      expect(onResolved).toHaveBeenCalledOnce();
    },
  );

  it.each(["server-failure", "truncated", "malformed"] as const)(
    "does not flood servers that fail, and gives %s as the reason in the end",
    (fault) => {
      serve({ [ONE]: { ...ZONE, fault }, [TWO]: { ...ZONE, fault } });
      const { onFailure } = resolve();
      vi.advanceTimersByTime(1_000);
      expect(asked()).toEqual([ONE, TWO]);
      vi.advanceTimersByTime(30_000);
      expect(asked()).toHaveLength(6);
      expect(onFailure.mock.calls).toEqual([[fault]]);
    },
  );

  it("does not believe an answer from another address or port, with another id or question, or from a server not yet asked", () => {
    serve({
      [ONE]: (sent) => {
        const good = answerDns(sent.bytes, ZONE)!;
        const forged = answerDns(sent.bytes, { ...ZONE, hijack: "6.6.6.6" })!;
        sent.from.deliver(forged, "10.6.6.6", 53);
        sent.from.deliver(forged, ONE, 5353);
        sent.from.deliver(forged, TWO, 53);
        for (const fault of ["wrong-id", "wrong-question"] as const) {
          sent.from.deliver(answerDns(sent.bytes, { ...ZONE, hijack: "6.6.6.6", fault })!, ONE, 53);
        }
        sent.from.deliver(sent.bytes, ONE, 53);
        setTimeout(() => sent.from.deliver(good, ONE, 53), 500);
      },
    });
    const { onResolved } = resolve();
    vi.advanceTimersByTime(499);
    expect(onResolved).not.toHaveBeenCalled();
    vi.advanceTimersByTime(10);
    expect(onResolved.mock.calls).toEqual([[["203.0.113.7", "203.0.113.8"], false]]);
  });

  it("takes its ids from the random source and never gives two queries the same", () => {
    client.close();
    client = make({ randomUint32: () => 0xabcdffff });
    resolve();
    resolve({ host: "api.example" });
    vi.advanceTimersByTime(0);
    expect(net.sent.map(({ bytes }) => (bytes[0]! << 8) | bytes[1]!)).toEqual([0xffff, 0]);
  });

  it("resolves several names at once over one socket", () => {
    const replies: (() => void)[] = [];
    serve({
      [ONE]: (sent) => void replies.push(() => sent.from.deliver(answerDns(sent.bytes, ZONE)!, ONE, 53)),
    });
    const first = resolve();
    const second = resolve({ host: "api.example" });
    vi.advanceTimersByTime(0);
    for (const reply of replies.toReversed()) reply();
    vi.advanceTimersByTime(0);
    expect(first.onResolved.mock.calls[0]?.[0]).toEqual(["203.0.113.7", "203.0.113.8"]);
    expect(second.onResolved.mock.calls[0]?.[0]).toEqual(["203.0.113.9"]);
    expect(net.sockets).toHaveLength(1);
  });

  it("remembers an answer for its TTL, not less than a minute, not more than a day", () => {
    serve({ [ONE]: ZONE });
    for (const [host, ms] of [
      [HOST, 300_000],
      ["brief.example", 60_000],
      ["long.example", 24 * HOUR],
    ] as const) {
      resolve({ host });
      vi.advanceTimersByTime(10);
      net.sent.length = 0;
      vi.advanceTimersByTime(ms - 50);
      const cached = resolve({ host });
      vi.advanceTimersByTime(10);
      expect(cached.onResolved).toHaveBeenCalledOnce();
      expect(net.sent, host).toHaveLength(0);
      vi.advanceTimersByTime(50);
      resolve({ host });
      vi.advanceTimersByTime(10);
      expect(net.sent, host).toHaveLength(1);
    }
  });

  it("forgets the oldest of more than six names, and all of them when flushed", () => {
    const records = Object.fromEntries(
      Array.from({ length: 7 }, (_, i) => [`n${i}.example`, { a: [`10.1.0.${i}`] }]),
    );
    serve({ [ONE]: { records } });
    const queriesFor = (i: number) => {
      net.sent.length = 0;
      resolve({ host: `n${i}.example` });
      vi.advanceTimersByTime(10);
      return net.sent.length;
    };
    for (let i = 0; i < 7; i++) expect(queriesFor(i)).toBe(1);
    expect(queriesFor(6)).toBe(0);
    expect(queriesFor(1)).toBe(0);
    expect(queriesFor(0)).toBe(1);
    client.flush();
    expect(queriesFor(6)).toBe(1);
  });

  it("serves an answer that ran out only when told to, only when servers fail, and at most three days", () => {
    serve({ [ONE]: ZONE });
    resolve({ servers: [ONE] });
    vi.advanceTimersByTime(2 * HOUR);
    serve({});
    const strict = resolve({ servers: [ONE] });
    vi.advanceTimersByTime(10_000);
    expect(strict.onFailure.mock.calls).toEqual([["no-answer"]]);
    const lenient = resolve({ servers: [ONE], allowStale: true });
    vi.advanceTimersByTime(5_999);
    expect(lenient.onResolved).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1);
    expect(lenient.onResolved.mock.calls).toEqual([[["203.0.113.7", "203.0.113.8"], true]]);
    const noServer = resolve({ servers: [], allowStale: true });
    vi.advanceTimersByTime(0);
    expect(noServer.onResolved).toHaveBeenCalledOnce();
    serve({ [ONE]: { records: {} } });
    const denied = resolve({ servers: [ONE], allowStale: true });
    vi.advanceTimersByTime(10);
    expect(denied.onFailure.mock.calls).toEqual([["no-such-name"]]);
    serve({});
    vi.advanceTimersByTime(3 * 24 * HOUR);
    const tooOld = resolve({ servers: [ONE], allowStale: true });
    vi.advanceTimersByTime(10_000);
    expect(tooOld.onFailure.mock.calls).toEqual([["no-answer"]]);
  });

  it("asks anew when told to, and tells what was last known without asking", () => {
    serve({ [ONE]: ZONE });
    resolve({ servers: [ONE] });
    vi.advanceTimersByTime(10);
    expect(client.lastKnown(HOST.toUpperCase())).toEqual(["203.0.113.7", "203.0.113.8"]);
    expect(client.lastKnown("other.example")).toBeUndefined();
    resolve({ servers: [ONE] });
    vi.advanceTimersByTime(10);
    expect(net.sent).toHaveLength(1);
    const anew = resolve({ servers: [ONE], anew: true });
    vi.advanceTimersByTime(10);
    expect([net.sent.length, anew.onResolved.mock.calls.length]).toEqual([2, 1]);
    vi.advanceTimersByTime(2 * HOUR);
    expect(client.lastKnown(HOST)).toHaveLength(2);
    vi.advanceTimersByTime(3 * 24 * HOUR);
    expect(client.lastKnown(HOST)).toBeUndefined();
  });

  it("uses another port when told to", () => {
    client.close();
    client = make({ port: 5300 });
    serve({ [ONE]: ZONE });
    const { onResolved } = resolve();
    vi.advanceTimersByTime(10);
    expect(net.sent[0]?.port).toBe(5300);
    expect(onResolved).toHaveBeenCalledOnce();
  });

  it.each(["open", "write"] as const)("keeps trying when the stack cannot %s", (failing) => {
    serve({ [ONE]: ZONE, [TWO]: ZONE });
    net.failing = failing;
    const { onResolved } = resolve();
    vi.advanceTimersByTime(3_000);
    net.failing = undefined;
    vi.advanceTimersByTime(2_000);
    expect(onResolved).toHaveBeenCalledOnce();
    client.flush();
    net.failing = failing;
    const { onFailure } = resolve();
    vi.advanceTimersByTime(12_000);
    expect(onFailure.mock.calls).toEqual([["no-answer"]]);
  });

  it("cancels silently, twice, and leaves other queries alone", () => {
    serve({
      [ONE]: (sent) => setTimeout(() => sent.from.deliver(answerDns(sent.bytes, ZONE)!, ONE, 53), 100),
    });
    const one = resolve();
    const other = resolve({ host: "api.example" });
    vi.advanceTimersByTime(50);
    one.cancel();
    one.cancel();
    vi.advanceTimersByTime(20_000);
    expect(one.onResolved).not.toHaveBeenCalled();
    expect(one.onFailure).not.toHaveBeenCalled();
    expect(other.onResolved).toHaveBeenCalledOnce();
    other.cancel();
  });

  it("can be closed from within a callback, and is silent from then on", () => {
    serve({ [ONE]: ZONE });
    const other = resolve({ host: "api.example", servers: [TWO] });
    resolve({ onResolved: () => client.close() });
    vi.advanceTimersByTime(60_000);
    expect(other.onResolved).not.toHaveBeenCalled();
    expect(other.onFailure).not.toHaveBeenCalled();
    client.close();
    expect(() => resolve()).toThrow("closed");
  });

  it("can resolve the next name from within a callback", () => {
    serve({ [ONE]: ZONE });
    const onResolved = vi.fn();
    resolve({ onResolved: () => void resolve({ host: "api.example", onResolved }) });
    vi.advanceTimersByTime(10);
    expect(onResolved.mock.calls).toEqual([[["203.0.113.9"], false]]);
  });

  it("fails for a host that nobody has set, later, and asks nobody", () => {
    const { onFailure } = resolve({ host: "" });
    expect(onFailure).not.toHaveBeenCalled();
    vi.advanceTimersByTime(10);
    expect(onFailure.mock.calls).toEqual([["no-such-name"]]);
    expect(net.sent).toEqual([]);
  });

  it("throws for a host or port that cannot be", () => {
    for (const host of ["a b", "a_b.example", "1.2.3.256"])
      expect(() => resolve({ host })).toThrow(RangeError);
    for (const port of [0, 65_536, 1.5]) expect(() => make({ port })).toThrow(RangeError);
  });
});
