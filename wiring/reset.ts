import FlashStorage from "embedded:storage/flash";
import KeyValueStorage from "embedded:storage/key-value";
import type { Logger } from "../modules/base/logger";
import { REMEMBERED } from "../modules/commands/command-memory";
import { settingKeysInStorage } from "../modules/configuration/settings-table";
import type { ErasablePartition, FactoryResetOptions, StoreErasure } from "../modules/device/factory-reset";
import { Wires } from "./parts";

const open = (path: string): StoreErasure["store"] & FactoryResetOptions["mark"] =>
  KeyValueStorage.open({ path, mode: "r+", format: "string" }) as never;

/**
 * Of the factory reset: what it erases (docs/security.md). All else stays: the identity, the firmware, and every
 * setting that the table lets survive.
 */
export class ResetWires extends Wires implements FactoryResetOptions {
  get mark(): FactoryResetOptions["mark"] {
    return open("aerolink");
  }

  get stores(): readonly StoreErasure[] {
    const [keys, survivors] = [settingKeysInStorage(false), settingKeysInStorage(true)];
    const commands = Array.from({ length: REMEMBERED }, (_, place) => String(place));
    return [
      { store: open("aerolink"), keys, survivors },
      { store: open("commands"), keys: commands, survivors: [] },
    ];
  }

  /** A core dump holds what was in RAM; not every partition table has a place for one. */
  get partitions(): readonly ErasablePartition[] {
    const partitions = [FlashStorage.open({ path: "journal", mode: "r+" })];
    try {
      partitions.push(FlashStorage.open({ path: "coredump", mode: "r+" }));
    } catch {
      this.log.info("no partition for core dumps");
    }
    return partitions;
  }

  get log(): Logger {
    return this.parts.log;
  }

  restart(): void {
    this.parts.board.restart("factory reset");
  }
}
