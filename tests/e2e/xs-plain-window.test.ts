// What Moddable's own documentation tells people: `mcconfig -d -m -p lin` in the repository's root. Built in a folder of
// ours and started by hand, since mcconfig would first end every simulator on the computer.
// `AEROLINK_XS=1 npx vitest run tests/e2e/xs-plain-window.test.ts`.
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { takeFolder } from "../../tools/base/lock.mjs";
import { BUILD, findSdk, ROOT } from "../../tools/base/sdk.mjs";
import { framebuffer, type Pixel } from "../support/framebuffer";
import { limit } from "../support/limit";
import { XsbugStandIn } from "../support/xsbug-stand-in";

const sdk = process.env.AEROLINK_XS ? findSdk() : undefined;
const mcsim = sdk && join(sdk.root, "build/bin/lin/release/mcsim");
const hasWindow = mcsim && existsSync(mcsim) && spawnSync("Xvfb", ["-help"]).error === undefined;
const BUILD_LIMIT_MS = limit(600_000);
const LIMIT_MS = limit(60_000);

describe.skipIf(!hasWindow)("mcconfig -d -m -p lin, in the root", () => {
  const running: ChildProcess[] = [];
  const folder = mkdtempSync(join(tmpdir(), "aerolink-plain-"));
  let xsbug: XsbugStandIn;
  let simulators = "";
  let application = "";

  beforeAll(async () => {
    const out = join(BUILD, "xs-plain");
    mkdirSync(out, { recursive: true });
    takeFolder(out);
    const { status, stdout, stderr } = spawnSync(
      "mcconfig",
      ["-d", "-m", "-p", "lin", "-t", "build", "-o", out],
      {
        cwd: ROOT,
        env: sdk!.env,
        encoding: "utf8",
      },
    );
    expect(status, `${stdout}${stderr}`).toBe(0);
    // mcconfig calls the application after the folder of its manifest.
    const name = basename(ROOT);
    const makefile = readFileSync(join(out, "tmp/lin/mc/debug", name, "makefile"), "utf8");
    // Where mcconfig itself would look for the panel.
    simulators = /^SIMULATORS = (.*)$/m.exec(makefile)![1]!;
    application = join(out, "bin/lin/mc/debug", name, "mc.so");
    xsbug = await XsbugStandIn.open();
  }, BUILD_LIMIT_MS);

  afterAll(async () => {
    for (const child of running.splice(0).reverse()) {
      if (child.exitCode !== null || child.signalCode !== null) continue;
      child.kill();
      await once(child, "exit");
    }
    await xsbug?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  test(
    "shows a new monitor's light pulse yellow in the simulator's window, and stops at no exception of ours",
    async () => {
      const screen = spawn("Xvfb", ["-displayfd", "1", "-fbdir", folder, "-screen", "0", "1000x800x24"], {
        stdio: ["ignore", "pipe", "ignore"],
      });
      running.push(screen);
      const [display] = (await once(screen.stdout, "data")) as [Buffer];
      const config = join(folder, "config");
      mkdirSync(join(config, "tech.moddable.mcsim"), { recursive: true });
      const window = spawn(mcsim!, [simulators, application], {
        cwd: folder,
        env: {
          ...process.env,
          DISPLAY: `:${String(display).trim()}`,
          HOME: folder,
          XDG_CONFIG_HOME: config,
          DBUS_SESSION_BUS_ADDRESS: "disabled:",
          XSBUG_HOST: "127.0.0.1",
          XSBUG_PORT: String(xsbug.port),
        },
        stdio: "ignore",
      });
      running.push(window);
      const brightness: number[] = [];
      const end = Date.now() + LIMIT_MS;
      while (spread(brightness) < 60) {
        expect(window.exitCode).toBeNull();
        expect(Date.now(), `yellow pixels so far: ${brightness}`).toBeLessThan(end);
        const yellow = brightestYellow(folder);
        if (yellow > 0) brightness.push(yellow);
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
      expect(xsbug.stops).toEqual([]);
    },
    LIMIT_MS + 30_000,
  );
});

const spread = (values: readonly number[]): number =>
  values.length === 0 ? 0 : Math.max(...values) - Math.min(...values);

const isYellow = ({ r, g, b }: Pixel): boolean => r > 90 && g > 0.45 * r && g < 0.95 * r && b < 0.4 * r;

/** Red of the brightest yellow on the screen; 0: nothing is yellow. */
function brightestYellow(folder: string): number {
  const { width, height, at } = framebuffer(folder);
  let most = 0;
  for (let y = 0; y < height; y += 3)
    for (let x = 0; x < width; x += 3) {
      const pixel = at(x, y);
      if (pixel.r > most && isYellow(pixel)) most = pixel.r;
    }
  return most;
}
