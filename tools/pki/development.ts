import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { type Identity, parseIdentity } from "../../modules/identity/identity";
import { devicePaths, writeDevice } from "../identity/device-folder";
import { RENEWED_MS } from "../identity/factory";
import { createSetupPassword, deviceIdOf } from "../identity/naming";
import { authorityPaths, ensureAuthority, type Role } from "./authorities";
import { type Authority, issueCertificate } from "./certificates";
import { exists, readKeyFile, writeNew } from "./files";
import { createKey } from "./keys";
import { createPassphrase } from "./passphrase";
import { formatPem } from "./pem";
import { ensureBroker, ensureOperator, isCurrent, lasts, type PemPair } from "./store";

/** All certificates that the simulator needs. */
export interface DevelopmentPki {
  /** The broker's authority, which devices and operators trust; PEM. */
  readonly authorityPem: string;
  /** The authorities of those whom the broker lets in, by role; PEM. */
  readonly deviceAuthorityPem: string;
  readonly operatorAuthorityPem: string;
  /** The broker, and the cloud's server on 443. */
  readonly broker: PemPair;
  /** An operator: a client of the broker on the cloud's side. */
  readonly cloud: PemPair;
  /** A server with the broker's names by an authority that nobody trusts: a sign-in page, an inspecting proxy. */
  readonly stranger: PemPair;
  /** The device's identity partition. */
  readonly identity: Uint8Array;
  /** Who signs devices: renewals too. */
  readonly devices: Authority;
  /** What signs updates for the simulated board, which trusts nobody else's; PKCS#8 DER. */
  readonly updateKey: Uint8Array;
}

export interface DevelopmentPkiOptions {
  /** MAC of the simulated board. */
  readonly mac: string;
  /** Names and addresses of the broker, in place of `DEVELOPMENT_HOSTS`. */
  readonly hosts?: readonly string[];
}

/**
 * The development certificates of `dir`: made where absent, made anew where they expire within a month, otherwise
 * as they are. Keys and setup password outlive their certificates.
 */
export async function ensureDevelopmentPki(
  dir: string,
  options: DevelopmentPkiOptions,
): Promise<DevelopmentPki> {
  const [devices, broker, operators] = [
    await ensureLastingAuthority(dir, "devices"),
    await ensureLastingAuthority(dir, "broker"),
    await ensureLastingAuthority(dir, "operators"),
  ];
  const strangers = join(dir, "stranger");
  const stranger = await ensureLastingAuthority(strangers, "broker");
  return {
    devices,
    authorityPem: formatPem("CERTIFICATE", broker.certificate),
    deviceAuthorityPem: formatPem("CERTIFICATE", devices.certificate),
    operatorAuthorityPem: formatPem("CERTIFICATE", operators.certificate),
    broker: await ensureBroker(dir, broker, options.hosts),
    cloud: await ensureOperator(dir, operators, "cloud"),
    stranger: await ensureBroker(strangers, stranger, options.hosts),
    identity: await ensureDevice(dir, devices, broker, options.mac),
    updateKey: await ensureKey(join(dir, "updates", "development.key.pem")),
  };
}

async function ensureKey(path: string): Promise<Uint8Array> {
  if (!(await exists(path))) await writeNew(path, formatPem("PRIVATE KEY", await createKey()));
  return readKeyFile(path);
}

async function ensureLastingAuthority(dir: string, role: Role): Promise<Authority> {
  const authority = await ensureAuthority(dir, role, { ask: createPassphrase(undefined) });
  if (lasts(authority.certificate)) return authority;
  const paths = await authorityPaths(dir, role);
  await Promise.all([rm(paths.key), rm(paths.certificate)]);
  return ensureAuthority(dir, role);
}

async function ensureDevice(
  dir: string,
  authority: Authority,
  broker: Authority,
  mac: string,
): Promise<Uint8Array> {
  const deviceId = deviceIdOf(mac);
  const paths = devicePaths(dir, deviceId);
  const image = (await exists(paths.image)) ? new Uint8Array(await readFile(paths.image)) : undefined;
  const present = image && parseIdentity(image);
  const sound = typeof present === "object" ? present : undefined;
  const trusts = sound?.certificateAuthorities.some((der) => Buffer.from(der).equals(broker.certificate));
  const isWhole = sound?.renewal !== undefined && trusts;
  if (image && isWhole && isCurrent(sound.certificateChain[0]!, authority)) return image;

  const privateKey = await ensureKey(paths.key);
  const identity: Identity = {
    deviceId,
    mac,
    setupPassword: sound?.setupPassword ?? createSetupPassword(),
    // The simulator's cloud renews it (sim/world/renewals.ts).
    renewal: "mqtt",
    privateKey,
    certificateChain: [
      await issueCertificate(authority, privateKey, {
        commonName: deviceId,
        usage: "client",
        notAfter: new Date(Date.now() + RENEWED_MS),
      }),
    ],
    certificateAuthorities: [broker.certificate],
  };
  return writeDevice(dir, identity, "Aerolink simulator");
}
