import { type ChildProcess, spawn } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import type { DevelopmentPki } from "../../tools/pki/development";

export interface RunningMosquitto {
  readonly devicePort: number;
  readonly cloudPort: number;
  /** Of the listener for the rescue door. */
  readonly rescuePort: number;
  /** Its process number. */
  readonly pid: number;
  stop(): Promise<void>;
}

/** Mosquitto as docs/fleet/ has it, with paths and ports of this machine. */
export async function startFleetMosquitto(
  program: string,
  folder: string,
  pki: Pick<DevelopmentPki, "deviceAuthorityPem" | "operatorAuthorityPem" | "broker">,
  /** Path of a revocation list, where it is to have one. */
  crl?: string,
): Promise<RunningMosquitto> {
  const [devicePort, cloudPort] = [await freePort(), await freePort()];
  const fleet = (name: string): string =>
    readFileSync(new URL(`../../docs/fleet/${name}`, import.meta.url), "utf8");
  const file = (name: string, text: string): string => {
    const path = join(folder, name);
    writeFileSync(path, text, { mode: 0o600 });
    return path;
  };
  const rescuePort = await freePort();
  const replacements: [string, string][] = [
    ["/etc/mosquitto/devices.acl", file("devices.acl", fleet("mosquitto-devices.acl"))],
    ["/etc/mosquitto/operators.acl", file("operators.acl", fleet("mosquitto-operators.acl"))],
    ["/etc/mosquitto/devices-ca.pem", file("devices-ca.pem", pki.deviceAuthorityPem)],
    ["/etc/mosquitto/operators-ca.pem", file("operators-ca.pem", pki.operatorAuthorityPem)],
    ["/etc/mosquitto/broker.pem", file("broker.pem", pki.broker.certificatePem)],
    ["/etc/mosquitto/broker.key", file("broker.key", pki.broker.keyPem)],
    ["/var/lib/mosquitto/", `${folder}/`],
    ["listener 8883", `listener ${devicePort} 127.0.0.1`],
    ["listener 8884", `listener ${cloudPort} 127.0.0.1`],
  ];
  replacements.push(["#listener 1883 127.0.0.1", `listener ${rescuePort} 127.0.0.1`]);
  for (const line of ["allow_anonymous true", "acl_file /etc/mosquitto/devices.acl"])
    replacements.unshift([`#${line}`, line]);
  if (crl !== undefined) replacements.push(["#crlfile /etc/mosquitto/crl.pem", `crlfile ${crl}`]);
  let conf = fleet("mosquitto.conf");
  for (const [from, to] of replacements) conf = conf.replaceAll(from, to);
  if (process.getuid?.() === 0) conf += "\nuser root\n";
  const broker = spawn(program, ["-c", file("mosquitto.conf", conf)], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  await running(broker);
  return {
    devicePort,
    cloudPort,
    rescuePort,
    pid: broker.pid!,
    stop: async () => {
      const ended = new Promise((resolve) => broker.once("exit", resolve));
      broker.kill();
      await ended;
    },
  };
}

async function running(broker: ChildProcess): Promise<void> {
  let said = "";
  await new Promise<void>((resolve, reject) => {
    broker.stderr!.on("data", (text) => {
      said += String(text);
      if (said.includes("running")) resolve();
    });
    broker.once("exit", () => reject(new Error(`mosquitto ended: ${said}`)));
  });
}

export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}
