// The application note names Chrome, Safari, Edge and Firefox. Chromium, from which Chrome and Edge are made, has its
// tests beside this one; here are Debian's Firefox, and WebKitGTK, which has Safari's engine.
import { mkdirSync, writeFileSync } from "node:fs";
import { expect, test } from "vitest";
import { colourAt, STATUS_PATTERNS } from "../../led/patterns";
import { css, seen } from "../../sim/page/light";
import { limit } from "../support/limit";
import { startPage } from "../support/running-page";
import { findTool } from "../support/tools";
import { LONG } from "../support/volume";
import { type DrivenBrowser, openFirefox, openWebKit } from "../support/webdriver";

/** Where `AEROLINK_SCREENSHOTS=folder` leaves what a person should look at. */
const SCREENSHOTS = process.env.AEROLINK_SCREENSHOTS;
const SCENE_LIMIT_MS = limit(60_000);
const SOLID_BLUE = css(seen(colourAt(STATUS_PATTERNS.online, 0, 100)));

const BROWSERS: readonly [name: string, tool: string, open: (path: string) => Promise<DrivenBrowser>][] = [
  ["Firefox", "firefox-esr", openFirefox],
  ["WebKitGTK", "WebKitWebDriver", openWebKit],
];

for (const [name, tool, open] of BROWSERS) {
  const path = LONG ? findTool(tool) : undefined;
  test.runIf(path)(
    `In ${name} the page plays the tour, and its phone sets the device up to solid blue`,
    async () => {
      const running = await startPage();
      let browser: DrivenBrowser | undefined;
      try {
        browser = await open(path!);
        console.log(browser.version);
        await useIt(browser, running.server.url, name);
      } finally {
        await browser?.close();
        await running.close();
      }
    },
    limit(240_000),
  );
}

async function useIt(browser: DrivenBrowser, url: string, name: string): Promise<void> {
  const shot = async (what: string): Promise<void> => {
    if (!SCREENSHOTS) return;
    mkdirSync(SCREENSHOTS, { recursive: true });
    writeFileSync(`${SCREENSHOTS}/${name}-${what}.png`, await browser.screenshot());
  };
  const found = (selector: string): string => `document.querySelector(${JSON.stringify(selector)})`;
  const until = (selector: string): Promise<void> => browser.until(found(selector), SCENE_LIMIT_MS);
  const colour = (): Promise<string> =>
    browser.evaluate(`getComputedStyle(${found("[data-led]")}).backgroundColor`);

  await browser.go(url);
  await until('[data-sight="solid blue"]');
  await until('[data-hop="broker"][data-state="good"]');
  expect(await colour()).toBe(SOLID_BLUE);
  await browser.until(`${found(".plot")}.uplot.data[0].length > 2`);
  await shot("online");

  await browser.click('[data-scene="wrong-password"]');
  await until('[data-scene="wrong-password"][data-done="true"]');
  await until('[data-hop="router"][data-state="failed"]');
  expect(await browser.evaluate(`${found(".says")}.textContent`)).toContain("wrong-password");

  await browser.click('[data-scene="portal"]');
  await until('[data-sight="pulse yellow"]');
  await browser.click('[data-place="phone"]');
  await until('[data-do="phone"]');
  const shades = new Set<string>();
  for (let i = 0; i < 12; i++) {
    shades.add(await colour());
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  expect(shades.size).toBeGreaterThan(3);
  await browser.click('[data-do="phone"]');
  await until(".handset iframe");
  await browser.enterFrame(".handset iframe");
  await until('input[name="net"]:not([value="other"])');
  // While it searches, the page asks anew, and what was typed is gone.
  await browser.until(`!${found("[data-searching]")}`);
  await shot("portal");
  await browser.click('input[name="net"]:not([value="other"])');
  await browser.type("#password", "correct horse");
  await browser.click("#go");
  await browser.until(`document.body.textContent.includes("Home") && ${found("#live")}`);
  await browser.enterFrame(undefined);
  await until('[data-scene="portal"][data-done="true"]');
  await until('[data-sight="solid blue"]');
  await until('[data-hop="router"][data-state="good"]');
  await until('[data-hop="broker"][data-state="good"]');
  expect(await colour()).toBe(SOLID_BLUE);
  await shot("set-up");
}
