import { X509Certificate } from "node:crypto";
import type { BrokerProfile } from "../../modules/configuration/broker-profile";
import type { Calibration } from "../../modules/configuration/factory-values";
import type { Identity } from "../../modules/identity/identity";
import type { TlsIdentity } from "../../modules/network/socket";
import {
  type AuthorityOptions,
  authorityCertificate,
  authorityPaths,
  ensureAuthority,
} from "../pki/authorities";
import { type Authority, createRequest, issueCertificate } from "../pki/certificates";
import { exists, Refusal, readCertificateFile, readKeyFile, writeNew } from "../pki/files";
import { createKey } from "../pki/keys";
import { formatPem } from "../pki/pem";
import { belongs, lasts, readAuthority } from "../pki/store";
import { whyUnusable, whyWeak } from "../x509/identity";
import { devicePaths, writeDevice } from "./device-folder";
import { checkUnlike } from "./device-id";
import { createSetupPassword } from "./naming";

/** 13 months. */
export const RENEWED_MS = 397 * 86_400_000;

export interface Device {
  readonly deviceId: string;
  /** Without it there is no label, and no check of the board. */
  readonly mac?: string;
  /** Where a broker that the cloud sets must lie; absent: anywhere. */
  readonly brokerDomain?: string;
  /** The broker that it knows from the factory; absent: the firmware build's. */
  readonly broker?: Partial<BrokerProfile>;
  /** What was measured of its sensors. */
  readonly calibration?: Calibration;
  /** Behind its broker there is a service that renews its certificate, which lives for 13 months then. */
  readonly renewal?: "mqtt";
}

/** Who signs devices, and whom they trust. */
export interface Signer {
  readonly authority: Authority;
  /** What a device shows after its own certificate: intermediate authorities. DER. */
  readonly intermediates: readonly Uint8Array[];
  /** Authorities of the broker. DER. */
  readonly trusted: readonly Uint8Array[];
}

/** A customer's authority in place of ours. */
export interface CustomerAuthority {
  readonly certificate: string;
  readonly key: string;
}

/**
 * The devices' authority of `dir`, or the customer's of two files. Devices trust the authorities of `trust`, or else the
 * broker's of `dir`, or the customer's root.
 * @throws Refusal for files that are none or do not belong together, for an authority at its end, and for one below
 * which a device would refuse every server
 */
export async function openSigner(
  dir: string,
  customer: CustomerAuthority | undefined,
  trust: string | undefined,
  options: AuthorityOptions = {},
): Promise<Signer> {
  const authority = await (customer
    ? readAuthority(customer.certificate, customer.key, options.ask)
    : ensureAuthority(dir, "devices", options));
  const path = customer?.certificate ?? (await authorityPaths(dir, "devices")).certificate;
  if (!lasts(authority.certificate)) throw new Refusal(`${path} expires within a month`);
  const chain = customer ? await readCertificateFile(path) : [authority.certificate];
  const trusted = trust
    ? await readCertificateFile(trust)
    : customer
      ? chain.filter(isRoot)
      : [await authorityCertificate(dir, "broker", options)];
  if (trusted.length === 0) {
    throw new Refusal(`${path} has no root in it: name the broker's authority with --trust`);
  }
  checkTrusted(trusted, trust ?? path);
  const signer = { authority, intermediates: chain.filter((der) => !isRoot(der)), trusted };
  checkUsable(await rehearse(signer));
  return signer;
}

/** @throws Refusal for an authority below which a device would refuse every server */
function checkTrusted(trusted: readonly Uint8Array[], path: string): void {
  for (const der of trusted) {
    const fault = whyWeak(der);
    if (!fault) continue;
    const name = new X509Certificate(der).subject.replaceAll("\n", ", ");
    throw new Refusal(`${path}: no device could reach a broker below the authority "${name}": it ${fault}`);
  }
}

/** Makes key, certificate, image and label of a device. @throws Refusal when it has a key already */
export async function makeDevice(
  dir: string,
  device: Device,
  signer: Signer,
  product: string,
): Promise<Identity> {
  const privateKey = await makeKey(dir, device.deviceId);
  const template = {
    commonName: device.deviceId,
    usage: "client",
    ...(device.renewal && { notAfter: new Date(Date.now() + RENEWED_MS) }),
  } as const;
  const leaf = await issueCertificate(signer.authority, privateKey, template);
  return finish(
    dir,
    { ...device, privateKey, chain: [leaf, ...signer.intermediates], trusted: signer.trusted },
    product,
  );
}

