// What a person does on the setup page in Chromium at phone size, over real sockets.
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { expect } from "vitest";
import { FolderStorage } from "../../sim/device/storage";
import { homeRouter, type Router } from "../../sim/world/router";
import type { Network } from "../../wifi/network";
import { parseNetworks } from "../../wifi/saved-networks";
import { openPage, type RunningPortal, startPortal } from "./portal";

export const PASSWORD = "correct horse";
/** Where `AEROLINK_SCREENSHOTS=folder` leaves what a person should look at. */
const SCREENSHOTS = process.env.AEROLINK_SCREENSHOTS;
if (SCREENSHOTS) mkdirSync(SCREENSHOTS, { recursive: true });

export async function shot(page: Page, name: string): Promise<void> {
  if (SCREENSHOTS) await page.screenshot({ path: `${SCREENSHOTS}/setup-${name}.png`, fullPage: true });
}

export const neighbours = (): Router[] => [
  homeRouter(),
  homeRouter({ ssid: "Office", bssid: "02:00:5e:00:00:02", security: "enterprise", rssi: -61, channel: 11 }),
  homeRouter({
    ssid: "Caf\u00e9 guests",
    bssid: "02:00:5e:00:00:03",
    security: "open",
    rssi: -74,
    channel: 1,
  }),
];

export async function fill(page: Page, name: string, password: string): Promise<void> {
  await page.getByRole("radio", { name }).check();
  await page.getByLabel("Wi-Fi password").fill(password);
  await page.getByRole("button", { name: "Connect" }).click();
}

/** A sentence of the page. */
export const says = (page: Page, text: string): Promise<void> => page.getByText(text).first().waitFor();

export async function onPage(
  browser: Browser,
  options: { routers: () => Router[]; networks?: string[]; scripts?: boolean; dark?: boolean },
  play: (page: Page, each: RunningPortal) => Promise<void>,
): Promise<void> {
  const networks = options.networks?.map((ssid) => ({ ssid, password: PASSWORD })) ?? [];
  const each = await startPortal({ routers: options.routers, networks });
  try {
    const page = await openPage(browser, each.url, options);
    await play(page, each);
    expect(each.crashes).toEqual([]);
    await page.context().close();
  } finally {
    // A device that is left running takes its time from all others.
    await each.close();
  }
}

/** The networks in the device's storage. */
export function savedBy({ folder }: RunningPortal): readonly Network[] | undefined {
  const networks = new FolderStorage(join(folder, "board")).keyValue("aerolink").get("networks");
  return parseNetworks(typeof networks === "string" ? networks : "");
}
