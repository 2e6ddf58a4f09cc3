import { expect, test } from "vitest";
import type { TcpCallbacks } from "../../../sim/sdk/machine";
import { Gateway, type TcpService } from "../../../sim/world/gateway";
import { ROUTER_ADDRESS } from "../../../sim/world/room";
import { homeRouter, type Router } from "../../../sim/world/router";
import type { ToDevice } from "../../../sim/world/wire";

const SERVER = "198.51.100.10";

function build(changes: Partial<Router> = {}) {
  const told: ToDevice[] = [];
  const received: number[] = [];
  let router: Router | "nowhere" | undefined = homeRouter(changes);
  let server: TcpCallbacks | undefined;
  let signIns = 0;
  const service = (onConnect: () => void): TcpService => ({
    connect(callbacks) {
      onConnect();
      server = callbacks;
      return { remoteAddress: "", remotePort: 0, send: (bytes) => received.push(...bytes), close() {} };
    },
  });
  const gateway = new Gateway({
    services: {
      tcp: new Map([443, 8883].map((port) => [`${SERVER}:${port}`, service(() => {})])),
      udp: new Map([[`${SERVER}:123`, (request, _from, answer) => answer(request)]]),
      nameServer: (request, { internet }, answer) => answer(internet ? request : new Uint8Array([0xff])),
      signInPage: service(() => signIns++),
    },
    router: () => router,
    send: (message) => told.push(message),
  });
  return {
    gateway,
    router: router!,
    received,
    signIns: () => signIns,
    server: () => server!,
    told: () => told.splice(0),
    noRoute: () => {
      router = undefined;
    },
    lose: (until: Router | "nowhere" = "nowhere") => {
      router = until;
    },
    open: (port: number) => gateway.take({ t: "tcp-open", id: 1, address: SERVER, port }),
    ask: (address: string, port: number) => {
      gateway.take({ t: "udp-open", id: 2, port: 50_000 });
      gateway.take({ t: "udp-send", id: 2, bytes: new Uint8Array([1]), address, port });
    },
  };
}

const byte = (value: number): Uint8Array => new Uint8Array([value]);

test("Bytes pass both ways over an open path", () => {
  const { gateway, open, server, received, told } = build();
  open(8883);
  server().onOpen(100);
  gateway.take({ t: "tcp-data", id: 1, bytes: byte(7) });
  server().onData(byte(8));
  expect(received).toEqual([7]);
  expect(told()).toEqual([
    { t: "tcp-opened", id: 1, window: 100 },
    { t: "tcp-data", id: 1, bytes: byte(8) },
  ]);
});

test("Without a network, and where nobody listens, an opening is refused at once", () => {
  const lost = build();
  lost.noRoute();
  lost.open(8883);
  expect(lost.told()).toEqual([{ t: "tcp-end", id: 1 }]);
  const other = build();
  other.open(80);
  expect(other.told()).toEqual([{ t: "tcp-end", id: 1 }]);
});

test("A firewall's port and a dead internet swallow an opening without an answer", () => {
  for (const changes of [{ blockedPorts: [8883 as const] }, { internet: false }]) {
    const { open, told } = build(changes);
    open(8883);
    expect(told()).toEqual([]);
  }
});

test("A cut path holds bytes back in order and lets them go when it is mended", () => {
  const { gateway, router, open, server, received, told } = build();
  open(8883);
  server().onOpen(100);
  told();
  router.internet = false;
  gateway.take({ t: "tcp-data", id: 1, bytes: byte(1) });
  gateway.take({ t: "tcp-data", id: 1, bytes: byte(2) });
  server().onData(byte(3));
  server().onEnd();
  expect(received).toEqual([]);
  expect(told()).toEqual([]);
  router.internet = true;
  gateway.reconsider();
  expect(received).toEqual([1, 2]);
  expect(told()).toEqual([
    { t: "tcp-data", id: 1, bytes: byte(3) },
    { t: "tcp-end", id: 1 },
  ]);
});

test("A sign-in page catches port 443 and lets only DNS through besides", () => {
  const { open, ask, signIns, told } = build({ signInPage: true });
  open(8883);
  expect(signIns()).toBe(0);
  open(443);
  expect(signIns()).toBe(1);
  ask(SERVER, 123);
  expect(told()).toEqual([]);
  ask(ROUTER_ADDRESS, 53);
  expect(told()).toHaveLength(1);
});

test("A router without its cable still answers DNS, to say that it cannot resolve", () => {
  const { ask, told } = build({ internet: false });
  ask(ROUTER_ADDRESS, 53);
  expect(told()).toEqual([
    { t: "udp-data", port: 50_000, bytes: byte(0xff), address: ROUTER_ADDRESS, remotePort: 53 },
  ]);
});

test("Behind a repeater that has lost its router all is silent, and goes on where it was once that is back", () => {
  const { gateway, open, ask, server, received, told, lose, router } = build();
  open(8883);
  server().onOpen(100);
  told();
  lose();
  gateway.take({ t: "tcp-data", id: 1, bytes: byte(7) });
  ask(ROUTER_ADDRESS, 53);
  ask(SERVER, 123);
  expect([received, told()]).toEqual([[], []]);
  lose(router);
  gateway.reconsider();
  expect(received).toEqual([7]);
});

test("Datagrams over a blocked port are lost", () => {
  const { ask, told } = build({ blockedPorts: [53, 123] });
  ask(ROUTER_ADDRESS, 53);
  ask(SERVER, 123);
  expect(told()).toEqual([]);
});

test("What a server sends to a board that is gone reaches nobody", () => {
  const { gateway, open, server, told } = build();
  open(8883);
  server().onOpen(100);
  told();
  gateway.boardOff();
  server().onData(byte(1));
  expect(told()).toEqual([]);
});

test("What belongs to a connection that a power cut ended does not reach the next one of the same number", () => {
  const { gateway, router, open, server, told } = build();
  open(8883);
  const before = server();
  before.onOpen(100);
  router.internet = false;
  before.onData(byte(1));
  gateway.boardOff();
  router.internet = true;
  open(8883);
  const now = server();
  told();
  before.onData(byte(2));
  before.onWindow(1);
  before.onEnd();
  gateway.reconsider();
  expect(told()).toEqual([]);
  now.onOpen(100);
  expect(told()).toEqual([{ t: "tcp-opened", id: 1, window: 100 }]);
});
