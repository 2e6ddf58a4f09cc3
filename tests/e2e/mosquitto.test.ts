// Debian's mosquitto in place of the embedded broker: mutual TLS, MQTT 3.1.1 and 5.
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { SIMULATED_MAC } from "../../sim/simulator/simulator";
import { type DevelopmentPki, ensureDevelopmentPki } from "../../tools/pki/development";
import { limit } from "../support/limit";
import { startFleetMosquitto } from "../support/mosquitto";
import { closeAll, missing, seen, start, until } from "../support/running-simulator";
import { findMosquitto } from "../support/tools";
import { LONG } from "../support/volume";

const mosquitto = findMosquitto();

describe.runIf(mosquitto)("With mosquitto", () => {
  const folder = mkdtempSync(join(tmpdir(), "aerolink-mosquitto-"));
  let pki: DevelopmentPki;
  let port: number;
  let broker: ChildProcess | undefined;

  beforeAll(async () => {
    pki = await ensureDevelopmentPki(join(folder, "pki"), { mac: SIMULATED_MAC });
    port = await freePort();
    const file = (name: string, text: string): string => {
      const path = join(folder, name);
      writeFileSync(path, text, { mode: 0o600 });
      return path;
    };
    file(
      "mosquitto.conf",
      [
        `listener ${port} 127.0.0.1`,
        `cafile ${file("ca.pem", pki.deviceAuthorityPem + pki.operatorAuthorityPem)}`,
        `certfile ${file("broker.pem", pki.broker.certificatePem)}`,
        `keyfile ${file("broker.key", pki.broker.keyPem)}`,
        "require_certificate true",
        "use_identity_as_username true",
        // The reader's session must outlive the restart, or what arrives before it is back would be nobody's.
        "persistence true",
        `persistence_location ${folder}/`,
        ...(process.getuid?.() === 0 ? ["user root"] : []),
        "",
      ].join("\n"),
    );
    await startBroker();
  });

  afterAll(async () => {
    await closeAll();
    // It writes its sessions down as it ends.
    if (broker?.exitCode === null) await stopBroker();
    rmSync(folder, { recursive: true, force: true });
  });

  async function startBroker(): Promise<void> {
    broker = spawn(mosquitto!, ["-c", join(folder, "mosquitto.conf")], {
      stdio: ["ignore", "ignore", "pipe"],
    });
    await new Promise<void>((resolve, reject) => {
      broker!.stderr!.on("data", (text) => {
        if (String(text).includes("running")) resolve();
      });
      broker!.once("exit", () => reject(new Error("mosquitto ended")));
    });
  }

  async function stopBroker(): Promise<void> {
    const ended = new Promise((resolve) => broker!.once("exit", resolve));
    broker!.kill();
    await ended;
  }

  const simulate = (mqttVersion: 4 | 5, host = "localhost") =>
    start({
      broker: {
        host,
        port,
        certificateAuthority: pki.authorityPem,
        identity: pki.identity,
        cloud: pki.cloud,
      },
      settings: { mqttVersion, samplingSeconds: 1, readingsPerBatch: 2 },
    });

  for (const [version, name, host] of [
    [4, "3.1.1", "localhost"],
    [5, "5", "127.0.0.1"],
  ] as const) {
    test.runIf(LONG || version === 5)(
      `MQTT ${name} at ${host}: solid blue, and readings arrive decoded`,
      async () => {
        const each = await simulate(version, host);
        await seen(each, "solid blue");
        await until("readings", () => each.readings.length >= 4, each);
        expect(missing(each.readings)).toEqual([]);
        await each.close();
      },
      limit(120_000),
    );
  }

  test.runIf(LONG)(
    "Where names are client ids and the cloud has no certificate, the device keeps its session to itself",
    async () => {
      const fleetFolder = mkdtempSync(join(folder, "fleet-"));
      const fleet = await startFleetMosquitto(mosquitto!, fleetFolder, pki);
      const each = await start({
        broker: {
          host: "localhost",
          port: fleet.devicePort,
          certificateAuthority: pki.authorityPem,
          identity: pki.identity,
        },
      });
      await seen(each, "solid blue");
      await new Promise((resolve) => setTimeout(resolve, 2_000));
      expect(each.simulator.hasCloud).toBe(false);
      expect(each.log.filter((line) => line.includes("mqtt: connected"))).toHaveLength(1);
      expect(each.simulator.sight).toBe("solid blue");
      await each.close();
      await fleet.stop();
    },
    limit(120_000),
  );

  test(
    "A broker that is restarted gets every reading",
    async () => {
      const each = await simulate(4);
      await seen(each, "solid blue");
      await until("readings", () => each.readings.length >= 2, each);
      await stopBroker();
      await seen(each, "pulse blue");
      await startBroker();
      await seen(each, "solid blue");
      const newest = Math.max(...each.readings.map(({ seq }) => seq));
      await until("more readings", () => each.readings.some(({ seq }) => seq > newest + 3), each);
      expect(missing(each.readings)).toEqual([]);
      await each.close();
    },
    limit(120_000),
  );
});

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}
