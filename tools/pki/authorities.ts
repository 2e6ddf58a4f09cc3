import { type Authority, createAuthority } from "./certificates";
import { type AskPassphrase, exists, readCertificateFile, writeNew } from "./files";
import { encryptKey } from "./keys";
import { formatPem } from "./pem";
import { pkiPaths, readAuthority } from "./store";

/** Who is signed: devices, the broker, and whoever may command devices. Each role has an authority of its own. */
export type Role = "devices" | "broker" | "operators";

interface RoleTemplate {
  readonly commonName: string;
  readonly usage: "client" | "server";
}

/** A device that trusts the broker's authority does not trust one for clients (docs/tls.md). */
const TEMPLATES = {
  devices: { commonName: "Aerolink devices CA", usage: "client" },
  broker: { commonName: "Aerolink broker CA", usage: "server" },
  operators: { commonName: "Aerolink operators CA", usage: "client" },
} as const satisfies Record<Role, RoleTemplate>;

/** The one authority of folders that were made before there were three. */
const OLD = "ca";

export interface AuthorityOptions {
  readonly ask?: AskPassphrase;
  /** A key that is made now is encrypted with it. */
  readonly newPassphrase?: string;
}

/** Has the folder one authority for devices and broker? Operators have their own all the same. */
export async function isOldFolder(dir: string): Promise<boolean> {
  const { key, certificate } = pkiPaths(dir, OLD);
  return (await exists(key)) || (await exists(certificate));
}

/** Where the authority of a role is, or will be. */
export async function authorityPaths(dir: string, role: Role): Promise<ReturnType<typeof pkiPaths>> {
  return pkiPaths(dir, role !== "operators" && (await isOldFolder(dir)) ? OLD : `${role}-ca`);
}

/**
 * The folder's authority for `role`; made when there is none.
 * @throws Refusal when one of its two files is gone, they do not belong together, or the passphrase is missing
 */
export async function ensureAuthority(
  dir: string,
  role: Role,
  { ask, newPassphrase }: AuthorityOptions = {},
): Promise<Authority> {
  const paths = await authorityPaths(dir, role);
  if ((await exists(paths.key)) || (await exists(paths.certificate)))
    return readAuthority(paths.certificate, paths.key, ask);
  const { commonName, usage } = TEMPLATES[role];
  const authority = await createAuthority(commonName, { usage });
  const key =
    newPassphrase === undefined
      ? formatPem("PRIVATE KEY", authority.privateKey)
      : encryptKey(authority.privateKey, newPassphrase);
  await writeNew(paths.key, key);
  await writeNew(paths.certificate, formatPem("CERTIFICATE", authority.certificate));
  return authority;
}

/**
 * The certificate of the folder's authority for `role`, DER; made when there is none. Its key may be elsewhere: whoever
 * signs devices needs no key of the broker's authority.
 */
export async function authorityCertificate(
  dir: string,
  role: Role,
  options: AuthorityOptions = {},
): Promise<Uint8Array> {
  const { certificate } = await authorityPaths(dir, role);
  if (!(await exists(certificate))) return (await ensureAuthority(dir, role, options)).certificate;
  return (await readCertificateFile(certificate))[0]!;
}
