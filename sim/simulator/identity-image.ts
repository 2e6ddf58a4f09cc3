import { X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import type { BrokerProfile } from "../../modules/configuration/broker-profile";
import { type Identity, parseIdentity } from "../../modules/identity/identity";
import { formatIdentity } from "../../tools/identity/format";
import type { ForeignBroker } from "./simulator-options";

/** `broker`: to which a factory reset comes back, where the identity names none. */
export function identityImage(
  development: Uint8Array,
  foreign: ForeignBroker | undefined,
  broker: Pick<BrokerProfile, "brokerHost" | "brokerPort">,
): Uint8Array {
  const parsed = parseIdentity(foreign?.identity ?? development);
  if (typeof parsed === "string") throw new Error(`the identity file cannot be used: ${parsed}`);
  const identity = { ...parsed, broker: { ...broker, ...parsed.broker } };
  if (!foreign?.certificateAuthority) return formatIdentity(identity);
  const authorities = foreign.certificateAuthority
    .split(/(?=-----BEGIN CERTIFICATE-----)/)
    .filter((pem) => pem.includes("BEGIN CERTIFICATE"))
    .map((pem) => new Uint8Array(Buffer.from(pem.replaceAll(/-----[^-]+-----|\s/g, ""), "base64")));
  return formatIdentity({ ...identity, certificateAuthorities: authorities });
}

/** Whether that authority signed the device. */
export function isOfAuthority(identity: Identity, authorityPem: string): boolean {
  const [device] = identity.certificateChain;
  return (
    device !== undefined && new X509Certificate(device).verify(new X509Certificate(authorityPem).publicKey)
  );
}

/** Reads an identity image from a file, with a clear error. */
export function readIdentityFile(path: string): Uint8Array {
  const image = new Uint8Array(readFileSync(path));
  const identity = parseIdentity(image);
  if (typeof identity === "string") throw new Error(`${path}: not a usable identity (${identity})`);
  return image;
}
