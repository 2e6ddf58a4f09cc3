// The portal's servers on the simulator's sockets: the tests that they pass on the SDK's own (npm run test:xs).
import { afterAll, beforeAll, expect, test } from "vitest";
import type { AcceptedSocket } from "../../provisioning/http-connection";
import { formatHead, pieceOf } from "../../provisioning/http-response";
import { HttpServer, type ListenerClass } from "../../provisioning/http-server";
import { WiredNetwork } from "../../sim/device/wired-network";
import { installMachine, type Machine } from "../../sim/sdk/machine";
import { runSuite } from "../support/contract";
import { LoopbackWire } from "../support/loopback-wire";
import portalServer from "../xs/portal-server";

beforeAll(() => {
  const now = () => performance.now();
  const setTimer = (callback: () => void, delayMs: number) => setTimeout(callback, delayMs);
  const clearTimer = (timer: unknown) => clearTimeout(timer as NodeJS.Timeout);
  const wire = new LoopbackWire();
  const network = new WiredNetwork(wire);
  wire.onMessage = (message) => network.take(message);
  installMachine({ network, now, setTimer, clearTimer } as unknown as Machine);
});
afterAll(() => installMachine(undefined));

runSuite("the portal's servers", portalServer);

test("It listens on the access point's address and interface alone, and takes as many connections as wait", () => {
  let waiting: AcceptedSocket[] = [];
  let surplus = 0;
  let tell: (requests: number) => void = () => {};
  const places: unknown[] = [];
  const taken: unknown[] = [];
  const server = new HttpServer({
    Listener: class {
      constructor({ onReadable, ...place }: ConstructorParameters<ListenerClass>[0]) {
        tell = onReadable;
        places.push(place);
      }
      read(): AcceptedSocket | undefined {
        if (waiting.length === 0) surplus++;
        return waiting.shift();
      }
      close(): void {}
    },
    TCP: class {
      constructor(options: { from: unknown }) {
        taken.push(options.from);
      }
      close(): void {}
    } as never,
    port: 80,
    address: "198.19.80.1",
    interface: "ap",
    respond: () => ({ status: 204 }),
  });
  expect(places).toEqual([{ port: 80, address: "198.19.80.1", interface: "ap" }]);
  for (const count of [1, 3]) {
    waiting = Array.from({ length: count }, () => ({ read: () => undefined, write: () => {}, close() {} }));
    tell(count);
    expect(waiting).toEqual([]);
  }
  expect([taken.length, surplus]).toEqual([4, 0]);
  server.close();
});

test("A page is encoded piece by piece, and no character is cut", () => {
  const part = `${"a".repeat(511)}${"\u{1F32C}".repeat(700)}\u00e9`;
  let pieces = "";
  for (let at = 0; at < part.length; ) {
    const piece = pieceOf(part, at);
    expect(piece.length).toBeLessThanOrEqual(513);
    expect(piece.isWellFormed()).toBe(true);
    pieces += piece;
    at += piece.length;
  }
  expect(pieces).toBe(part);
  expect(pieceOf(part, part.length)).toBe("");
  expect(formatHead({ status: 200, body: [part, "", "b"] })).toContain(
    `Content-Length: ${Buffer.byteLength(part) + 1}\r\n`,
  );
});
