import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { XsFlash } from "../../../sim/linked/xs-flash";
import { App, type AppOptions, type Heap, kept } from "./app";
import { flood, halfForms, loadAtOnce, loadPage, untilOpen, untilPortFree } from "./phones";

export interface SetupRow extends Heap {
  readonly at: string;
}

const FIRST_PAGES = 20;
const PAGES = 25;
const FLOODS = 20;

/** The firmware without a network: setup mode, its portal on this computer. */
export async function inSetupMode<T>(
  options: AppOptions,
  identity: Uint8Array,
  use: (app: App) => Promise<T>,
): Promise<T> {
  rmSync(options.folder, { recursive: true, force: true });
  mkdirSync(options.folder, { recursive: true });
  new XsFlash(join(options.folder, "aerolink")).writeIdentity(identity);
  await untilPortFree();
  const app = new App(options);
  const result = await use(app).finally(() => app.stop());
  if (app.lines.some((line) => line.includes("bind failed")))
    throw new Error("another program has the setup page's port");
  return result;
}

/**
 * What setup mode takes while phones use it. `peakStep` of the options decides whether the rows have peaks.
 * @throws when it loses heap over floods of connections
 */
export function setupRows(options: AppOptions, identity: Uint8Array): Promise<SetupRow[]> {
  return inSetupMode(options, identity, async (app) => {
    const rows: SetupRow[] = [];
    const note = async (at: string): Promise<Heap> => {
      const heap = await app.heap("setup");
      rows.push({ at, ...heap });
      return heap;
    };
    await untilOpen();
    for (let i = 0; i < FIRST_PAGES; i++) await loadPage();
    await wait(500);
    const idle = await note("portal open, nobody in it");
    const finish = await halfForms();
    await note("four phones, each with all but the last byte of the largest form");
    await finish();
    await loadAtOnce(PAGES);
    await note(`four phones send it, and load ${PAGES} pages each at once`);
    await flood(FLOODS);
    await loadPage();
    await wait(500);
    const after = await note(`after ${FLOODS} floods of 50 connections`);
    const lost = kept(after) - kept(idle);
    if (lost > 256) throw new Error(`${lost} bytes of heap are lost in setup mode`);
    return rows;
  });
}

/** Whether setup mode does its work for four phones with the heap that the options give it. */
export function setupLives(options: AppOptions, identity: Uint8Array): Promise<boolean> {
  return inSetupMode(options, identity, async (app) => {
    try {
      await untilOpen();
      const finish = await halfForms();
      await finish();
      await loadAtOnce(5);
      return !app.ended;
    } catch {
      return false;
    }
  });
}
