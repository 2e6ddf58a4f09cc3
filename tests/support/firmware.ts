import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type vm from "node:vm";
import { simImage } from "../../sim/boot/sim-image";
import { asRelease, bundleFirmware, compileFirmware } from "../../sim/device/firmware";
import { type BadRelease, spoil } from "../../sim/virtual/bad-release";
import { OfferKey, type Releases } from "../../sim/virtual/offer";
import { VIRTUAL_MAC } from "../../sim/virtual/virtual-world";
import { ensureDevelopmentPki } from "../../tools/pki/development";

/** Build time of the bundles that tests run, and a moment before the virtual world's start. */
const BUILD_UNIX_SECONDS = Date.UTC(2026, 10, 22) / 1000;

/** The firmware as it stands, compiled, an identity for the virtual board, and releases to update it to. */
export async function buildFirmware(): Promise<{
  firmware: vm.Script;
  identity: Uint8Array;
  releases: Releases;
}> {
  const folder = mkdtempSync(join(tmpdir(), "aerolink-"));
  const key = new OfferKey();
  try {
    const { identity } = await ensureDevelopmentPki(folder, { mac: VIRTUAL_MAC });
    const bundle = await bundleFirmware(BUILD_UNIX_SECONDS, { updateKeys: [key.point] });
    return { firmware: compileFirmware(bundle), identity, releases: releasesOf(bundle, key) };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Images of other releases of the same sources, each made when it is first asked for. */
function releasesOf(bundle: string, key: OfferKey): Releases {
  const images = new Map<string, Uint8Array>();
  return {
    key,
    image(release: number, bad?: BadRelease): Uint8Array {
      const name = `${release} ${bad}`;
      let image = images.get(name);
      if (!image) {
        const text = asRelease(bundle, release);
        image = simImage(bad ? spoil(text, bad) : text);
        images.set(name, image);
      }
      return image;
    },
  };
}
