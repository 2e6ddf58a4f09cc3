// The door for devices that were away for too long, before Debian's mosquitto.
import { X509Certificate } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect } from "node:tls";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Issuer, introduce } from "../../../tools/authority/issuer";
import { Register } from "../../../tools/authority/register";
import { RescueDoor } from "../../../tools/authority/rescue-door";
import { RenewalService } from "../../../tools/authority/service";
import { LocalSigner } from "../../../tools/authority/signer";
import { type Authority, createAuthority, issueCertificate } from "../../../tools/pki/certificates";
import { createKey } from "../../../tools/pki/keys";
import { formatPem } from "../../../tools/pki/pem";
import { type RunningMosquitto, startFleetMosquitto } from "../../support/mosquitto";
import { RenewingDevice } from "../../support/renewing-device";
import { findMosquitto } from "../../support/tools";

const mosquitto = findMosquitto();
const DAY_MS = 86_400_000;

describe.runIf(mosquitto)("At the rescue door", () => {
  const folder = mkdtempSync(join(tmpdir(), "aerolink-rescue-"));
  const register = Register.inMemory();
  let devices: Authority;
  let ca: string;
  let broker: RunningMosquitto;
  let door: RescueDoor;
  let service: RenewalService;
  const events: string[] = [];

  beforeAll(async () => {
    const old = new Date(Date.now() - 1_000 * DAY_MS);
    devices = await createAuthority("Devices", { usage: "client", notBefore: old });
    const server = await createAuthority("Broker", { usage: "server" });
    const operators = await createAuthority("Operators", { usage: "client" });
    const pairOf = async (authority: Authority, usage: "server" | "client", name: string) => {
      const key = await createKey();
      const leaf = await issueCertificate(authority, key, {
        ...{ commonName: name, usage },
        ...(usage === "server" && { hosts: ["localhost"] }),
      });
      return { keyPem: formatPem("PRIVATE KEY", key), certificatePem: formatPem("CERTIFICATE", leaf) };
    };
    const shown = await pairOf(server, "server", "localhost");
    ca = formatPem("CERTIFICATE", server.certificate);
    broker = await startFleetMosquitto(mosquitto!, folder, {
      deviceAuthorityPem: formatPem("CERTIFICATE", devices.certificate),
      operatorAuthorityPem: formatPem("CERTIFICATE", operators.certificate),
      broker: shown,
    });
    door = await RescueDoor.open({
      ...{ key: shown.keyPem, certificateChain: shown.certificatePem },
      deviceAuthorities: [devices.certificate],
      register,
      isKnown: async (device) => register.get(device).certificates.length > 0,
      brokerPort: broker.rescuePort,
      address: "127.0.0.1",
      onEvent: (line) => events.push(line),
    });
    const operator = await pairOf(operators, "client", "cloud");
    service = await RenewalService.start(
      {
        ...{ url: `mqtts://localhost:${broker.cloudPort}`, ca },
        ...{ cert: operator.certificatePem, key: operator.keyPem },
      },
      new Issuer({ register, signer: new LocalSigner({ authority: devices }) }),
    );
  });

  afterAll(async () => {
    await service?.close();
    await door?.close();
    await broker?.stop();
    rmSync(folder, { recursive: true });
  });

  async function deviceOf(
    id: string,
    {
      authority = devices,
      at = door.port,
      ends = -100 * DAY_MS,
      usage = "client" as "client" | "server",
    } = {},
  ) {
    const key = await createKey();
    const leaf = await issueCertificate(authority, key, {
      ...{ commonName: id, usage },
      notBefore: new Date(Date.now() - 500 * DAY_MS),
      notAfter: new Date(Date.now() + ends),
    });
    await introduce(register, id, leaf, 0);
    const device = (port: number) =>
      new RenewingDevice({ id, url: `mqtts://localhost:${port}`, ca, key, chain: [leaf] });
    return { device: device(at), atBroker: device(broker.devicePort) };
  }

  test("A device whose certificate ran out is not let in by the broker, renews through the door, and is let in", async () => {
    const { device, atBroker } = await deviceOf("late");
    await expect(atBroker.connect()).rejects.toThrow();
    await device.renew();
    expect(events).toContain("late: let in at the rescue door");
    const [leaf] = device.chain;
    expect(Date.parse(new X509Certificate(leaf!).validTo)).toBeGreaterThan(Date.now() + 390 * DAY_MS);
    // With its new certificate at the broker's own listener.
    const back = await atBroker.connect(device.chain, device.key);
    await back.endAsync(true);
  });

  test("Through the door a device speaks for itself alone, as by the broker's own rule", async () => {
    const { device } = await deviceOf("late-2");
    const client = await device.connect();
    const granted = await client.subscribeAsync(["aerolink/v1/late/command", "aerolink/v1/late-2/command"], {
      qos: 1,
    });
    expect(granted).toHaveLength(2);
    let heard = 0;
    client.on("message", () => {
      heard++;
    });
    await client.publishAsync("aerolink/v1/late/status", "forged", { qos: 1, retain: true });
    await client.endAsync();
    const other = await (await deviceOf("late")).device.connect();
    await other.subscribeAsync("aerolink/v1/late/status", { qos: 1 });
    await new Promise((resolve) => setTimeout(resolve, 200));
    await other.endAsync(true);
    expect(heard).toBe(0);
  });

  test("Who is revoked, unknown, signed by a stranger, a server, without a certificate, or under another's name stays outside", async () => {
    const stranger = await createAuthority("Devices", { usage: "client" });
    const outside = {
      stranger: (await deviceOf("late-3", { authority: stranger })).device,
      server: (await deviceOf("late-4", { usage: "server" })).device,
      revoked: (await deviceOf("stolen")).device,
    };
    await register.add({ at: 1, device: "stolen", what: "revoked", why: "stolen" });
    for (const [who, device] of Object.entries(outside))
      await expect(device.connect(), who).rejects.toThrow();
    expect(events).toContain("stolen: turned away at the rescue door");
    const { device } = await deviceOf("late-5");
    const asOther = new RenewingDevice({
      ...{ id: "late", url: `mqtts://localhost:${door.port}`, ca, key: device.key, chain: device.chain },
    });
    await expect(asOther.connect()).rejects.toThrow();
    const bare = connect({ host: "localhost", port: door.port, ca });
    await new Promise<void>((resolve, reject) => {
      bare.on("close", () => resolve()).on("error", () => resolve());
      bare.on("data", () => reject(new Error("it was answered")));
      bare.write(Buffer.from("100c00044d5154540402003c0000", "hex"));
    });
  });

  test("What is no CONNECT gets nobody in", async () => {
    const { device } = await deviceOf("late-6");
    for (const bytes of [
      Buffer.alloc(5_000, 1),
      Buffer.from("30ffffffff7f", "hex"),
      Buffer.from("c000", "hex"),
    ]) {
      const socket = connect({
        ...{ host: "localhost", port: door.port, ca },
        cert: device.chain.map((der) => formatPem("CERTIFICATE", der)).join(""),
        key: formatPem("PRIVATE KEY", device.key),
      });
      await new Promise<void>((resolve) => {
        socket.on("close", () => resolve()).on("error", () => {});
        socket.write(bytes);
      });
    }
  });
});
