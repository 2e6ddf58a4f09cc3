import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Socket, TlsSocketOptions } from "../../../modules/network/socket";
import { createOpenTlsSocket, isSoundIdentity, trustedUntil } from "../../../modules/tls/tls-socket";
import { PlainEngine } from "./support/plain-engine";
import { ScriptedTcp } from "./support/scripted-tcp";

const identity = { certificateAuthorities: [Uint8Array.of(0x30)], certificateChain: [] };
const ascii = (text: string) => new Uint8Array(Buffer.from(text));

/** `onVerified` is an option that may be absent. */
const NOBODY_ASKS = { onVerified: undefined } as object;

let open = createOpenTlsSocket({ TCP: ScriptedTcp, Engine: PlainEngine });
let socket: Socket;
let events: string[];

/** Opens and tells every callback in `events`; `read`: takes what is announced at once. */
function start({
  read = false,
  ...options
}: Partial<TlsSocketOptions> & { read?: boolean } = {}): ScriptedTcp {
  events = [];
  socket = open({
    address: "192.0.2.1",
    port: 8883,
    host: "broker.example.test",
    identity,
    onReadable(bytes) {
      events.push(read ? `read ${Buffer.from(socket.read(bytes)!).toString()}` : `readable ${bytes}`);
    },
    onWritable: (bytes) => events.push(`writable ${bytes}`),
    onVerified: (validFromMs) => events.push(`verified ${validFromMs}`),
    onError: (reason) => events.push(reason),
    ...options,
  });
  return ScriptedTcp.last;
}

function connect(options: Parameters<typeof start>[0] = {}): ScriptedTcp {
  const tcp = start(options);
  tcp.allow(1536);
  vi.advanceTimersByTime(1);
  tcp.deliver("!");
  vi.advanceTimersByTime(1);
  expect(events).toEqual(["writable 2048"]);
  events = [];
  tcp.sent.length = 0;
  return tcp;
}

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
  open = createOpenTlsSocket({ TCP: ScriptedTcp, Engine: PlainEngine });
});
afterEach(() => {
  socket.close();
  vi.advanceTimersByTime(1_000);
  expect(vi.getTimerCount()).toBe(0);
  expect(PlainEngine.last.closed).toBe(true);
  expect(ScriptedTcp.last.closed).toBe(true);
  vi.useRealTimers();
});

describe("the device's TLS socket while it opens", () => {
  it("reports a refused TCP opening", () => {
    start().options.onError();
    expect(events).toEqual(["connect-refused"]);
  });
  it("gives up a TCP opening after 10 s", () => {
    start();
    vi.advanceTimersByTime(9_999);
    expect(events).toEqual([]);
    vi.advanceTimersByTime(1);
    expect(events).toEqual(["connect-timeout"]);
  });
  it("gives up a handshake 20 s after TCP was open", () => {
    const tcp = start();
    vi.advanceTimersByTime(5_000);
    tcp.allow(1536);
    vi.advanceTimersByTime(19_999);
    expect(events).toEqual([]);
    vi.advanceTimersByTime(1);
    expect(events).toEqual(["handshake-timeout"]);
  });
  it("does one step of the handshake a turn and sends its flight in one write", () => {
    const tcp = start();
    tcp.allow(1536);
    expect(tcp.sent).toEqual([]);
    vi.advanceTimersByTime(1);
    expect(tcp.sent).toEqual(["hi"]);
  });
  it("tells the engine's reason", () => {
    const tcp = start();
    tcp.allow(1536);
    vi.advanceTimersByTime(1);
    tcp.deliver("?");
    expect(events).toEqual(["unknown-ca"]);
  });
  it("says closed when the peer hangs up in the handshake", () => {
    const tcp = start();
    tcp.allow(1536);
    vi.advanceTimersByTime(1);
    tcp.options.onError();
    expect(events).toEqual(["closed"]);
  });
  it("is silent once it is closed", () => {
    const tcp = start();
    socket.close();
    socket.close();
    vi.advanceTimersByTime(30_000);
    expect(tcp.closed).toBe(true);
    expect(events).toEqual([]);
  });
  it("steps no more when TCP still has something to say after the close", () => {
    const tcp = start();
    tcp.allow(1536);
    socket.close();
    tcp.deliver("!");
    tcp.options.onWritable(100);
    tcp.options.onError();
    vi.advanceTimersByTime(30_000);
    expect(events).toEqual([]);
  });
  it("sends no word of a handshake that is closed", () => {
    const tcp = start();
    tcp.allow(1536);
    socket.close();
    expect(tcp.sent).toEqual([]);
  });
  it("sends the last flight of the handshake before it says that it is open", () => {
    let sentBefore: readonly string[] = [];
    const tcp = start({ onWritable: () => (sentBefore = [...ScriptedTcp.last.sent]) });
    tcp.allow(1536);
    vi.advanceTimersByTime(1);
    tcp.deliver("!");
    expect(sentBefore).toEqual(["hi", "k"]);
  });
  it("reads what came together with the end of the handshake, without a further word of TCP", () => {
    const tcp = start();
    tcp.allow(1536);
    vi.advanceTimersByTime(1);
    tcp.deliver("!abc");
    vi.advanceTimersByTime(1);
    expect(events).toEqual(["writable 2048", "readable 3"]);
  });
  it("asks TCP not to wait for more to send, and offers ALPN where it is asked to", () => {
    expect(start().options.nodelay).toBe(true);
    expect(PlainEngine.last.alpn).toBeUndefined();
    socket.close();
    start({ alpn: "mqtt" });
    expect(PlainEngine.last.alpn).toBe("mqtt");
  });
  it("refuses options that no connection could have", () => {
    start();
    socket.close();
    expect(() => start({ port: 0 })).toThrow(RangeError);
  });
});

