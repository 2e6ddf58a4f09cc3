// The unchanged firmware at Debian's mosquitto with a revocation list: certificates that live for less than two minutes,
// renewed by themselves, each tried for a minute. Then the device is shut out.
import { X509Certificate } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { type Identity, parseIdentity } from "../../modules/identity/identity";
import { SIMULATED_MAC } from "../../sim/simulator/simulator";
import { Issuer, introduce } from "../../tools/authority/issuer";
import { Register } from "../../tools/authority/register";
import { writeRevocations } from "../../tools/authority/revocation";
import { RenewalService } from "../../tools/authority/service";
import { LocalSigner } from "../../tools/authority/signer";
import { formatIdentity } from "../../tools/identity/format";
import { issueCertificate } from "../../tools/pki/certificates";
import { ensureDevelopmentPki } from "../../tools/pki/development";
import { limit } from "../support/limit";
import { startFleetMosquitto } from "../support/mosquitto";
import { closeAll, missing, seen, start, until } from "../support/running-simulator";
import { findMosquitto } from "../support/tools";
import { FULL, LONG } from "../support/volume";

const mosquitto = findMosquitto();
/** Two thirds of it, and a trial of a minute, and a bit: so that each is renewed before it ends. */
const LIFE_MS = 100_000;
const RENEWALS = FULL ? 10 : 2;

describe.runIf(mosquitto && LONG)("With certificates of minutes", () => {
  const folder = mkdtempSync(join(tmpdir(), "aerolink-minutes-"));
  afterAll(async () => {
    await closeAll();
    rmSync(folder, { recursive: true, force: true });
  });

  test(
    `${RENEWALS} renewals in a row lose no reading, none is late, and who is revoked is shut out`,
    async () => {
      const pki = await ensureDevelopmentPki(join(folder, "pki"), { mac: SIMULATED_MAC });
      const made = parseIdentity(pki.identity) as Identity;
      const register = Register.inMemory();
      const files = { crl: join(folder, "crl.pem"), denied: join(folder, "denied.txt") };
      await writeRevocations(files, register, [pki.devices], Date.now());
      const fleet = await startFleetMosquitto(mosquitto!, folder, pki, files.crl);
      const issued: string[] = [];
      const service = await RenewalService.start(
        {
          ...{ url: `mqtts://localhost:${fleet.cloudPort}`, ca: pki.authorityPem },
          ...{ cert: pki.cloud.certificatePem, key: pki.cloud.keyPem },
        },
        new Issuer({
          register,
          signer: new LocalSigner({ authority: pki.devices, lifetimeMs: LIFE_MS }),
          policy: { aDay: 1_000 },
          onEvent: (line) => issued.push(line),
        }),
      );
      const leaf = await issueCertificate(pki.devices, made.privateKey, {
        ...{ commonName: made.deviceId, usage: "client" },
        notBefore: new Date(Date.now() - LIFE_MS / 30),
        notAfter: new Date(Date.now() + LIFE_MS),
      });
      await introduce(register, made.deviceId, leaf, Math.floor(Date.now() / 1000));
      const each = await start({
        broker: {
          ...{ host: "localhost", port: fleet.devicePort, cloudPort: fleet.cloudPort },
          certificateAuthority: pki.authorityPem,
          identity: formatIdentity({ ...made, certificateChain: [leaf, pki.devices.certificate] }),
          cloud: pki.cloud,
        },
        settings: { samplingSeconds: 1, readingsPerBatch: 2 },
      });
      await seen(each, "solid blue");
      const inForce = (): number => each.log.filter((line) => line.includes("certificate in force")).length;
      for (let renewal = 1; renewal <= RENEWALS; renewal++)
        await until(`renewal ${renewal}`, () => inForce() >= renewal, each, 2 * LIFE_MS);
      expect(each.log.filter((line) => line.includes("client-certificate-refused"))).toEqual([]);
      await until("readings", () => missing(each.readings).length === 0, each);
      expect(issued.length).toBeGreaterThanOrEqual(RENEWALS);
      // The factory's certificate is long over by then, and nobody gets in with it.
      expect(Date.parse(new X509Certificate(leaf).validTo)).toBeLessThan(Date.now());
      console.log(
        `${inForce()} renewals, ${each.readings.length} readings, ${missing(each.readings).length} missing, ${each.log.filter((line) => line.includes("mqtt: connected")).length} sessions`,
      );

      await register.add({
        at: Math.floor(Date.now() / 1000),
        device: made.deviceId,
        what: "revoked",
        why: "test",
      });
      await writeRevocations(files, register, [pki.devices], Date.now());
      process.kill(fleet.pid, "SIGHUP");
      await new Promise((resolve) => setTimeout(resolve, 500));
      each.simulator.world.restart("power-on");
      await until(
        "shut out",
        () => each.log.some((line) => line.includes("client-certificate-refused")),
        each,
        60_000,
      );
      expect(each.simulator.sight).not.toBe("solid blue");
      await each.close();
      await service.close();
      await fleet.stop();
    },
    limit(1_800_000),
  );
});
