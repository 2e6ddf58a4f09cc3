// The portal of the unchanged firmware as a phone sees it: in Chromium, and as bare requests.
import { type Browser, chromium, type Page } from "playwright-core";
import type { SimulatorOptions } from "../../sim/simulator/simulator";
import { limit } from "./limit";
import { holdForSetup, type Running, start, until } from "./running-simulator";
import { findChromium } from "./tools";

export const CHROMIUM = findChromium();

/** As Debian's Chromium runs headless, offline and as root. */
const FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  // Somebody's page on a phone: its captive DNS leads here.
  "--host-resolver-rules=MAP elsewhere.test 127.0.0.1",
];

export const launch = (): Promise<Browser> => chromium.launch({ executablePath: CHROMIUM!, args: FLAGS });

export interface RunningPortal extends Running {
  /** The portal on loopback. */
  readonly url: string;
}

/** A device whose setup mode is open: by itself without networks, by its button with them. */
export async function startPortal(options: Partial<SimulatorOptions> = {}): Promise<RunningPortal> {
  const each = await start({ networks: [], ...options });
  const { phone } = each.simulator.world;
  if (options.networks?.length) {
    await until("the firmware", () => each.log.length > 0, each, limit(30_000));
    await holdForSetup(each);
  }
  await until("an access point", () => phone.accessPoint !== undefined, each, limit(20_000));
  const url = await phone.serve();
  await until("the portal", () => each.log.some((line) => line.includes("http://198.")), each, limit(20_000));
  return {
    ...each,
    url,
    async close() {
      await inTime("the phone to leave", phone.close());
      await inTime("the simulator to close", each.close());
    },
  };
}

/** A test that waits for ever says nothing of what it waited for. */
async function inTime(what: string, done: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`never: ${what}`)), limit(20_000));
  });
  await Promise.race([done, late]).finally(() => clearTimeout(timer));
}

/** A small phone. */
export async function openPage(
  browser: Browser,
  url: string,
  options: { scripts?: boolean; dark?: boolean } = {},
): Promise<Page> {
  const context = await browser.newContext({
    viewport: { width: 360, height: 740 },
    javaScriptEnabled: options.scripts ?? true,
    colorScheme: options.dark ? "dark" : "light",
  });
  const page = await context.newPage();
  page.setDefaultTimeout(limit(20_000));
  await page.goto(url);
  return page;
}
