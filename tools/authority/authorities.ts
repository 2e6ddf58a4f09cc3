import { devicePaths } from "../identity/device-folder";
import { authorityPaths, ensureAuthority } from "../pki/authorities";
import type { Authority } from "../pki/certificates";
import { type AskPassphrase, exists, readCertificateFile } from "../pki/files";
import { readAuthority } from "../pki/store";

interface Files {
  readonly certificate: string;
  readonly key: string;
}

/** Who signs devices now, and who did. */
export interface Authorities {
  readonly signing: Authority;
  /** Above the leaf: the certificate of `signing` first. */
  readonly above: readonly Uint8Array[];
  /** Those whose certificates are still in the field: each has its revocation list. */
  readonly all: readonly Authority[];
  /** PEM or DER files as they are, for whom the broker is to believe. */
  readonly certificates: readonly Uint8Array[];
}

/** The devices' authority of `pki`, or a customer's of two files. @throws Refusal for files that are none */
export async function openAuthorities(
  pki: string,
  customer: Files | undefined,
  former: readonly Files[],
  ask: AskPassphrase,
): Promise<Authorities> {
  const signing = customer
    ? await readAuthority(customer.certificate, customer.key, ask)
    : await ensureAuthority(pki, "devices", { ask });
  const path = customer?.certificate ?? (await authorityPaths(pki, "devices")).certificate;
  const chain = await readCertificateFile(path);
  const before: Authority[] = [];
  for (const { certificate, key } of former) before.push(await readAuthority(certificate, key, ask));
  const all = [signing, ...before];
  return {
    signing,
    above: chain,
    all,
    certificates: [...chain, ...before.map(({ certificate }) => certificate)],
  };
}

/** The certificate with which a device left its factory, where `npm run identity` has left it. */
export async function factoryCertificate(pki: string, device: string): Promise<Uint8Array | undefined> {
  // The name comes from outside, and becomes a path.
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/.test(device)) return undefined;
  const { certificate } = devicePaths(pki, device);
  return (await exists(certificate)) ? (await readCertificateFile(certificate))[0] : undefined;
}
