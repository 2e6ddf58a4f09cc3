import { once } from "node:events";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import tls from "node:tls";
import fc from "fast-check";
import { expect, test } from "vitest";
import { Broker } from "../../../sim/world/broker";
import { SIGN_IN_ANSWER, WebServer } from "../../../sim/world/web";
import { UpdateServer } from "../../../tools/release/server";
import { limit } from "../../support/limit";
import { issue, pem } from "../../support/test-pki";
import { fuzz, LONG } from "../../support/volume";

/** The beginning of a ClientHello (RFC 8446, 5.1): record header, handshake type and lengths. */
const HELLO = [0x16, 0x03, 0x01, 0x00, 0x2e, 0x01, 0x00, 0x00, 0x2a, 0x03, 0x03];

const bytes = fc.oneof(
  fc.constant(Buffer.from("GET // HTTP/1.1\r\nHost: x\r\n\r\n")),
  fc.uint8Array({ maxLength: 80 }).map((tail) => Buffer.from([...HELLO, ...tail])),
  fc.uint8Array({ maxLength: 80 }).map((all) => Buffer.from(all)),
);

const send = (port: number, text: Buffer, reset: boolean): Promise<void> =>
  new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1", () => {
      if (reset) socket.write(text, () => socket.resetAndDestroy());
      else socket.end(text);
    });
    socket.on("error", () => {});
    socket.on("data", () => {});
    socket.on("close", () => resolve());
  });

test("Whoever connects and never begins TLS does not hold up the end of a server", async () => {
  const { der, key } = await issue({ commonName: "broker.test", dns: ["broker.test"], usage: "server" });
  const credentials = { key: pem(key, "PRIVATE KEY"), certificateChain: pem(der, "CERTIFICATE") };
  const { certificateChain } = credentials;
  const authorities = { deviceAuthority: certificateChain, operatorAuthority: certificateChain };
  const servers = [
    await Broker.start({ ...credentials, ...authorities }),
    await WebServer.start(credentials, SIGN_IN_ANSWER),
    await UpdateServer.start({
      ...credentials,
      deviceAuthority: certificateChain,
      folder: join(tmpdir(), "aerolink-no-images"),
    }),
  ];
  for (const server of servers) {
    const silent = connect(server.port!, "127.0.0.1");
    silent.on("error", () => {});
    await once(silent, "connect");
    const begin = performance.now();
    await server.close();
    expect(performance.now() - begin).toBeLessThan(limit(2_000));
    silent.destroy();
  }
});

test("What is no TLS, from a web page say, ends neither the broker, nor the cloud's host, nor a sign-in page", async () => {
  const { der, key } = await issue({ commonName: "broker.test", dns: ["broker.test"], usage: "server" });
  const credentials = { key: pem(key, "PRIVATE KEY"), certificateChain: pem(der, "CERTIFICATE") };
  const { certificateChain } = credentials;
  const authorities = { deviceAuthority: certificateChain, operatorAuthority: certificateChain };
  const broker = await Broker.start({ ...credentials, ...authorities });
  const web = await WebServer.start(credentials, SIGN_IN_ANSWER);
  const updates = await UpdateServer.start({
    ...credentials,
    deviceAuthority: certificateChain,
    folder: join(tmpdir(), "aerolink-no-images"),
  });
  try {
    for (const port of [broker.port!, web.port, updates.port])
      await fc.assert(
        fc.asyncProperty(bytes, fc.boolean(), (text, reset) => send(port, text, reset)),
        fuzz(LONG ? 2_000 : 50),
      );
    const answer = await new Promise<string>((resolve, reject) => {
      const socket = tls.connect({ port: web.port, host: "127.0.0.1", rejectUnauthorized: false });
      socket.on("secureConnect", () => socket.write("GET / HTTP/1.1\r\n\r\n"));
      socket.on("data", (data) => resolve(String(data)));
      socket.on("error", reject);
    });
    expect(answer).toBe(SIGN_IN_ANSWER);
  } finally {
    await broker.close();
    await web.close();
    await updates.close();
  }
});
