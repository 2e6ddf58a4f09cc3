import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { type Identity, parseIdentity } from "../../modules/identity/identity";
import { devicePaths, writeDevice } from "../identity/device-folder";
import { createSetupPassword, deviceIdOf } from "../identity/naming";
import { type Authority, issueCertificate } from "./certificates";
import { exists, readKeyFile, writeNew } from "./files";
import { createKey } from "./keys";
import { formatPem } from "./pem";
import { ensureAuthority, ensureBroker, ensureLeaf, isCurrent, lasts, type PemPair, pkiPaths } from "./store";

/** All certificates that the simulator needs. */
export interface DevelopmentPki {
  /** The authority that device and broker trust; PEM. */
  readonly authorityPem: string;
  /** The broker, and the cloud's server on 443. */
  readonly broker: PemPair;
  /** A client of the broker on the cloud's side. */
  readonly cloud: PemPair;
  /** A server with the broker's names by an authority that nobody trusts: a sign-in page, an inspecting proxy. */
  readonly stranger: PemPair;
  /** The device's identity partition. */
  readonly identity: Uint8Array;
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
  const authority = await ensureLastingAuthority(dir, "Aerolink development CA");
  const strangers = join(dir, "stranger");
  const stranger = await ensureLastingAuthority(strangers, "A stranger's CA");
  return {
    authorityPem: formatPem("CERTIFICATE", authority.certificate),
    broker: await ensureBroker(dir, authority, options.hosts),
    cloud: await ensureLeaf(dir, "cloud", authority, { commonName: "cloud", usage: "client" }),
    stranger: await ensureBroker(strangers, stranger, options.hosts),
    identity: await ensureDevice(dir, authority, options.mac),
  };
}

async function ensureLastingAuthority(dir: string, commonName: string): Promise<Authority> {
  const authority = await ensureAuthority(dir, commonName);
  if (lasts(authority.certificate)) return authority;
  const paths = pkiPaths(dir, "ca");
  await Promise.all([rm(paths.key), rm(paths.certificate)]);
  return ensureAuthority(dir, commonName);
}

async function ensureDevice(dir: string, authority: Authority, mac: string): Promise<Uint8Array> {
  const deviceId = deviceIdOf(mac);
  const paths = devicePaths(dir, deviceId);
  const image = (await exists(paths.image)) ? new Uint8Array(await readFile(paths.image)) : undefined;
  const present = image && parseIdentity(image);
  const sound = typeof present === "object" ? present : undefined;
  if (image && sound && isCurrent(sound.certificateChain[0]!, authority)) return image;

  if (!(await exists(paths.key))) await writeNew(paths.key, formatPem("PRIVATE KEY", await createKey()));
  const privateKey = await readKeyFile(paths.key);
  const identity: Identity = {
    deviceId,
    mac,
    setupPassword: sound?.setupPassword ?? createSetupPassword(),
    privateKey,
    certificateChain: [
      await issueCertificate(authority, privateKey, { commonName: deviceId, usage: "client" }),
    ],
    certificateAuthorities: [authority.certificate],
  };
  return writeDevice(dir, identity, "Aerolink simulator");
}
