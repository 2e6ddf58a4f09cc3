import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { silentLogger } from "../../modules/base/logger";
import type { Cause } from "../../modules/network/line-check";
import type { SocketCallbacks } from "../../modules/network/socket";
import { CloudLink, STABLE_LINK_MS } from "../../mqtt/cloud-link";

beforeEach(() => void vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] }));
afterEach(() => void vi.useRealTimers());

function build() {
  const calls: string[] = [];
  let resolved: ((found: { addresses: readonly string[] } | { reason: string }) => void) | undefined;
  let diagnosed: ((failure: string, cause: Cause) => void) | undefined;
  let cancelled = 0;
  const state = { timeKnown: true, delayMs: 4_000, host: "broker.test" };
  const cancel = () => {
    cancelled++;
  };
  const link = new CloudLink<string, string>({
    log: silentLogger,
    host: () => state.host,
    port: () => 8883,
    identity: { certificateAuthorities: [], certificateChain: [] },
    session: {
      connect: (open) => {
        calls.push("session connects");
        open({ onReadable() {}, onWritable() {}, onError() {} } as SocketCallbacks);
      },
      disconnect: () => calls.push("session disconnects"),
    },
    openTlsSocket: ({ address, host, port }) => {
      calls.push(`opens ${host} at ${address}:${port}`);
      return { read: () => undefined, write() {}, close() {} };
    },
    resolve: (host, done) => {
      calls.push(`resolves ${host}`);
      resolved = done;
      return { cancel };
    },
    diagnose: ({ address, reason, wasUp }, done) => {
      calls.push(`diagnoses ${address}: ${reason}${wasUp ? " after up" : ""}`);
      diagnosed = done;
      return { cancel };
    },
    isOfAddress: (reason) => !reason.startsWith("refused"),
    moreTelling: (first, second) => [first, second].sort().at(-1)!,
    isTimeKnown: () => state.timeKnown,
    nextDelayMs: (cause) => (cause === "line" ? 5_000 : state.delayMs),
    onVerified: (validFromMs) => calls.push(`verified ${validFromMs}`),
    onStable: () => calls.push("stable"),
    onFailure: (failure, reason) => calls.push(`failed: ${failure} (${reason})`),
  });
  return {
    link,
    state,
    told: () => calls.splice(0),
    resolved: (address: string | undefined, reason = "") =>
      resolved!(address ? { addresses: address.split(" ") } : { reason }),
    diagnosed: (failure: string, cause: Cause = "cloud") => diagnosed!(failure, cause),
    cancelled: () => cancelled,
  };
}

function up() {
  const built = build();
  built.link.start();
  built.resolved("198.51.100.10");
  built.link.sessionUp();
  built.told();
  return built;
}

test("It resolves, opens TLS to the address for the host, and is up with the session", () => {
  const { link, told, resolved } = build();
  link.start();
  expect(told()).toEqual(["resolves broker.test"]);
  resolved("198.51.100.10");
  expect(told()).toEqual(["session connects", "opens broker.test at 198.51.100.10:8883"]);
  link.sessionUp();
  expect(link.state).toBe("up");
});

test("Without a time it waits, and goes on once there is one", () => {
  const { link, state, told } = build();
  state.timeKnown = false;
  link.start();
  expect(link.state).toBe("waiting-for-time");
  expect(told()).toEqual([]);
  state.timeKnown = true;
  link.timeKnown();
  expect(told()).toEqual(["resolves broker.test"]);
});

test("A name that does not resolve is diagnosed without an address, then tried again after the backoff", () => {
  const { link, told, resolved, diagnosed } = build();
  link.start();
  told();
  resolved(undefined, "no-answer");
  expect(told()).toEqual(["diagnoses undefined: no-answer"]);
  diagnosed("dns-blocked");
  expect(told()).toEqual(["failed: dns-blocked (no-answer)"]);
  vi.advanceTimersByTime(3_999);
  expect(told()).toEqual([]);
  vi.advanceTimersByTime(1);
  expect(told()).toEqual(["resolves broker.test"]);
});

