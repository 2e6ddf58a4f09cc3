import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "../base/run-ts.mjs";
import { SIMULATOR } from "./image";

const SIMULATED_NAME = "simulated board";

/**
 * Target of mcconfig by the name that a board gives itself in its status: the boards of modules/board/manifest.json,
 * and the simulated one.
 */
export function boardTargets(root = ROOT): ReadonlyMap<string, string> {
  const folder = join(root, "modules", "board");
  const { platforms } = JSON.parse(readFileSync(join(folder, "manifest.json"), "utf8")) as {
    platforms: Record<string, { config?: { boardId?: string }; modules?: Record<string, string> }>;
  };
  const targets = new Map([[SIMULATED_NAME, SIMULATOR]]);
  for (const { config, modules } of Object.values(platforms)) {
    const file = modules?.["modules/board/chosen"];
    const boardId = config?.boardId;
    if (typeof file !== "string" || boardId === undefined || !boardId.startsWith("esp32")) continue;
    const source = readFileSync(join(folder, `${file}.ts`), "utf8");
    const name = /\bname: "([^"]+)"/.exec(source)?.[1];
    if (name !== undefined) targets.set(name, boardId);
  }
  return targets;
}
