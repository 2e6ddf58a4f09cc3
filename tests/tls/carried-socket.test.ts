// TLS that the helper carries for a simulator without its own: as the board sees it, the same contract and the same
// reasons as the engine's, over the line that both ends really speak.
import { afterEach, beforeAll, describe, expect, it } from "vitest";
import { DeviceTls } from "../../sim/carried/device-tls";
import { HelperTls } from "../../sim/carried/helper-tls";
import { CARRIED_WINDOW, type FromCarried, type ToCarried } from "../../sim/carried/messages";
import { canUse, createOpenTlsSocket } from "../../sim/tls/tls-socket";
import { formatLine, parseLine } from "../../sim/world/wire-line";
import { LONG } from "../support/volume";
import { TLS_CASES } from "./cases";
import { attempt, identityOf } from "./support/attempt";
import { NodeTcp } from "./support/node-tcp";
import { makePki, PKI_LIMIT_MS, type Pki } from "./support/pki";
import { HAS_OPENSSL, type RunningServer, startServer } from "./support/servers";
import { describeTlsSocket } from "./support/socket-contract";

/** As loopback does it: a line of JSON each, in a turn of its own. */
function carried(open = createOpenTlsSocket({ TCP: NodeTcp, now: Date.now })) {
  const across = <Message>(message: object, take: (message: Message) => void): void => {
    const line = formatLine(message, (bytes) => Buffer.from(bytes).toString("base64"));
    setImmediate(() => take(parseLine<Message>(line, (text) => new Uint8Array(Buffer.from(text, "base64")))));
  };
  const helper: HelperTls = new HelperTls({
    open,
    post: (message) => across<ToCarried>(message, (it) => device.take(it)),
  });
  const device = new DeviceTls({
    post: (message) => across<FromCarried>(message, (it) => helper.take(it)),
    isSound: canUse,
  });
  return { device, helper };
}

describeTlsSocket("TLS that is carried", carried().device.open);

describe("TLS that is carried", () => {
  let pki: Pki;
  let server: RunningServer | undefined;
  beforeAll(async () => {
    pki = await makePki();
  }, PKI_LIMIT_MS);
  afterEach(async () => {
    await server?.close();
    server = undefined;
  });

  // The table is the host socket's (host-tls.test.ts): in `npm test` each outcome comes once, in the long runs every case.
  const cases = TLS_CASES.filter(({ needs }) => HAS_OPENSSL || !needs?.includes("openssl")).filter(
    ({ outcome }, i, all) => LONG || all.findIndex((other) => other.outcome === outcome) === i,
  );
  it.each(cases.map((tlsCase) => [tlsCase.outcome, tlsCase.name, tlsCase] as const))(
    "%s: %s",
    async (outcome, _name, tlsCase) => {
      server = await startServer(tlsCase.server(pki), [pki.ca]);
      expect(await attempt(carried().device.open, tlsCase, identityOf(tlsCase, pki), server.port)).toBe(
        outcome,
      );
    },
  );

  it("sends no more than a window to firmware that does not read, and the rest once it does", () => {
    const sent: number[] = [];
    let waiting = 3 * CARRIED_WINDOW;
    let readable = (_bytes: number): void => {};
    const helper = new HelperTls({
      open: ({ onReadable }) => {
        readable = onReadable;
        return {
          read: (most = waiting) => {
            const length = Math.min(most, waiting);
            waiting -= length;
            return length > 0 ? new ArrayBuffer(length) : undefined;
          },
          write() {},
          close() {},
        };
      },
      post: (message) => message.t === "tls-data" && sent.push(message.bytes.length),
    });
    const identity = { certificateAuthorities: [], certificateChain: [] };
    helper.take({ t: "tls-open", id: 1, address: "127.0.0.1", port: 1, host: "a", identity });
    readable(waiting);
    readable(waiting);
    expect(sent).toEqual([CARRIED_WINDOW]);
    helper.take({ t: "tls-took", id: 1, bytes: 1_000 });
    expect(sent).toEqual([CARRIED_WINDOW, 1_000]);
  });

  it("ends with the board's life: the server sees its connections close", () => {
    let closed = 0;
    const { helper } = carried(() => ({ read: () => undefined, write() {}, close: () => closed++ }));
    const identity = { certificateAuthorities: [], certificateChain: [] };
    for (const id of [1, 2])
      helper.take({ t: "tls-open", id, address: "127.0.0.1", port: 1, host: "a", identity });
    helper.close();
    expect(closed).toBe(2);
    expect(helper.take({ t: "tls-close", id: 1 })).toBe(true);
    expect(closed).toBe(2);
  });
});
