import { createHash } from "node:crypto";
import { whyNot } from "../../cloud/rollout/facts";
import { Refusal } from "../pki/files";
import { boardTargets } from "./boards";
import type { Fleet } from "./fleet";
import { readMarker } from "./image";
import { ImageStore } from "./image-store";
import { readTrustedKeys } from "./keys";
import { readOffer, type UpdateManifest } from "./manifest";
import type { Output } from "./output";
import { readBytes, readText } from "./read-file";

export interface SignedRelease {
  readonly manifest: UpdateManifest;
  readonly jws: string;
  readonly image: Uint8Array;
}

/** Offer and image, if they belong together and devices would take them. @throws Refusal */
export async function readRelease(
  paths: { readonly offer: string; readonly image: string; readonly manifest: string },
  now: number,
): Promise<SignedRelease> {
  const jws = (await readText(paths.offer)).trim();
  const { manifest } = readOffer(jws, await readTrustedKeys(paths.manifest), paths.offer);
  const image = await readBytes(paths.image);
  const sha256 = createHash("sha256").update(image).digest("hex");
  if (sha256 !== manifest.sha256)
    throw new Refusal(`${paths.offer} is of another image than ${paths.image} (${sha256.slice(0, 12)}…)`);
  const { board, release } = readMarker(image, paths.image);
  if (!manifest.boards.includes(board) || release !== manifest.release)
    throw new Refusal(`${paths.image} is release ${release} for ${board}, and its offer says otherwise`);
  if (manifest.expires <= now)
    throw new Refusal(
      `${paths.offer} ran out on ${new Date(manifest.expires * 1000).toISOString()}: sign the image again`,
    );
  return { manifest, jws, image };
}

/** Puts the image where the server finds it: before anybody is told of it. */
export async function upload(folder: string, { image }: SignedRelease, output: Output): Promise<void> {
  const store = new ImageStore(folder);
  output.print(`Image      ${store.pathOf(await store.add(image))}`);
}

/** The offer, to these devices or to none of them. @throws Refusal naming each that cannot take it */
export async function publish(
  fleet: Fleet,
  devices: readonly string[],
  { manifest, jws }: Pick<SignedRelease, "manifest" | "jws">,
  output: Output,
): Promise<void> {
  const targets = boardTargets();
  const wrong = devices.flatMap((id) => {
    const why = whyNot(fleet.devices.get(id), manifest, targets);
    return why === undefined ? [] : [`${id}: ${why}`];
  });
  if (wrong.length > 0) throw new Refusal(`${wrong.join("\n")}\nNothing was offered to anybody.`);
  for (const id of devices) await fleet.offer(id, jws);
  output.print(
    `Offered    release ${manifest.release} to ${devices.length} of ${fleet.devices.size} devices`,
  );
}
