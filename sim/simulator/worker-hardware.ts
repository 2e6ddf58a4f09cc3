import { rmSync } from "node:fs";
import { bundleTs } from "../../tools/base/run-ts.mjs";
import { bundleFirmware } from "../device/firmware";
import { seedSettings } from "../device/seed-settings";
import { FolderStorage } from "../device/storage";
import { workerBoard } from "../device/worker-board";
import type { ModelName } from "../models/names";
import { FACTORY_RELEASE } from "../scenes/update-scenes";
import type { Hardware } from "./simulator-options";

/** Of the worker that runs the firmware; made once a process. */
let workerBundle: Promise<string> | undefined;

/** The board in a worker of this process. `updateKeys`: whose updates it takes. */
export async function workerHardware(
  folder: string,
  updateKeys: readonly string[],
  model: ModelName | undefined,
): Promise<Hardware> {
  workerBundle ??= bundleTs("sim/device/worker.ts");
  const [workerFile, firmware] = await Promise.all([
    workerBundle,
    bundleFirmware(undefined, { updateKeys, release: FACTORY_RELEASE }),
  ]);
  return {
    // A new look at the folder each time: the board's own process writes there while it is on.
    tell: (networks, settings, whole) => seedSettings(new FolderStorage(folder), networks, settings, whole),
    renew() {
      rmSync(folder, { recursive: true, force: true });
      new FolderStorage(folder).flashByCable();
    },
    open: async ({ identity, mac, onCrash }) => {
      new FolderStorage(folder).flashByCable();
      return workerBoard({
        workerFile,
        life: { firmware, folder, mac, identity, sensorSeed: 1, ...(model && { model }) },
        onCrash,
      });
    },
  };
}
