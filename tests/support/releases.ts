import type vm from "node:vm";
import { simImage } from "../../sim/boot/sim-image";
import { bundleFirmware, compileFirmware } from "../../sim/firmware";
import { type BadRelease, spoil } from "../../sim/virtual/bad-release";
import { OfferKey, type Releases } from "../../sim/virtual/offer";
import { BUILD_UNIX_SECONDS, buildFirmware } from "./firmware";

/**
 * Release 1 of the firmware as it stands, which is flashed by cable, and `count` above it that updates can bring. As
 * options of a virtual world.
 */
export async function buildReleases(
  count = 2,
): Promise<{ firmware: vm.Script; identity: Uint8Array; releases: Releases }> {
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
  const image = (release: number, bad?: BadRelease): Uint8Array => {
    const name = `${release} ${bad}`;
    let made = images.get(name);
    if (!made) {
      const text = bundles[release - 1]!;
      made = simImage(bad ? spoil(text, bad) : text);
      images.set(name, made);
    }
    return made;
  };
  return { firmware: compileFirmware(bundles[0]!), identity, releases: { key, image } };
}
