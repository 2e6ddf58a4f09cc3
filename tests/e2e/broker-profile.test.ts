// User name and password, topic prefix and client id at brokers over real sockets and TLS: aedes and mosquitto.
import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { SIMULATED_MAC } from "../../sim/simulator/simulator";
import { Cloud } from "../../tools/cloud/cloud";
import { ensureDevelopmentPki } from "../../tools/pki/development";
import { limit } from "../support/limit";
import { closeAll, missing, type Running, seen, start, until } from "../support/running-simulator";
import { findMosquitto } from "../support/tools";
import { LONG } from "../support/volume";

const mosquitto = findMosquitto();
const PASSWORD = "p+ß s3cret";
const closing: (() => unknown)[] = [];
afterAll(async () => {
  await closeAll();
  for (const close of closing.reverse()) await close();
});

const refusals = (each: Running): string[] =>
  each.log.filter((line) => line.includes("mqtt: disconnected: refused"));

describe.concurrent("With aedes", () => {
  test.concurrent.each([
    ["a wrong password", "we", "wrong"],
    ["no password", "we", ""],
    ["no user name", "", PASSWORD],
  ])(
    "%s is refused, in words",
    async (_what, brokerUser, brokerPassword) => {
      const each = await start({ settings: { brokerUser, brokerPassword } });
      each.simulator.broker!.accounts = new Map([["we", PASSWORD]]);
      await until("a refusal", () => refusals(each).length > 0, each);
      expect(refusals(each)[0]).toContain("refused-credentials");
      expect(each.simulator.sight).not.toBe("solid blue");
      expect(each.log.join("\n")).not.toContain(brokerPassword || PASSWORD);
      await each.close();
    },
    limit(60_000),
  );

  test.concurrent(
    "the right ones lead to solid blue",
    async () => {
      const each = await start({ settings: { brokerUser: "we", brokerPassword: PASSWORD } });
      each.simulator.broker!.accounts = new Map([["we", PASSWORD]]);
      await seen(each, "solid blue");
      expect(each.log.join("\n")).not.toContain(PASSWORD);
      await each.close();
    },
    limit(60_000),
  );
});

describe.runIf(LONG && mosquitto)("With mosquitto, certificate and password", () => {
  test(
    "wrong, missing and right, in 3.1.1 and 5; then prefix, client id and version change within one trial",
    async () => {
      const folder = mkdtempSync(join(tmpdir(), "aerolink-profile-"));
      closing.push(() => rmSync(folder, { recursive: true, force: true }));
      const pki = await ensureDevelopmentPki(join(folder, "pki"), { mac: SIMULATED_MAC });
      const file = (name: string, text: string): string => {
        writeFileSync(join(folder, name), text, { mode: 0o600 });
        return join(folder, name);
      };
      const [port, cloudPort] = [await freePort(), await freePort()];
      const passwords = file("passwords", "");
      expect(spawnSync("mosquitto_passwd", ["-b", passwords, "air", PASSWORD]).status).toBe(0);
      const conf = [
        "per_listener_settings true",
        ...[port, cloudPort].flatMap((each) => [
          `listener ${each} 127.0.0.1`,
          `cafile ${file("ca.pem", pki.deviceAuthorityPem + pki.operatorAuthorityPem)}`,
          `certfile ${file("broker.pem", pki.broker.certificatePem)}`,
          `keyfile ${file("broker.key", pki.broker.keyPem)}`,
          "require_certificate true",
          each === port ? `password_file ${passwords}` : "allow_anonymous true",
        ]),
        ...(process.getuid?.() === 0 ? ["user root"] : []),
        "",
      ];
      const broker = spawn(mosquitto!, ["-v", "-c", file("mosquitto.conf", conf.join("\n"))], {
        stdio: ["ignore", "ignore", "pipe"],
      });
      let said = "";
      broker.stderr.on("data", (text) => {
        said += String(text);
      });
      closing.push(() => void broker.kill());
      await expect.poll(() => said).toContain("running");
      const device = (settings: object) =>
        start({
          broker: {
            host: "localhost",
            port,
            certificateAuthority: pki.authorityPem,
            identity: pki.identity,
            cloud: pki.cloud,
            cloudPort,
          },
          settings: { samplingSeconds: 1, readingsPerBatch: 2, ...settings },
        });
      for (const mqttVersion of [4, 5])
        for (const wrong of [{ brokerPassword: "wrong" }, { brokerPassword: "" }, { brokerUser: "" }]) {
          const each = await device({ mqttVersion, brokerUser: "air", brokerPassword: PASSWORD, ...wrong });
          await until("a refusal", () => refusals(each).length > 0, each, 30_000);
          expect(refusals(each)[0]).toContain("refused-not-authorised");
          await each.close();
        }

      const each = await device({ mqttVersion: 4, brokerUser: "air", brokerPassword: PASSWORD });
      await seen(each, "solid blue");
      await until("readings", () => each.readings.length >= 4, each);
      const { deviceId } = each.simulator;
      const at = {
        url: `mqtts://localhost:${cloudPort}`,
        ca: pki.authorityPem,
        cert: pki.cloud.certificatePem,
        key: pki.cloud.keyPem,
      };
      const before = await Cloud.connect(at);
      const after = await Cloud.connect({ ...at, prefix: "site7/{id}/air" });
      closing.push(
        () => before.close(),
        () => after.close(),
      );
      const readings = [...each.readings];
      let state = "";
      after.listen({
        onReadings: (device, batch) => void (device === deviceId && readings.push(...batch)),
        onReported: (_device, reported) => {
          state = reported.state;
        },
      });
      const profile = { topicPrefix: "site7/{id}/air", clientId: "air-{id}", mqttVersion: 5 };
      const answer = await before.desire(deviceId, profile, { version: 1, timeoutMs: 20_000 });
      expect(answer).toMatchObject({
        state: "trying-broker",
        settings: { ...profile, brokerPassword: true },
      });
      await until("the end of the trial", () => state === "applied", each, 30_000);
      const known = each.readings.length;
      const count = readings.length;
      await until("readings under the new prefix", () => readings.length >= count + 10, each, 30_000);
      expect(each.readings).toHaveLength(known);
      expect(missing([...each.readings, ...readings])).toEqual([]);
      // p5: the protocol version; the same connection took ten readings and more by its alias.
      expect(said).toMatch(new RegExp(`connected from .* as air-${deviceId} \\(p5,`));
      expect(each.log.filter((line) => line.includes("mqtt: connected"))).toHaveLength(2);
      expect(await after.command(deviceId, "ping", undefined, { timeoutMs: 10_000 })).toMatchObject({
        ok: true,
      });
      expect(each.log.join("\n")).not.toContain(PASSWORD);
      await each.close();
    },
    limit(180_000),
  );
});

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}
