import type vm from "node:vm";
import { simImage } from "../../sim/boot/sim-image";
import { bundleFirmware, compileFirmware } from "../../sim/firmware";
import { type BadRelease, spoil } from "../../sim/virtual/bad-release";
import { OfferKey } from "../../sim/virtual/offer";
import { BUILD_UNIX_SECONDS, buildFirmware } from "./firmware";

/** Releases of the firmware as it stands: the one that is flashed by cable, and images that updates bring. */
export interface Releases {
  /** Release 1. */
  readonly firmware: vm.Script;
  readonly identity: Uint8Array;
  /** Whose offers release 1 takes. */
  readonly key: OfferKey;
  image(release: number, bad?: BadRelease): Uint8Array;
}

/** `count`: releases above 1 that can be asked for. */
export async function buildReleases(count = 2): Promise<Releases> {
  const key = new OfferKey();
  const bundle = (release: number): Promise<string> =>
    bundleFirmware(BUILD_UNIX_SECONDS, {
      release,
      firmwareVersion: `0.${release}.0`,
      updateKeys: [key.point],
    });
  const [{ identity }, ...bundles] = await Promise.all([
    buildFirmware(),
    ...Array.from({ length: count + 1 }, (_, i) => bundle(i + 1)),
  ]);
  const images = new Map<string, Uint8Array>();
  return {
    firmware: compileFirmware(bundles[0]!),
    identity,
    key,
    image(release, bad) {
      const name = `${release} ${bad}`;
      let image = images.get(name);
      if (!image) {
        const text = bundles[release - 1]!;
        image = simImage(bad ? spoil(text, bad) : text);
        images.set(name, image);
      }
      return image;
    },
  };
}
