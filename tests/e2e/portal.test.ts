// The setup page of the unchanged firmware in Chromium: how a person gets to solid blue, and what helps on the way.
// What goes wrong there is in portal-failures.test.ts.
import { readFile } from "node:fs/promises";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { homeRouter, type Router } from "../../sim/world/router";
import { limit } from "../support/limit";
import { CHROMIUM, launch } from "../support/portal";
import { closeAll, seen } from "../support/running-simulator";
import { fill, neighbours, onPage, PASSWORD, savedBy, says, shot } from "../support/setup-page";
import { LONG } from "../support/volume";

let browser: Browser;
beforeAll(async () => {
  if (CHROMIUM) browser = await launch();
});
afterAll(async () => {
  await browser?.close();
  await closeAll();
});

describe.skipIf(!CHROMIUM)("the setup page", () => {
  for (const scripts of [true, false]) {
    test.runIf(LONG || scripts).concurrent(
      `leads from pulse yellow to solid blue, past what cannot be joined, ${scripts ? "with scripts" : "without"}`,
      async () => {
        await onPage(browser, { routers: neighbours, scripts }, async (page, each) => {
          await seen(each, "pulse yellow", limit(10_000));
          expect(await page.getByLabel("Show password").isVisible()).toBe(scripts);
          expect(await page.getByRole("radio", { name: "Office" }).isDisabled()).toBe(true);
          await says(page, "needs a user name (WPA-Enterprise): not supported");
          await shot(page, scripts ? "choose" : "choose-without-scripts");
          await fill(page, "Home", PASSWORD);
          await says(page, "Joining the network");
          await shot(page, scripts ? "joining" : "joining-without-scripts");
          await says(page, "All done");
          await shot(page, scripts ? "done" : "done-without-scripts");
          await seen(each, "solid blue", limit(20_000));
          expect(each.log.join("\n")).not.toContain(PASSWORD);
        });
      },
      limit(90_000),
    );

    test.runIf(LONG).concurrent(
      `leaves what is typed alone in a search, and a password to its own network, ${scripts ? "with scripts" : "without"}`,
      async ({ expect }) => {
        const twin = homeRouter({ security: "open", bssid: "02:00:5e:00:00:66", rssi: -35 });
        delete twin.password;
        const late = homeRouter({ ssid: "Late", bssid: "02:00:5e:00:00:05", rssi: -58, on: false });
        await onPage(browser, { routers: () => [homeRouter(), twin, late], scripts }, async (page, each) => {
          each.simulator.world.change(() => {
            late.on = true;
          });
          const own = page.getByRole("radio", { name: "Home needs a password" });
          const open = page.getByRole("radio", { name: "Home no password" });
          await page.getByRole("button", { name: "Search again" }).click();
          // The page that reloads has nothing to type into; the one with the list stays as it is.
          await says(page, "Searching for networks");
          expect(await page.locator("input").count()).toBe(0);
          await page.getByRole("radio", { name: "Late" }).waitFor();
          expect(await page.locator("meta[http-equiv]").count()).toBe(0);
          await own.check();
          await page.getByLabel("Wi-Fi password").fill(PASSWORD);
          await page.waitForTimeout(3_000);
          expect(await own.isChecked()).toBe(true);
          expect(await page.getByLabel("Wi-Fi password").inputValue()).toBe(PASSWORD);
          await open.check();
          await page.getByRole("checkbox", { name: "I know" }).check();
          await page.getByRole("button", { name: "Connect" }).click();
          await says(page, "You typed a password, but this network has none");
          await shot(page, scripts ? "open-twin" : "open-twin-without-scripts");
          await own.check();
          await page.getByLabel("Wi-Fi password").fill(PASSWORD);
          await page.getByRole("button", { name: "Connect" }).click();
          await says(page, "All done");
          expect(savedBy(each)).toEqual([{ ssid: "Home", password: PASSWORD }]);
        });
      },
      limit(90_000),
    );

    test.runIf(LONG).concurrent(
      `asks whether a name in reach was meant, and joins it by one touch, ${scripts ? "with scripts" : "without"}`,
      async ({ expect }) => {
        const routers = (): Router[] => [homeRouter({ ssid: "Anna's Wi-Fi" })];
        await onPage(browser, { routers, scripts }, async (page, each) => {
          await page.getByRole("radio", { name: "Other network" }).check();
          await page.getByLabel("Network name").fill("Anna\u2019s wi-fi ");
          await page.getByLabel("Wi-Fi password").fill(PASSWORD);
          await page.getByRole("button", { name: "Connect" }).click();
          await says(page, "Did you mean \u201cAnna's Wi-Fi\u201d?");
          await shot(page, scripts ? "meant" : "meant-without-scripts");
          await page.getByRole("button", { name: "Yes, use that name" }).click();
          await says(page, "All done");
          expect(savedBy(each)).toEqual([{ ssid: "Anna's Wi-Fi", password: PASSWORD }]);
        });
      },
      limit(90_000),
    );
  }

  for (const scripts of [true, false]) {
    test.runIf(LONG || scripts).concurrent(
      `reorders and forgets saved networks, finds a router that was switched on, and closes, ${scripts ? "with scripts" : "without"}`,
      async ({ expect }) => {
        const attic = homeRouter({ ssid: "Attic", bssid: "02:00:5e:00:00:05", rssi: -58, on: false });
        const routers = (): Router[] => [homeRouter(), attic];
        await onPage(
          browser,
          { routers, networks: ["Home", "Attic", "Shed"], scripts },
          async (page, each) => {
            const saved = () => page.locator(".saved b").allTextContents();
            expect(await saved()).toEqual(["Home", "Attic", "Shed"]);
            expect(await page.content()).not.toContain(PASSWORD);
            await page.getByRole("button", { name: "Move up: Attic" }).click();
            await expect.poll(saved).toEqual(["Attic", "Home", "Shed"]);
            await page.getByRole("button", { name: "Forget: Shed" }).click();
            await expect.poll(saved).toEqual(["Attic", "Home"]);
            if (scripts) await shot(page, "saved");
            expect(await page.getByRole("radio", { name: "Attic" }).count()).toBe(0);
            each.simulator.world.change(() => {
              attic.on = true;
            });
            await page.getByRole("button", { name: "Search again" }).click();
            await page.getByRole("radio", { name: "Attic" }).waitFor();
            await page.getByRole("button", { name: "Close setup" }).click();
            await says(page, "Setup is closed");
            await seen(each, "solid blue", limit(30_000));
            expect(each.log.join("\n")).toContain('"Attic" joined');
          },
        );
      },
      limit(90_000),
    );

    test.runIf(LONG).concurrent(
      `of before cannot close what another page has left without a network, ${scripts ? "with scripts" : "without"}`,
      async ({ expect }) => {
        await onPage(browser, { routers: neighbours, networks: ["Home"], scripts }, async (page, each) => {
          await page.getByRole("button", { name: "Close setup" }).waitFor();
          const other = await page.context().newPage();
          await other.goto(each.url);
          await other.getByRole("button", { name: "Forget: Home" }).click();
          await expect.poll(() => other.getByRole("button", { name: "Close setup" }).count()).toBe(0);
          await page.getByRole("button", { name: "Close setup" }).click();
          await page.getByRole("radio", { name: "Home" }).waitFor();
          expect(await page.getByText("Setup is closed").count()).toBe(0);
          await fill(page, "Home", PASSWORD);
          await says(page, "All done");
        });
      },
      limit(90_000),
    );
  }

  test.concurrent(
    "brings the password into view when a finger chose a network of a long list",
    async ({ expect }) => {
      const routers = (): Router[] =>
        Array.from({ length: 16 }, (_, i) =>
          homeRouter({ ssid: `Neighbour ${i}`, bssid: `02:00:5e:00:01:${10 + i}`, rssi: -40 - i }),
        );
      await onPage(browser, { routers }, async (page) => {
        await expect.poll(() => page.getByRole("radio").count()).toBe(17);
        const visible = "document.querySelector('#go').getBoundingClientRect().bottom <= innerHeight";
        expect(await page.evaluate(visible)).toBe(false);
        await page.getByText("Neighbour 3").click();
        await expect.poll(() => page.evaluate(visible)).toBe(true);
        expect(await page.getByRole("radio", { name: "Neighbour 3" }).isChecked()).toBe(true);
      });
    },
    limit(90_000),
  );

  test.concurrent(
    "finds its attempt again after the access point has moved to the router's channel",
    async () => {
      const routers = (): Router[] => [
        ...neighbours(),
        homeRouter({ ssid: "Loft", bssid: "02:00:5e:00:00:04", channel: 13, rssi: -70 }),
      ];
      await onPage(browser, { routers }, async (page) => {
        await fill(page, "Loft", PASSWORD);
        await says(page, "Your phone has lost the device");
        await shot(page, "interrupted");
        await says(page, "All done");
        expect(await page.locator("#lost").isVisible()).toBe(false);
      });
    },
    limit(90_000),
  );

  test.runIf(LONG).concurrent(
    "finds its attempt again after that without scripts too, by opening the portal once more",
    async ({ expect }) => {
      const loft = homeRouter({ ssid: "Loft", bssid: "02:00:5e:00:00:04", channel: 13, rssi: -70 });
      await onPage(
        browser,
        { routers: () => [...neighbours(), loft], scripts: false },
        async (page, each) => {
          await fill(page, "Loft", PASSWORD);
          const done = async (): Promise<number> => {
            await page.goto(each.url).catch(() => {}); // while the phone is off the access point
            return page.getByText("All done").count();
          };
          await expect.poll(done, { timeout: limit(30_000), interval: 1_000 }).toBeGreaterThan(0);
          expect(savedBy(each)).toEqual([{ ssid: "Loft", password: PASSWORD }]);
        },
      );
    },
    limit(90_000),
  );

  test.concurrent(
    "is found by a browser with a long address and a large cookie",
    async ({ expect }) => {
      await onPage(browser, { routers: neighbours }, async (page, each) => {
        const elsewhere = each.url.replace("127.0.0.1", "elsewhere.test");
        await page.context().addCookies([{ name: "session", value: "a".repeat(3_000), url: elsewhere }]);
        await page.goto(`${elsewhere}article?from=${"b".repeat(2_000)}`);
        await page.getByRole("radio", { name: "Home" }).waitFor();
        expect(page.url()).toBe(each.url);
        // A browser that was closed on a form's answer asks for it again.
        await page.goto(`${each.url}join`);
        await page.getByRole("radio", { name: "Home" }).waitFor();
      });
    },
    limit(90_000),
  );

  for (const scripts of [true, false]) {
    test.runIf(LONG || scripts).concurrent(
      `tells whoever helps how the device is, on a page and in a file, ${scripts ? "with scripts" : "without"}`,
      async ({ expect }) => {
        await onPage(browser, { routers: neighbours, scripts }, async (page, each) => {
          await fill(page, "Home", "battery staple");
          await says(page, "The password is not right");
          await page.getByRole("link", { name: "Try again" }).click();
          await page.getByRole("link", { name: "Report for support" }).click();
          await says(page, "It has no password");
          await says(page, "wrong-password");
          expect(await page.getByRole("button", { name: "Copy" }).isVisible()).toBe(scripts);
          await shot(page, scripts ? "support" : "support-without-scripts");
          const [file] = await Promise.all([
            page.waitForEvent("download"),
            page.getByRole("link", { name: "Save as a file" }).click(),
          ]);
          expect(file.suggestedFilename()).toBe(`${each.simulator.deviceId}.json`);
          const saved = JSON.parse(await readFile(await file.path(), "utf8"));
          expect(saved.diagnostics.recentFailures[0].reason).toBe("wrong-password");
          // A phone's sign-in window saves nothing: the text is on the page, selected by a touch.
          await page.locator("pre").click();
          expect(JSON.parse(await page.evaluate<string>("String(getSelection())"))).toMatchObject({
            device: each.simulator.deviceId,
            diagnostics: { failures: { "wrong-password": 1 } },
          });
        });
      },
      limit(90_000),
    );
  }

  test.concurrent(
    "can be read and used: labels, contrast, targets, keyboard, nothing beside or from outside",
    async () => {
      await onPage(browser, { routers: neighbours }, async (page, each) => {
        const outside: string[] = [];
        page.on("request", (request) => {
          if (!request.url().startsWith(each.url)) outside.push(request.url());
        });
        await page.reload();
        for (const scheme of ["light", "dark"] as const) {
          await page.emulateMedia({ colorScheme: scheme });
          expect(await page.evaluate(MEASURE), scheme).toEqual({
            sideways: 0,
            unlabelled: [],
            small: [],
            faint: [],
          });
        }
        await page.keyboard.press("Tab");
        await page.keyboard.press("Space");
        expect(await page.getByRole("radio", { name: "Home" }).isChecked()).toBe(true);
        await page.keyboard.press("Tab");
        await page.keyboard.type(PASSWORD);
        await page.getByLabel("Show password").check();
        expect(await page.getByLabel("Wi-Fi password").getAttribute("type")).toBe("text");
        await page.getByLabel("Wi-Fi password").press("Enter");
        await says(page, "Joining the network");
        expect(await page.locator("#live").getAttribute("aria-live")).toBe("polite");
        expect(outside).toEqual([]);
      });
    },
    limit(90_000),
  );
});

