// The access rule of docs/fleet.md on real brokers: a device's certificate opens its own topics and nothing else.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import mqtt, { type MqttClient } from "mqtt";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { mayPublish, maySubscribe } from "../../sim/world/access-rule";
import { Broker } from "../../sim/world/broker";
import { main } from "../../tools/cloud/cli";
import { Cloud } from "../../tools/cloud/cloud";
import { ensureAuthority } from "../../tools/pki/authorities";
import { issueCertificate } from "../../tools/pki/certificates";
import { type DevelopmentPki, ensureDevelopmentPki } from "../../tools/pki/development";
import { createKey } from "../../tools/pki/keys";
import { formatPem } from "../../tools/pki/pem";
import { deviceCredentials } from "../support/device-credentials";
import { limit } from "../support/limit";
import { startFleetMosquitto } from "../support/mosquitto";
import { findMosquitto } from "../support/tools";
import { LONG } from "../support/volume";

const folder = mkdtempSync(join(tmpdir(), "aerolink-fleet-"));
const MACS = ["02:00:5e:00:00:01", "02:00:5e:00:00:02"] as const;
const [ONE, TWO] = ["aerolink-02005e000001", "aerolink-02005e000002"] as const;
const mosquitto = findMosquitto();
let pki: DevelopmentPki;
let second: DevelopmentPki;
/** A device that the devices' authority signed under an operator's name, which no tool of ours does. */
let namesake: { cert: string; key: string };
const closing: (() => Promise<unknown>)[] = [];

beforeAll(async () => {
  pki = await ensureDevelopmentPki(join(folder, "pki"), { mac: MACS[0] });
  second = await ensureDevelopmentPki(join(folder, "pki"), { mac: MACS[1] });
  const key = await createKey();
  const devices = await ensureAuthority(join(folder, "pki"), "devices");
  const certificate = await issueCertificate(devices, key, { commonName: "cloud", usage: "client" });
  namesake = { cert: formatPem("CERTIFICATE", certificate), key: formatPem("PRIVATE KEY", key) };
});

afterAll(async () => {
  for (const close of closing.reverse()) await close();
  rmSync(folder, { recursive: true, force: true });
});

interface Ports {
  readonly devicePort: number;
  readonly cloudPort: number;
}

const BROKERS: [string, boolean, (4 | 5)[], () => Promise<Ports>][] = [
  [
    "aedes",
    true,
    [4],
    async () => {
      const broker = await Broker.start({
        key: pki.broker.keyPem,
        certificateChain: pki.broker.certificatePem,
        deviceAuthority: pki.deviceAuthorityPem,
        operatorAuthority: pki.operatorAuthorityPem,
      });
      closing.push(() => broker.close());
      return { devicePort: broker.port!, cloudPort: broker.port! };
    },
  ],
  [
    "mosquitto",
    mosquitto !== undefined,
    LONG ? [4, 5] : [5],
    async () => {
      const broker = await startFleetMosquitto(mosquitto!, folder, pki);
      closing.push(() => broker.stop());
      return broker;
    },
  ],
];