/** Makes key and certificate request of a device for somebody else to sign. @throws Refusal when it has a key already */
export async function requestDevice(dir: string, device: Device): Promise<void> {
  const privateKey = await makeKey(dir, device.deviceId);
  const request = await createRequest(device.deviceId, privateKey);
  await writeNew(devicePaths(dir, device.deviceId).request, formatPem("CERTIFICATE REQUEST", request));
}

/**
 * Makes image and label of a device whose key was made with its request and whose certificate has come back.
 * @throws Refusal when the certificate is not for that key, or the device is finished already
 */
export async function completeDevice(
  dir: string,
  device: Device,
  files: { certificate: string; trust: string },
  product: string,
): Promise<Identity> {
  const paths = devicePaths(dir, device.deviceId);
  if (await exists(paths.image))
    throw new Refusal(`${paths.image} is there already: its label may be printed`);
  if (!(await exists(paths.key))) throw new Refusal(`${paths.key} is not there: begin with --csr`);
  const privateKey = await readKeyFile(paths.key);
  const chain = await readCertificateFile(files.certificate);
  const leaf = new X509Certificate(chain[0]!);
  if (!belongs(chain[0]!, privateKey)) {
    throw new Refusal(`${files.certificate}: its first certificate is not for the key ${paths.key}`);
  }
  if (!leaf.subject.split("\n").includes(`CN=${device.deviceId}`)) {
    throw new Refusal(`${files.certificate} names "${leaf.subject}", and the device is ${device.deviceId}`);
  }
  const trusted = await readCertificateFile(files.trust);
  checkTrusted(trusted, files.trust);
  return finish(dir, { ...device, privateKey, chain: chain.filter((der) => !isRoot(der)), trusted }, product);
}

async function makeKey(dir: string, deviceId: string): Promise<Uint8Array> {
  const paths = devicePaths(dir, deviceId);
  await checkUnlike(dir, deviceId);
  if (await exists(paths.key)) {
    throw new Refusal(
      `${paths.key} is there already, and a key is never overwritten; move ${paths.folder} away`,
    );
  }
  const privateKey = await createKey();
  await writeNew(paths.key, formatPem("PRIVATE KEY", privateKey));
  return privateKey;
}

async function finish(
  dir: string,
  parts: Device & { privateKey: Uint8Array; chain: readonly Uint8Array[]; trusted: readonly Uint8Array[] },
  product: string,
): Promise<Identity> {
  const identity: Identity = {
    deviceId: parts.deviceId,
    ...(parts.mac && { mac: parts.mac }),
    ...(parts.brokerDomain && { brokerDomain: parts.brokerDomain }),
    ...(parts.broker && { broker: parts.broker }),
    ...(parts.calibration && { calibration: parts.calibration }),
    ...(parts.renewal && { renewal: parts.renewal }),
    setupPassword: createSetupPassword(),
    privateKey: parts.privateKey,
    certificateChain: parts.chain,
    certificateAuthorities: parts.trusted,
  };
  checkUsable(identity);
  await writeDevice(dir, identity, product);
  return identity;
}

/** What a device of this signer would have, with a key that nobody keeps: a refusal must not leave one behind. */
async function rehearse({ authority, intermediates, trusted }: Signer): Promise<TlsIdentity> {
  const privateKey = await createKey();
  const leaf = await issueCertificate(authority, privateKey, { commonName: "x".repeat(64), usage: "client" });
  return { certificateAuthorities: trusted, certificateChain: [leaf, ...intermediates], privateKey };
}

/** @throws Refusal for what the device's own TLS would not take */
function checkUsable(identity: TlsIdentity): void {
  const fault = whyUnusable(identity);
  if (fault) throw new Refusal(`no device could use this: ${fault}`);
}

/** Whether a certificate names itself as its issuer. */
function isRoot(der: Uint8Array): boolean {
  const { subject, issuer } = new X509Certificate(der);
  return subject === issuer;
}
