// Home Assistant's rule as docs/fleet/ has it, tried at mosquitto itself.
import { type ChildProcess, execFileSync, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import mqtt, { type MqttClient } from "mqtt";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { limit } from "../support/limit";
import { freePort } from "../support/mosquitto";
import { findTool } from "../support/tools";

const mosquitto = findTool("mosquitto");
const hasPasswords = spawnSync("mosquitto_passwd", ["--help"]).error === undefined;
const DEVICE = "aerolink-02005e102030";

describe.skipIf(!mosquitto || !hasPasswords)("mosquitto with the rule of docs/fleet", () => {
  const folder = mkdtempSync(join(tmpdir(), "aerolink-home-assistant-"));
  const clients: MqttClient[] = [];
  let broker: ChildProcess;
  let home: MqttClient;
  let all: MqttClient;

  beforeAll(async () => {
    const [homePort, otherPort] = [await freePort(), await freePort()];
    const acl = join(folder, "home-assistant.acl");
    copyFileSync(new URL("../../docs/fleet/mosquitto-home-assistant.acl", import.meta.url), acl);
    const passwords = join(folder, "passwords");
    execFileSync("mosquitto_passwd", ["-c", "-b", passwords, "homeassistant", "of a test"]);
    const lines = [
      "per_listener_settings true",
      ...[
        `listener ${homePort} 127.0.0.1`,
        "allow_anonymous false",
        `password_file ${passwords}`,
        `acl_file ${acl}`,
      ],
      ...[`listener ${otherPort} 127.0.0.1`, "allow_anonymous true"],
      ...(process.getuid?.() === 0 ? ["user root"] : []),
    ];
    const conf = join(folder, "mosquitto.conf");
    writeFileSync(conf, `${lines.join("\n")}\n`);
    broker = spawn(mosquitto!, ["-c", conf], { stdio: ["ignore", "ignore", "pipe"] });
    let said = "";
    while (!said.includes("running")) said += String((await once(broker.stderr!, "data"))[0]);
    const login = { username: "homeassistant", password: "of a test" };
    home = await mqtt.connectAsync(`mqtt://127.0.0.1:${homePort}`, login);
    all = await mqtt.connectAsync(`mqtt://127.0.0.1:${otherPort}`);
    clients.push(home, all);
  }, limit(20_000));
  afterAll(async () => {
    for (const client of clients) await client.endAsync(true);
    if (broker) {
      broker.kill();
      await once(broker, "exit");
    }
    rmSync(folder, { recursive: true });
  });

  /** What `to` hears of `topics`, published by `from`; a last message that everybody may hear ends it. */
  async function heard(from: MqttClient, to: MqttClient, topics: readonly string[]): Promise<string[]> {
    const got: string[] = [];
    const last = "homeassistant/status";
    const done = new Promise<void>((resolve) => {
      to.on("message", (topic) => (topic === last ? resolve() : got.push(topic)));
    });
    await to.subscribeAsync("#", { qos: 1 });
    for (const topic of [...topics, last]) await from.publishAsync(topic, "x", { qos: 1 });
    await done;
    to.removeAllListeners("message");
    return got;
  }

  test("Home Assistant hears states and announcements, and can command nobody", async () => {
    const base = `aerolink/v1/${DEVICE}`;
    const announced = `homeassistant/sensor/${DEVICE}/co2/config`;
    const says = ["telemetry", "state", "status", "command/result", "config/reported", "identity/request"];
    const of = says.map((what) => `${base}/${what}`);
    expect(await heard(all, home, [announced, ...of])).toEqual([
      announced,
      `${base}/state`,
      `${base}/status`,
    ]);
    const asks = ["command", "config/desired", "update/offer", "identity/renew", "identity/trust", "status"];
    expect(await heard(home, all, [...asks.map((what) => `${base}/${what}`), announced])).toEqual([]);
  });
});
