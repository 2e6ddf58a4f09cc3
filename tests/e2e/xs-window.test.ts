// `npm run simulator` in a window that nobody sees (Xvfb): the panel is loaded by the SDK's own program, and feeds the
// board. Part of the XS lane, since it builds an application: `AEROLINK_XS=1 npx vitest run tests/e2e/xs-window.test.ts`.
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterEach, describe, expect, test } from "vitest";
import { findSdk, ROOT } from "../../tools/base/sdk.mjs";
import { limit } from "../support/limit";

const sdk = process.env.AEROLINK_XS ? findSdk() : undefined;
const hasWindow =
  sdk !== undefined &&
  existsSync(join(sdk.root, "build/bin/lin/release/mcsim")) &&
  spawnSync("Xvfb", ["-help"]).error === undefined;
/** With the application's build. */
const LIMIT_MS = limit(600_000);

describe.skipIf(!hasWindow)("npm run simulator", () => {
  const running: ChildProcess[] = [];
  let folder = "";
  afterEach(async () => {
    for (const child of running.splice(0).reverse()) {
      if (child.exitCode !== null || child.signalCode !== null) continue;
      child.kill();
      await once(child, "exit");
    }
    if (folder) rmSync(folder, { recursive: true, force: true });
  });

  test(
    "The window shows the device, its plug and its restart begin lives of the firmware on XS, and closing it ends all",
    async () => {
      folder = mkdtempSync(join(tmpdir(), "aerolink-window-"));
      const screen = spawn("Xvfb", ["-displayfd", "1", "-screen", "0", "1000x800x24"], {
        stdio: ["ignore", "pipe", "ignore"],
      });
      running.push(screen);
      const [display] = (await once(screen.stdout, "data")) as [Buffer];
      const simulator = spawn(
        process.execPath,
        [
          join(ROOT, "tools/start/simulator.mjs"),
          "--headless",
          "--json",
          "--sampling",
          "2",
          "--state",
          folder,
        ],
        {
          cwd: ROOT,
          env: { ...process.env, DISPLAY: `:${String(display).trim()}` },
          stdio: ["ignore", "pipe", "inherit"],
        },
      );
      running.push(simulator);
      const lines: string[] = [];
      const reader = createInterface(simulator.stdout);
      reader.on("line", (line) => lines.push(line));
      const until = async (pattern: RegExp, from = 0): Promise<number> => {
        for (;;) {
          const at = lines.findIndex((line, i) => i >= from && pattern.test(line));
          if (at >= 0) return at;
          if (simulator.exitCode !== null) throw new Error(`it ended before ${pattern}\n${lines.join("\n")}`);
          await new Promise((resolve) => setTimeout(resolve, 50));
        }
      };
      const board = join(folder, "xs-board/aerolink");
      const ask = (n: number, action: object) =>
        writeFileSync(join(board, "asks.json"), JSON.stringify([{ n, action }]));

      await until(/Moddable simulator, firmware .* boot 1 after power-on/);
      const blue = await until(/"sight":"solid blue"/);
      expect(JSON.parse(readFileSync(join(board, "panel.json"), "utf8"))).toMatchObject({
        on: true,
        life: 1,
      });

      ask(1, { do: "power", on: false });
      const off = await until(/"on":false/, blue);
      ask(2, { do: "power", on: true });
      const second = await until(/boot 2 after power-on/, off);
      await until(/"sight":"solid blue"/, second);
      ask(3, { do: "command", name: "restart", args: {} });
      const third = await until(/boot 3 after restart/, second);
      await until(/"sight":"solid blue"/, third);

      screen.kill();
      await once(simulator, "exit");
      expect(lines.at(-1)).toMatch(/"t":"ends"/);
    },
    LIMIT_MS,
  );
});
