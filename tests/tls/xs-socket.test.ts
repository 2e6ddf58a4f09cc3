import { type ChildProcessWithoutNullStreams, spawn, spawnSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { BUILD, findSdk, ROOT } from "../../tools/base/sdk.mjs";
import { buildHost } from "../../tools/xs/host/build.mjs";
import { limit } from "../support/limit";
import { TLS_CASES, type TlsCase } from "./cases";
import { HANDSHAKE_LIMIT_MS, identityOf } from "./support/attempt";
import { MBEDTLS_HAS, MBEDTLS_VERSION } from "./support/engine-driver";
import { HOST, makePki, type Pki } from "./support/pki";
import { HAS_OPENSSL, PALINDROME, type RunningServer, startServer } from "./support/servers";

/** Part of the XS lane, since it builds an application: `AEROLINK_XS=1 npx vitest run tests/tls/xs-socket.test.ts`. */
const sdk = process.env.AEROLINK_XS ? findSdk() : undefined;
const BUILD_LIMIT_MS = limit(400_000);

describe.skipIf(sdk?.platform !== "lin" || !MBEDTLS_VERSION)("the device's TLS socket on XS", () => {
  let pki: Pki;
  let application: ChildProcessWithoutNullStreams;
  let nextLine: () => Promise<string>;
  let server: RunningServer | undefined;

  beforeAll(async () => {
    pki = await makePki();
    const out = join(BUILD, "xs-tls");
    mkdirSync(out, { recursive: true });
    const manifest = join(ROOT, "tests/xs/tls/manifest.json");
    const build = spawnSync("mcconfig", ["-m", "-p", "lin", "-t", "build", "-o", out, manifest], {
      env: sdk!.env,
      encoding: "utf8",
    });
    if (build.status !== 0) throw new Error(`mcconfig: ${build.stdout}${build.stderr}`);
    application = spawn(buildHost(sdk!, out), [join(out, "bin/lin/mc/release/tls/mc.so")]);
    application.stderr.pipe(process.stderr);
    const lines = createInterface(application.stdout)[Symbol.asyncIterator]();
    nextLine = async () => (await lines.next()).value ?? "the application ended";
    expect(await nextLine()).toBe("ready");
  }, BUILD_LIMIT_MS);
  afterEach(async () => {
    await server?.close();
    server = undefined;
  });
  afterAll(() => application?.kill());

  function attempt(tlsCase: TlsCase, port: number): Promise<string> {
    const { certificateAuthorities, certificateChain, privateKey } = identityOf(tlsCase, pki);
    const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");
    const line = JSON.stringify({
      port,
      host: tlsCase.host ?? HOST,
      ...(tlsCase.alpn !== undefined && { alpn: tlsCase.alpn }),
      authorities: certificateAuthorities.map(hex),
      chain: certificateChain.map(hex),
      ...(privateKey && { key: hex(privateKey) }),
      limitMs: tlsCase.outcome === "handshake-timeout" ? HANDSHAKE_LIMIT_MS : 10_000,
      message: PALINDROME,
    });
    application.stdin.write(`${line}\n`);
    return nextLine();
  }

  const has = { ...MBEDTLS_HAS, openssl: HAS_OPENSSL };
  const cases = TLS_CASES.filter(({ needs }) => (needs ?? []).every((need) => has[need]));

  it.each(cases.map((tlsCase) => [tlsCase.outcome, tlsCase.name, tlsCase] as const))(
    "%s: %s",
    async (outcome, _name, tlsCase) => {
      server = await startServer(tlsCase.server(pki), [pki.ca]);
      const said = await attempt(tlsCase, server.port);
      expect(said.startsWith("TypeError: identity: ") ? "unusable" : said).toBe(outcome);
    },
  );

  it("throws for a key that is not its certificate's, also after one that is", async () => {
    const good = TLS_CASES[0]!;
    server = await startServer(good.server(pki), [pki.ca]);
    const bad: TlsCase = { ...good, client: () => [{ ...pki.client, key: pki.oldClient.key }] };
    const outcomes: string[] = [];
    for (const tlsCase of [bad, good, bad, good]) outcomes.push(await attempt(tlsCase, server.port));
    const refused = "TypeError: identity: a certificate does not parse, or the key is not its own";
    expect(outcomes).toEqual([refused, "accepted", refused, "accepted"]);
  });

  it("takes no harm from a script that misuses the engine", async () => {
    application.stdin.write("misuse\n");
    // Another object is found by XS, which calls it a SyntaxError.
    expect(JSON.parse(await nextLine())).toEqual({
      "step of another native object": "SyntaxError",
      "step of another object": "SyntaxError",
      "close of another object": "SyntaxError",
      "read of another object": "SyntaxError",
      "feed of another object": "SyntaxError",
      "a certificate that says it is longer": "false",
      "a certificate of no bytes": "false",
      "a key of no bytes": "false",
      "a certificate that is no buffer": "TypeError",
      "no certificate": "TypeError",
      "start without an authority": "false",
      "a host of 300 letters": "RangeError",
      "a protocol of 65 letters": "false",
      "a protocol of 300 letters": "RangeError",
      "feed before start": "0",
      "write before start": "0",
      "take more than there is": "0 bytes",
      "take less than nothing": "RangeError",
      "read more than there is": "0 bytes",
      "save what is not open": "undefined",
      "close twice": "2",
      "step once closed": "Error",
    });
  });
});
