import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { silentLogger } from "../../../modules/base/logger";
import type { DnsFailure } from "../../../modules/names/dns-client";
import { InternetCheck, type InternetCheckOptions } from "../../../modules/network/internet-check";
import { FakeTls } from "../../support/fake-tls";

const CA = Uint8Array.of(0x30, 0x00);

describe("InternetCheck", () => {
  let tls: FakeTls;
  let check: InternetCheck;
  let found: readonly string[] | DnsFailure;
  let asked: { host: string; allowStale?: boolean; anew?: boolean }[];
  let heard: boolean;
  const onVerdict = vi.fn();

  const make = (more: Partial<InternetCheckOptions> = {}) =>
    new InternetCheck({
      logger: silentLogger,
      host: "api.example",
      certificateAuthorities: [CA],
      resolve: ({ onResolved, onFailure, ...query }) => {
        asked.push(query);
        const timer = setTimeout(() => {
          if (typeof found === "string") onFailure(found);
          else onResolved(found, false);
        }, 100);
        return { cancel: () => clearTimeout(timer) };
      },
      isHeard: () => heard,
      openTls: tls.open,
      ...more,
    });

  beforeEach(() => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
    tls = new FakeTls();
    found = ["203.0.113.9"];
    heard = false;
    asked = [];
    check = make();
  });
  afterEach(() => {
    check.close();
    expect(vi.getTimerCount()).toBe(0);
    expect(tls.openSockets).toBe(0);
    vi.resetAllMocks();
    vi.useRealTimers();
  });

  it("opens TLS to the cloud's port 443 with our CA and without our certificate, and sends nothing", () => {
    check.run("connect-timeout", onVerdict);
    expect(check.isRunning).toBe(true);
    vi.advanceTimersByTime(100);
    expect(asked).toEqual([{ host: "api.example", allowStale: true, anew: true }]);
    const { address, port, host, identity } = tls.last.options;
    expect({ address, port, host, identity }).toEqual({
      address: "203.0.113.9",
      port: 443,
      host: "api.example",
      identity: { certificateAuthorities: [CA], certificateChain: [] },
    });
    tls.last.accept();
    vi.advanceTimersByTime(1);
    expect(onVerdict.mock.calls).toEqual([["firewall-8883"]]);
    expect(tls.last.isOpen).toBe(false);
    expect(tls.last.written).toEqual([]);
    expect(check.isRunning).toBe(false);
  });

  it.each([
    ["unknown-ca", "captive-portal"],
    ["plaintext", "captive-portal"],
    ["connect-timeout", "no-internet"],
    ["protocol", undefined],
  ] as const)("after %s on 443 says %s", (reason, verdict) => {
    check.run("connect-timeout", onVerdict);
    vi.advanceTimersByTime(100);
    tls.last.fail(reason);
    vi.advanceTimersByTime(1);
    expect(onVerdict.mock.calls).toEqual([[verdict]]);
  });

  it("says that the broker is down when nothing but a name or time server is heard", () => {
    heard = true;
    check.run("connect-refused", onVerdict);
    vi.advanceTimersByTime(100);
    tls.last.fail("connect-refused");
    vi.advanceTimersByTime(1);
    expect(onVerdict.mock.calls).toEqual([["broker-down"]]);
  });

  it("goes through all addresses of the host until one is our cloud's", () => {
    found = ["203.0.113.9", "203.0.113.10", "203.0.113.11"];
    check.run("connect-timeout", onVerdict);
    vi.advanceTimersByTime(100);
    tls.last.fail("connect-timeout");
    vi.advanceTimersByTime(1);
    expect(tls.last.options.address).toBe("203.0.113.10");
    tls.last.accept();
    vi.advanceTimersByTime(1);
    expect(tls.opened).toHaveLength(2);
    expect(onVerdict.mock.calls).toEqual([["firewall-8883"]]);
  });

  it("has one verdict over all addresses: by what tells most", () => {
    found = ["203.0.113.9", "203.0.113.10", "203.0.113.11"];
    check.run("connect-timeout", onVerdict);
    vi.advanceTimersByTime(100);
    for (const reason of ["connect-timeout", "unknown-ca", "connect-refused"] as const) {
      tls.last.fail(reason);
      vi.advanceTimersByTime(1);
    }
    expect(tls.opened).toHaveLength(3);
    expect(onVerdict.mock.calls).toEqual([["captive-portal"]]);
  });

  it("judges by the name server when the cloud's name does not resolve", () => {
    found = "no-answer";
    check.run("no-answer", onVerdict);
    vi.advanceTimersByTime(100);
    expect(tls.opened).toHaveLength(0);
    expect(onVerdict.mock.calls).toEqual([["dns-blocked"]]);
  });

  it("opens nothing when the broker's own certificate told enough", () => {
    check.run("not-yet-valid", onVerdict);
    expect(onVerdict).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1);
    expect(onVerdict.mock.calls).toEqual([["cloud-tls"]]);
    expect(asked).toEqual([]);
    expect(tls.opened).toHaveLength(0);
  });

  it("is silent once cancelled, at any stage", () => {
    for (const broker of ["connect-timeout", "expired"] as const) {
      for (const ms of [0, 50, 100]) {
        check.run(broker, onVerdict);
        if (broker === "connect-timeout") vi.advanceTimersByTime(ms);
        check.cancel();
        check.cancel();
        tls.opened.at(-1)?.accept();
        vi.advanceTimersByTime(1_000);
        expect(tls.openSockets).toBe(0);
      }
    }
    expect(onVerdict).not.toHaveBeenCalled();
    expect(check.isRunning).toBe(false);
  });

  it("replaces a run by the next, and can run again from within a verdict", () => {
    const first = vi.fn();
    check.run("connect-timeout", first);
    vi.advanceTimersByTime(100);
    onVerdict.mockImplementationOnce(() => check.run("connect-timeout", onVerdict));
    check.run("connect-timeout", onVerdict);
    expect(tls.last.isOpen).toBe(false);
    vi.advanceTimersByTime(100);
    tls.last.accept();
    vi.advanceTimersByTime(101);
    expect(tls.opened).toHaveLength(3);
    tls.last.fail("connect-refused");
    vi.advanceTimersByTime(1);
    expect(first).not.toHaveBeenCalled();
    expect(onVerdict.mock.calls).toEqual([["firewall-8883"], ["no-internet"]]);
  });

  it("uses another port when told to, and refuses one that cannot be", () => {
    check = make({ port: 10_443 });
    check.run("connect-timeout", onVerdict);
    vi.advanceTimersByTime(100);
    expect(tls.last.options.port).toBe(10_443);
    for (const port of [0, 65_536, 1.5]) expect(() => make({ port })).toThrow(RangeError);
  });

  it("refuses to trust nobody: without a CA every network would look like a sign-in page", () => {
    expect(() => make({ certificateAuthorities: [] })).toThrow(RangeError);
  });
});