for (const [name, there, versions, startBroker] of BROKERS) {
  describe.runIf(there)(`With ${name}`, () => {
    let ports: Ports;
    let cloud: MqttClient;
    const heard: string[] = [];

    beforeAll(async () => {
      ports = await startBroker();
      cloud = await mqtt.connectAsync(`mqtts://localhost:${ports.cloudPort}`, {
        ca: pki.authorityPem,
        cert: pki.cloud.certificatePem,
        key: pki.cloud.keyPem,
        clientId: "cloud-test",
      });
      closing.push(() => cloud.endAsync(true));
      cloud.on("message", (topic, payload) => heard.push(`${topic} ${payload}`));
      const granted = await cloud.subscribeAsync("aerolink/v1/#", { qos: 1 });
      expect(granted[0]!.qos).toBe(1);
    });

    const device = (
      which: DevelopmentPki,
      protocolVersion: 4 | 5,
      clientId?: string,
    ): Promise<MqttClient> => {
      const { deviceId, ...tls } = deviceCredentials(which.identity);
      return mqtt.connectAsync(`mqtts://localhost:${ports.devicePort}`, {
        ...tls,
        ca: pki.authorityPem,
        clientId: clientId ?? deviceId,
        protocolVersion,
        reconnectPeriod: 0,
      });
    };
    const settle = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 150));
    /** Publishes as device one; a broker that refuses may end the connection or say nothing. */
    const say = async (topic: string, protocolVersion: 4 | 5): Promise<boolean> => {
      const client = await device(pki, protocolVersion);
      client.on("error", () => {});
      const payload = `said ${Math.random()}`;
      client.publish(topic, payload, { qos: 1 });
      await settle();
      await client.endAsync(true);
      return heard.includes(`${topic} ${payload}`);
    };

    for (const version of versions) {
      test(`MQTT ${version}: a device is heard on its own topics`, async () => {
        for (const what of [
          "telemetry",
          "telemetry/zd1",
          "status",
          "state",
          "command/result",
          "config/reported",
        ])
          expect(await say(`aerolink/v1/${ONE}/${what}`, version), what).toBe(true);
      });

      test(`MQTT ${version}: a device is not heard anywhere else`, async () => {
        const topics = [
          `aerolink/v1/${TWO}/telemetry`,
          `aerolink/v1/${TWO}/command/result`,
          `aerolink/v1/${ONE}/command`,
          `aerolink/v1/${TWO}/command`,
          `aerolink/v1/${TWO}/config/desired`,
          `aerolink/v1/${ONE}/telemetry/more`,
          "aerolink/v1/telemetry",
        ];
        for (const topic of topics) expect(await say(topic, version), topic).toBe(false);
      });

      test(`MQTT ${version}: a device hears its own commands and nobody else's, whatever it subscribes to`, async () => {
        const client = await device(pki, version);
        client.on("error", () => {});
        const got: string[] = [];
        client.on("message", (topic) => got.push(topic));
        const filters = [
          `aerolink/v1/${ONE}/command`,
          `aerolink/v1/${TWO}/command`,
          "aerolink/v1/+/command",
          "aerolink/#",
          "#",
        ];
        for (const filter of filters) await client.subscribeAsync(filter, { qos: 1 }).catch(() => undefined);
        await cloud.publishAsync(`aerolink/v1/${TWO}/command`, "{}", { qos: 1 });
        await cloud.publishAsync(`aerolink/v1/${TWO}/config/desired`, "{}", { qos: 1 });
        await cloud.publishAsync(`aerolink/v1/${ONE}/command`, "{}", { qos: 1 });
        await settle();
        await client.endAsync(true);
        expect(new Set(got)).toEqual(new Set([`aerolink/v1/${ONE}/command`]));
      });

      test(`MQTT ${version}: a device that is named as an operator commands nobody, and hears nobody`, async () => {
        const victim = await device(second, version);
        await victim.subscribeAsync(`aerolink/v1/${TWO}/command`, { qos: 1 });
        const orders: string[] = [];
        victim.on("message", (_topic, payload) => orders.push(String(payload)));
        const got: string[] = [];
        // On the devices' listener, and on the operators' where it is another.
        for (const port of new Set([ports.devicePort, ports.cloudPort])) {
          const impostor = await mqtt
            .connectAsync(`mqtts://localhost:${port}`, {
              ...namesake,
              ca: pki.authorityPem,
              clientId: "cloud",
              protocolVersion: version,
              reconnectPeriod: 0,
              connectTimeout: 2_000,
            })
            .catch(() => undefined);
          if (!impostor) continue;
          impostor.on("error", () => {});
          impostor.on("message", (topic) => got.push(topic));
          await impostor.subscribeAsync("aerolink/v1/#", { qos: 1 }).catch(() => undefined);
          impostor.publish(`aerolink/v1/${TWO}/command`, "from an impostor", { qos: 1 });
          await settle();
          await victim.publishAsync(`aerolink/v1/${TWO}/telemetry`, "{}", { qos: 1 });
          await settle();
          await impostor.endAsync(true);
        }
        await cloud.publishAsync(`aerolink/v1/${TWO}/command`, "from an operator", { qos: 1 });
        await settle();
        await victim.endAsync(true);
        expect(orders).toEqual(["from an operator"]);
        expect(got).toEqual([]);
      });

      test(`MQTT ${version}: a device cannot take another's session by its client id`, async () => {
        const victim = await device(second, version);
        let lost = false;
        victim.on("close", () => {
          lost = true;
        });
        const thief = await device(pki, version, TWO).catch(() => undefined);
        await settle();
        expect(lost).toBe(false);
        await thief?.endAsync(true);
        await victim.endAsync(true);
      });
    }

    // Aedes knows no shared subscriptions for 3.1.1.
    const sharing = name === "mosquitto" ? versions : [];
    test.for(sharing)(
      "MQTT %i: readers of a shared subscription divide the stream",
      async (protocolVersion) => {
        const got: string[] = [];
        for (const reader of ["cloud-a", "cloud-b"]) {
          const client = await mqtt.connectAsync(`mqtts://localhost:${ports.cloudPort}`, {
            ca: pki.authorityPem,
            cert: pki.cloud.certificatePem,
            key: pki.cloud.keyPem,
            clientId: reader,
            protocolVersion,
          });
          closing.push(() => client.endAsync(true));
          client.on("message", () => got.push(reader));
          await client.subscribeAsync("$share/readers/aerolink/v1/+/telemetry", { qos: 1 });
        }
        const client = await device(pki, 4);
        for (let i = 0; i < 10; i++)
          await client.publishAsync(`aerolink/v1/${ONE}/telemetry`, `${i}`, { qos: 1 });
        await settle();
        await client.endAsync(true);
        expect(got).toHaveLength(10);
        expect(new Set(got).size).toBe(2);
        for (const close of closing.splice(-2)) await close();
      },
    );

    test("A client without a certificate does not get in", async () => {
      const attempt = mqtt.connectAsync(`mqtts://localhost:${ports.devicePort}`, {
        ca: pki.authorityPem,
        clientId: ONE,
        reconnectPeriod: 0,
        connectTimeout: 2_000,
      });
      await expect(attempt).rejects.toThrow();
    });

    test("The command line reaches the broker, and says when a device does not answer", async () => {
      const at = [
        "--broker",
        `mqtts://localhost:${ports.cloudPort}`,
        "--pki",
        join(folder, "pki"),
        "--wait",
        "1",
      ];
      expect(await main([...at, "send", "nobody", "ping"])).toBe(1);
      expect(await main([...at, "dance"])).toBe(2);
    });

    test("The library hears a device and the cloud's messages reach it", async () => {
      const library = await Cloud.connect({
        url: `mqtts://localhost:${ports.cloudPort}`,
        ca: pki.authorityPem,
        cert: pki.cloud.certificatePem,
        key: pki.cloud.keyPem,
      });
      closing.push(() => library.close());
      const client = await device(second, 4);
      await client.subscribeAsync(`aerolink/v1/${TWO}/command`, { qos: 1 });
      client.on("message", (_topic, payload) => {
        const { id } = JSON.parse(String(payload));
        client.publish(`aerolink/v1/${TWO}/command/result`, JSON.stringify({ id, ok: true, result: {} }));
      });
      expect(await library.command(TWO, "ping")).toMatchObject({ ok: true });
      await client.endAsync(true);
    });
  });
}

