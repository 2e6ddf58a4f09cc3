// The world around the firmware on XS: a broker with mutual TLS, and a cloud that decodes what arrives.
import { spawn } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import mqtt from "mqtt";
import { Broker } from "../../../sim/world/broker";
import { type DecodedReading, decodeTelemetry } from "../../../tools/cloud/decode-telemetry";
import { ensureDevelopmentPki } from "../../../tools/pki/development";

const MAC = "02:00:5e:10:20:30";
/** The desktop has no time server on port 123: the firmware gives up on one after 12 s and goes on with an estimate. */
const LIMIT_MS = 60_000;

export async function runFirmwareOnXs(options: {
  host: string;
  app: string;
  folder: string;
  print(line: string): void;
}): Promise<number> {
  const { folder, print } = options;
  const pki = await ensureDevelopmentPki(join(folder, "pki"), { mac: MAC });
  const broker = await Broker.start({
    key: pki.broker.keyPem,
    certificateChain: pki.broker.certificatePem,
    certificateAuthority: pki.authorityPem,
  });
  const storage = join(folder, "aerolink");
  mkdirSync(storage);
  writeFileSync(join(storage, "identity.flash"), pki.identity);
  writeFileSync(
    join(storage, "nvs-aerolink.json"),
    JSON.stringify({
      networks: JSON.stringify([{ ssid: "Home", password: "correct horse" }]),
      brokerHost: "127.0.0.1",
      brokerPort: String(broker.port),
      sntpServers: "127.0.0.1",
      sampling: "1",
      perBatch: "3",
    }),
  );
  const readings: DecodedReading[] = [];
  const cloud = mqtt.connect(`mqtts://127.0.0.1:${broker.port}`, {
    ca: pki.authorityPem,
    key: pki.cloud.keyPem,
    cert: pki.cloud.certificatePem,
    clientId: "cloud",
  });
  cloud.on("connect", () => cloud.subscribe("aerolink/v1/+/telemetry", { qos: 1 }));
  cloud.on("message", (_topic, payload) => readings.push(...decodeTelemetry(new Uint8Array(payload))));

  const lines: string[] = [];
  const leds: string[] = [];
  const firmware = spawn(options.host, [options.app], { cwd: folder, stdio: ["pipe", "pipe", "inherit"] });
  let ended: number | null | undefined;
  firmware.once("exit", (code) => {
    ended = code;
  });
  firmware.stdout.on("data", (text) => {
    for (const line of String(text).split("\n").filter(Boolean)) {
      const led = /^\{"led":\[(\d+),(\d+),(\d+)\]\}$/.exec(line);
      if (led) leds.push(`${led[1]} ${led[2]} ${led[3]}`);
      else lines.push(line);
    }
  });

  const end = Date.now() + LIMIT_MS;
  const enough = (): boolean => readings.length >= 6;
  while (!enough() && ended === undefined && Date.now() < end)
    await new Promise((done) => setTimeout(done, 100));
  const stillRuns = ended === undefined;
  firmware.kill("SIGKILL");
  await cloud.endAsync(true);
  await broker.close();

  const seqs = readings.map(({ seq }) => seq).sort((a, b) => a - b);
  const blueAtLast = /^0 0 \d+$|^\d{1,2} \d{1,3} \d{3}$/.test(leds.at(-1) ?? "");
  const checks: [string, boolean][] = [
    ["The firmware on XS runs on", stillRuns],
    ["It reaches the broker over mutual TLS and its readings arrive decoded", enough()],
    ["No reading is missing", seqs.length > 0 && seqs.every((seq, i) => seq === i + 1)],
    ["The light pulsed on the way and is blue at the end", leds.length > 50 && blueAtLast],
  ];
  for (const [i, [name, ok]] of checks.entries()) print(`${ok ? "ok" : "not ok"} ${i + 1} - ${name}`);
  const failed = checks.filter(([, ok]) => !ok).length;
  if (failed) print(`# ${readings.length} readings ${seqs}, light ${leds.at(-1)}\n${lines.join("\n")}`);
  print(`${checks.length - failed} passed, ${failed} failed`);
  return failed ? 1 : 0;
}
