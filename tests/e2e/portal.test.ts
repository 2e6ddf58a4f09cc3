// The setup page of the unchanged firmware in Chromium at phone size, over real sockets.
import { mkdirSync } from "node:fs";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { homeRouter, type Router } from "../../sim/world/router";
import { CHROMIUM, launch, openPage, type RunningPortal, startPortal } from "../support/portal";
import { closeAll, seen } from "../support/running-simulator";

const PASSWORD = "correct horse";
/** Where `AEROLINK_SCREENSHOTS=folder` leaves what a person should look at. */
const SCREENSHOTS = process.env.AEROLINK_SCREENSHOTS;
if (SCREENSHOTS) mkdirSync(SCREENSHOTS, { recursive: true });

let browser: Browser;
beforeAll(async () => {
  if (CHROMIUM) browser = await launch();
});
afterAll(async () => {
  await browser?.close();
  await closeAll();
});

async function shot(page: Page, name: string): Promise<void> {
  if (SCREENSHOTS) await page.screenshot({ path: `${SCREENSHOTS}/setup-${name}.png`, fullPage: true });
}

const neighbours = (): Router[] => [
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

async function fill(page: Page, name: string, password: string): Promise<void> {
  await page.getByRole("radio", { name }).check();
  await page.getByLabel("Wi-Fi password").fill(password);
  await page.getByRole("button", { name: "Connect" }).click();
}

/** A sentence of the page. */
const says = (page: Page, text: string): Promise<void> => page.getByText(text).first().waitFor();

async function onPage(
  options: { routers: () => Router[]; networks?: string[]; scripts?: boolean; dark?: boolean },
  play: (page: Page, each: RunningPortal) => Promise<void>,
): Promise<void> {
  const networks = options.networks?.map((ssid) => ({ ssid, password: PASSWORD })) ?? [];
  const each = await startPortal({ routers: options.routers, networks });
  const page = await openPage(browser, each.url, options);
  await play(page, each);
  expect(each.crashes).toEqual([]);
  await page.context().close();
  await each.close();
}

describe.skipIf(!CHROMIUM)("the setup page", () => {
  // The two that take longest come first.
  test.concurrent("says that a guest network asks for a sign-in", async () => {
    const router = homeRouter({ ssid: "Guest", security: "open", signInPage: true });
    delete router.password;
    await onPage({ routers: () => [router] }, async (page) => {
      await page.getByRole("radio", { name: "Guest" }).check();
      expect(await page.getByLabel("Wi-Fi password").isVisible()).toBe(false);
      await shot(page, "open-warning");
      await page.getByRole("checkbox", { name: "I know" }).check();
      await page.getByRole("button", { name: "Connect" }).click();
      await page.getByText("asks for a sign-in on a web page").first().waitFor({ timeout: 40_000 });
      expect(await page.locator("#live code").textContent()).toBe("02:00:5e:10:20:30");
      await shot(page, "sign-in-page");
    });
  }, 60_000);

  test.concurrent("says that a network gives no address", async () => {
    // Fifteen seconds are the device's own patience with DHCP.
    await onPage({ routers: () => [homeRouter({ dhcp: false })] }, async (page) => {
      await fill(page, "Home", PASSWORD);
      await page.getByText("gives the device no address").waitFor({ timeout: 30_000 });
      await shot(page, "no-address");
    });
  }, 60_000);

  for (const scripts of [true, false]) {
    test.concurrent(`leads from pulse yellow to solid blue, ${scripts ? "with scripts" : "without"}`, async () => {
      await onPage({ routers: neighbours, scripts }, async (page, each) => {
        await seen(each, "pulse yellow", 10_000);
        expect(await page.getByLabel("Show password").isVisible()).toBe(scripts);
        await shot(page, scripts ? "choose" : "choose-without-scripts");
        await fill(page, "Home", PASSWORD);
        await says(page, "Joining the network");
        await shot(page, scripts ? "joining" : "joining-without-scripts");
        await says(page, "All done");
        await shot(page, scripts ? "done" : "done-without-scripts");
        await seen(each, "solid blue", 20_000);
        expect(each.log.join("\n")).not.toContain(PASSWORD);
      });
    }, 60_000);

    test.concurrent(`says that a password is wrong and what to do, ${scripts ? "with scripts" : "without"}`, async () => {
      await onPage({ routers: neighbours, scripts }, async (page) => {
        await fill(page, "Home", "battery staple");
        await says(page, "The password is not right");
        await says(page, "Type it again");
        if (scripts) await shot(page, "wrong-password");
        await page.getByRole("link", { name: "Try again" }).click();
        await says(page, "Last problem: Home");
        expect(await page.getByRole("radio", { name: "Home" }).isChecked()).toBe(true);
        expect(await page.getByLabel("Wi-Fi password").inputValue()).toBe("");
        await page.getByRole("button", { name: "Connect" }).click();
        await says(page, "This network needs its password");
        await page.getByLabel("Wi-Fi password").fill(PASSWORD);
        await page.getByRole("button", { name: "Connect" }).click();
        await says(page, "All done");
      });
    }, 60_000);

    test.concurrent(`finds no hidden network by a wrong name and joins it by the right one, ${scripts ? "with scripts" : "without"}`, async () => {
      const routers = (): Router[] => [
        ...neighbours(),
        homeRouter({ ssid: "Attic", hidden: true, bssid: "02:00:5e:00:00:05", rssi: -66 }),
      ];
      await onPage({ routers, scripts }, async (page) => {
        expect(await page.getByRole("radio", { name: "Attic" }).count()).toBe(0);
        await page.getByRole("radio", { name: "Other network" }).check();
        await page.getByLabel("Network name").fill("attic");
        await page.getByLabel("Wi-Fi password").fill(PASSWORD);
        if (scripts) await shot(page, "other-network");
        await page.getByRole("button", { name: "Connect" }).click();
        await says(page, "The network was not found");
        if (scripts) await shot(page, "not-found");
        await page.getByRole("link", { name: "Try again" }).click();
        expect(await page.getByLabel("Network name").inputValue()).toBe("attic");
        if (scripts) await shot(page, "other-network-again");
        await page.getByLabel("Network name").fill("Attic");
        await page.getByLabel("Wi-Fi password").fill(PASSWORD);
        await page.getByRole("button", { name: "Connect" }).click();
        await says(page, "All done");
      });
    }, 60_000);

    test.concurrent(`shows the MAC address to ask for when a router refuses the device, ${scripts ? "with scripts" : "without"}`, async () => {
      const routers = (): Router[] => [homeRouter({ macFilter: ["02:00:5e:00:00:99"] })];
      await onPage({ routers, scripts, dark: !scripts }, async (page) => {
        await fill(page, "Home", PASSWORD);
        await says(page, "The router refuses this device");
        await says(page, "Ask whoever runs the network");
        expect(await page.locator("#live code").textContent()).toBe("02:00:5e:10:20:30");
        if (scripts) {
          await page.getByRole("button", { name: "Copy" }).click();
          await says(page, "Copied");
        }
        await shot(page, scripts ? "rejected" : "rejected-without-scripts");
        await page.getByRole("link", { name: "Try again" }).click();
        // Twice on this page: with the problem, and about the device.
        expect(await page.getByRole("button", { name: "Copy" }).count()).toBe(scripts ? 2 : 0);
      });
    }, 60_000);

    test.concurrent(`greys what cannot be joined, with the reason, ${scripts ? "with scripts" : "without"}`, async () => {
      await onPage({ routers: neighbours, scripts, dark: true }, async (page) => {
        expect(await page.getByRole("radio", { name: "Office" }).isDisabled()).toBe(true);
        await says(page, "needs a user name (WPA-Enterprise): not supported");
        await shot(page, scripts ? "dark" : "dark-without-scripts");
      });
    }, 60_000);
  }

  test.concurrent("reorders and forgets saved networks, finds a router that was switched on, and closes", async ({
    expect,
  }) => {
    const attic = homeRouter({ ssid: "Attic", bssid: "02:00:5e:00:00:05", rssi: -58, on: false });
    const routers = (): Router[] => [homeRouter(), attic];
    await onPage({ routers, networks: ["Home", "Attic", "Shed"] }, async (page, each) => {
      const saved = () => page.locator(".saved b").allTextContents();
      expect(await saved()).toEqual(["Home", "Attic", "Shed"]);
      expect(await page.content()).not.toContain(PASSWORD);
      await page.getByRole("button", { name: "Move up: Attic" }).click();
      await expect.poll(saved).toEqual(["Attic", "Home", "Shed"]);
      await page.getByRole("button", { name: "Forget: Shed" }).click();
      await expect.poll(saved).toEqual(["Attic", "Home"]);
      await shot(page, "saved");
      expect(await page.getByRole("radio", { name: "Attic" }).count()).toBe(0);
      each.simulator.world.change(() => {
        attic.on = true;
      });
      await page.getByRole("button", { name: "Search again" }).click();
      await page.getByRole("radio", { name: "Attic" }).waitFor();
      await page.getByRole("button", { name: "Close setup" }).click();
      await says(page, "Setup is closed");
      await seen(each, "solid blue", 30_000);
      expect(each.log.join("\n")).toContain('"Attic" joined');
    });
  }, 90_000);

  test.concurrent("says that its attempt is over when the device has been restarted meanwhile", async () => {
    await onPage({ routers: neighbours }, async (page, { simulator: { world } }) => {
      await fill(page, "Home", "battery staple");
      await says(page, "Joining the network");
      await world.powerOff();
      await says(page, "Your phone has lost the device");
      await shot(page, "lost");
      world.powerOn();
      await says(page, "This attempt is over");
      await page.getByRole("link", { name: "Choose a network" }).click();
      await page.getByRole("radio", { name: "Home" }).waitFor();
    });
  }, 60_000);

  test.concurrent("brings the password into view when a finger chose a network of a long list", async ({
    expect,
  }) => {
    const routers = (): Router[] =>
      Array.from({ length: 16 }, (_, i) =>
        homeRouter({ ssid: `Neighbour ${i}`, bssid: `02:00:5e:00:01:${10 + i}`, rssi: -40 - i }),
      );
    await onPage({ routers }, async (page) => {
      await expect.poll(() => page.getByRole("radio").count()).toBe(17);
      const visible = "document.querySelector('#go').getBoundingClientRect().bottom <= innerHeight";
      expect(await page.evaluate(visible)).toBe(false);
      await page.getByText("Neighbour 3").click();
      await expect.poll(() => page.evaluate(visible)).toBe(true);
      expect(await page.getByRole("radio", { name: "Neighbour 3" }).isChecked()).toBe(true);
    });
  }, 60_000);

  test.concurrent("finds its attempt again after the access point has moved to the router's channel", async () => {
    const routers = (): Router[] => [
      ...neighbours(),
      homeRouter({ ssid: "Loft", bssid: "02:00:5e:00:00:04", channel: 13, rssi: -70 }),
    ];
    await onPage({ routers }, async (page) => {
      await fill(page, "Loft", PASSWORD);
      await says(page, "Your phone has lost the device");
      await shot(page, "interrupted");
      await says(page, "All done");
      expect(await page.locator("#lost").isVisible()).toBe(false);
    });
  }, 60_000);

  test.concurrent("can be read and used: labels, contrast, targets, keyboard, nothing beside or from outside", async () => {
    await onPage({ routers: neighbours }, async (page, each) => {
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
  }, 60_000);
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
