import { imageMarker } from "../../modules/update/marker";
import { simImage } from "../../sim/boot/sim-image";
import type { Releases } from "../../sim/virtual/offer";
import { SeededRandom } from "../../sim/virtual/virtual-time";
import type { VirtualWorldOptions } from "../../sim/virtual/virtual-world";

/** Of a block, in the manifest of a small image: the smallest that a device takes. */
export const SMALL_BLOCK = 4_096;
const CODE_BYTES = 10_000;

/**
 * Images of some 10 KB that run the same releases: the text stands for the bundle, which the world looks up. So every
 * byte of an update can be tried, and the firmware is whole all the same.
 */
export function withSmallImages<Built extends { readonly releases: Releases }>(
  built: Built,
): Built & Pick<VirtualWorldOptions, "expandImage"> {
  const texts = new Map<string, string>();
  const images = new Map<string, Uint8Array>();
  const make: Releases["image"] = (release, bad) => {
    const noise = Buffer.from(new SeededRandom(release).bytes(CODE_BYTES))
      .toString("base64")
      .slice(0, CODE_BYTES);
    const marker = imageMarker({ boardId: "simulator", release, firmwareVersion: `0.${release}.0` });
    const text = `//${marker}\n//${release} ${bad}\n//${noise}`;
    texts.set(text, fullText(built.releases, release, bad));
    return simImage(text);
  };
  const image: Releases["image"] = (release, bad) => {
    const name = `${release} ${bad}`;
    let known = images.get(name);
    if (!known) {
      known = make(release, bad);
      images.set(name, known);
    }
    return known;
  };
  return {
    ...built,
    releases: { key: built.releases.key, image },
    expandImage: (text) => texts.get(text.trimEnd()) ?? text,
  };
}

const fullText = (releases: Releases, ...of: Parameters<Releases["image"]>): string =>
  Buffer.from(releases.image(...of)).toString();
