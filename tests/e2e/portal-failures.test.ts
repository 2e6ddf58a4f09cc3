// The setup page of the unchanged firmware in Chromium: what goes wrong, and how a person gets out of it. The rest is in
// portal.test.ts.
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { homeRouter, type Router } from "../../sim/world/router";
import { limit } from "../support/limit";
import { CHROMIUM, launch } from "../support/portal";
import { closeAll } from "../support/running-simulator";
import { fill, neighbours, onPage, PASSWORD, says, shot } from "../support/setup-page";
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
  // The two that take longest come first.
  test.runIf(LONG).concurrent(
    "says that a guest network asks for a sign-in",
    async () => {
      const router = homeRouter({ ssid: "Guest", security: "open", signInPage: true });
      delete router.password;
      await onPage(browser, { routers: () => [router] }, async (page) => {
        await page.getByRole("radio", { name: "Guest" }).check();
        expect(await page.getByLabel("Wi-Fi password").isVisible()).toBe(false);
        await shot(page, "open-warning");
        await page.getByRole("checkbox", { name: "I know" }).check();
        await page.getByRole("button", { name: "Connect" }).click();
        await page
          .getByText("asks for a sign-in on a web page")
          .first()
          .waitFor({ timeout: limit(40_000) });
        expect(await page.locator("#live code").textContent()).toBe("02:00:5e:10:20:30");
        await shot(page, "sign-in-page");
      });
    },
    limit(90_000),
  );

  test.runIf(LONG).concurrent(
    "says that a network gives no address",
    async () => {
      // Forty seconds are the device's own patience with DHCP.
      await onPage(browser, { routers: () => [homeRouter({ dhcp: false })] }, async (page) => {
        await fill(page, "Home", PASSWORD);
        await page.getByText("gives the device no address").waitFor({ timeout: limit(60_000) });
        await shot(page, "no-address");
      });
    },
    limit(90_000),
  );

  for (const scripts of [true, false]) {
    test.runIf(LONG || scripts).concurrent(
      `says that a password is wrong and what to do, ${scripts ? "with scripts" : "without"}`,
      async () => {
        await onPage(browser, { routers: neighbours, scripts }, async (page) => {
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
      },
      limit(90_000),
    );

    test.runIf(LONG).concurrent(
      `finds no hidden network by a wrong name, and joins it by the right one once it is switched on, ${scripts ? "with scripts" : "without"}`,
      async () => {
        const attic = homeRouter({
          ssid: "Attic",
          hidden: true,
          bssid: "02:00:5e:00:00:05",
          rssi: -66,
          on: false,
        });
        await onPage(browser, { routers: () => [...neighbours(), attic], scripts }, async (page, each) => {
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
          // As the hotspot of the phone itself would be, or a router that is off.
          await says(page, "The device goes on trying for five minutes");
          await shot(page, scripts ? "looking" : "looking-without-scripts");
          each.simulator.world.change(() => {
            attic.on = true;
          });
          await says(page, "All done");
        });
      },
      limit(90_000),
    );

    test.runIf(LONG).concurrent(
      `shows the MAC address to ask for when a router refuses the device, ${scripts ? "with scripts" : "without"}`,
      async () => {
        const routers = (): Router[] => [homeRouter({ macFilter: ["02:00:5e:00:00:99"] })];
        await onPage(browser, { routers, scripts, dark: !scripts }, async (page) => {
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
      },
      limit(90_000),
    );
  }

  test.concurrent(
    "says that its attempt is over when the device has been restarted meanwhile",
    async () => {
      await onPage(browser, { routers: neighbours }, async (page, { simulator: { world } }) => {
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
    },
    limit(90_000),
  );
});
