import Listener from "embedded:io/socket/listener";
import TCP from "embedded:io/socket/tcp";
import Timer from "timer";
import type { Check, Tests } from "../tests";

const HERE = "127.0.0.1";
/** After this long without a callback, none is coming. */
const QUIET_MS = 120;

/** `embedded:io/socket/tcp` and `listener`: modules/sockets on XS, sim/sdk on Node. */
export default function tcp({ test, later }: Tests): void {
  later("a connection: both ends learn what they may write, in a later turn", (check, done) => {
    let inside = true;
    const opened: string[] = [];
    const open = (name: string) => (bytes: number) => {
      check.ok(!inside, "a callback inside the constructor");
      check.ok(bytes > 0, `${name} may write ${bytes}`);
      if (!opened.includes(name)) opened.push(name);
      if (opened.length === 2) done();
    };
    const port = listen(check, (socket) => {
      accept(check, socket, { onWritable: open("server") });
    });
    connect(check, port, { onWritable: open("client") });
    inside = false;
  });

  later("callbacks are called on the socket, which has the target that it was given", (check, done) => {
    const target = {};
    const port = listen(check, (socket) => accept(check, socket, {}));
    const client = connect(check, port, {
      target,
      onWritable() {
        check.ok(this === client && (this as { target?: unknown }).target === target, "another this");
        check.equal([client.remoteAddress, client.remotePort], [HERE, port]);
        done();
      },
    });
  });

  later(
    "bytes arrive in order, as many as were announced; read gives all, some, or undefined",
    (check, done) => {
      const seen: number[] = [];
      const port = listen(check, (socket) => {
        accept(check, socket, {
          onReadable(bytes) {
            const first = new Uint8Array(this.read(1) as ArrayBuffer);
            check.equal(first.length, 1);
            seen.push(...first);
            if (bytes > 1) {
              const rest = this.read() as ArrayBuffer;
              check.equal(rest.byteLength, bytes - 1);
              seen.push(...new Uint8Array(rest));
            }
            check.equal(this.read(), undefined, "read with nothing there");
            if (seen.length < 4) return;
            check.equal(seen, [1, 2, 3, 4]);
            done();
          },
        });
      });
      let wrote = false;
      connect(check, port, {
        onWritable() {
          if (wrote) return;
          wrote = true;
          this.write(new Uint8Array([1, 2]));
          this.write(new Uint8Array([0, 3, 4]).subarray(1));
        },
      });
    },
  );

  later("read of more than is there, or of nothing, throws", (check, done) => {
    const port = listen(check, (socket) => {
      accept(check, socket, {
        onReadable(bytes) {
          check.throws(() => this.read(bytes + 1), "more");
          check.throws(() => this.read(0), "nothing");
          check.equal((this.read(bytes) as ArrayBuffer).byteLength, bytes);
          done();
        },
      });
    });
    connect(
      check,
      port,
      once((socket) => socket.write(new Uint8Array(3))),
    );
  });

  later("read into a buffer fills it", (check, done) => {
    const into = new Uint8Array(4);
    const port = listen(check, (socket) => {
      accept(check, socket, {
        onReadable() {
          check.equal((this.read as (buffer: Uint8Array) => unknown).call(this, into.subarray(1, 3)), 2);
          check.equal(into, new Uint8Array([0, 8, 9, 0]));
          done();
        },
      });
    });
    connect(
      check,
      port,
      once((socket) => socket.write(new Uint8Array([8, 9]))),
    );
  });

  later("write beyond what was announced throws; what was written makes room again", (check, done) => {
    let announced = 0;
    const port = listen(check, (socket) => accept(check, socket, { onReadable: drain }));
    connect(check, port, {
      onWritable(bytes) {
        announced += 1;
        if (announced === 1) {
          check.throws(() => this.write(new Uint8Array(bytes + 1)), "more");
          this.write(new Uint8Array(bytes));
        } else {
          check.ok(bytes > 0, "no room");
          if (announced === 2) done();
        }
      },
    });
  });

  later("nobody listens: onError, and never writable", (check, done) => {
    const listener = openListener(0, ignore);
    const { port } = listener;
    listener.close();
    connect(check, port, { onWritable: () => check.fail("writable"), onError: done });
  });

  later("the peer closes: onError, after its last bytes were announced", (check, done) => {
    let read = 0;
    const port = listen(check, (socket) => {
      const server = accept(check, socket, {
        onWritable: once((peer) => {
          peer.write(new Uint8Array(5));
          Timer.set(() => server.close(), 60);
        }).onWritable,
      });
    });
    connect(check, port, {
      onReadable() {
        read += (this.read() as ArrayBuffer).byteLength;
      },
      onError() {
        check.equal(read, 5, "bytes read before");
        done();
      },
    });
  });

  later("a connection's life is called back in its order: writable, readable, end", (check, done) => {
    const order: string[] = [];
    const port = listen(check, (socket) => {
      const server = accept(check, socket, {
        onWritable: once((peer) => {
          peer.write(new Uint8Array(1));
          Timer.set(() => server.close(), 60);
        }).onWritable,
      });
    });
    connect(check, port, {
      onWritable: () => {
        if (order.length === 0) order.push("writable");
      },
      onReadable() {
        this.read();
        order.push("readable");
        Timer.set(() => order.push("timer"), 0);
        order.push("readable ends");
      },
      onError() {
        order.push("end");
        check.equal(order, ["writable", "readable", "readable ends", "timer", "end"]);
        done();
      },
    });
  });

  later("close ends the peer, is idempotent, and silences the socket that it closes", (check, done) => {
    let closed = false;
    const port = listen(check, (socket) => {
      accept(check, socket, { onError: () => Timer.set(done, QUIET_MS) });
    });
    const quiet = () => check.ok(!closed, "a callback after close");
    const client = connect(check, port, { onWritable: quiet, onReadable: quiet, onError: quiet });
    Timer.set(() => {
      closed = true;
      client.close();
      client.close();
      check.throws(() => client.read(), "read");
      check.throws(() => client.write(new Uint8Array(1)), "write");
    }, 60);
  });

  later("a socket made from another takes its connection and the bytes that wait", (check, done) => {
    const port = listen(check, (socket) => {
      Timer.set(() => {
        const taken = accept(check, socket, {
          onReadable() {
            check.equal(new Uint8Array(this.read() as ArrayBuffer), new Uint8Array([4, 5]));
            done();
          },
        });
        check.throws(() => socket.read(), "read of the one that was taken");
        check.ok(taken !== socket, "the same socket");
      }, 60);
    });
    connect(
      check,
      port,
      once((socket) => socket.write(new Uint8Array([4, 5]))),
    );
  });

  later("a listener announces connections, and gives them one by one", (check, done) => {
    let taken = 0;
    const listener = openListener(0, function (count) {
      for (let i = 0; i < count; i++) {
        const socket = this.read();
        if (!socket) return check.fail("announced and not there");
        check.cleanup(() => socket.close());
        taken += 1;
      }
      check.equal(this.read(), undefined, "read with none there");
      if (taken === 2) done();
    });
    check.cleanup(() => listener.close());
    check.ok(listener.port > 0, "port 0 is not a port");
    connect(check, listener.port, {});
    connect(check, listener.port, {});
  });

  test("a port that is in use throws; close is idempotent, and frees it", (check) => {
    const listener = openListener(0, ignore);
    const { port } = listener;
    check.throws(() => openListener(port, ignore), "in use");
    listener.close();
    listener.close();
    const next = openListener(port, ignore);
    check.equal(next.port, port);
    next.close();
  });

  test("an address that is no IPv4 literal, and a port that is none, throw", (check) => {
    check.throws(() => new TCP({ address: "localhost", port: 80 }), "name");
    check.throws(() => new TCP({ address: "1.2.3.4.5", port: 80 }), "five parts");
    check.throws(() => new TCP({ address: HERE, port: 65_536 }), "port");
    check.throws(() => new TCP({ address: HERE, port: -1 }), "negative port");
  });
}

