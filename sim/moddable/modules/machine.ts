import { Directory, File } from "file";
import config from "mc/config";
import Timer from "timer";
import type { FlashChip, MachineNetwork, StoredValue } from "../../sdk/machine";
import { FileFlash } from "./file-flash";
import { FileMap } from "./file-map";

/**
 * What sim/sdk/machine.ts is on the host, in the Moddable simulator: the storage of a board, kept in files, and where
 * the world is simulated its network. So the modules of sim/sdk over it are the same on both. The files lie in
 * `aerolink/` below the manifest's `config.file.root`; deleting them is a factory-new board.
 */
export function requireMachine(): SimulatorMachine {
  made ??= new SimulatorMachine();
  return made;
}

/** Bytes of the partitions that are used (sdkconfig/partitions.csv). */
const PARTITIONS: Readonly<Record<string, number>> = Object.freeze({
  ...{ otadata: 8 * 1024, credentials: 12 * 1024, identity: 8 * 1024, journal: 576 * 1024 },
  ...{ ota_0: 1_664 * 1024, ota_1: 1_664 * 1024 },
});

/** From the SDK's file manifest, or ours over it. */
const ROOT = (config as unknown as { readonly file: { readonly root: string } }).file.root;

/** Made at run time: what a preloaded module makes is read-only (docs/xs.md). */
let made: SimulatorMachine | undefined;

class SimulatorMachine {
  readonly storage = new FileStorage();
  /** Absent: the computer's own, by the SDK's sockets. */
  network: MachineNetwork | undefined;

  setTimer(callback: () => void, delayMs: number): unknown {
    return Timer.set(callback, delayMs);
  }
}

class FileStorage {
  #maps = new Map<string, FileMap>();
  #chips = new Map<string, FileFlash>();

  keyValue(path: string): Map<string, StoredValue> {
    const map = this.#maps.get(path) ?? new FileMap(fileName(`nvs-${path}.json`));
    this.#maps.set(path, map);
    return map;
  }

  flash(path: string): FlashChip | undefined {
    const byteLength = PARTITIONS[path];
    if (byteLength === undefined) return undefined;
    const chip = this.#chips.get(path) ?? new FileFlash(fileName(`${path}.flash`), byteLength);
    this.#chips.set(path, chip);
    return chip;
  }
}

/** The text of a file beside the board's storage. */
export function readText(name: string): string {
  const file = new File(fileName(name));
  const text = file.read(String);
  file.close();
  return text;
}

/** Where a file beside the board's storage is. */
export function fileName(name: string): string {
  const folder = `${ROOT}aerolink`;
  if (!File.exists(folder)) Directory.create(folder);
  return `${folder}/${name}`;
}