test("An attempt that failed for the line's sake is followed by another on the line's clock", () => {
  const { link, told, resolved, diagnosed } = build();
  link.start();
  resolved(undefined, "no-answer");
  diagnosed("no-internet", "line");
  told();
  vi.advanceTimersByTime(4_999);
  expect(told()).toEqual([]);
  vi.advanceTimersByTime(1);
  expect(told()).toEqual(["resolves broker.test"]);
});

test("A connection that ends is diagnosed with its reason and its address", () => {
  const { link, told } = up();
  link.sessionDown("ping-timeout");
  expect(link.state).toBe("diagnosing");
  expect(told()).toEqual(["diagnoses 198.51.100.10: ping-timeout after up"]);
});

test("The backoff starts anew only after the connection held for a minute", () => {
  const { told } = up();
  vi.advanceTimersByTime(STABLE_LINK_MS - 1);
  expect(told()).toEqual([]);
  vi.advanceTimersByTime(1);
  expect(told()).toEqual(["stable"]);
});

describe("With several addresses", () => {
  const addresses = "192.0.2.1 192.0.2.2 192.0.2.3";
  const opened = (told: () => string[]) => told().filter((call) => call.startsWith("opens"));
  const at = (last: number) => `opens broker.test at 192.0.2.${last}:8883`;

  test("an attempt tries one after the other, and the verdict is about all of them", () => {
    const { link, told, resolved } = build();
    link.start();
    resolved(addresses);
    expect(opened(told)).toEqual([at(1)]);
    link.sessionDown("b");
    expect(opened(told)).toEqual([at(2)]);
    link.sessionDown("c");
    expect(opened(told)).toEqual([at(3)]);
    link.sessionDown("a");
    expect(told()).toEqual(["diagnoses 192.0.2.3: c"]);
  });

  test("the next attempt begins where the last one stopped, and one that was up is kept", () => {
    const { link, told, resolved, diagnosed } = build();
    link.start();
    resolved(addresses);
    link.sessionDown("b");
    told();
    link.sessionUp();
    link.sessionDown("b");
    expect(told()).toEqual(["diagnoses 192.0.2.2: b after up"]);
    diagnosed("x");
    vi.advanceTimersByTime(4_000);
    told();
    resolved(addresses);
    expect(opened(told)).toEqual([at(2)]);
  });

  test("what the broker itself refuses is not asked of the others, but begins with another one the next time", () => {
    const { link, told, resolved, diagnosed } = build();
    link.start();
    resolved(addresses);
    told();
    link.sessionDown("refused-busy");
    expect(told()).toEqual(["diagnoses 192.0.2.1: refused-busy"]);
    diagnosed("x");
    vi.advanceTimersByTime(4_000);
    told();
    resolved(addresses);
    expect(opened(told)).toEqual([at(2)]);
  });
});

test("Stop cancels whatever runs, and late answers change nothing", () => {
  const { link, told, resolved, cancelled } = build();
  link.start();
  link.stop();
  link.stop();
  expect(cancelled()).toBe(1);
  told();
  resolved("198.51.100.10");
  link.sessionUp();
  link.sessionDown("closed");
  vi.advanceTimersByTime(600_000);
  expect(told()).toEqual([]);
  expect(link.state).toBe("stopped");
});

test("A diagnosis that arrives after the link was stopped and started again is ignored", () => {
  const { link, told, diagnosed } = up();
  link.sessionDown("closed");
  link.stop();
  link.start();
  told();
  diagnosed("no-internet");
  expect(link.state).toBe("resolving");
  expect(told()).toEqual([]);
});

test("The host is read anew at each attempt", () => {
  const { link, state, told, resolved, diagnosed } = build();
  link.start();
  resolved(undefined, "no-answer");
  diagnosed("dns-blocked");
  told();
  state.host = "other.test";
  vi.advanceTimersByTime(4_000);
  expect(told()).toEqual(["resolves other.test"]);
});
