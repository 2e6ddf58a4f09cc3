import UDP from "embedded:io/socket/udp";
import type { Check, Tests } from "../tests";

const HERE = "127.0.0.1";
/** The SDK's typings lack `close`. */
type ClosableUdp = UDP & { close(): void };
type Datagram = ArrayBuffer & { address: string; port: number };

/** `embedded:io/socket/udp`: modules/sockets on XS, sim/sdk on Node. */
export default function udp({ test, later }: Tests): void {
  later("a datagram arrives whole, with its sender, who can be answered", (check, done) => {
    const port = freePort();
    const server: ClosableUdp = open(check, {
      port,
      onReadable(count) {
        check.equal(count, 1);
        const request = this.read() as Datagram;
        check.equal(request as ArrayBuffer, new Uint8Array([1, 2, 3]).buffer);
        check.equal(request.address, HERE);
        check.equal(this.read(), undefined, "read with none there");
        server.write(new Uint8Array([0, 9]).subarray(1), request.address, request.port);
      },
    });
    const client = open(check, {
      onReadable() {
        const answer = this.read() as Datagram;
        check.equal(answer as ArrayBuffer, new Uint8Array([9]).buffer);
        check.equal([answer.address, answer.port], [HERE, port]);
        done();
      },
    });
    client.write(new Uint8Array([1, 2, 3]), HERE, port);
  });

  later("datagrams keep their borders and their order", (check, done) => {
    const port = freePort();
    const lengths: number[] = [];
    open(check, {
      port,
      onReadable() {
        for (let packet = this.read(); packet; packet = this.read())
          lengths.push((packet as ArrayBuffer).byteLength);
        if (lengths.length < 3) return;
        check.equal(lengths, [1, 500, 2]);
        done();
      },
    });
    const client = open(check, { onReadable: () => {} });
    for (const length of [1, 500, 2]) client.write(new Uint8Array(length), HERE, port);
  });

  test("a port in use cannot be opened again, until it is closed", (check) => {
    const port = freePort();
    const first = open(check, { port });
    check.throws(() => new UDP({ port }));
    first.close();
    first.close();
    open(check, { port });
  });

  test("a closed socket throws", (check) => {
    const socket = open(check, {});
    socket.close();
    check.throws(() => socket.write(new Uint8Array(1), HERE, 9), "write");
    check.throws(() => socket.read(), "read");
  });
}

function open(check: Check, options: ConstructorParameters<typeof UDP>[0]): ClosableUdp {
  const socket = new UDP(options) as ClosableUdp;
  check.cleanup(() => socket.close());
  return socket;
}

/** Below the ephemeral ports of Linux, above what servers use. */
function freePort(): number {
  return 20_000 + Math.floor(Math.random() * 10_000);
}
