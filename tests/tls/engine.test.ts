import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { X509Certificate } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { limit } from "../support/limit";
import { issue } from "../support/test-pki";
import { findMosquitto } from "../support/tools";
import { LONG } from "../support/volume";
import { TLS_CASES, type TlsCase } from "./cases";
import { HANDSHAKE_LIMIT_MS, identityOf } from "./support/attempt";
import { buildWithEngine, MBEDTLS_HAS, MBEDTLS_VERSION, run } from "./support/engine-driver";
import { HOST, makePki, type Pki } from "./support/pki";
import {
  HAS_OPENSSL,
  type RunningServer,
  type ServerPlan,
  startMosquitto,
  startServer,
} from "./support/servers";

const LIMIT_MS = limit(10_000);
const MOSQUITTO = findMosquitto();

interface Connection {
  readonly outcome: string;
  readonly resumed: boolean;
  /** Unix seconds: since when the peer is valid, and until when the last authority is. */
  readonly validFrom: number;
  readonly trustedUntil: number;
  /** Signatures made and verified; 0 where the library's version is not counted. */
  readonly made: number;
  readonly checked: number;
  /** Proofs that our key is our certificate's. */
  readonly pairs: number;
  /** Bytes in use after the connection was freed. */
  readonly live: number;
  readonly blocks: number;
}

if (!MBEDTLS_VERSION)
  console.log("TLS: no gcc or no mbedTLS headers here, the C engine's tests are left out");