describe("what the engine knows of dates", () => {
  it.each([1, 1_800_000_000])("is told of a server from %i on, before anything can be written", (seconds) => {
    const tcp = start();
    tcp.allow(1536);
    vi.advanceTimersByTime(1);
    PlainEngine.last.verifiedFrom = seconds;
    tcp.deliver("!");
    vi.advanceTimersByTime(5);
    expect(events).toEqual([`verified ${seconds}000`, "writable 2048"]);
  });
  it("need not be told to anybody", () => {
    const tcp = start(NOBODY_ASKS);
    tcp.allow(1536);
    vi.advanceTimersByTime(1);
    PlainEngine.last.verifiedFrom = 1_800_000_000;
    tcp.deliver("!");
    expect(events).toEqual(["writable 2048"]);
  });
  it("ends an opening that whoever hears of it closes", () => {
    const tcp = start({ onVerified: () => socket.close() });
    tcp.allow(1536);
    vi.advanceTimersByTime(1);
    PlainEngine.last.verifiedFrom = 1_800_000_000;
    tcp.deliver("!");
    vi.advanceTimersByTime(5);
    expect(events).toEqual([]);
  });
  it("is asked of the authorities without a connection", () => {
    start();
    const [authority] = identity.certificateAuthorities;
    const two = { ...identity, certificateAuthorities: [authority!, authority!] };
    expect(trustedUntil(PlainEngine, two)).toBe(2_000_000);
    expect(PlainEngine.last.closed).toBe(true);
  });
});

