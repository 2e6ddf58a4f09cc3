// Commands and configuration over real sockets and TLS: the unchanged firmware in a worker, aedes and mosquitto (as
// docs/fleet has it), and the cloud's side from tools/cloud.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import mqtt from "mqtt";
import { afterAll, describe, expect, test } from "vitest";
import { SIMULATED_MAC } from "../../sim/simulator";
import { CLOUD_HOST } from "../../sim/world/names";
import { Cloud } from "../../tools/cloud/cloud";
import type { CommandResult } from "../../tools/cloud/protocol";
import { ensureDevelopmentPki } from "../../tools/pki/development";
import { startFleetMosquitto } from "../support/mosquitto";
import { closeAll, type Running, seen, start, until } from "../support/running-simulator";
import { faultsOf } from "../support/schemas";
import { findMosquitto } from "../support/tools";

const mosquitto = findMosquitto();
const closing: (() => Promise<unknown>)[] = [];

afterAll(async () => {
  await closeAll();
  for (const close of closing.reverse()) await close();
});

interface Site {
  readonly each: Running;
  readonly cloud: Cloud;
  readonly connection: { url: string; ca: string; cert: string; key: string };
  /** Broker that the device has now. */
  readonly host: string;
}

async function open(name: "aedes" | "mosquitto", mqttVersion: 4 | 5): Promise<Site> {
  const folder = mkdtempSync(join(tmpdir(), "aerolink-both-ways-"));
  closing.push(async () => rmSync(folder, { recursive: true, force: true }));
  const pki = await ensureDevelopmentPki(join(folder, "pki"), { mac: SIMULATED_MAC });
  const settings = { mqttVersion, samplingSeconds: 2, readingsPerBatch: 1 };
  const { authorityPem: ca, cloud } = pki;
  const credentials = { ca, cert: cloud.certificatePem, key: cloud.keyPem };
  let each: Running;
  let port: number;
  if (name === "aedes") {
    each = await start({ folder, settings });
    port = each.simulator.broker!.port!;
  } else {
    const broker = await startFleetMosquitto(mosquitto!, folder, pki);
    closing.push(() => broker.stop());
    port = broker.cloudPort;
    const at = { host: "localhost", port: broker.devicePort, certificateAuthority: ca };
    each = await start({
      folder,
      settings,
      broker: { ...at, identity: pki.identity, cloud, cloudPort: port },
    });
  }
  const connection = { url: `mqtts://localhost:${port}`, ...credentials };
  const library = await Cloud.connect({ ...connection, protocolVersion: name === "aedes" ? 4 : mqttVersion });
  closing.push(() => library.close());
  return { each, cloud: library, connection, host: name === "aedes" ? CLOUD_HOST : "localhost" };
}

const CASES: ["aedes" | "mosquitto", 4 | 5][] = [
  ["aedes", 4],
  ["mosquitto", 4],
  ["mosquitto", 5],
];

