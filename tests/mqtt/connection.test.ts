// One connection over a socket that the test moves by hand: what it does at its bounds, and when its owner acts from
// inside a callback.
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { silentLogger } from "../../modules/base/logger";
import type { SocketCallbacks } from "../../modules/network/socket";
import { Connection, type ConnectionOwner } from "../../mqtt/connection";
import { completeOptions } from "../../mqtt/session-options";
import { fakeClock } from "./support";

beforeEach(fakeClock);
afterEach(() => {
  connection.close();
  expect(vi.getTimerCount()).toBe(0);
  vi.useRealTimers();
});

let connection: Connection;
let socket: SocketCallbacks;
let writes: number[][];
let inbox: Uint8Array[];
let closes: number;
let events: string[];
let onMessage: () => void;

const KEEP_ALIVE_MS = 60_000;

function open(version: 4 | 5 = 4): void {
  writes = [];
  inbox = [];
  closes = 0;
  events = [];
  onMessage = () => {};
  const owner: ConnectionOwner = {
    connectionUp: () => events.push("up"),
    connectionPacket: (_connection, { cmd }) => events.push(cmd),
    connectionMessage: (topic) => {
      events.push(`message ${topic}`);
      onMessage();
    },
    connectionDropped: (reason) => events.push(`dropped: ${reason}`),
    connectionFlushed: () => events.push("flushed"),
    connectionEnded: (reason) => events.push(`ended: ${reason}`),
  };
  const options = completeOptions({
    logger: silentLogger,
    clientId: "a",
    keepAliveSeconds: KEEP_ALIVE_MS / 1_000,
    maxPacketBytes: 64,
  });
  connection = new Connection(options, version, owner, (callbacks) => {
    socket = callbacks;
    return {
      read: () => inbox.shift()?.slice().buffer,
      write: (bytes) => writes.push([...bytes]),
      close: () => closes++,
    };
  });
}

function up(version: 4 | 5 = 4, window = 10_000): void {
  open(version);
  socket.onWritable(10_000);
  arrive(version === 4 ? [0x20, 2, 0, 0] : [0x20, 3, 0, 0, 0]);
  expect(events).toEqual(["up"]);
  socket.onWritable(window);
  events.length = 0;
  writes.length = 0;
}

/** Bytes arrive: one piece a read. */
function arrive(...pieces: number[][]): void {
  inbox.push(...pieces.map((piece) => Uint8Array.from(piece)));
  socket.onReadable(pieces.flat().length);
}

const PUBLISH = [0x30, 3, 0, 1, 0x74];
const PUBLISH_QOS_1 = [0x32, 5, 0, 1, 0x74, 0, 7];
const PUBACK = [0x40, 2, 0, 7];
const PINGREQ = [0xc0, 0];
const DISCONNECT = [0xe0, 0];
const MALFORMED = [0x30, 0xff, 0xff, 0xff, 0xff];
const oversized = (qos: number): number[] => [0x30 | (qos << 1), 100, 0, 1, 0x74, 0, 9, ...Array(95).fill(0)];

it("closes its socket once, and says nothing of what comes afterwards", () => {
  up();
  connection.send(Uint8Array.of(1));
  connection.close();
  connection.close();
  socket.onError("closed");
  connection.leave(undefined);
  connection.fail("protocol-error");
  expect([closes, events, connection.backlogBytes]).toEqual([1, [], 0]);
});

it("forgets at the close what waits for the socket", () => {
  up(4, 0);
  connection.send(Uint8Array.of(1, 2, 3));
  expect(connection.backlogBytes).toBe(3);
  connection.close();
  expect(connection.backlogBytes).toBe(0);
});

it("says one goodbye however often it is told to leave, and waits no longer for it", () => {
  up();
  connection.leave(undefined);
  vi.advanceTimersByTime(1_500);
  connection.leave(undefined);
  expect(writes).toEqual([DISCONNECT]);
  vi.advanceTimersByTime(500);
  expect(events).toEqual(["ended: disconnected"]);
});

it("says nothing to a socket that opens just after it was told to leave", () => {
  open();
  connection.leave(undefined);
  socket.onWritable(1_000);
  expect(writes).toEqual([]);
  vi.advanceTimersByTime(1);
  expect(events).toEqual(["ended: disconnected"]);
});

it("ends as disconnected although the answer to a ping is still missing at the goodbye", () => {
  up();
  vi.advanceTimersByTime(KEEP_ALIVE_MS + 9_000);
  connection.leave(undefined);
  vi.advanceTimersByTime(2_000);
  expect(events).toEqual(["ended: disconnected"]);
});

