import { parseManifest } from "../../modules/update/manifest";
import { slotSize } from "../esp32/flash-budget.mjs";
import { exists, Refusal, readKeyFile, writeNew } from "../pki/files";
import { createPassphrase } from "../pki/passphrase";
import { checkImage, checkSize, readMarker } from "./image";
import { attachSignature } from "./jws";
import { kidOf, parsePoint, pointOfPkcs8, readTrustedKeys } from "./keys";
import { createManifest, type Formats, signingInput, signManifest, type UpdateManifest } from "./manifest";
import type { Output } from "./output";
import { readBytes, readText } from "./read-file";

export interface SignOptions {
  readonly image: string;
  /** What the image is meant to be: it must say the same of itself. */
  readonly board: string;
  readonly release: number;
  readonly from: number;
  readonly floor: number;
  readonly expiresDays: number;
  readonly formats: Formats;
  /** The build's manifest, which names the keys that devices trust. */
  readonly manifest: string;
  readonly out: string;
  readonly now: number;
}

/** Where the key is: a file here, or whatever it is that signs elsewhere. */
export type Signer =
  | { readonly key: string; readonly passphraseFile: string | undefined }
  /** Writes what is to be signed. */
  | { readonly prepare: string; readonly point: string };

const DAY_SECONDS = 86_400;

/** The offer of an image, as a file. */
export async function signImage(options: SignOptions, signer: Signer, output: Output): Promise<void> {
  const { out } = options;
  const target = "prepare" in signer ? signer.prepare : out;
  if (await exists(target)) throw new Refusal(`${target} is there already, and nothing is overwritten`);
  const manifest = await manifestOf(options);
  const text = await signWith(signer, options.manifest, {
    input: (kid) => signingInput(manifest, kid),
    sign: (key) => signManifest(manifest, key),
  });
  await writeNew(target, text);
  output.print(describe(manifest, options.image));
  output.print("prepare" in signer ? toSign(signer, out) : `Offer      ${target}, ${text.length} bytes`);
}

/** What is signed, or is to be signed elsewhere. @throws Refusal for a key that no device trusts */
export async function signWith(
  signer: Signer,
  manifest: string,
  { input, sign }: { input(kid: string): string; sign(key: Uint8Array): string },
): Promise<string> {
  const trusted = await readTrustedKeys(manifest);
  const isTrusted = (point: Uint8Array): boolean => trusted.some((each) => Buffer.from(each).equals(point));
  if ("prepare" in signer) {
    const point = parsePoint(await readText(signer.point), signer.point);
    if (!isTrusted(point)) throw new Refusal(`${signer.point} is none of the keys in ${manifest}`);
    return input(kidOf(point));
  }
  const key = await readKeyFile(signer.key, createPassphrase(signer.passphraseFile));
  const point = pointOf(key, signer.key);
  if (!isTrusted(point))
    throw new Refusal(`${signer.key} is none of the keys in ${manifest}: no device would take it`);
  return sign(key);
}

/** What a person does with the file that is to be signed elsewhere. */
export const toSign = (
  { prepare, point }: Extract<Signer, { readonly prepare: string }>,
  out: string,
): string => `To sign    ${prepare}: ECDSA with SHA-256 over it, with OpenSSL for instance
             openssl dgst -sha256 -sign KEY.pem -out SIGNATURE ${prepare}
Then       npm run release -- attach --input ${prepare} --signature SIGNATURE --public ${point} --out ${out}`;

/** Of what `--prepare` wrote and somebody signed. */
export async function attach(
  options: {
    readonly input: string;
    readonly signature: string;
    readonly point: string;
    readonly out: string;
  },
  output: Output,
): Promise<void> {
  const { input, signature, point, out } = options;
  if (await exists(out)) throw new Refusal(`${out} is there already, and nothing is overwritten`);
  const key = parsePoint(await readText(point), point);
  const offer = attachSignature((await readText(input)).trim(), await readBytes(signature), key);
  await writeNew(out, offer);
  output.print(`Signed     ${out}, ${offer.length} bytes`);
}

async function manifestOf(options: SignOptions): Promise<UpdateManifest> {
  const { image: path, board, release, from, floor, formats, expiresDays, now } = options;
  const image = await readBytes(path);
  const marker = readMarker(image, path);
  if (marker.board !== board)
    throw new Refusal(`${path} is for the board ${marker.board}, and not for ${board}`);
  if (marker.release !== release)
    throw new Refusal(`${path} is release ${marker.release}, and not ${release} (release in manifest.json)`);
  if (from >= release) throw new Refusal(`--from ${from} is not below the release, ${release}`);
  if (floor > release) throw new Refusal(`--floor ${floor} is above the release, ${release}`);
  checkImage(image, board, path);
  checkSize(image.length, slotSize(), path);
  const manifest = createManifest({
    ...{ image, release, version: marker.version, boards: [board], from, floor, formats },
    ...{ iat: now, expires: now + expiresDays * DAY_SECONDS },
  });
  const read = parseManifest(Buffer.from(JSON.stringify(manifest)));
  if ("fault" in read) throw new Refusal(`${path}: devices would not read its manifest (${read.fault})`);
  return manifest;
}

function pointOf(key: Uint8Array, where: string): Uint8Array {
  try {
    return pointOfPkcs8(key);
  } catch (cause) {
    throw new Refusal(`${where}: not a key of P-256, which is all that a device verifies`, { cause });
  }
}

function describe(manifest: UpdateManifest, path: string): string {
  const { release, version, boards, size, sha256, block, from, floor, expires } = manifest;
  return `Release    ${release} (${version}) for ${boards.join(", ")}
Image      ${path}, ${size} bytes, SHA-256 ${sha256}
             in blocks of ${block / 1024} KiB
Taken by   releases from ${from} on, until ${new Date(expires * 1000).toISOString()}; none below ${floor} runs afterwards`;
}
