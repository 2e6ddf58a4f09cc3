import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PageServer } from "../../sim/live/page-server";
import { Show } from "../../sim/live/show";
import type { ModelName } from "../../sim/models/names";
import { findScenario } from "../../sim/scenes/scenarios";
import { buildPage } from "../../tools/start/build-page.mjs";

export interface RunningShow {
  readonly show: Show;
  close(): Promise<void>;
}

export interface RunningPage extends RunningShow {
  readonly server: PageServer;
}

/** The simulator and its page on any free port, a reading each second. */
export async function startPage(model?: ModelName): Promise<RunningPage> {
  const { show, close } = await startShow(model);
  const server = await PageServer.start({ show, folder: await buildPage(), port: 0 });
  return {
    show,
    server,
    close: async () => {
      await server.close();
      await close();
    },
  };
}

/** The simulator without its page, a reading each second. */
export async function startShow(model?: ModelName): Promise<RunningShow> {
  const folder = mkdtempSync(join(tmpdir(), "aerolink-"));
  const { routers, networks } = findScenario("success")!;
  const show = await Show.open({
    folder,
    routers,
    networks,
    scene: "success",
    ...(model && { model }),
    settings: { samplingSeconds: 1, readingsPerBatch: 2 },
  });
  return {
    show,
    close: async () => {
      await show.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
