import { afterEach, beforeAll, describe, expect, it } from "vitest";
import type { SocketFailure, TlsSocketOptions } from "../../modules/network/socket";
import { createOpenTlsSocket } from "../../sim/tls/tls-socket";
import { TLS_CASES } from "./cases";
import { identityOf } from "./support/attempt";
import { NodeTcp } from "./support/node-tcp";
import { HOST, makePki, PKI_LIMIT_MS, type Pki } from "./support/pki";
import { type RunningServer, startServer } from "./support/servers";
import { describeTlsSocket } from "./support/socket-contract";

describeTlsSocket("the host's TLS socket", createOpenTlsSocket({ TCP: NodeTcp, now: Date.now }));

describe("the host's TLS socket and the board's clock", () => {
  let pki: Pki;
  let server: RunningServer | undefined;
  beforeAll(async () => {
    pki = await makePki();
  }, PKI_LIMIT_MS);
  afterEach(() => server?.close());

  const openAt = async (now: number): Promise<"open" | SocketFailure> => {
    const running = await startServer({ kind: "tls", chain: [pki.leaf] }, [pki.ca]);
    server = running;
    return new Promise((resolve) => {
      const open = createOpenTlsSocket({ TCP: NodeTcp, now: () => now });
      const options: TlsSocketOptions = {
        address: "127.0.0.1",
        port: running.port,
        host: HOST,
        identity: identityOf(TLS_CASES[0]!, pki),
        onReadable() {},
        onWritable() {
          socket.close();
          resolve("open");
        },
        onError: resolve,
      };
      const socket = open(options);
    });
  };

  it("finds every certificate not yet valid before the clock is set", async () => {
    expect(await openAt(0)).toBe("not-yet-valid");
  });
  it("finds them expired a year ahead", async () => {
    expect(await openAt(Date.now() + 365 * 86_400_000)).toBe("expired");
  });
});