/** In the page: what a person could not read, name or hit. Contrast after WCAG 2.2, 1.4.3. */
const MEASURE = `(() => {
  const channel = (value) => { const c = value / 255; return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4; };
  const parse = (colour) => (colour.match(/[\\d.]+/g) || []).map(Number);
  const light = ([r, g, b]) => 0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b);
  const behind = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const colour = parse(getComputedStyle(at).backgroundColor);
      if (colour.length === 3 || colour[3] === 1) return colour;
    }
    return [255, 255, 255];
  };
  const shown = [...document.querySelectorAll("main *")].filter((each) => each.offsetParent !== null);
  const faint = shown
    .filter((each) => [...each.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim()))
    .filter((each) => {
      const [a, b] = [light(parse(getComputedStyle(each).color)), light(behind(each))].sort((x, y) => y - x);
      return (a + 0.05) / (b + 0.05) < 4.5;
    })
    .map((each) => each.textContent.slice(0, 40));
  const inputs = shown.filter((each) => each.matches("input"));
  const unlabelled = inputs.filter((each) => !each.labels.length).map((each) => each.outerHTML);
  const small = shown
    .filter((each) => each.matches("button,a,label.net,label.tick,input[type=text],input[type=password]"))
    .filter((each) => each.getBoundingClientRect().height < 44)
    .map((each) => each.outerHTML.slice(0, 60));
  const root = document.documentElement;
  return { sideways: root.scrollWidth - root.clientWidth, unlabelled, small, faint };
})()`;