describe("the device's TLS socket once open", () => {
  it("puts the writes of one turn into one record", () => {
    const tcp = connect();
    for (const part of ["one", "two", "three"]) socket.write(ascii(part));
    expect(tcp.sent).toEqual([]);
    vi.advanceTimersByTime(1);
    expect(tcp.sent).toEqual(["onetwothree"]);
    expect(events).toEqual(["writable 2048"]);
  });
  it("throws would block beyond what it announced", () => {
    connect();
    expect(() => socket.write(new Uint8Array(2049))).toThrow("would block");
    socket.write(new Uint8Array(2048));
    expect(() => socket.write(new Uint8Array(1))).toThrow("would block");
  });
  it("announces room as TCP takes the bytes, and not before", () => {
    const tcp = connect();
    const text = "0123456789".repeat(50);
    tcp.allow(0);
    socket.write(ascii(text));
    vi.advanceTimersByTime(1);
    // 64 bytes are in the engine, 436 wait.
    expect(events).toEqual(["writable 1612"]);
    vi.advanceTimersByTime(1_000);
    expect(events).toHaveLength(1);
    tcp.allow(1536);
    expect(events.at(-1)).toBe("writable 2048");
    expect(tcp.sent.join("")).toBe(text);
  });
  it("sends a single byte as soon as any other", () => {
    const tcp = connect();
    socket.write(ascii("x"));
    vi.advanceTimersByTime(1);
    expect(tcp.sent).toEqual(["x"]);
  });
  it("gives a single byte that is asked for", () => {
    const tcp = connect();
    tcp.deliver("ab");
    expect(Buffer.from(socket.read(1)!).toString()).toBe("a");
    expect(Buffer.from(socket.read(1)!).toString()).toBe("b");
  });
  it("takes no turns while nothing happens, nor for writing nothing, nor for what nobody reads", () => {
    const tcp = connect();
    vi.advanceTimersByTime(1);
    expect(vi.getTimerCount()).toBe(0);
    socket.write(new Uint8Array(0));
    expect(vi.getTimerCount()).toBe(0);
    tcp.deliver("x".repeat(200));
    vi.advanceTimersByTime(1_000);
    expect(vi.getTimerCount()).toBe(0);
  });
  it("takes the last byte out of TCP that the engine has room for", () => {
    const tcp = connect();
    PlainEngine.last.recordBytes = 1;
    tcp.deliver("x".repeat(65));
    vi.advanceTimersByTime(10);
    expect(tcp.waiting).toBe(0);
  });
  it("keeps what is unread when the peer has hung up, and says closed behind it", () => {
    const tcp = connect();
    tcp.deliver("ab");
    tcp.options.onError();
    vi.advanceTimersByTime(100);
    expect(events).toEqual(["readable 2"]);
    expect(Buffer.from(socket.read()!).toString()).toBe("ab");
    vi.advanceTimersByTime(100);
    expect(events).toEqual(["readable 2", "closed"]);
  });
  it("delivers every record, and holds the next while one is unread", () => {
    const tcp = connect();
    tcp.deliver("abcdefghijkl");
    vi.advanceTimersByTime(5);
    expect(events).toEqual(["readable 8"]);
    expect(Buffer.from(socket.read(3)!).toString()).toBe("abc");
    vi.advanceTimersByTime(5);
    expect(events).toEqual(["readable 8"]);
    expect(Buffer.from(socket.read(100)!).toString()).toBe("defgh");
    expect(socket.read()).toBeUndefined();
    vi.advanceTimersByTime(5);
    expect(events).toEqual(["readable 8", "readable 4"]);
  });
  it("takes no more from TCP than the engine has room for", () => {
    const tcp = connect({ read: true });
    const text = "0123456789".repeat(30);
    tcp.deliver(text);
    vi.advanceTimersByTime(200);
    expect(events.map((event) => event.slice("read ".length)).join("")).toBe(text);
  });
  it("delivers what came before the end, then says closed", () => {
    const tcp = connect({ read: true });
    tcp.deliver("last words");
    tcp.options.onError();
    vi.advanceTimersByTime(10);
    expect(events).toEqual(["read last wor", "read ds", "closed"]);
  });
  it("says closed for close_notify", () => {
    const tcp = connect();
    tcp.deliver("\0");
    expect(events).toEqual(["closed"]);
  });
  it("says closed when TCP refuses a write without a word", () => {
    const tcp = connect();
    tcp.broken = true;
    socket.write(ascii("lost"));
    vi.advanceTimersByTime(10);
    expect(events.at(-1)).toBe("closed");
  });
});