/** The SDK's typings lack `close`. */
type ClosableListener = Listener & { close(): void };

type Callbacks = Partial<{
  target: unknown;
  onReadable(this: TCP, bytes: number): void;
  onWritable(this: TCP, bytes: number): void;
  onError(this: TCP): void;
}>;

function connect(check: Check, port: number, callbacks: Callbacks): TCP {
  const socket = new TCP({ address: HERE, port, ...callbacks });
  check.cleanup(() => socket.close());
  return socket;
}

function openListener(port: number, onReadable: (this: Listener, count: number) => void): ClosableListener {
  return new Listener({ port, onReadable }) as ClosableListener;
}

/** Listens on a free port, which it returns. */
function listen(check: Check, onConnection: (socket: TCP) => void): number {
  const listener = openListener(0, function () {
    for (let socket = this.read(); socket; socket = this.read()) onConnection(socket);
  });
  check.cleanup(() => listener.close());
  return listener.port;
}

function accept(check: Check, from: TCP, callbacks: Callbacks): TCP {
  const socket = new TCP({ from, ...callbacks });
  check.cleanup(() => socket.close());
  return socket;
}

/** Acts on the first chance to write. */
function once(action: (socket: TCP) => void): { onWritable(this: TCP): void } {
  let acted = false;
  return {
    onWritable() {
      if (acted) return;
      acted = true;
      action(this);
    },
  };
}

function drain(this: TCP): void {
  this.read();
}

function ignore(): void {}
