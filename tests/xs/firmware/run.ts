// The world around the firmware on XS: a phone that sets it up, a broker with mutual TLS, and a cloud that decodes what
// arrives.
import { spawn } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import mqtt from "mqtt";
import { type DecodedReading, decodeTelemetry } from "../../../cloud/payload/decode-telemetry";
import { Broker } from "../../../sim/world/broker";
import { Cloud, CloudTimeout } from "../../../tools/cloud/cloud";
import { topicOf } from "../../../tools/cloud/protocol";
import { deviceIdOf } from "../../../tools/identity/naming";
import { type DevelopmentPki, ensureDevelopmentPki } from "../../../tools/pki/development";

const MAC = "02:00:5e:10:20:30";
/** The simulated board's portal (sim/moddable/desktop-board.ts). */
const PORTAL = "http://127.0.0.1:8080";
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
    deviceAuthority: pki.deviceAuthorityPem,
    operatorAuthority: pki.operatorAuthorityPem,
  });
  const storage = join(folder, "aerolink");
  mkdirSync(storage);
  writeFileSync(join(storage, "identity.flash"), pki.identity);
  writeFileSync(
    join(storage, "nvs-aerolink.json"),
    JSON.stringify({
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
  for (let waited = false; await ask("/"); waited = true) {
    if (!waited) print(`# waiting: somebody else has ${PORTAL}`);
    await pause();
  }
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
  const phone = setUp(() => ended === undefined && Date.now() < end);
  const enough = (): boolean => readings.length >= 6;
  const blueAtLast = (): boolean => /^0 0 \d+$|^\d{1,2} \d{1,3} \d{3}$/.test(leds.at(-1) ?? "");
  while (!(enough() && blueAtLast()) && ended === undefined && Date.now() < end) await pause();
  const pages = await phone;
  const flood = enough() && (await floodOf(pki, broker.port!, () => readings.length));
  const stillRuns = ended === undefined;
  firmware.kill("SIGKILL");
  await cloud.endAsync(true);
  await broker.close();

  const seqs = readings.map(({ seq }) => seq).sort((a, b) => a - b);
  const checks: [string, boolean][] = [
    ["The firmware on XS runs on", stillRuns],
    [
      "Its setup page is there, refuses a short password, joins by a good one, and sees it online",
      pages === "",
    ],
    ["It reaches the broker over mutual TLS and its readings arrive decoded", enough()],
    ["A thousand commands in a second are answered, and readings go on", flood],
    ["No reading is missing", seqs.length > 0 && seqs.every((seq, i) => seq === i + 1)],
    ["The light pulsed on the way and is blue at the end", leds.length > 50 && blueAtLast()],
  ];
  for (const [i, [name, ok]] of checks.entries()) print(`${ok ? "ok" : "not ok"} ${i + 1} - ${name}`);
  const failed = checks.filter(([, ok]) => !ok).length;
  if (failed)
    print(`# ${pages}\n# ${readings.length} readings ${seqs}, light ${leds.at(-1)}\n${lines.join("\n")}`);
  print(`${checks.length - failed} passed, ${failed} failed`);
  return failed ? 1 : 0;
}

const pause = (): Promise<void> => new Promise((done) => setTimeout(done, 100));

/** What the portal answers; `undefined` when nobody does. */
const ask = (path: string, fields?: Record<string, string>): Promise<Response | undefined> =>
  fetch(`${PORTAL}${path}`, {
    redirect: "manual",
    ...(fields && { method: "POST", body: new URLSearchParams(fields) }),
  }).catch(() => undefined);

/** Puts the device on its network as a phone does; says what went wrong, or nothing. */
async function setUp(goesOn: () => boolean): Promise<string> {
  const answered = async (path: string, wanted: string): Promise<boolean> => {
    while (goesOn()) {
      const answer = await ask(path);
      if ((await answer?.text().catch(() => ""))?.includes(wanted)) return true;
      await pause();
    }
    return false;
  };
  if (!(await answered("/", 'value="486f6d65.wpa2"'))) return "no page with the network on it";
  const short = await ask("/join", { net: "486f6d65.wpa2", password: "short" });
  if (!(await short?.text())?.includes("at least 8")) return "a short password was not refused";
  const answer = await ask("/join", { net: "486f6d65.wpa2", password: "correct horse" });
  const attempt = answer?.headers.get("location") ?? "";
  if (!attempt.startsWith("/status?attempt=")) return `no attempt: ${answer?.status} ${attempt}`;
  return (await answered(attempt, "All done")) ? "" : "the page does not say that all is done";
}

/** Whether all of a thousand commands were run or refused, and the device then takes readings as before. */
async function floodOf(pki: DevelopmentPki, port: number, readings: () => number): Promise<boolean> {
  const { certificatePem: cert, keyPem: key } = pki.cloud;
  const connection = { url: `mqtts://127.0.0.1:${port}`, ca: pki.authorityPem, cert, key };
  const cloud = await Cloud.connect(connection);
  const raw = await mqtt.connectAsync(connection.url, { ...connection, clientId: "cloud-flood" });
  const device = deviceIdOf(MAC);
  try {
    for (let sent = 0; sent < 1_000; ) {
      for (let i = 0; i < 100; i++, sent++) {
        const name = ["ping", "forget-network", "dance", "get-diagnostics"][sent % 4];
        raw.publish(topicOf(device, "command"), JSON.stringify({ id: `f${sent}`, name }), { qos: 1 });
      }
      await new Promise((done) => setTimeout(done, 100));
    }
    for (let tries = 0; tries < 10; tries++) {
      await new Promise((done) => setTimeout(done, 500));
      const { result } = await cloud.command(device, "get-diagnostics", undefined, { timeoutMs: 20_000 });
      // Without a result it is busy still.
      const commands = result?.commands as { run: number; refused: number } | undefined;
      if (!commands || commands.run + commands.refused < 1_000) continue;
      const before = readings();
      await new Promise((done) => setTimeout(done, 5_000));
      return readings() >= before + 3;
    }
    return false;
  } catch (error) {
    if (error instanceof CloudTimeout) return false;
    throw error;
  } finally {
    await cloud.close();
    await raw.endAsync(true);
  }
}
