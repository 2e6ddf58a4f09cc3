import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { Register } from "../../../tools/authority/register";
import { writeRevocations } from "../../../tools/authority/revocation";
import { createAuthority } from "../../../tools/pki/certificates";
import { formatPem } from "../../../tools/pki/pem";
import { findTool } from "../../support/tools";
import { know } from "./support";

const folder = mkdtempSync(join(tmpdir(), "aerolink-crl-"));
afterAll(() => rmSync(folder, { recursive: true }));
const files = { crl: join(folder, "crl.pem"), denied: join(folder, "denied.txt") };
const openssl = findTool("openssl");

test.runIf(openssl)(
  "OpenSSL refuses a revoked device by the list, and no other; of two authorities each has its list",
  async () => {
    const [old, next] = [await createAuthority("Devices"), await createAuthority("Devices")];
    const register = Register.inMemory();
    const devices = {
      stolen: await know(register, old, "stolen"),
      "stolen-later": await know(register, next, "stolen-later"),
      well: await know(register, old, "well"),
      "well-too": await know(register, next, "well-too"),
    };
    for (const device of ["stolen", "stolen-later"])
      await register.add({ at: Math.floor(Date.now() / 1000), device, what: "revoked", why: "stolen" });
    await writeRevocations(files, register, [old, next], Date.now());
    expect(readFileSync(files.denied, "utf8")).toBe("stolen\nstolen-later\n");
    writeFileSync(
      join(folder, "ca.pem"),
      [old, next].map(({ certificate }) => formatPem("CERTIFICATE", certificate)).join(""),
    );
    const verdicts = Object.entries(devices).map(([name, der]) => {
      const path = join(folder, `${name}.pem`);
      writeFileSync(path, formatPem("CERTIFICATE", der));
      try {
        const args = ["verify", "-crl_check", "-CAfile", join(folder, "ca.pem"), "-CRLfile", files.crl, path];
        return `${name}: ${execFileSync(openssl!, args, { encoding: "utf8", stdio: "pipe" }).includes("OK")}`;
      } catch (error) {
        return `${name}: ${/certificate revoked/.exec(String((error as { stderr: unknown }).stderr))?.[0]}`;
      }
    });
    expect(verdicts).toEqual([
      "stolen: certificate revoked",
      "stolen-later: certificate revoked",
      "well: true",
      "well-too: true",
    ]);
  },
);

test.runIf(openssl)(
  "A list without anybody on it is one as well, with a number and a month to live",
  async () => {
    const authority = await createAuthority("Devices");
    await writeRevocations(files, Register.inMemory(), [authority], Date.now());
    const text = execFileSync(openssl!, ["crl", "-noout", "-text", "-in", files.crl], { encoding: "utf8" });
    expect(text).toContain("No Revoked Certificates.");
    expect(text).toContain("X509v3 CRL Number");
    const dates = ["Last", "Next"].map((which) =>
      Date.parse(new RegExp(`${which} Update: (.+)`).exec(text)![1]!),
    );
    expect(Math.round((dates[1]! - dates[0]!) / 86_400_000)).toBe(30);
  },
);
