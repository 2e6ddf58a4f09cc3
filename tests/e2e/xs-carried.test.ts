// The firmware on XS with none of our C in it, as it is built on macOS and Windows: no mbedTLS, the SDK's own sockets,
// cryptography by the helper (sim/carried/). Beside it the build with the device's own engine, for the same reasons.
// Part of the XS lane, since it builds applications: `AEROLINK_XS=1 npx vitest run tests/e2e/xs-carried.test.ts`.
import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Hardware } from "../../sim/simulator/simulator";
import { BUILD, findSdk, ROOT } from "../../tools/base/sdk.mjs";
import { buildXs } from "../../tools/xs/build.mjs";
import { buildHost } from "../../tools/xs/host/build.mjs";
import { headlessXs } from "../support/headless-xs";
import { limit } from "../support/limit";
import { closeAll, missing, seen, start, until } from "../support/running-simulator";
import { pem } from "../support/test-pki";
import { makePki, type Pki } from "../tls/support/pki";
import { HAS_OPENSSL, type RunningServer, type ServerPlan, startServer } from "../tls/support/servers";

const sdk = process.env.AEROLINK_XS ? findSdk() : undefined;
const BUILD_LIMIT_MS = limit(800_000);

/** By its address: names of brokers that are not the simulator's are this computer's to resolve. */
const ADDRESS = "127.0.0.1";

const BUILDS = [
  { by: "the helper", carried: true, folder: "xs-world-carried", env: { AEROLINK_C: "none" } },
  { by: "the device's engine", carried: false, folder: "xs-world", env: { AEROLINK_C: "own" } },
] as const;

const FAULTS: readonly { what: string; reason: string; server(pki: Pki): ServerPlan }[] = [
  {
    what: "an unknown authority",
    reason: "unknown-ca",
    server: (pki) => ({ kind: "tls", chain: [pki.leafOfOtherCa] }),
  },
  {
    what: "a wrong name",
    reason: "wrong-name",
    server: (pki) => ({ kind: "tls", chain: [pki.leaf] }),
  },
  {
    what: "an expired certificate",
    reason: "expired",
    server: (pki) => ({ kind: "tls", chain: [pki.expired] }),
  },
  {
    what: "a server that refuses the device's certificate",
    reason: "client-certificate-refused",
    server: (pki) => ({ kind: "openssl", chain: [pki.ipv4], version: "TLSv1.2" }),
  },
  { what: "silence", reason: "handshake-timeout", server: () => ({ kind: "raw" }) },
  {
    what: "a server without TLS",
    reason: "plaintext",
    server: () => ({ kind: "raw", answer: [0x48, 0x54] }),
  },
];

describe.skipIf(sdk?.platform !== "lin")("the firmware on XS, TLS", () => {
  const folders: string[] = [];
  const servers: RunningServer[] = [];
  const applications = new Map<string, string>();
  let host = "";
  let pki: Pki;

  beforeAll(async () => {
    for (const { by, folder, env } of BUILDS)
      applications.set(
        by,
        buildXs({
          sdk: sdk!,
          lane: "xs-carried",
          out: join(BUILD, folder),
          manifest: join(ROOT, "sim/moddable/world/manifest.json"),
          env,
        }),
      );
    host = buildHost(sdk!, join(BUILD, "xs-world-carried"));
    pki = await makePki();
  }, BUILD_LIMIT_MS);
  afterAll(async () => {
    await closeAll();
    for (const server of servers) await server.close();
    for (const folder of folders) rmSync(folder, { recursive: true, force: true });
  });

  function board({ by, carried }: (typeof BUILDS)[number]): Hardware {
    const folder = mkdtempSync(join(tmpdir(), "aerolink-xs-"));
    folders.push(folder);
    return headlessXs({ folder, host, application: applications.get(by)!, carried });
  }

  test("nothing of the build for other desktops is ours in C, and it is linked to no mbedTLS", () => {
    const application = applications.get("the helper")!;
    const needed = execFileSync("readelf", ["-d", application], { encoding: "utf8" });
    expect(needed).toContain("libglib-2.0");
    expect(needed).not.toContain("mbed");
    const objects = readdirSync(dirname(application).replace("/bin/", "/tmp/"));
    expect(objects).toContain("tcp.c.o");
    for (const ours of ["engine.c.o", "engine-xs.c.o", "credential.c.o", "verify.c.o", "sockets.c.o"])
      expect(objects).not.toContain(ours);
  });

  test.concurrent(
    "by the helper: solid blue, readings, a restart on command, and nothing is lost in a power cut",
    async () => {
      const each = await start({
        hardware: board(BUILDS[0]),
        settings: { samplingSeconds: 1, readingsPerBatch: 5, publishSeconds: 5 },
      });
      const { simulator, log } = each;
      await seen(each, "solid blue");
      await until("readings", () => each.readings.length >= 5, each);
      await simulator.world.powerOff();
      await seen(each, "dark");
      simulator.world.powerOn();
      await until("boot 2", () => log.some((line) => /boot 2 after power-on/.test(line)), each);
      await seen(each, "solid blue");
      simulator.publish(
        `aerolink/v1/${simulator.deviceId}/command`,
        new TextEncoder().encode(JSON.stringify({ id: "again", name: "restart", args: {} })),
      );
      await until("boot 3", () => log.some((line) => /boot 3 after restart/.test(line)), each);
      await seen(each, "solid blue");
      const before = Math.max(...each.readings.map(({ seq }) => seq));
      await until("more readings", () => each.readings.some(({ seq }) => seq > before + 4), each);
      expect(missing(each.readings)).toEqual([]);
      await each.close();
    },
    limit(180_000),
  );

  for (const build of BUILDS)
    for (const { what, reason, server } of FAULTS)
      test.skipIf(reason === "client-certificate-refused" && !HAS_OPENSSL).concurrent(
        `by ${build.by}: ${what} is told as ${reason}`,
        async () => {
          const running = await startServer(server(pki), [pki.ca]);
          servers.push(running);
          const each = await start({
            hardware: board(build),
            broker: {
              host: ADDRESS,
              port: running.port,
              certificateAuthority: pem(pki.ca.der, "CERTIFICATE"),
            },
          });
          await until(reason, () => each.log.join("\n").includes(reason), each);
          expect(each.simulator.sight).not.toBe("solid blue");
          await each.close();
        },
        limit(120_000),
      );
});
