import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Network } from "../../wifi/network";
import { type SeedSettings, seedSettings } from "../device/seed-settings";
import type { MachineStorage, StoredValue } from "../sdk/machine";

/** The flash of a board in the Moddable simulator, as sim/moddable/modules/ keeps it in `folder`; the board must be off. */
export class XsFlash {
  #folder: string;

  constructor(folder: string) {
    mkdirSync(folder, { recursive: true });
    this.#folder = folder;
  }

  writeIdentity(image: Uint8Array): void {
    writeFileSync(join(this.#folder, "identity.flash"), image);
  }

  /** But for the identity, a board that was never on. */
  renew(): void {
    for (const file of readdirSync(this.#folder))
      if (/\.flash$|^nvs-/.test(file) && file !== "identity.flash") rmSync(join(this.#folder, file));
  }

  tell(networks: readonly Network[] | undefined, settings?: SeedSettings, whole?: boolean): void {
    const file = join(this.#folder, "nvs-aerolink.json");
    const kept = existsSync(file)
      ? (JSON.parse(readFileSync(file, "utf8")) as Record<string, StoredValue>)
      : {};
    const values = new Map(Object.entries(kept));
    const storage: MachineStorage = { keyValue: () => values, flash: () => undefined };
    seedSettings(storage, networks, settings, whole);
    writeFileSync(file, JSON.stringify(Object.fromEntries(values)));
  }
}