describe("the device's TLS socket when it closes", () => {
  it("sends what was written and says goodbye", () => {
    const tcp = connect();
    socket.write(ascii("bye"));
    socket.close();
    expect(tcp.sent.join("")).toBe("bye\0");
    expect(tcp.closed).toBe(true);
  });
  it("waits for TCP to take the goodbye, but no longer than 1 s", () => {
    const tcp = connect();
    tcp.allow(0);
    socket.close();
    tcp.deliver("late");
    expect(tcp.closed).toBe(false);
    vi.advanceTimersByTime(999);
    expect(tcp.closed).toBe(false);
    vi.advanceTimersByTime(1);
    expect(tcp.closed).toBe(true);
    expect(events).toEqual([]);
  });
  it("goes on saying goodbye for its one second however often it is closed", () => {
    const tcp = connect();
    tcp.allow(0);
    socket.close();
    vi.advanceTimersByTime(500);
    socket.close();
    expect(tcp.closed).toBe(false);
    vi.advanceTimersByTime(500);
    expect(tcp.closed).toBe(true);
  });
  it("takes nothing to write any more, also while the goodbye is on its way", () => {
    const tcp = connect();
    tcp.allow(0);
    socket.close();
    expect(() => socket.write(ascii("x"))).toThrow("would block");
    expect(tcp.closed).toBe(false);
  });
  it("gives nothing to read any more, and leaves no timer behind", () => {
    const tcp = connect();
    tcp.deliver("ab");
    socket.write(ascii("x"));
    socket.close();
    expect(tcp.closed).toBe(true);
    expect(vi.getTimerCount()).toBe(0);
    expect(socket.read()).toBeUndefined();
  });
  it("may be closed inside any callback", () => {
    const tcp = connect({ onReadable: () => socket.close() });
    tcp.deliver("ab");
    vi.advanceTimersByTime(10);
    expect(tcp.closed).toBe(true);
    expect(events).toEqual([]);
  });
});

describe("the device's TLS sessions", () => {
  it("are offered to the same server only, and dropped by a failed handshake", () => {
    connect();
    expect(PlainEngine.last.session).toBeUndefined();
    socket.close();
    connect();
    expect(PlainEngine.last.session).toBeDefined();
    socket.close();
    start({ port: 443, purpose: "check" });
    expect(PlainEngine.last.session).toBeUndefined();
    socket.close();
    const tcp = start();
    expect(PlainEngine.last.session).toBeDefined();
    tcp.allow(1536);
    vi.advanceTimersByTime(1);
    tcp.deliver("?");
    start();
    expect(PlainEngine.last.session).toBeUndefined();
  });
  const offered = () => {
    start();
    socket.close();
    const { session } = PlainEngine.last;
    return session && new Uint8Array(session)[0];
  };

  it("are kept as soon as a handshake is done: a connection may end without a close", () => {
    connect().options.onError();
    expect(events).toEqual(["closed"]);
    expect(offered()).toBe(1);
  });
  it("are kept again at the close, for a server gives newer tickets later", () => {
    connect();
    PlainEngine.last.ticket = 2;
    socket.close();
    expect(offered()).toBe(2);
  });
  it("are kept one for each purpose, which the others leave alone", () => {
    const servers = [
      { port: 8883, purpose: "broker" },
      { port: 443, purpose: "check" },
      { port: 443, purpose: "update" },
      { port: 8884, purpose: "update" },
    ] as const;
    for (const server of servers) {
      connect(server);
      socket.close();
    }
    const offered = servers.map((server) => {
      start(server);
      socket.close();
      return PlainEngine.last.session !== undefined;
    });
    expect(offered).toEqual([true, true, false, true]);
  });
});

describe("the device's identity", () => {
  const withKey = (second: number) => ({
    ...identity,
    certificateChain: [Uint8Array.of(0x30, 1), Uint8Array.of(0x30, 2)],
    privateKey: Uint8Array.of(0x30, second),
  });

  it("is sound when its key is the first certificate's, and when it shows none", () => {
    start();
    expect(isSoundIdentity(PlainEngine, withKey(1))).toBe(true);
    expect(isSoundIdentity(PlainEngine, identity)).toBe(true);
  });
  it("is not sound with another's key: an opening throws for it, and leaves no engine behind", () => {
    start();
    expect(isSoundIdentity(PlainEngine, withKey(2))).toBe(false);
    expect(PlainEngine.last.closed).toBe(true);
    expect(() => start({ identity: withKey(2) })).toThrow(TypeError);
    expect(PlainEngine.last.closed).toBe(true);
  });
});
