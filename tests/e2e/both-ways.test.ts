// Commands and configuration over real sockets and TLS: the unchanged firmware in a worker, aedes and mosquitto (as
// docs/fleet has it), and the cloud's side from tools/cloud.
import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { build } from "esbuild";
import mqtt from "mqtt";
import { afterAll, describe, expect, test } from "vitest";
import { COMMANDS } from "../../modules/commands/command-table";
import { SIMULATED_MAC } from "../../sim/simulator/simulator";
import { CLOUD_HOST } from "../../sim/world/names";
import { ROOT } from "../../tools/base/run-ts.mjs";
import { Cloud } from "../../tools/cloud/cloud";
import type { CommandResult, ReportedConfiguration } from "../../tools/cloud/protocol";
import { ensureDevelopmentPki } from "../../tools/pki/development";
import { limit } from "../support/limit";
import { startFleetMosquitto } from "../support/mosquitto";
import { closeAll, type Running, seen, start, until } from "../support/running-simulator";
import { faultsOf } from "../support/schemas";
import { findMosquitto } from "../support/tools";
import { LONG } from "../support/volume";

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
  readonly port: number;
}

/** Settings of the cloud's, each out of its range or form, with what is said of it. */
const BAD: Record<string, [unknown, string]> = {
  brokerHost: ["http://x", "malformed"],
  brokerPort: [65_536, "out-of-range"],
  mqttVersion: [3, "out-of-range"],
  brokerAlpn: ["two words", "malformed"],
  brokerUser: ["a\nb", "malformed"],
  brokerPassword: [7, "wrong-type"],
  topicPrefix: ["aerolink/#", "malformed"],
  clientId: ["", "malformed"],
  keepAliveSeconds: [9, "out-of-range"],
  homeAssistant: ["yes", "wrong-type"],
  sntpServers: [[], "out-of-range"],
  samplingSeconds: [3_601, "out-of-range"],
  readingsPerBatch: [0, "out-of-range"],
  publishSeconds: [86_401, "out-of-range"],
  compression: ["gzip", "out-of-range"],
  temperatureOffset: [0.5, "wrong-type"],
  humidityOffset: [-2_001, "out-of-range"],
  co2Offset: [501, "out-of-range"],
  altitude: [-1, "out-of-range"],
  co2SelfCalibration: ["on", "wrong-type"],
  pmCorrection: ["epa", "out-of-range"],
  ledBrightness: [101, "out-of-range"],
  logLevel: ["loud", "out-of-range"],
  updates: ["never", "out-of-range"],
  updateHost: ["http://x", "malformed"],
};

