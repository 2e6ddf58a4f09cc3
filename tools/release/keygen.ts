import { readFile } from "node:fs/promises";
import { exists, Refusal, replace, writeNew } from "../pki/files";
import { createKey, encryptKey } from "../pki/keys";
import { createPassphrase } from "../pki/passphrase";
import { formatPem } from "../pki/pem";
import { formatPoint, keyPaths, keysIn, kidOf, MOST_KEYS, pointOfPkcs8, withTrustedKey } from "./keys";
import type { Output } from "./output";

export interface KeygenOptions {
  readonly name: string;
  readonly dir: string;
  /** The build's manifest, which gets the public key. */
  readonly manifest: string;
  readonly plain: boolean;
  readonly offline: boolean;
  readonly passphraseFile: string | undefined;
}

/** Makes a signing key, and has the next build trust it. */
export async function keygen(options: KeygenOptions, output: Output): Promise<void> {
  const { name, dir, manifest } = options;
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/.test(name))
    throw new Refusal(`"${name}" is not a name (1 to 64 of A–Z a–z 0–9 - . _, not beginning with - . _)`);
  const paths = keyPaths(dir, name);
  for (const path of [paths.key, paths.point])
    if (await exists(path)) throw new Refusal(`${path} is there already, and a key is never overwritten`);
  if ((await keysIn(dir)).length >= MOST_KEYS)
    throw new Refusal(`${dir} has ${MOST_KEYS} keys, which is all that a device takes`);
  const text = await readFile(manifest, "utf8").catch((cause: NodeJS.ErrnoException) => {
    throw new Refusal(`${manifest}: cannot be read (${cause.code})`, { cause });
  });
  const passphrase = options.plain
    ? undefined
    : await createPassphrase(options.passphraseFile)(`the new key ${name}`);
  if (!options.plain && !passphrase)
    throw new Refusal(
      "a signing key is kept encrypted: --passphrase-file FILE, $AEROLINK_PASSPHRASE, or a terminal to ask in (--plain: without, for a trial)",
    );
  const key = await createKey();
  const point = pointOfPkcs8(key);
  const trusted = withTrustedKey(text, point, manifest);
  await writeNew(paths.key, passphrase ? encryptKey(key, passphrase) : formatPem("PRIVATE KEY", key));
  await writeNew(paths.point, `${formatPoint(point)}\n`);
  await replace(manifest, trusted);
  output.print(`Key        ${paths.key}${passphrase ? ", encrypted" : ", NOT encrypted"}
Public     ${paths.point}, key id ${kidOf(point)}
Trusted by ${manifest}: commit it; devices trust the key once they run a release that was built with it`);
  output.print(
    options.offline
      ? `Keep it offline: copy ${paths.key} to two media that lie in two safes, try to read them, and delete it here.
Its passphrase lies elsewhere. It is for the day on which the others are lost or stolen.`
      : `Whoever has it and its passphrase can have every device run what they like.${
          (await keysIn(dir)).length === 1
            ? "\nMake a second one before the first release, and keep that offline: npm run release -- keygen NAME --offline"
            : ""
        }`,
  );
}
