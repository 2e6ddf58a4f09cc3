// npm run authority at Debian's mosquitto, as docs/identity.md has it run, with devices in Node.
import { X509Certificate } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parseIdentity } from "../../../modules/identity/identity";
import { main } from "../../../tools/authority/cli";
import { main as identity } from "../../../tools/identity/cli";
import { devicePaths } from "../../../tools/identity/device-folder";
import { formatPem } from "../../../tools/pki/pem";
import { type RunningMosquitto, startFleetMosquitto } from "../../support/mosquitto";
import { RenewingDevice } from "../../support/renewing-device";
import { findMosquitto } from "../../support/tools";

const mosquitto = findMosquitto();

describe.runIf(mosquitto)("At mosquitto with a revocation list", () => {
  const folder = mkdtempSync(join(tmpdir(), "aerolink-authority-"));
  const pki = join(folder, "pki");
  const home = join(folder, "authority");
  let broker: RunningMosquitto;
  let said: string[] = [];
  let stop = (): void => {};
  let served: Promise<number>;
  const output = { print: (text: string) => said.push(text), warn: (text: string) => said.push(text) };
  const run = (...args: string[]) => main([...args, "--folder", home, "--pki", pki], output);
  const file = (name: string): string => readFileSync(join(pki, name), "utf8");

  beforeAll(async () => {
    for (const more of [[], ["--operator", "cloud"]])
      await identity(["--dir", pki, "--broker-host", "localhost", ...more], output);
    for (const mac of ["02005e000001", "02005e000002", "02005e000003"])
      await identity(["--dir", pki, "--device", mac], output);
    expect(await run("lists")).toBe(0);
    broker = await startFleetMosquitto(
      mosquitto!,
      folder,
      {
        deviceAuthorityPem: file("devices-ca.cert.pem"),
        operatorAuthorityPem: file("operators-ca.cert.pem"),
        broker: { certificatePem: file("broker.cert.pem"), keyPem: file("broker.key.pem") },
      },
      join(home, "crl.pem"),
    );
    writeFileSync(join(folder, "pid"), `${broker.pid}\n`);
    said = [];
    served = main(
      [
        ...["serve", "--folder", home, "--pki", pki, "--broker", `mqtts://localhost:${broker.cloudPort}`],
        ...["--a-day", "20", "--reload", join(folder, "pid")],
      ],
      output,
      new Promise((resolve) => {
        stop = resolve;
      }),
    );
    while (!said.some((line) => line.startsWith("Serving")))
      await new Promise((resolve) => setTimeout(resolve, 10));
  });

  afterAll(async () => {
    stop();
    expect(await served).toBe(0);
    await broker.stop();
    rmSync(folder, { recursive: true });
  });

  function deviceOf(mac: string): RenewingDevice {
    const id = `aerolink-${mac}`;
    const made = parseIdentity(new Uint8Array(readFileSync(devicePaths(pki, id).image)));
    if (typeof made === "string") throw new Error(made);
    return new RenewingDevice({
      id,
      url: `mqtts://localhost:${broker.devicePort}`,
      ca: file("broker-ca.cert.pem"),
      key: made.privateKey,
      chain: made.certificateChain,
    });
  }

  test("A device renews ten times, each time with the certificate of the time before, and the log has all of it", async () => {
    const device = deviceOf("02005e000001");
    const serials = new Set<string>();
    for (let i = 0; i < 10; i++) {
      await device.renew();
      serials.add(new X509Certificate(device.chain[0]!).serialNumber);
    }
    expect(serials.size).toBe(10);
    said = [];
    expect(await run("log", "--device", device.id)).toBe(0);
    expect(said.filter((line) => line.includes("issued over mqtt"))).toHaveLength(10);
  });

  test("Who is revoked is shut out with every certificate that it has, once mosquitto has been told, and others are not", async () => {
    const [stolen, other] = [deviceOf("02005e000002"), deviceOf("02005e000003")];
    const first = deviceOf("02005e000002");
    await stolen.renew();
    await (await stolen.connect()).endAsync(true);
    const args = ["--device", stolen.id, "--why", "stolen", "--reload", join(folder, "pid")];
    expect(await run("revoke", ...args)).toBe(0);
    expect(readFileSync(join(home, "denied.txt"), "utf8")).toBe(`${stolen.id}\n`);
    await refused(() => stolen.connect());
    await refused(() => first.connect());
    await (await other.connect()).endAsync(true);
    await other.renew();
  });

  /** A signal takes its time. */
  async function refused(connect: () => Promise<{ endAsync(force: boolean): Promise<void> }>): Promise<void> {
    for (let attempt = 0; attempt < 20; attempt++) {
      try {
        await (await connect()).endAsync(true);
      } catch (error) {
        expect(String(error)).toMatch(/revoked|alert|ECONNRESET|socket|closed/i);
        return;
      }
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    throw new Error("mosquitto lets it in");
  }

  test("A device whose certificate the register lacks is told so, and let in once it is known", async () => {
    const { createKey } = await import("../../../tools/pki/keys");
    const { issueCertificate } = await import("../../../tools/pki/certificates");
    const { readAuthority } = await import("../../../tools/pki/store");
    const authority = await readAuthority(join(pki, "devices-ca.cert.pem"), join(pki, "devices-ca.key.pem"));
    const key = await createKey();
    const leaf = await issueCertificate(authority, key, { commonName: "elsewhere", usage: "client" });
    const device = new RenewingDevice({
      ...{ id: "elsewhere", url: `mqtts://localhost:${broker.devicePort}` },
      ...{ ca: file("broker-ca.cert.pem"), key, chain: [leaf] },
    });
    await expect(device.renew()).rejects.toThrow("unknown-device");
    writeFileSync(join(folder, "elsewhere.pem"), formatPem("CERTIFICATE", leaf));
    expect(await run("known", "--certificate", join(folder, "elsewhere.pem"))).toBe(0);
    await device.renew();
  });
});
