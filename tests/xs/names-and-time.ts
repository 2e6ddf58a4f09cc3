import UDP from "embedded:io/socket/udp";
import Timer from "timer";
import { silentLogger } from "../../modules/base/logger";
import { DnsClient, type DnsFailure, type ResolveOptions } from "../../modules/names/dns-client";
import { TimeSync } from "../../modules/time/time-sync";
import type { Check, Tests } from "./tests";

const HERE = "127.0.0.1";
/** The SDK's typings lack `close`. */
type ClosableUdp = UDP & { close(): void };
type Datagram = ArrayBuffer & { address: string; port: number };

/** Resolver and time over the engine's own UDP, against servers that are sockets of the same machine. */
export default function namesAndTime({ later }: Tests): void {
  later("a name is resolved over UDP, and then known without asking", (check, done) => {
    const server = nameServer(check, (query) => [answer(query, [198, 51, 100, 10])]);
    const dns = client(check, server.port);
    look(dns, (found) => {
      check.equal(found, ["198.51.100.10"]);
      look(dns, (again) => {
        check.equal(again, found);
        check.equal(server.asked, 1, "queries");
        done();
      });
    });
  });

  later(
    "an answer with another id, to another question, or cut, does not count; the right one after it does",
    (check, done) => {
      const server = nameServer(check, (query) => {
        const right = answer(query, [198, 51, 100, 10]);
        const otherId = answer(query, [203, 0, 113, 66]);
        otherId[0]! ^= 0xff;
        const otherQuestion = answer(query, [203, 0, 113, 66]);
        otherQuestion[13]! ^= 1;
        return [otherId, otherQuestion, right.subarray(0, 7), right];
      });
      look(client(check, server.port), (found) => {
        check.equal(found, ["198.51.100.10"]);
        done();
      });
    },
  );

  later("a name that does not exist is a reason, at once", (check, done) => {
    const server = nameServer(check, (query) => [refusal(query, 3)]);
    look(client(check, server.port), (found) => {
      check.equal(found, "no-such-name");
      done();
    });
  });

  later("a cancelled look-up is silent, though its answer comes", (check, done) => {
    const server = nameServer(check, (query) => {
      looking.cancel();
      Timer.set(done, 200);
      return [answer(query, [198, 51, 100, 10])];
    });
    const dns = client(check, server.port);
    const looking = look(dns, () => check.fail("called back"));
  });

  later("the clock is set by a server over UDP", (check, done) => {
    const sent = 1_800_000_000;
    const port = freePort();
    serve(check, port, (request) => [timeReply(request, sent)]);
    let set: number | undefined;
    const sync = new TimeSync({
      logger: silentLogger,
      hosts: [HERE],
      fallbackHosts: [],
      onHeard() {},
      resolve: ({ host, onResolved }) => {
        const timer = Timer.set(() => onResolved([host], false), 0);
        return { cancel: () => Timer.clear(timer) };
      },
      UDP: UDP as never,
      port,
      clock: {
        uptimeMs: 1_000,
        earliestUnixMs: 1_700_000_000_000,
        isPlausible: () => true,
        quality: "none",
        set: (unixMs: number) => {
          set = unixMs;
          return true;
        },
      } as never,
      provenMsAtBoot: () => undefined,
      randomUint32: () => 0x1234_5678,
      onSynced: () => {
        check.ok(Math.abs(set! - sent * 1000) < 1_000, `${set}`);
        done();
      },
      onBlocked: (reason) => check.fail(reason),
    });
    check.cleanup(() => sync.stop());
    sync.start();
  });
}

function client(check: Check, port: number): DnsClient {
  let bits = 1;
  const dns = new DnsClient({
    logger: silentLogger,
    UDP: UDP as never,
    port,
    randomUint32: () => (bits = (bits * 48_271) % 0x7fff_ffff),
    clock: { uptimeMs: 0 },
    servers: [HERE],
    onHeard() {},
  });
  check.cleanup(() => dns.close());
  return dns;
}

function look(
  dns: DnsClient,
  onEnd: (found: readonly string[] | DnsFailure) => void,
): ReturnType<DnsClient["resolve"]> {
  const options: ResolveOptions = {
    host: "broker.aerolink.test",
    servers: [HERE],
    onResolved: onEnd,
    onFailure: onEnd,
  };
  return dns.resolve(options);
}

function nameServer(
  check: Check,
  reply: (query: Uint8Array) => Uint8Array[],
): { port: number; readonly asked: number } {
  const port = freePort();
  let asked = 0;
  serve(check, port, (query) => {
    asked++;
    return reply(query);
  });
  return {
    port,
    get asked() {
      return asked;
    },
  };
}

function serve(check: Check, port: number, reply: (request: Uint8Array) => Uint8Array[]): void {
  const socket: ClosableUdp = new UDP({
    port,
    onReadable() {
      for (
        let request = this.read() as Datagram | undefined;
        request;
        request = this.read() as Datagram | undefined
      )
        for (const bytes of reply(new Uint8Array(request)))
          socket.write(bytes, request.address, request.port);
    },
  }) as ClosableUdp;
  check.cleanup(() => socket.close());
}

/** Header bits: a response, recursion available. */
function refusal(query: Uint8Array, code: number): Uint8Array {
  const bytes = query.slice();
  bytes[2] = 0x81;
  bytes[3] = 0x80 | code;
  return bytes;
}

function answer(query: Uint8Array, address: readonly number[]): Uint8Array {
  const record = [0xc0, 0x0c, 0, 1, 0, 1, 0, 0, 0x01, 0x2c, 0, 4, ...address];
  const bytes = new Uint8Array(query.length + record.length);
  bytes.set(refusal(query, 0));
  bytes[7] = 1;
  bytes.set(record, query.length);
  return bytes;
}

/** A server of stratum 2 (RFC 5905, 7.3). */
function timeReply(request: Uint8Array, unixSeconds: number): Uint8Array {
  const reply = new Uint8Array(48);
  const view = new DataView(reply.buffer);
  const ntp = unixSeconds + 2_208_988_800;
  reply.set([(4 << 3) | 4, 2, 6, 0xec]);
  view.setUint32(16, ntp - 60);
  reply.set(request.subarray(40, 48), 24);
  view.setUint32(32, ntp);
  view.setUint32(40, ntp);
  return reply;
}

/** Below the ephemeral ports of Linux, above what servers use. */
function freePort(): number {
  return 20_000 + Math.floor(Math.random() * 10_000);
}
