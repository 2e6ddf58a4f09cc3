// publish, rollout and status through a real broker, as operator and device, each with its own certificate.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import mqtt, { type MqttClient } from "mqtt";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Identity, parseIdentity } from "../../../modules/identity/identity";
import { Broker } from "../../../sim/world/broker";
import { ensureDevelopmentPki } from "../../../tools/pki/development";
import { formatPem } from "../../../tools/pki/pem";
import { main } from "../../../tools/release/cli";
import { formatPoint, pointOfPkcs8 } from "../../../tools/release/keys";
import { createManifest, signManifest } from "../../../tools/release/manifest";
import { limit } from "../../support/limit";
import { simulatorImageOf, updateState } from "./support";

const dir = mkdtempSync(join(tmpdir(), "aerolink-fleet-"));
const file = (name: string): string => join(dir, name);
let broker: Broker;
let device: MqttClient;
let id: string;
const offers: string[] = [];
let out: string;

beforeAll(async () => {
  const pki = await ensureDevelopmentPki(file("pki"), { mac: "02:00:5e:10:20:30" });
  const identity = parseIdentity(pki.identity) as Identity;
  id = identity.deviceId;
  broker = await Broker.start({
    key: pki.broker.keyPem,
    certificateChain: pki.broker.certificatePem,
    deviceAuthority: pki.deviceAuthorityPem,
    operatorAuthority: pki.operatorAuthorityPem,
  });
  device = await mqtt.connectAsync(`mqtts://127.0.0.1:${broker.port}`, {
    clientId: id,
    ca: pki.authorityPem,
    cert: formatPem("CERTIFICATE", identity.certificateChain[0]!),
    key: formatPem("PRIVATE KEY", identity.privateKey),
  });
  await device.subscribeAsync(`aerolink/v1/${id}/update/offer`, { qos: 1 });
  device.on("message", (_topic, payload) => offers.push(payload.toString()));
  const image = simulatorImageOf(12);
  const now = Math.floor(Date.now() / 1000);
  const facts = { image, release: 12, version: "0.9.0", boards: ["simulator"], from: 1, floor: 1 };
  const formats = { journal: 1, settings: 1, credentials: 1 };
  writeFileSync(file("image"), image);
  writeFileSync(
    file("offer"),
    signManifest(createManifest({ ...facts, formats, iat: now, expires: now + 1_000 }), pki.updateKey),
  );
  const updateKeys = [formatPoint(pointOfPkcs8(pki.updateKey))];
  writeFileSync(file("manifest.json"), JSON.stringify({ config: { updateKeys } }));
  mkdirSync(file("images"));
}, limit(20_000));

afterAll(async () => {
  await device?.endAsync(true);
  await broker?.close();
  rmSync(dir, { recursive: true });
});

async function says(state: Parameters<typeof updateState>[0]): Promise<void> {
  const say = (topic: string, body: object) =>
    device.publishAsync(`aerolink/v1/${id}/${topic}`, JSON.stringify(body), { qos: 1, retain: true });
  await say("status", { v: 1, online: true, board: "simulated board" });
  await say("update/state", updateState(state));
}

async function run(action: string, ...args: string[]): Promise<number> {
  out = "";
  const take = (text: string): void => {
    out += `${text}\n`;
  };
  const at = ["--broker", `mqtts://127.0.0.1:${broker.port}`, "--pki", file("pki")];
  return main([action, ...at, ...args], { print: take, warn: take });
}

const release = () => [
  ...["--image", file("image"), "--offer", file("offer"), "--folder", file("images")],
  ...["--manifest", file("manifest.json")],
];

test(
  "status has what the device said, publish brings it the offer, withdraw takes it back",
  async () => {
    await says({});
    expect(await run("status"), out).toBe(0);
    expect(out).toContain(`${id}  1 (0.1.0)  –`);
    expect(await run("publish", ...release(), "--device", id), out).toBe(0);
    expect(out).toContain("Offered    release 12 to 1 of 1 devices");
    await expect.poll(() => offers.at(-1)).toBe(readFileSync(file("offer"), "utf8"));
    expect(await run("publish", ...release(), "--device", "aerolink-other"), out).toBe(1);
    expect(out).toContain("the broker knows nothing of it");
    expect(await run("publish", "--withdraw", "--all"), out).toBe(0);
    await expect.poll(() => offers.at(-1)).toBe("");
  },
  limit(20_000),
);

test(
  "A rollout of one goes through its stage and is done when the device has confirmed",
  async () => {
    const rollout = () => run("rollout", ...release(), "--all", "--once", "--file", file("rollout.json"));
    expect(await rollout(), out).toBe(0);
    expect(out).toContain("stage 1 of 3: 1 of 1 devices have the offer");
    await expect.poll(() => offers.at(-1)).toBe(readFileSync(file("offer"), "utf8"));
    await says({ state: "confirmed", running: 12, release: 12, confirmed: 12 });
    expect(await rollout(), out).toBe(0);
    expect(out).toContain("1 confirmed");
    await says({ state: "rolled-back", release: 12, reason: "crashed" });
    expect(await rollout(), out).toBe(1);
    expect(out).toContain("STOPPED: 1 of 1 devices of all have failed");
  },
  limit(20_000),
);

test(
  "A broker that is not there, and a certificate that is none, are told in a line",
  async () => {
    const take = (text: string): void => {
      out = text;
    };
    const nobody = { print: take, warn: take };
    const away = ["status", "--broker", "mqtts://127.0.0.1:1", "--pki", file("pki"), "--wait", "1"];
    expect(await main(away, nobody)).toBe(1);
    expect(out).toContain("was not reached");
    expect(await main(["status", "--pki", file("nowhere")], nobody)).toBe(1);
    expect(out).toContain("cannot be read (ENOENT)");
  },
  limit(20_000),
);
