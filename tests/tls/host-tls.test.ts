import { X509Certificate } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createOpenTlsSocket } from "../../sim/tls/tls-socket";
import { TLS_CASES } from "./cases";
import { attempt, identityOf } from "./support/attempt";
import { NodeTcp } from "./support/node-tcp";
import { makePki, PKI_LIMIT_MS, type Pki } from "./support/pki";
import { HAS_OPENSSL, type RunningServer, startServer } from "./support/servers";

const open = createOpenTlsSocket({ TCP: NodeTcp, now: Date.now });
const cases = TLS_CASES.filter(({ needs }) => HAS_OPENSSL || !needs?.includes("openssl"));

describe("the host's TLS socket", () => {
  let pki: Pki;
  let server: RunningServer | undefined;
  beforeAll(async () => {
    if (!HAS_OPENSSL) console.log("TLS: no openssl command here, its cases are left out");
    pki = await makePki();
  }, PKI_LIMIT_MS);
  afterAll(() => server?.close());

  it.each(cases.map((tlsCase) => [tlsCase.outcome, tlsCase.name, tlsCase] as const))(
    "%s: %s",
    async (outcome, _name, tlsCase) => {
      server = await startServer(tlsCase.server(pki), [pki.ca]);
      try {
        const verified: number[] = [];
        const told = await attempt(open, tlsCase, identityOf(tlsCase, pki), server.port, (ms) =>
          verified.push(ms),
        );
        expect(told).toBe(outcome);
        const { chain = [] } = tlsCase.server(pki) as { chain?: { der: Uint8Array }[] };
        const from = chain[0] && Date.parse(new X509Certificate(chain[0].der).validFrom);
        // In TLS 1.3 a server refuses our certificate when it is itself verified already.
        if (outcome === "client-certificate-refused") expect([[], [from]]).toContainEqual(verified);
        else expect(verified).toEqual(outcome === "accepted" ? [from] : []);
      } finally {
        await server.close();
        server = undefined;
      }
    },
  );
});
