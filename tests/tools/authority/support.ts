import { createHash, createPrivateKey, createPublicKey, X509Certificate } from "node:crypto";
import { Issuer, type IssuerOptions, introduce } from "../../../tools/authority/issuer";
import { Register } from "../../../tools/authority/register";
import { LocalSigner } from "../../../tools/authority/signer";
import {
  type Authority,
  createAuthority,
  createRequest,
  issueCertificate,
} from "../../../tools/pki/certificates";
import { createKey } from "../../../tools/pki/keys";

export const DAY_MS = 86_400_000;
export const START_MS = Date.UTC(2026, 10, 29);

/** An issuer of its own authority on a clock that stands still, and a device that it knows. */
export async function makeIssuer(options: Partial<IssuerOptions> & { lifetimeMs?: number } = {}): Promise<{
  issuer: Issuer;
  register: Register;
  authority: Authority;
  clock: { now: number };
  events: string[];
}> {
  const { lifetimeMs, ...more } = options;
  const authority = await createAuthority("Devices", {
    usage: "client",
    notBefore: new Date(START_MS - 365 * DAY_MS),
  });
  const clock = { now: START_MS };
  const register = options.register ?? Register.inMemory();
  const events: string[] = [];
  const issuer = new Issuer({
    register,
    signer: new LocalSigner({ authority, ...(lifetimeMs !== undefined && { lifetimeMs }) }),
    now: () => clock.now,
    random: () => 0,
    onEvent: (line) => events.push(line),
    ...more,
  });
  return { issuer, register, authority, clock, events };
}

/** The certificate that a device has from its factory, in the register. */
export async function know(register: Register, authority: Authority, device: string): Promise<Uint8Array> {
  const key = await createKey();
  const leaf = await issueCertificate(authority, key, { commonName: device, usage: "client" });
  await introduce(register, device, leaf, START_MS / 1000);
  return leaf;
}

export async function requestOf(device: string, key?: Uint8Array): Promise<Uint8Array> {
  return createRequest(device, key ?? (await createKey()));
}

export const serialOf = (der: Uint8Array): string => new X509Certificate(der).serialNumber.toLowerCase();
export const spkiOf = (pkcs8: Uint8Array): Buffer =>
  createPublicKey(createPrivateKey({ key: Buffer.from(pkcs8), format: "der", type: "pkcs8" })).export({
    type: "spki",
    format: "der",
  });
export const sha256 = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");
