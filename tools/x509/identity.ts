import type { TlsIdentity } from "../../modules/network/socket";
import { keyMatches } from "../pki/keys";
import { type Certificate, readCertificate } from "./certificate";

/** What a device's record holds of its own chain: the message, and for each certificate its length and extensions. */
export const LONGEST_CHAIN = 4096;
const MESSAGE_BYTES = 8;
const ENTRY_BYTES = 5;

/** Why a device's TLS takes no credentials, in words; `undefined`: it takes them. The rules of modules/tls/engine.c. */
export function whyUnusable({
  certificateAuthorities,
  certificateChain,
  privateKey,
}: TlsIdentity): string | undefined {
  for (const der of certificateAuthorities) {
    const reading = readCertificate(der, true);
    if (typeof reading !== "object") return `an authority that it must trust ${CANNOT_READ}`;
  }
  for (const der of certificateChain) {
    if (typeof readCertificate(der) !== "object") return `a certificate of its own chain ${CANNOT_READ}`;
  }
  const length = chainLength(certificateChain);
  if (length > LONGEST_CHAIN)
    return `its own chain takes ${length} bytes, and a device can send ${LONGEST_CHAIN}`;
  if (!privateKey) return undefined;
  const leaf = certificateChain[0] && readCertificate(certificateChain[0]);
  return typeof leaf === "object" && isKeyOf(privateKey, leaf)
    ? undefined
    : "the key is not that of its certificate";
}

/** Bytes of the message that carries it. */
export function chainLength(chain: readonly Uint8Array[]): number {
  return chain.reduce((sum, der) => sum + ENTRY_BYTES + der.length, MESSAGE_BYTES);
}

function isKeyOf(privateKey: Uint8Array, { key }: Certificate): boolean {
  try {
    return keyMatches(privateKey, key.export({ type: "spki", format: "der" }));
  } catch {
    return false; // no key at all
  }
}

export const NOT_FOR_SERVERS = "is not for servers (extended key usage)";

/** Why a server below this authority would be refused, whatever else it has; `undefined`: it would not. */
export function whyWeak(authority: Uint8Array): string | undefined {
  const reading = readCertificate(authority, true);
  if (typeof reading !== "object") return CANNOT_READ;
  if (!reading.hasStrongKey) return "has a key that is too weak (RSA from 2,048 bits, P-256, P-384 or P-521)";
  if (!mayIssue(reading)) return "may not sign certificates";
  if (!reading.mayServe) return NOT_FOR_SERVERS;
  return undefined;
}

const mayIssue = ({ version, isAuthority, keyUsage = 0xff }: Certificate): boolean =>
  version < 3 || (isAuthority && (keyUsage & 0x04) !== 0);

const CANNOT_READ =
  "cannot be read by its TLS (mbedTLS): a key or signature of a kind that it does not know (Ed25519, say), or something critical that it cannot judge";
