import Listener from "embedded:io/socket/listener";
import TCP from "embedded:io/socket/tcp";
import UDP from "embedded:io/socket/udp";
import TextDecoder from "text/decoder";
import TextEncoder from "text/encoder";
import Time from "time";
import Timer from "timer";
import { CaptiveDns } from "../../provisioning/captive/captive-dns";
import { HttpServer, MOST_CONNECTIONS } from "../../provisioning/http-server";
import { hex } from "./digest";
import type { Check, Tests } from "./tests";

const HERE = "127.0.0.1";
const HTTP_PORT = 18_080;
const DNS_PORT = 18_053;
/** More than a send buffer of any platform takes at once. */
const PART = "0123456789abcdef".repeat(64);
const PARTS = 12;

/** The portal's servers on the SDK's own sockets. */
export default function portalServer({ later }: Tests): void {
  later("a page larger than what a socket takes at once arrives whole", (check, done) => {
    serve(check, 0);
    fetch(check, 0, "GET / HTTP/1.1\r\n\r\n", (text) => {
      check.ok(text.startsWith("HTTP/1.1 200 OK\r\n"), text.slice(0, 40));
      check.ok(text.includes(`Content-Length: ${PART.length * PARTS}\r\n`), "another length");
      check.equal(text.length - text.indexOf("\r\n\r\n") - 4, PART.length * PARTS);
      done();
    });
  });

  later("a request that is too large is answered, and its rest dropped", (check, done) => {
    serve(check, 1);
    fetch(check, 1, `GET / HTTP/1.1\r\nA: ${"b".repeat(1_100)}\r\n\r\n`, (text) => {
      check.ok(text.startsWith("HTTP/1.1 431 "), text.slice(0, 40));
      done();
    });
  });

  later(
    "what is refused is refused on real sockets too, and what is asked behind it is dropped",
    (check, done) => {
      const server = serve(check, 3);
      const cases: readonly (readonly [request: string, status: number])[] = [
        [`GET / HTTP/1.1\r\n${"A: b\r\n".repeat(700)}\r\n`, 431],
        [`GET /${"a".repeat(1_100)} HTTP/1.1\r\n\r\n`, 414],
        ["POST / HTTP/1.1\r\nContent-Length: 1000000000\r\n\r\nxx", 413],
        ["POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n", 501],
        ["\u0016\u0003\u0001\r\n", 400],
        ["GET / HTTP/1.1\r\n\r\nGET /again HTTP/1.1\r\n\r\n", 200],
      ];
      let left = cases.length;
      const next = (): void => {
        const at = cases.length - left;
        const each = cases[at];
        if (!each) {
          check.equal(server.connections, 0);
          return done();
        }
        left--;
        fetch(check, 3, each[0], (text) => {
          check.equal(text.slice(0, 13), `HTTP/1.1 ${each[1]} `, `case ${at}`);
          check.equal(text.lastIndexOf("HTTP/1.1 "), 0, `answers to case ${at}`);
          next();
        });
      };
      next();
    },
    15_000,
  );

  later(
    "silence is cut after five seconds, a request and a form that come byte by byte after ten",
    (check, done) => {
      const server = serve(check, 4);
      const ended: Record<string, number> = {};
      const start = Time.ticks;
      for (const [name, head] of [
        ["silent", ""],
        ["slow head", "GET / HTTP/1.1\r\nA: "],
        ["slow body", "POST / HTTP/1.1\r\nContent-Length: 500\r\n\r\n"],
      ] as const) {
        let begun = false;
        const client: TCP = open(check, 4, {
          onWritable() {
            if (begun) return;
            begun = true;
            if (head) client.write(new TextEncoder().encode(head));
          },
          onReadable(count: number) {
            client.read(count);
          },
          onError() {
            ended[name] = Time.delta(start);
            Timer.clear(drip);
          },
        });
        const drip = Timer.repeat(() => {
          if (head && begun) client.write(Uint8Array.of(0x61));
        }, 900);
        check.cleanup(() => Timer.clear(drip));
      }
      Timer.set(() => {
        check.equal(server.connections, 0);
        const seconds = Object.entries(ended).map(([name, ms]) => `${name} ${Math.round(ms / 1000)}`);
        check.equal(seconds.sort(), ["silent 5", "slow body 10", "slow head 10"]);
        done();
      }, 11_500);
    },
    14_000,
  );

  later(
    "of many connections four are kept, and then a good client is served",
    (check, done) => {
      const server = serve(check, 2);
      const clients = Array.from({ length: 12 }, () => open(check, 2, {}));
      Timer.set(() => {
        check.equal(server.connections, MOST_CONNECTIONS);
        for (const client of clients) client.close();
        fetch(check, 2, "GET / HTTP/1.1\r\n\r\n", (text) => {
          check.ok(text.startsWith("HTTP/1.1 200 "), text.slice(0, 40));
          Timer.set(() => {
            check.equal(server.connections, 0);
            done();
          }, 200);
        });
      }, 400);
    },
    6_000,
  );

  later("a name is asked for and answered over UDP", (check, done) => {
    const dns = new CaptiveDns({
      UDP: UDP as never,
      port: DNS_PORT,
      address: HERE,
      interface: undefined,
    });
    check.cleanup(() => dns.close());
    const client = new UDP({
      onReadable() {
        const answer = new Uint8Array(this.read());
        check.equal(answer.subarray(answer.length - 4), hex("7f 00 00 01"));
        done();
      },
    });
    check.cleanup(() => (client as unknown as { close(): void }).close());
    client.write(
      hex("12 34 01 00 00 01 00 00 00 00 00 00 01 61 00 00 01 00 01").buffer as ArrayBuffer,
      HERE,
      DNS_PORT,
    );
  });
}

function serve(check: Check, which: number): HttpServer {
  const server = new HttpServer({
    Listener: Listener as never,
    TCP: TCP as never,
    port: HTTP_PORT + which,
    address: HERE,
    interface: undefined,
    respond: ({ fault }) =>
      fault === undefined
        ? { status: 200, type: "text/plain", body: Array.from({ length: PARTS }, () => PART) }
        : { status: fault },
  });
  check.cleanup(() => server.close());
  return server;
}

function open(check: Check, which: number, callbacks: object): TCP & { close(): void } {
  const client = new TCP({ address: HERE, port: HTTP_PORT + which, ...callbacks } as never) as TCP & {
    close(): void;
  };
  check.cleanup(() => client.close());
  return client;
}

/** Sends `request` and gives what came until the server closed. */
function fetch(check: Check, which: number, request: string, onAnswer: (text: string) => void): void {
  let text = "";
  let left = new TextEncoder().encode(request);
  const client: TCP = open(check, which, {
    onWritable(count: number) {
      const piece = left.slice(0, count);
      left = left.slice(count);
      if (piece.length > 0) client.write(piece);
    },
    onReadable(count: number) {
      text += new TextDecoder().decode(new Uint8Array(client.read(count) as ArrayBuffer));
    },
    onError() {
      onAnswer(text);
    },
  });
}
