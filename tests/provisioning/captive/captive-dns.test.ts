import { execFile } from "node:child_process";
import { createSocket } from "node:dgram";
import { promisify } from "node:util";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Datagram } from "../../../modules/network/udp";
import { CaptiveDns, type UdpServerClass } from "../../../provisioning/captive/captive-dns";
import { findTool } from "../../support/tools";

const ADDRESS = "198.19.80.1";
const PHONE = "198.19.80.2";
const QUERY = Uint8Array.from([0x12, 0x34, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 1, 0x61, 0, 0, 1, 0, 1]);

class ServerSocket {
  static last: ServerSocket;
  readonly waiting: Datagram[] = [];
  readonly sent: { bytes: Uint8Array; address: string; port: number }[] = [];
  closed = false;
  failing = false;
  options: ConstructorParameters<UdpServerClass>[0];
  constructor(options: ConstructorParameters<UdpServerClass>[0]) {
    this.options = options;
    ServerSocket.last = this;
  }
  read(): Datagram | undefined {
    return this.waiting.shift();
  }
  write(bytes: Uint8Array, address: string, port: number): void {
    if (this.failing) throw new Error("no memory");
    this.sent.push({ bytes, address, port });
  }
  close(): void {
    this.closed = true;
  }
  arrive(count: number, address = PHONE, bytes = QUERY): void {
    for (let i = 0; i < count; i++)
      this.waiting.push(Object.assign(bytes.slice().buffer as ArrayBuffer, { address, port: 5_000 + i }));
    this.options.onReadable(this.waiting.length);
  }
}

let dns: CaptiveDns;
beforeEach(() => {
  dns = new CaptiveDns({ UDP: ServerSocket as UdpServerClass, port: 53, address: ADDRESS, interface: "ap" });
});
afterEach(() => vi.restoreAllMocks());

test("It listens on the port, address and interface that it was given, and answers whom it was asked by", () => {
  const socket = ServerSocket.last;
  expect(socket.options).toMatchObject({ port: 53, address: ADDRESS, interface: "ap" });
  socket.arrive(2);
  expect(socket.sent.map(({ address, port }) => [address, port])).toEqual([
    [PHONE, 5_000],
    [PHONE, 5_001],
  ]);
});

test("A flood is read and dropped beyond what one turn answers", () => {
  ServerSocket.last.arrive(100);
  expect(ServerSocket.last.sent).toHaveLength(16);
  expect(ServerSocket.last.waiting).toEqual([]);
});

test("An answer that cannot be sent is lost, and the next one is not", () => {
  ServerSocket.last.failing = true;
  ServerSocket.last.arrive(1);
  ServerSocket.last.failing = false;
  ServerSocket.last.arrive(1);
  expect(ServerSocket.last.sent).toHaveLength(1);
});

test("After close it is silent, and closing twice does no harm", () => {
  dns.close();
  dns.close();
  expect(ServerSocket.last.closed).toBe(true);
  ServerSocket.last.arrive(1);
  expect(ServerSocket.last.sent).toEqual([]);
});

const DIG = findTool("dig");

test.skipIf(!DIG)("dig understands the answers", async () => {
  const server = createSocket("udp4");
  await new Promise<void>((resolve) => server.bind(0, "127.0.0.1", resolve));
  class Real extends ServerSocket {
    override write(bytes: Uint8Array, _address: string, port: number): void {
      server.send(bytes, port, "127.0.0.1");
    }
  }
  const real = new CaptiveDns({ UDP: Real as UdpServerClass, port: 53, address: ADDRESS, interface: "ap" });
  const socket = ServerSocket.last;
  server.on("message", (bytes, { port }) => {
    socket.waiting.push(Object.assign(Uint8Array.from(bytes).buffer, { address: PHONE, port }) as Datagram);
    socket.options.onReadable(1);
  });
  const dig = async (...args: string[]): Promise<string> => {
    const where = ["@127.0.0.1", "-p", String(server.address().port), "+tries=1", "+time=3"];
    return (await promisify(execFile)(DIG!, [...where, ...args])).stdout;
  };
  expect((await dig("+short", "captive.apple.com", "A")).trim()).toBe(ADDRESS);
  expect((await dig("+short", "www.msftconnecttest.com", "AAAA")).trim()).toBe("");
  expect(await dig("example.com", "HTTPS")).toContain("status: NOERROR");
  expect(await dig("+noedns", "example.com", "A")).toMatch(/example\.com\.\s+0\s+IN\s+A\s+198\.19\.80\.1/);
  real.close();
  server.close();
});