test(
  "The library tells when the broker is lost and when it is there again",
  async () => {
    const broker = await Broker.start({
      key: pki.broker.keyPem,
      certificateChain: pki.broker.certificatePem,
      deviceAuthority: pki.deviceAuthorityPem,
      operatorAuthority: pki.operatorAuthorityPem,
    });
    const library = await Cloud.connect({
      url: `mqtts://localhost:${broker.port}`,
      ca: pki.authorityPem,
      cert: pki.cloud.certificatePem,
      key: pki.cloud.keyPem,
    });
    const told: boolean[] = [];
    library.listen({ onConnection: (up) => told.push(up) });
    await broker.stop();
    await expect.poll(() => told, { timeout: limit(10_000) }).toEqual([false]);
    await broker.start();
    await expect.poll(() => told, { timeout: limit(10_000) }).toEqual([false, true]);
    await library.close();
    await broker.close();
  },
  limit(30_000),
);

test("A broker's port that is taken gives way to any other", async () => {
  const credentials = {
    key: pki.broker.keyPem,
    certificateChain: pki.broker.certificatePem,
    deviceAuthority: pki.deviceAuthorityPem,
    operatorAuthority: pki.operatorAuthorityPem,
  };
  const first = await Broker.start(credentials);
  const second = await Broker.start(credentials, first.port);
  expect(second.port).toBeGreaterThan(0);
  expect(second.port).not.toBe(first.port);
  await second.close();
  await first.close();
});

test("The rule in words: a device's own topics, the operators' commands, and no wildcard for a device", () => {
  const one = { role: "device", name: ONE } as const;
  const cloud = { role: "operator", name: "cloud" } as const;
  expect(mayPublish(one, `homeassistant/sensor/${ONE}/co2/config`)).toBe(true);
  expect(mayPublish(one, `homeassistant/sensor/${TWO}/co2/config`)).toBe(false);
  expect(mayPublish({ role: "device", name: "a.b" }, "homeassistant/sensor/a_b/co2/config")).toBe(false);
  expect(mayPublish(cloud, `aerolink/v1/${ONE}/command`)).toBe(true);
  expect(mayPublish(cloud, `aerolink/v1/${ONE}/telemetry`)).toBe(false);
  expect(mayPublish({ role: "device", name: "" }, "aerolink/v1//telemetry")).toBe(false);
  expect(maySubscribe(one, `aerolink/v1/${ONE}/#`)).toBe(false);
  expect(maySubscribe(one, `$share/a/aerolink/v1/${TWO}/command`)).toBe(false);
  expect(maySubscribe(cloud, "$share/readers/aerolink/v1/+/telemetry")).toBe(true);
  expect(maySubscribe(cloud, "#")).toBe(false);
});