async function open(name: "aedes" | "mosquitto", mqttVersion: 4 | 5): Promise<Site> {
  const folder = mkdtempSync(join(tmpdir(), "aerolink-both-ways-"));
  closing.push(async () => rmSync(folder, { recursive: true, force: true }));
  const pki = await ensureDevelopmentPki(join(folder, "pki"), { mac: SIMULATED_MAC });
  const settings = { mqttVersion, samplingSeconds: 2, readingsPerBatch: 1 };
  const { authorityPem: ca, cloud } = pki;
  const credentials = { ca, cert: cloud.certificatePem, key: cloud.keyPem };
  let each: Running;
  let port: number;
  let device = 8_883;
  if (name === "aedes") {
    each = await start({ folder, settings });
    port = each.simulator.broker!.port!;
  } else {
    const broker = await startFleetMosquitto(mosquitto!, folder, pki);
    closing.push(() => broker.stop());
    port = broker.cloudPort;
    device = broker.devicePort;
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
  return {
    each,
    cloud: library,
    connection,
    host: name === "aedes" ? CLOUD_HOST : "localhost",
    port: device,
  };
}

const CASES: ["aedes" | "mosquitto", 4 | 5][] = [
  ["aedes", 4],
  ["mosquitto", 4],
  ["mosquitto", 5],
];

/** In the short run 3.1.1 is aedes's; 5 at mosquitto, readings alone, is mosquitto.test.ts's. */
const here = CASES.filter(([name]) => name === "aedes" || (mosquitto && LONG));
for (const [name, version] of here) {
  describe.concurrent(`With ${name}, MQTT ${version === 5 ? "5" : "3.1.1"}`, () => {
    test.concurrent(
      "every command, good and bad, has its result",
      async () => {
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
        for (const command of Object.keys(COMMANDS))
          expect(await ask(command, { nonsense: 1 }), command).toMatchObject({ error: "bad-args" });
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
        expect(await ask("forget-network", { ssid: "Home" })).toMatchObject({ error: "in-use" });
        const ids = all.filter(({ id }) => id !== null).map(({ id }) => id);
        expect(new Set(ids).size).toBe(ids.length);
        await each.close();
      },
      limit(180_000),
    );

    test.concurrent(
      "every setting, good and bad, is reported on, and a power cut keeps what was applied",
      async () => {
        const { each, cloud, host, port } = await open(name, version);
        const { deviceId, world } = each.simulator;
        const desire = async (settings: Record<string, unknown>, number: number) => {
          const reported = await cloud.desire(deviceId, settings, { version: number, timeoutMs: 30_000 });
          expect(faultsOf("config-reported", reported)).toBe("");
          return reported;
        };
        await seen(each, "solid blue");
        const good = {
          brokerHost: host,
          brokerPort: port,
          mqttVersion: version,
          brokerAlpn: "",
          brokerUser: "",
          topicPrefix: "aerolink/v1/{id}",
          clientId: "{id}",
          keepAliveSeconds: 30,
          homeAssistant: false,
          sntpServers: ["0.pool.ntp.org"],
          samplingSeconds: 1,
          readingsPerBatch: 2,
          publishSeconds: 60,
          compression: "zlib",
          temperatureOffset: -150,
          humidityOffset: 200,
          co2Offset: 10,
          altitude: 520,
          co2SelfCalibration: false,
          pmCorrection: "epa-2021",
          ledBrightness: 50,
          logLevel: "debug",
          updates: "manual",
          updateHost: "updates.example.com",
        };
        expect(await desire(good, 1)).toMatchObject({ version: 1, state: "applied", settings: good });
        expect(Object.keys(BAD).sort()).toEqual([...Object.keys(good), "brokerPassword"].sort());
        const refused = await desire(Object.fromEntries(Object.keys(BAD).map((key) => [key, {}])), 2);
        expect(refused).toMatchObject({ version: 2, state: "refused", settings: good });
        expect(refused.errors).toEqual(
          Object.fromEntries(Object.keys(BAD).map((key) => [key, "wrong-type"])),
        );
        const bad = Object.fromEntries(Object.entries(BAD).map(([key, [value]]) => [key, value]));
        expect(await desire(bad, 4)).toMatchObject({
          state: "refused",
          errors: Object.fromEntries(Object.entries(BAD).map(([key, [, error]]) => [key, error])),
          settings: good,
        });
        expect(await desire({ colour: 1, bootCount: 1 }, 3)).toMatchObject({
          errors: { colour: "unknown-key", bootCount: "not-allowed" },
        });
        await world.powerOff();
        const mark = each.log.length;
        world.powerOn();
        const { settings } = await cloud.reported(deviceId);
        expect(settings).toMatchObject(good);
        await seen(each, "solid blue");
        // What is retained is refused once more, and no longer stands then.
        const isRefused = (line: string): boolean => line.includes("configuration 3: refused");
        await until("the refusal", () => each.log.slice(mark).some(isRefused), each, 30_000);

        // The same broker under a name that is written otherwise: tried over TLS, and then the device's.
        const brokerHost = host.toUpperCase();
        let last: ReportedConfiguration | undefined;
        cloud.listen({
          onReported: (_device, reported) => {
            last = reported;
          },
        });
        expect(await desire({ brokerHost }, 5)).toMatchObject({ state: "trying-broker" });
        await until("the new broker", () => last?.state === "applied" && last.version === 5, each, 30_000);
        expect(last!.settings).toMatchObject({ ...good, brokerHost });
        expect(each.log.join("\n")).toContain(`connecting to ${brokerHost}:${port}`);
        await each.close();
      },
      limit(120_000),
    );
  });
}

test.runIf(LONG).concurrent(
  "A power cut right after a command: its effect is had once at most, and its result comes",
  async () => {
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
  },
  limit(120_000),
);

test.runIf(LONG).concurrent(
  "A message of 1 MB and a thousand commands a second: it answers, its readings go on, its connection holds",
  async () => {
    const { each, cloud, connection } = await open("aedes", 4);
    const { deviceId } = each.simulator;
    const results: CommandResult[] = [];
    cloud.listen({ onResult: (_device, result) => results.push(result) });
    await seen(each, "solid blue");
    const raw = await mqtt.connectAsync(connection.url, { ...connection, clientId: "cloud-raw" });
    const topic = `aerolink/v1/${deviceId}/command`;
    for (const name of ["command", "config/desired"]) {
      results.length = 0;
      await raw.publishAsync(`aerolink/v1/${deviceId}/${name}`, Buffer.alloc(1_048_576, "["), { qos: 1 });
      await until(
        `too-long on ${name}`,
        () => results.some(({ error }) => error === "too-long"),
        each,
        20_000,
      );
    }
    results.length = 0;
    const before = each.readings.length;
    const FLOOD = LONG ? 10_000 : 2_000;
    for (let sent = 0; sent < FLOOD; ) {
      for (let i = 0; i < 50; i++, sent++) {
        const name = ["ping", "identify", "dance", "get-diagnostics"][sent % 4];
        raw.publish(topic, JSON.stringify({ id: `f${sent}`, name }), { qos: sent % 2 ? 1 : 0 });
      }
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    await until("a reading after the flood", () => each.readings.length >= before + 3, each, 30_000);
    let commands = { run: 0, refused: 0, dropped: 0 };
    await expect
      .poll(
        async () => {
          const { result } = await cloud.command(deviceId, "get-diagnostics", undefined, {
            timeoutMs: 30_000,
          });
          // Without a result it is busy still.
          if (result) commands = result.commands as typeof commands;
          return commands.run + commands.refused;
        },
        { timeout: limit(60_000), interval: 500 },
      )
      .toBeGreaterThanOrEqual(FLOOD);
    // One answer an id, but for what was too much: that is said, or counted.
    const answered = new Set(results.map(({ id }) => id));
    expect(results.filter(({ id }) => id !== null)).toHaveLength(answered.size);
    expect(answered.size + commands.dropped).toBeGreaterThanOrEqual(FLOOD);
    expect(each.log.filter((line) => line.includes("mqtt: connected"))).toHaveLength(1);
    await seen(each, "solid blue");
    console.log(
      `of ${FLOOD} commands ${commands.run} were run, ${commands.refused} refused, ${commands.dropped} of them in silence`,
    );
    await raw.endAsync(true);
    await each.close();
  },
  limit(180_000),
);

test.concurrent(
  "The program in docs/protocol.md commands and configures a device",
  async () => {
    const { each, connection } = await open("aedes", 4);
    const page = readFileSync(new URL("../../docs/protocol.md", import.meta.url), "utf8");
    const program = /```ts\n(.*?)```/s.exec(page)![1]!;
    const folder = mkdtempSync(join(tmpdir(), "aerolink-program-"));
    closing.push(async () => rmSync(folder, { recursive: true, force: true }));
    mkdirSync(join(folder, "operators"));
    for (const [name, pem] of [
      ["broker-ca.cert", connection.ca],
      ["operators/cloud.cert", connection.cert],
      ["operators/cloud.key", connection.key],
    ] as const)
      writeFileSync(join(folder, `${name}.pem`), pem);
    const contents = program
      .replace("mqtts://localhost:8883", connection.url)
      .replace(".aerolink/pki", folder.replaceAll("\\", "/"))
      .replace("console.log(device, readings)", "{}");
    // Below the repository, since npm's packages stay outside of the bundle.
    const outfile = join(ROOT, "build", "tools", `protocol-${process.pid}.mjs`);
    closing.push(async () => rmSync(outfile, { force: true }));
    const bundle = { bundle: true, packages: "external", platform: "node", format: "esm" } as const;
    await build({ stdin: { contents, resolveDir: ROOT, loader: "ts" }, outfile, ...bundle });
    await seen(each, "solid blue");
    const { stdout } = await promisify(execFile)(process.execPath, [outfile], { timeout: limit(60_000) });
    expect(stdout).toBe("true applied\n");
    await each.close();
  },
  limit(120_000),
);
