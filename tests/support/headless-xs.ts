import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { linkedBoard } from "../../sim/linked/linked-board";
import { XsFlash } from "../../sim/linked/xs-flash";
import type { Hardware } from "../../sim/simulator/simulator";

/**
 * The firmware on the XS engine as a simulator's board, without a display.
 * @param options.folder where its flash is kept
 * @param options.host tools/xs/host, built
 * @param options.application sim/moddable/world, built
 * @param options.carried built without cryptography of its own
 */
export function headlessXs(options: {
  folder: string;
  host: string;
  application: string;
  carried?: boolean;
}): Hardware {
  const { folder, host, application } = options;
  const flashFolder = join(folder, "aerolink");
  const flash = new XsFlash(flashFolder);
  let running: ChildProcess | undefined;
  return {
    tell: (networks, settings, whole) => flash.tell(networks, settings, whole),
    renew: () => flash.renew(),
    open: ({ identity, mac, onLost }) => {
      flash.writeIdentity(identity);
      return linkedBoard({
        folder: flashFolder,
        mac,
        sensorSeed: 1,
        carried: options.carried ?? false,
        onLost,
        supply: {
          on: () => {
            running = spawn(host, [application], { cwd: folder, stdio: ["pipe", "ignore", "inherit"] });
          },
          off: async () => {
            const last = running;
            running = undefined;
            if (!last || last.exitCode !== null || last.signalCode !== null) return;
            last.kill("SIGKILL");
            await once(last, "exit");
          },
        },
      });
    },
  };
}
