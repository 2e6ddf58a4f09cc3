// A monitor's sensors on the page, in real Chromium and in real time: carried, unplugged and plugged in again. In the long
// run only.
import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type OpenBrowser, openBrowser } from "../support/browser";
import { limit } from "../support/limit";
import { openPlace } from "../support/page-places";
import { type RunningPage, startPage } from "../support/running-page";
import { findChromium } from "../support/tools";
import { LONG } from "../support/volume";

const chromium = findChromium();
const LIMIT_MS = limit(90_000);

describe.runIf(LONG && chromium)("The page of a monitor with drivers of its own", () => {
  let running: RunningPage;
  let browser: OpenBrowser;
  let page: Page;

  beforeAll(async () => {
    [running, browser] = await Promise.all([startPage("airgradient-one"), openBrowser(chromium!)]);
    page = await (await browser.context({ viewport: { width: 1440, height: 900 } })).newPage();
    await page.goto(running.server.url);
    await page.waitForSelector('[data-sight="solid blue"]', { timeout: LIMIT_MS });
    await openPlace(page, "sensors");
  }, LIMIT_MS * 2);

  afterAll(async () => {
    await browser?.close();
    await running?.close();
  });

  const logged = (text: string) =>
    page.waitForSelector(`.log >> text=${text}`, { state: "attached", timeout: LIMIT_MS });

  test("each sensor of the board is there, and the watchdog has been fed", async () => {
    const names = await page.$$eval("[data-sensor]", (all) =>
      all.map((each) => each.getAttribute("data-sensor")),
    );
    expect(names).toEqual(["PMS5003", "S8", "SHT40", "SGP41"]);
    await page.waitForSelector("[data-watchdog] >> text=fed", { timeout: LIMIT_MS });
  });

  test(
    "a sensor that is unplugged says so in the log, and works again when it is plugged in",
    async () => {
      await logged("sensor works again");
      await page.check("[data-sensor=S8] [data-fault=unplugged]");
      await logged("S8: connection lost");
      expect(running.show.state.board?.sensors[1]?.faults).toEqual(["unplugged"]);
      await page.uncheck("[data-sensor=S8] [data-fault=unplugged]");
      await expect
        .poll(() => running.show.state.board?.sensors[1]?.faults, { timeout: limit(5_000) })
        .toEqual([]);
    },
    LIMIT_MS * 2,
  );

  test("it is carried into another room", async () => {
    await page.selectOption("[data-do=carry]", "office");
    await expect.poll(() => running.show.state.board?.room, { timeout: limit(5_000) }).toBe("office");
  });
});
