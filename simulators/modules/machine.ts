import { Directory, File } from "file";
import config from "mc/config";
import type { FlashChip, StoredValue } from "../../sim/sdk/machine";
import { FileFlash } from "./file-flash";
import { FileMap } from "./file-map";

/**
 * What sim/sdk/machine.ts is on the host, in the Moddable simulator: the storage of a board, kept in files. So the
 * modules of sim/sdk over it (key-value, flash) are the same on both. The files lie in `aerolink/` below the
 * manifest's `config.file.root`; deleting them is a factory-new board.
 */
export function requireMachine(): { readonly storage: typeof storage } {
  return { storage };
}

/** Bytes of the partitions that firmware opens by name (sdkconfig/partitions.csv). */
const PARTITIONS: Readonly<Record<string, number>> = { identity: 8 * 1024, journal: 576 * 1024 };

/** From the SDK's file manifest, or ours over it. */
const ROOT = (config as unknown as { readonly file: { readonly root: string } }).file.root;

const maps = new Map<string, FileMap>();
const chips = new Map<string, FileFlash>();

const storage = {
  keyValue(path: string): Map<string, StoredValue> {
    const map = maps.get(path) ?? new FileMap(fileName(`nvs-${path}.json`));
    maps.set(path, map);
    return map;
  },
  flash(path: string): FlashChip | undefined {
    const byteLength = PARTITIONS[path];
    if (byteLength === undefined) return undefined;
    const chip = chips.get(path) ?? new FileFlash(fileName(`${path}.flash`), byteLength);
    chips.set(path, chip);
    return chip;
  },
};

function fileName(name: string): string {
  const folder = `${ROOT}aerolink`;
  if (!File.exists(folder)) Directory.create(folder);
  return `${folder}/${name}`;
}
