import { createServer } from "node:tls";
import { afterEach, beforeAll, describe, expect, it } from "vitest";
import type { OpenTlsSocket, Socket, SocketFailure, TlsSocketOptions } from "../../../modules/network/socket";
import { pem } from "../../support/test-pki";
import { HOST, makePki, PKI_LIMIT_MS, type Pki } from "./pki";
import { startRelay } from "./relay";
import { listen, type RunningServer } from "./servers";

/** What modules/network/socket.ts says of a stream, held against any TLS socket of ours. */
export function describeTlsSocket(name: string, open: OpenTlsSocket): void {
  describe(name, () => {
    let pki: Pki;
    const running: RunningServer[] = [];
    const sockets: Socket[] = [];
    beforeAll(async () => {
      pki = await makePki();
    }, PKI_LIMIT_MS);
    afterEach(async () => {
      for (const socket of sockets.splice(0)) socket.close();
      for (const server of running.splice(0)) await server.close();
    });

    /** A TLS 1.2 server that asks for no certificate; `talk` gets each connection. */
    async function serve(
      talk: Parameters<typeof createServer>[1],
      onClientBytes?: (bytes: Uint8Array) => void,
    ): Promise<number> {
      const server = createServer(
        {
          cert: pem(pki.leaf.der, "CERTIFICATE"),
          key: pem(pki.leaf.key, "PRIVATE KEY"),
          maxVersion: "TLSv1.2",
        },
        talk,
      );
      const started = await startRelay(await listen(server), onClientBytes ? { onClientBytes } : {});
      running.push(started);
      return started.port;
    }

    function client(port: number, callbacks: Partial<TlsSocketOptions> = {}): Socket {
      const socket = open({
        address: "127.0.0.1",
        port,
        host: HOST,
        identity: { certificateAuthorities: [pki.ca.der], certificateChain: [] },
        onReadable() {},
        onWritable() {},
        onError() {},
        ...callbacks,
      });
      sockets.push(socket);
      return socket;
    }

    const connected = (port: number, callbacks: Partial<TlsSocketOptions> = {}) =>
      new Promise<{ socket: Socket; window: number }>((resolve, reject) => {
        const socket = client(port, {
          onError: (reason) => reject(new Error(reason)),
          ...callbacks,
          onWritable(window) {
            callbacks.onWritable?.(window);
            resolve({ socket, window });
          },
        });
      });

    it("throws for options that can never work", () => {
      const bad = (options: Partial<TlsSocketOptions>) => () => client(8883, options);
      expect(bad({ address: "broker.example.test" })).toThrow(TypeError);
      expect(bad({ port: 0 })).toThrow(RangeError);
      expect(bad({ port: 70_000 })).toThrow(RangeError);
      for (const host of ["", "a..b", "a b", "a\0b", "bröker.test", `${"a".repeat(64)}.test`])
        expect(bad({ host })).toThrow(TypeError);
      expect(bad({ handshakeTimeoutMs: 0 })).toThrow(RangeError);
      const identity = { certificateAuthorities: [pki.ca.der], certificateChain: [] };
      expect(bad({ identity: { ...identity, certificateAuthorities: [] } })).toThrow(TypeError);
      expect(bad({ identity: { ...identity, certificateChain: [pki.client.der] } })).toThrow(TypeError);
      const text = new Uint8Array(Buffer.from(pem(pki.ca.der, "CERTIFICATE")));
      expect(bad({ identity: { ...identity, certificateAuthorities: [text] } })).toThrow(TypeError);
      const cut = pki.ca.der.slice(0, -1);
      expect(bad({ identity: { ...identity, certificateAuthorities: [cut] } })).toThrow(TypeError);
    });

    it("throws for a private key that is not the certificate's", () => {
      const identity = {
        certificateAuthorities: [pki.ca.der],
        certificateChain: [pki.client.der],
        privateKey: pki.oldClient.key,
      };
      expect(() => client(8883, { identity })).toThrow(TypeError);
    });

    it("makes no callback inside its constructor, write, read or close", async () => {
      let inside = true;
      const outside = () => expect(inside).toBe(false);
      const port = await serve((peer) => peer.pipe(peer));
      await new Promise<void>((resolve) => {
        const within = <T>(action: () => T): T => {
          inside = true;
          const result = action();
          inside = false;
          return result;
        };
        let written = false;
        const socket = within(() =>
          client(port, {
            onWritable() {
              outside();
              if (!written) within(() => socket.write(Buffer.from("hello")));
              written = true;
            },
            onReadable(bytes) {
              outside();
              within(() => socket.read(bytes));
              within(() => socket.close());
              resolve();
            },
            onError: outside,
          }),
        );
      });
    });

    it("delivers a megabyte both ways, never above the announced window", async () => {
      const port = await serve((peer) => peer.pipe(peer));
      const message = Buffer.alloc(1 << 20).map((_, i) => (i * 31) >> 3);
      let sent = 0;
      let matched = 0;
      await new Promise<void>((resolve, reject) => {
        const socket = client(port, {
          onWritable(window) {
            const part = message.subarray(sent, sent + window);
            sent += part.length;
            socket.write(part);
          },
          onReadable(bytes) {
            const got = Buffer.from(socket.read(bytes)!);
            if (!got.equals(message.subarray(matched, matched + got.length))) reject(new Error("garbled"));
            matched += got.length;
            if (matched === message.length) resolve();
          },
          onError: reject,
        });
      });
      expect(sent).toBe(message.length);
    });

    it("throws would block beyond the window, and takes all of it", async () => {
      const port = await serve((peer) => peer.resume());
      const { socket, window } = await connected(port);
      expect(() => socket.write(new Uint8Array(window + 1))).toThrow("would block");
      socket.write(new Uint8Array(window));
      expect(() => socket.write(new Uint8Array(1))).toThrow("would block");
    });

    it("announces no new window while the peer does not read", async () => {
      const port = await serve((peer) => peer.pause());
      let announced = 0;
      let since = 0;
      await connected(port, {
        onWritable(window) {
          since = 0;
          announced += window;
          sockets.at(-1)?.write(new Uint8Array(window));
        },
      });
      // Loopback buffers take some megabytes, then it stands still.
      for (; since < 10; since++) await new Promise((resolve) => setTimeout(resolve, 20));
      const atRest = announced;
      await new Promise((resolve) => setTimeout(resolve, 100));
      expect(announced).toBe(atRest);
    });

    it("holds bytes that are not read, and reads them in parts", async () => {
      const port = await serve((peer) => peer.write("abcdefgh"));
      const waiting = await new Promise<number>((resolve) => client(port, { onReadable: resolve }));
      const socket = sockets.at(-1)!;
      expect(waiting).toBe(8);
      const text = (bytes: ArrayBuffer | undefined) => bytes && Buffer.from(bytes).toString();
      expect(text(socket.read(3))).toBe("abc");
      expect(text(socket.read(100))).toBe("defgh");
      expect(socket.read()).toBeUndefined();
    });

    it("reports an orderly close as closed, after the bytes before it", async () => {
      const port = await serve((peer) => peer.end("last words"));
      const events: string[] = [];
      const reason = await new Promise<SocketFailure>((resolve) => {
        const socket = client(port, {
          onReadable: (bytes) => events.push(Buffer.from(socket.read(bytes)!).toString()),
          onError: resolve,
        });
      });
      expect([...events, reason]).toEqual(["last words", "closed"]);
    });

    it("reports a reset as closed", async () => {
      const port = await serve((peer) => setTimeout(() => peer.destroy(), 20));
      const reason = await new Promise<SocketFailure>((resolve) => client(port, { onError: resolve }));
      expect(reason).toBe("closed");
    });

    it("sends what was written and close_notify when it closes", async () => {
      const fromClient: Uint8Array[] = [];
      const received: Buffer[] = [];
      await new Promise<void>((resolve, reject) => {
        serve(
          (peer) => {
            peer.on("data", (bytes: Buffer) => received.push(bytes));
            peer.on("end", resolve);
          },
          (bytes) => fromClient.push(bytes),
        )
          .then(connected)
          .then(({ socket }) => {
            socket.write(Buffer.from("goodbye"));
            socket.close();
          }, reject);
      });
      expect(Buffer.concat(received).toString()).toBe("goodbye");
      // The last record of TLS 1.2 is an alert: type 21, 26 bytes of AEAD around two.
      expect(Buffer.concat(fromClient).at(-31)).toBe(21);
    });

    it("is silent after close, also from inside a callback and while connecting", async () => {
      const port = await serve((peer) => {
        peer.write("one");
        setTimeout(() => peer.end("two"), 20);
      });
      let calls = 0;
      await new Promise<void>((resolve) => {
        const socket = client(port, {
          onWritable() {
            calls++;
            socket.close();
            socket.close();
            resolve();
          },
          onReadable: () => calls++,
          onError: () => calls++,
        });
      });
      client(port, { onWritable: () => calls++, onError: () => calls++ }).close();
      await new Promise((resolve) => setTimeout(resolve, 80));
      expect(calls).toBe(1);
    });

    it("survives a peer that vanishes while it says goodbye", async () => {
      const port = await serve((peer) => peer.pause());
      const { socket, window } = await connected(port);
      socket.write(new Uint8Array(window));
      socket.close();
      await running.pop()!.close();
      await new Promise((resolve) => setTimeout(resolve, 20));
    });
  });
}