for (const [name, version] of CASES.filter(([each]) => each === "aedes" || mosquitto)) {
  describe.concurrent(`With ${name}, MQTT ${version === 5 ? "5" : "3.1.1"}`, () => {
    test.concurrent("every command, good and bad, has its result", async () => {
      const { each, cloud, connection } = await open(name, version);
      const { deviceId, world } = each.simulator;
      const all: CommandResult[] = [];
      cloud.listen({ onResult: (_device, result) => all.push(result) });
      const ask = async (command: string, args?: Record<string, unknown>): Promise<CommandResult> => {
        const result = await cloud.command(deviceId, command, args, { timeoutMs: 30_000 });
        expect(faultsOf("command-result", result)).toBe("");
        return result;
      };
      await seen(each, "solid blue");
      expect(await ask("ping")).toMatchObject({ ok: true, result: { boot: 1 } });
      expect(await ask("identify", { seconds: 1 })).toMatchObject({ ok: true });
      const { result } = await ask("read-now");
      await until("that reading", () => each.readings.some(({ seq }) => seq === result!.seq), each);
      expect((await ask("get-diagnostics")).result).toMatchObject({ boot: 1, connects: 1 });
      expect(await ask("dance")).toMatchObject({ ok: false, error: "unknown-command" });
      expect(await ask("identify", { seconds: 0 })).toMatchObject({ error: "bad-args" });
      expect(await ask("forget-network", { ssid: "Elsewhere" })).toMatchObject({ error: "not-found" });

      const raw = await mqtt.connectAsync(connection.url, { ...connection, clientId: "cloud-raw" });
      for (const [payload, error] of [
        ["{", "not-json"],
        ["[".repeat(1_000), "too-complex"],
        ["[".repeat(2_000), "too-long"],
        // MQTT 5: the broker itself keeps from the device what is above its Maximum Packet Size.
        ...(version === 4 ? ([["[".repeat(10_000), "too-long"]] as const) : []),
        ['{"__proto__":{"id":"a"}}', "bad-id"],
      ] as const) {
        await raw.publishAsync(`aerolink/v1/${deviceId}/command`, payload, { qos: 1 });
        await until(error, () => all.at(-1)?.error === error && all.at(-1)?.id === null, each, 10_000);
        all.pop();
      }
      await raw.endAsync(true);

      expect(await ask("restart")).toMatchObject({ ok: true, result: { boot: 2 } });
      await seen(each, "solid blue");
      expect(await ask("setup-mode")).toMatchObject({ ok: true });
      await seen(each, "pulse yellow");
      await world.powerOff();
      world.powerOn();
      await seen(each, "solid blue");
      expect(await ask("forget-network", { ssid: "Home" })).toMatchObject({ result: { networks: 0 } });
      await seen(each, "pulse yellow");
      const ids = all.filter(({ id }) => id !== null).map(({ id }) => id);
      expect(new Set(ids).size).toBe(ids.length);
      await each.close();
    }, 180_000);

    test.concurrent("every setting, good and bad, is reported on, and a power cut keeps what was applied", async () => {
      const { each, cloud, host } = await open(name, version);
      const { deviceId, world } = each.simulator;
      const desire = async (settings: Record<string, unknown>, number: number) => {
        const reported = await cloud.desire(deviceId, settings, { version: number, timeoutMs: 30_000 });
        expect(faultsOf("config-reported", reported)).toBe("");
        return reported;
      };
      await seen(each, "solid blue");
      const good = {
        brokerHost: host,
        keepAliveSeconds: 30,
        homeAssistant: false,
        sntpServers: ["0.pool.ntp.org"],
        samplingSeconds: 1,
        readingsPerBatch: 2,
        publishSeconds: 60,
        temperatureOffset: -150,
        humidityOffset: 200,
        co2Offset: 10,
        ledBrightness: 50,
        logLevel: "debug",
      };
      expect(await desire(good, 1)).toMatchObject({ version: 1, state: "applied", settings: good });
      const bad = Object.fromEntries([...Object.keys(good), "brokerPort"].map((key) => [key, {}]));
      const refused = await desire(bad, 2);
      expect(refused).toMatchObject({ version: 2, state: "refused", settings: good });
      expect(refused.errors).toEqual(Object.fromEntries(Object.keys(bad).map((key) => [key, "wrong-type"])));
      expect(await desire({ colour: 1, bootCount: 1 }, 3)).toMatchObject({
        errors: { colour: "unknown-key", bootCount: "not-allowed" },
      });
      await world.powerOff();
      world.powerOn();
      const { settings } = await cloud.reported(deviceId);
      expect(settings).toMatchObject(good);
      await seen(each, "solid blue");
      await each.close();
    }, 120_000);
  });
}

test.concurrent("A power cut right after a command: its effect is had once at most, and its result comes", async () => {
  const { each, cloud } = await open("aedes", 4);
  const { deviceId, world } = each.simulator;
  const results: CommandResult[] = [];
  cloud.listen({ onResult: (_device, result) => results.push(result) });
  await seen(each, "solid blue");
  for (const delayMs of [0, 5, 20]) {
    const answer = cloud.command(deviceId, "read-now", undefined, {
      id: `cut-${delayMs}`,
      timeoutMs: 60_000,
    });
    await new Promise((resolve) => setTimeout(resolve, delayMs));
    await world.powerOff();
    world.powerOn();
    await answer;
    await seen(each, "solid blue");
    const mine = results.filter(({ id }) => id === `cut-${delayMs}`);
    expect(new Set(mine.map((result) => JSON.stringify(result))).size).toBe(1);
  }
  await each.close();
}, 120_000);
