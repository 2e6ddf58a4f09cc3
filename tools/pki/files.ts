import { X509Certificate } from "node:crypto";
import { access, mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { isEncrypted, readPrivateKey } from "./keys";
import { readCertificates } from "./pem";

/** A fault in what a person gave the tools, in words for that person. */
export class Refusal extends Error {}

/** Certificates of a PEM or DER file. @throws Refusal when there are none, or one of them is none */
export async function readCertificateFile(path: string): Promise<Uint8Array[]> {
  const certificates = readCertificates(await read(path));
  if (certificates.length === 0) throw new Refusal(`${path}: no certificate in it`);
  for (const certificate of certificates) {
    try {
      new X509Certificate(certificate);
    } catch (cause) {
      throw new Refusal(`${path}: a certificate in it cannot be read`, { cause });
    }
  }
  return certificates;
}

/** Asked for the passphrase of a key file that is encrypted. `undefined`: there is none to be had. */
export type AskPassphrase = (path: string) => Promise<string | undefined>;

const nobody: AskPassphrase = async () => undefined;

/** The private key of a PEM or DER file. @throws Refusal when there is none, or its passphrase is missing or wrong */
export async function readKeyFile(path: string, ask: AskPassphrase = nobody): Promise<Uint8Array> {
  const file = await read(path);
  if (isEncrypted(file)) return readEncrypted(path, file, await ask(path));
  try {
    return readPrivateKey(file);
  } catch (cause) {
    throw new Refusal(`${path}: no private key in it`, { cause });
  }
}

function readEncrypted(path: string, file: Uint8Array, passphrase: string | undefined): Uint8Array {
  if (passphrase === undefined)
    throw new Refusal(
      `${path} is encrypted: give its passphrase with --passphrase-file FILE or in $${PASSPHRASE_VARIABLE}, or start this in a terminal, where it asks`,
    );
  try {
    return readPrivateKey(file, passphrase);
  } catch (cause) {
    throw new Refusal(`${path}: the passphrase does not open it`, { cause });
  }
}

export const PASSPHRASE_VARIABLE = "AEROLINK_PASSPHRASE";

async function read(path: string): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch (cause) {
    throw new Refusal(`${path}: cannot be read (${(cause as NodeJS.ErrnoException).code})`, { cause });
  }
}

export async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

/** Writes a file that must not be there yet. */
export async function writeNew(path: string, contents: string | Uint8Array): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  await writeFile(path, contents, { flag: "wx", mode: 0o600 });
}

/** Writes a file in place of an older one, whole or not at all. */
export async function replace(path: string, contents: string | Uint8Array): Promise<void> {
  const draft = `${path}.${process.pid}`;
  await writeNew(draft, contents);
  await rename(draft, path).catch(async (error) => {
    await rm(draft, { force: true });
    throw error;
  });
}
