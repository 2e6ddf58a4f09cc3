import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join, resolve } from "node:path";
import { main as runSimulator } from "../cli/main";
import { linkedBoard } from "./linked-board";
import { Panel } from "./panel";
import { XsFlash } from "./xs-flash";

/**
 * `npm run simulator`: the simulator of `npm start` with the firmware on the XS engine, in the Moddable simulator's
 * window. Ends when the window is closed, too.
 * @param options.mcsim the SDK's program
 * @param options.application sim/moddable/world, built
 * @param options.panels folder of the panel
 * @param options.carried it was built without cryptography: this process does that for it
 */
export async function main(
  args: readonly string[],
  options: {
    readonly mcsim: string;
    readonly application: string;
    readonly panels: string;
    readonly carried: boolean;
  },
): Promise<number> {
  let window: ChildProcess | undefined;
  let panel: Panel | undefined;
  let folder = "";
  return runSimulator(args, {
    hardware(state) {
      folder = resolve(state, "xs-board");
      const flashFolder = join(folder, "aerolink");
      const flash = new XsFlash(flashFolder);
      const supply = new Panel(flashFolder);
      panel = supply;
      return {
        tell: (networks, settings, whole) => flash.tell(networks, settings, whole),
        renew: () => flash.renew(),
        open: ({ identity, mac, onLost }) => {
          flash.writeIdentity(identity);
          return linkedBoard({
            ...{ folder: flashFolder, mac, sensorSeed: 1, supply, onLost },
            carried: options.carried,
          });
        },
      };
    },
    open(show, page, stop) {
      panel!.open(show, page);
      const opened = spawn(options.mcsim, [options.panels, options.application], {
        cwd: folder,
        env: windowEnvironment(folder),
        stdio: "ignore",
      });
      window = opened;
      const ended = (why: string): void => {
        process.stderr.write(`simulator: the Moddable simulator ended: ${why}\n`);
        stop();
      };
      opened.once("exit", (status, signal) => (status === 0 ? stop() : ended(`${signal ?? status}`)));
      opened.once("error", (error) => ended(error.message));
    },
    close() {
      panel?.close();
      window?.removeAllListeners("exit");
      window?.kill();
    },
  });
}

/** Room for the panel's rows beside the device, until somebody drags the window to another size. */
const WINDOW = "[window]\nfullscreen=false\nmaximized=false\nx=-1\ny=-1\nwidth=800\nheight=760\n";
const PREFERENCES = JSON.stringify({ controlsCurrent: 400 });

/**
 * mcsim copies the application into a folder of its own under the user's configuration, and hands over to a window
 * that is open already: a folder of ours, and no session bus, leave other simulators alone.
 */
function windowEnvironment(folder: string): NodeJS.ProcessEnv {
  const config = join(folder, "config");
  const own = join(config, "tech.moddable.mcsim");
  if (!existsSync(own)) {
    mkdirSync(own, { recursive: true });
    writeFileSync(`${own}.ini`, WINDOW);
    writeFileSync(`${own}.main.json`, PREFERENCES);
  }
  return {
    ...process.env,
    XDG_CONFIG_HOME: config,
    XAUTHORITY: process.env.XAUTHORITY ?? join(homedir(), ".Xauthority"),
    DBUS_SESSION_BUS_ADDRESS: "disabled:",
  };
}
