import { afterEach, beforeEach, expect, it, vi } from "vitest";
import type { SocketFailure } from "../../modules/network/socket";
import type { TcpOptions } from "../../modules/tls/tcp-class";
import { createOpenTlsSocket } from "../../sim/tls/tls-socket";
import { issue } from "../support/test-pki";

/** A TCP that does what the test says, and nothing else. */
class ScriptedTcp {
  static last: ScriptedTcp;
  closed = false;
  readonly options: TcpOptions;
  constructor(options: TcpOptions) {
    this.options = options;
    ScriptedTcp.last = this;
  }
  read(): undefined {}
  write(bytes: Uint8Array): number {
    return 1536 - bytes.length;
  }
  close(): void {
    this.closed = true;
  }
}

const ca = await issue({ commonName: "CA", authority: true });

const openUnder = (onError: (reason: SocketFailure) => void) =>
  createOpenTlsSocket({ TCP: ScriptedTcp, now: Date.now })({
    address: "192.0.2.1",
    port: 8883,
    host: "broker.example.test",
    identity: { certificateAuthorities: [ca.der], certificateChain: [] },
    onReadable() {},
    onWritable() {},
    onError,
  });

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
});
afterEach(() => {
  vi.useRealTimers();
});

it("gives up a TCP opening that nothing answers after 10 s", () => {
  const reasons: SocketFailure[] = [];
  openUnder((reason) => reasons.push(reason));
  vi.advanceTimersByTime(9_999);
  expect(reasons).toEqual([]);
  vi.advanceTimersByTime(1);
  expect(reasons).toEqual(["connect-timeout"]);
  expect(ScriptedTcp.last.closed).toBe(true);
});

it("gives up a handshake 20 s after TCP was open", () => {
  const reasons: SocketFailure[] = [];
  openUnder((reason) => reasons.push(reason));
  vi.advanceTimersByTime(5_000);
  ScriptedTcp.last.options.onWritable(1536);
  vi.advanceTimersByTime(19_999);
  expect(reasons).toEqual([]);
  vi.advanceTimersByTime(1);
  expect(reasons).toEqual(["handshake-timeout"]);
  expect(ScriptedTcp.last.closed).toBe(true);
});

it("reports a refused opening once, and leaves no timer behind", () => {
  const reasons: SocketFailure[] = [];
  openUnder((reason) => reasons.push(reason));
  ScriptedTcp.last.options.onError();
  vi.advanceTimersByTime(60_000);
  expect(reasons).toEqual(["connect-refused"]);
  expect(vi.getTimerCount()).toBe(0);
});

it("leaves no timer and no TCP behind when it is closed", () => {
  const socket = openUnder(() => {});
  socket.close();
  expect(ScriptedTcp.last.closed).toBe(true);
  expect(vi.getTimerCount()).toBe(0);
});