it("ends as disconnected, whatever arrives after the goodbye", () => {
  up();
  connection.leave(undefined);
  arrive(MALFORMED, oversized(1));
  vi.advanceTimersByTime(2_000);
  expect(events).toEqual(["ended: disconnected"]);
});

it("hands over no packet of the piece in which its owner said goodbye", () => {
  up();
  onMessage = () => connection.leave(undefined);
  arrive([...PUBLISH, ...PUBLISH, ...oversized(0)]);
  expect(events).toEqual(["message t"]);
});

it("reads no further once the stream has proved malformed", () => {
  up();
  arrive(MALFORMED, PUBLISH);
  expect(events).toEqual(["ended: protocol-error"]);
  expect(inbox).toHaveLength(1);
});

it("reads no more from 33 unwritten acknowledgements on, and goes on when they have left", () => {
  up(4, 0);
  arrive(...Array<number[]>(40).fill(PUBLISH_QOS_1));
  expect(events).toHaveLength(33);
  socket.onWritable(1_000);
  expect(events.filter((event) => event === "message t")).toHaveLength(40);
});

it("tells that nothing waits any more only when something had waited, and all of it has left", () => {
  up(4, 0);
  socket.onWritable(0);
  expect(events).toEqual([]);
  connection.send(Uint8Array.of(1, 2));
  socket.onWritable(1);
  expect(events).toEqual([]);
  socket.onWritable(1);
  expect(events).toEqual(["flushed"]);
  socket.onWritable(100);
  expect(events).toEqual(["flushed"]);
});

it("pings a period after it last said something, and room to write is nothing said", () => {
  up();
  vi.advanceTimersByTime(40_000);
  connection.send(Uint8Array.of(1));
  vi.advanceTimersByTime(10_000);
  arrive(PUBLISH);
  vi.advanceTimersByTime(30_000);
  socket.onWritable(10_000);
  expect(writes).toEqual([[1]]);
  vi.advanceTimersByTime(20_000);
  expect(writes).toEqual([[1], PINGREQ]);
});

it.each([
  [1_023, ["ended: protocol-error"]],
  [1_024, []],
])("waits for the rest of a packet of which %i bytes came between two pings: %j", (bytes, ended) => {
  up();
  vi.advanceTimersByTime(KEEP_ALIVE_MS);
  arrive([0x30, 0xff, 0xff, 0x7f, ...Array(bytes - 4).fill(0)]);
  vi.advanceTimersByTime(KEEP_ALIVE_MS);
  expect(events).toEqual(ended);
});

it("takes a whole oversized packet between two pings for a sign of life", () => {
  up();
  vi.advanceTimersByTime(KEEP_ALIVE_MS);
  arrive(oversized(0));
  vi.advanceTimersByTime(KEEP_ALIVE_MS);
  expect(events).toEqual(["dropped: oversized"]);
});

it.each([
  [0, []],
  [1, [[0x40, 2, 0, 9]]],
  [2, [[0x50, 2, 0, 9]]],
])("answers an oversized message of QoS %i as its QoS wants", (qos, answers) => {
  up();
  arrive(oversized(qos));
  expect([events, writes]).toEqual([["dropped: oversized"], answers]);
});

it("drops nothing, and answers nothing, of an oversized packet in place of CONNACK", () => {
  open();
  socket.onWritable(1_000);
  writes.length = 0;
  arrive(oversized(1));
  expect([events, writes]).toEqual([["ended: protocol-error"], []]);
});

it("acknowledges a message after its owner has it, and not when that closed the connection", () => {
  up();
  arrive(PUBLISH_QOS_1);
  expect(writes).toEqual([PUBACK]);
  onMessage = () => connection.close();
  arrive(PUBLISH_QOS_1);
  expect(writes).toEqual([PUBACK]);
});

it.each([
  ["where the window has room for it to the byte", 4, 0, 1],
  ["not where a byte is missing", 3, 0, 0],
  ["not behind a packet that is half written", 4, 5, 0],
])("tells an MQTT 5 broker why it goes, %s", (_where, window, before, said) => {
  up(5, 0);
  if (before > 0) connection.send(new Uint8Array(before));
  socket.onWritable(window);
  writes.length = 0;
  events.length = 0;
  connection.fail("protocol-error");
  expect(writes.filter(([type]) => type === DISCONNECT[0])).toHaveLength(said);
  expect(events).toEqual(["ended: protocol-error"]);
});
