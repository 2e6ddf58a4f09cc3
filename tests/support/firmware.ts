import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type vm from "node:vm";
import { bundleFirmware, compileFirmware } from "../../sim/firmware";
import { VIRTUAL_MAC } from "../../sim/virtual/virtual-world";
import { ensureDevelopmentPki } from "../../tools/pki/development";

/** Build time of the bundles that tests run, and a moment before the virtual world's start. */
export const BUILD_UNIX_SECONDS = Date.UTC(2026, 10, 22) / 1000;

/** The firmware as it stands, compiled, and an identity for the virtual board. */
export async function buildFirmware(): Promise<{ firmware: vm.Script; identity: Uint8Array }> {
  const folder = mkdtempSync(join(tmpdir(), "aerolink-"));
  try {
    const { identity } = await ensureDevelopmentPki(folder, { mac: VIRTUAL_MAC });
    return { firmware: compileFirmware(await bundleFirmware(BUILD_UNIX_SECONDS)), identity };
  } finally {
    rmSync(folder, { recursive: true });
  }
}
