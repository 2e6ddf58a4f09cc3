import { X509Certificate } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { type Authority, type CertificateTemplate, issueCertificate } from "./certificates";
import {
  type AskPassphrase,
  exists,
  Refusal,
  readCertificateFile,
  readKeyFile,
  replace,
  writeNew,
} from "./files";
import { createKey, importKeys, keyMatches } from "./keys";
import { formatPem } from "./pem";

/**
 * A folder with an authority and certificates of it: `ca.key.pem`, `ca.cert.pem`, and `<name>.key.pem`,
 * `<name>.cert.pem` for each leaf. Files are their owner's alone (0600), folders too (0700).
 */
export const pkiPaths = (dir: string, name: string): { key: string; certificate: string } => ({
  key: join(dir, `${name}.key.pem`),
  certificate: join(dir, `${name}.cert.pem`),
});

/** Names under which a broker on the developer's own machine is reached. */
export const DEVELOPMENT_HOSTS: readonly string[] = ["broker.aerolink.test", "localhost", "127.0.0.1"];

/** A certificate this near to its end is made anew. */
const RENEWAL_MARGIN_MS = 30 * 86_400_000;

/** Key and certificate, PEM as node:tls and mosquitto take them. */
export interface PemPair {
  readonly keyPem: string;
  readonly certificatePem: string;
}

/** An authority from two files. @throws Refusal when they are not one */
export async function readAuthority(
  certificatePath: string,
  keyPath: string,
  ask?: AskPassphrase,
): Promise<Authority> {
  const [certificate] = await readCertificateFile(certificatePath);
  const privateKey = await readKeyFile(keyPath, ask);
  const parsed = new X509Certificate(certificate!);
  if (!parsed.ca) throw new Refusal(`${certificatePath}: not the certificate of an authority`);
  if (!belongs(certificate!, privateKey))
    throw new Refusal(`${keyPath} is not the key of ${certificatePath}`);
  await importKeys(privateKey).catch((cause: Error) => {
    throw new Refusal(`${keyPath}: ${cause.message}`, { cause });
  });
  return { certificate: certificate!, privateKey };
}

/**
 * The leaf `name` of the folder; made when there is none. Its key stays; its certificate is made anew when it nears
 * its end, is of another authority or lacks one of the hosts.
 */
export async function ensureLeaf(
  dir: string,
  name: string,
  authority: Authority,
  template: CertificateTemplate,
): Promise<PemPair> {
  const paths = pkiPaths(dir, name);
  if (!(await exists(paths.key))) await writeNew(paths.key, formatPem("PRIVATE KEY", await createKey()));
  const privateKey = await readKeyFile(paths.key);
  const [present] = (await exists(paths.certificate)) ? await readCertificateFile(paths.certificate) : [];
  const fits = present && isCurrent(present, authority) && belongs(present, privateKey);
  if (!fits || !namesAll(present, template.hosts ?? [])) {
    const certificate = await issueCertificate(authority, privateKey, template);
    await replace(paths.certificate, formatPem("CERTIFICATE", certificate));
  }
  return {
    keyPem: await readFile(paths.key, "utf8"),
    certificatePem: await readFile(paths.certificate, "utf8"),
  };
}

/** The broker's key and certificate. */
export function ensureBroker(dir: string, authority: Authority, hosts = DEVELOPMENT_HOSTS): Promise<PemPair> {
  return ensureLeaf(dir, "broker", authority, { commonName: hosts[0]!, usage: "server", hosts });
}

/** An operator's key and certificate: whoever may command devices. */
export function ensureOperator(dir: string, authority: Authority, name: string): Promise<PemPair> {
  return ensureLeaf(operatorFolder(dir), name, authority, { commonName: name, usage: "client" });
}

export const operatorFolder = (dir: string): string => join(dir, "operators");

/** Whether `authority` signed `certificate`, and it has not expired nor is about to. */
export function isCurrent(certificate: Uint8Array, authority: Authority): boolean {
  const parsed = new X509Certificate(certificate);
  const issuer = new X509Certificate(authority.certificate);
  return parsed.verify(issuer.publicKey) && lasts(certificate);
}

/** Whether `certificate` is more than a month from its end. */
export function lasts(certificate: Uint8Array): boolean {
  return Date.parse(new X509Certificate(certificate).validTo) > Date.now() + RENEWAL_MARGIN_MS;
}

/** Whether `privateKey` (PKCS#8) is that of `certificate`. */
export function belongs(certificate: Uint8Array, privateKey: Uint8Array): boolean {
  const { publicKey } = new X509Certificate(certificate);
  return keyMatches(privateKey, publicKey.export({ type: "spki", format: "der" }));
}

function namesAll(certificate: Uint8Array, hosts: readonly string[]): boolean {
  const parsed = new X509Certificate(certificate);
  return hosts.every(
    (host) => parsed.checkHost(host, { subject: "never" }) ?? parsed.checkIP(host) !== undefined,
  );
}