describe.skipIf(!MBEDTLS_VERSION)(`the TLS engine on mbedTLS ${MBEDTLS_VERSION}`, () => {
  let pki: Pki;
  let driver: string;
  let folder: string;
  let server: RunningServer | undefined;

  let serving: ChildProcessWithoutNullStreams;
  let nextLine: () => Promise<string>;

  beforeAll(async () => {
    driver = buildWithEngine("engine-driver", { sanitized: true });
    folder = mkdtempSync(join(tmpdir(), "aerolink-engine-"));
    pki = await makePki();
    serving = spawn(driver, []);
    serving.stderr.pipe(process.stderr);
    const lines = createInterface(serving.stdout)[Symbol.asyncIterator]();
    nextLine = async () => (await lines.next()).value ?? "{}";
  }, limit(120_000));
  afterEach(async () => {
    await server?.close();
    server = undefined;
  });
  afterAll(async () => {
    const ended = new Promise((resolve) => serving.once("close", resolve));
    serving.stdin.end();
    expect(await ended).toBe(0);
    rmSync(folder, { recursive: true, force: true });
  });

  function file(der: Uint8Array, name: string): string {
    writeFileSync(join(folder, name), der);
    return join(folder, name);
  }

  function argumentsOf(tlsCase: TlsCase, port: number, connections: number, resumption: string): string[] {
    const { certificateAuthorities, certificateChain, privateKey } = identityOf(tlsCase, pki);
    const limit = tlsCase.outcome === "handshake-timeout" ? HANDSHAKE_LIMIT_MS : LIMIT_MS;
    return [
      ...[
        port,
        [tlsCase.host ?? HOST, tlsCase.alpn ?? []].flat().join(","),
        limit,
        connections,
        resumption,
      ].map(String),
      ...certificateAuthorities.map((der, i) => file(der, `authority${i}`)),
      "--",
      ...certificateChain.map((der, i) => file(der, `certificate${i}`)),
      "--",
      ...(privateKey ? [file(privateKey, "key")] : []),
    ];
  }

  async function connect(
    tlsCase: TlsCase,
    {
      connections = 1,
      resume = false,
      port = server!.port,
      aheadSeconds = 0,
      mqtt = false,
    }: Partial<{
      connections: number;
      resume: boolean | string;
      port: number;
      aheadSeconds: number;
      mqtt: boolean;
    }> = {},
  ): Promise<Connection[]> {
    const resumption = typeof resume === "string" ? resume : resume ? "1" : "0";
    const lines = await run(driver, argumentsOf(tlsCase, port, connections, resumption), {
      CLOCK_AHEAD_S: String(aheadSeconds),
      ...(mqtt && { MQTT: "1" }),
    });
    return lines.map((line) => JSON.parse(line) as Connection);
  }

  const has = { ...MBEDTLS_HAS, openssl: HAS_OPENSSL };
  const cases = TLS_CASES.filter(({ needs }) => (needs ?? []).every((need) => has[need]));

  it.each(cases.map((tlsCase) => [tlsCase.outcome, tlsCase.name, tlsCase] as const))(
    "%s: %s",
    async (outcome, _name, tlsCase) => {
      server = await startServer(tlsCase.server(pki), [pki.ca]);
      serving.stdin.write(`${argumentsOf(tlsCase, server.port, 1, "0").join(" ")}\n`);
      const connection = JSON.parse(await nextLine());
      expect(connection.outcome).toBe(outcome);
      if (outcome !== "accepted" && outcome !== "client-certificate-refused")
        expect(connection.validFrom ?? 0).toBe(0);
    },
  );

  const accepted = TLS_CASES[0]!;
  const plan = (): ServerPlan => ({ kind: "tls", chain: [pki.leaf] });

  it("resumes a session without verifying a certificate or signing", async () => {
    server = await startServer(plan(), [pki.ca]);
    const [first, second, third] = await connect(accepted, { connections: 3, resume: true });
    expect(first).toMatchObject({ outcome: "accepted", resumed: false });
    if (MBEDTLS_VERSION?.startsWith("2.")) expect(first).toMatchObject({ made: 1, checked: 2 });
    for (const later of [second, third])
      expect(later).toMatchObject({ outcome: "accepted", resumed: true, made: 0, checked: 0, validFrom: 0 });
  });

  it("tells since when the peer it has verified is valid, and until when its authorities are", async () => {
    const seconds = (date: string) => Date.parse(date) / 1000;
    const { ca, rsaCa, leaf } = pki;
    const [first, second] = [ca, rsaCa].map(({ der }) => seconds(new X509Certificate(der).validTo));
    server = await startServer(plan(), [ca]);
    const [connection] = await connect(accepted);
    expect(connection).toMatchObject({
      validFrom: seconds(new X509Certificate(leaf.der).validFrom),
      trustedUntil: Math.max(first!, second!),
    });
  });

  // Each century's turn and each leap rule, as the certificates' own times and as a calendar has them.
  it.each([
    "1970-01-01T00:00:00Z",
    "1972-02-29T23:59:59Z",
    "1999-12-31T23:59:59Z",
    "2000-02-29T12:00:00Z",
    "2027-03-01T00:00:00Z",
    "2038-01-19T03:14:08Z",
    "2049-12-31T23:59:59Z",
    "2050-01-01T00:00:00Z",
    "2100-02-28T23:59:59Z",
    "2100-03-01T00:00:00Z",
    "2400-02-29T00:00:00Z",
    "9999-12-31T23:59:59Z",
  ])("knows when %s is", async (until) => {
    const ca = await issue({ commonName: "an authority", authority: true, validUntil: new Date(until) });
    server = await startServer(plan(), [pki.ca]);
    const [connection] = await connect({ ...accepted, anchors: () => [ca] });
    expect(connection!.trustedUntil).toBe(Date.parse(until) / 1000);
  });

  it("proves our key in the first of its connections only, be they full or resumed", async () => {
    server = await startServer(plan(), [pki.ca]);
    for (const resume of [false, true]) {
      const connections = await connect(accepted, { connections: 3, resume });
      expect(connections.map(({ pairs }) => pairs)).toEqual([1, 0, 0]);
    }
  });

  it.skipIf(!MBEDTLS_HAS["tls1.3"])("resumes a session of TLS 1.3", async () => {
    server = await startServer({ ...plan(), kind: "tls", version: "TLSv1.3" } as ServerPlan, [pki.ca]);
    const [first, second] = await connect(accepted, { connections: 2, resume: true });
    expect(first).toMatchObject({ outcome: "accepted", resumed: false });
    expect(second).toMatchObject({ outcome: "accepted", resumed: true });
  });

  describe("with a session of an earlier run", () => {
    const twoNames: TlsCase = { ...accepted, server: () => ({ kind: "tls", chain: [pki.secondName] }) };
    const day = 86_400;

    it.each<[resumes: boolean, what: string, change: Partial<TlsCase>, aheadSeconds?: number]>([
      [true, "nothing has changed", {}],
      [true, "its certificates are still valid", {}, 28 * day],
      [false, "the host is another name of the server", { host: "one.example.test" }],
      [false, "an authority is gone", { anchors: ({ ca }) => [ca] }],
      [false, "an authority was added", { anchors: ({ ca, rsaCa, otherCa }) => [ca, rsaCa, otherCa] }],
      [false, "our certificate is another", { client: ({ rsaClient }) => [rsaClient] }],
      [false, "our chain has grown", { client: ({ client, intermediate }) => [client, intermediate] }],
    ])("resumes it: %s, when %s", async (resumes, _what, change, aheadSeconds = 0) => {
      server = await startServer(twoNames.server(pki), [pki.ca, pki.rsaClient]);
      const kept = join(folder, "session");
      rmSync(kept, { force: true });
      const [first] = await connect(twoNames, { resume: kept });
      expect(first).toMatchObject({ outcome: "accepted", resumed: false });
      const [second] = await connect({ ...twoNames, ...change }, { resume: kept, aheadSeconds });
      expect(second).toMatchObject({ outcome: "accepted", resumed: resumes });
    });

    it("refuses the server when a certificate that was verified then has expired since", async () => {
      server = await startServer(plan(), [pki.ca]);
      const kept = join(folder, "session");
      rmSync(kept, { force: true });
      await connect(accepted, { resume: kept });
      const [later] = await connect(accepted, { resume: kept, aheadSeconds: 30 * day });
      expect(later).toMatchObject({ outcome: "expired", resumed: false });
    });

    it("does without one that was cut off, and without one of garbage", async () => {
      server = await startServer(plan(), [pki.ca]);
      const kept = join(folder, "session");
      rmSync(kept, { force: true });
      await connect(accepted, { resume: kept });
      const whole = readFileSync(kept);
      const header = 32 + 6 * 4;
      for (const bytes of [
        whole.subarray(0, -1),
        whole.subarray(0, header + 3),
        whole.subarray(0, header),
        Buffer.concat([whole.subarray(0, header), Buffer.alloc(200, 0xff)]),
        Buffer.alloc(whole.length, 0x5a),
      ]) {
        writeFileSync(kept, bytes);
        const [connection] = await connect(accepted, { resume: kept });
        expect(connection).toMatchObject({ outcome: "accepted", resumed: false });
      }
    });
  });

  const peers: [name: string, present: boolean, mqtt: boolean, start: () => Promise<RunningServer>][] = [
    ["Node", true, false, () => startServer(plan(), [pki.ca])],
    [
      "OpenSSL's s_server",
      HAS_OPENSSL,
      false,
      () => startServer({ kind: "openssl", chain: [pki.leaf], version: "TLSv1.2" }, [pki.ca]),
    ],
    ["mosquitto", MOSQUITTO !== undefined, true, () => startMosquitto(MOSQUITTO!, [pki.leaf], [pki.ca])],
  ];
  for (const [name, present, mqtt, start] of peers)
    it.skipIf(!present)(
      `holds no memory after many connections to ${name}`,
      async () => {
        server = await start();
        const connections = await connect(accepted, { connections: LONG ? 1_000 : 50, mqtt });
        expect(connections.filter(({ outcome }) => outcome !== "accepted")).toEqual([]);
        expect(connections.at(-1)).toMatchObject({
          live: connections[0]!.live,
          blocks: connections[0]!.blocks,
        });
      },
      limit(LONG ? 600_000 : 20_000),
    );
});
