// The simulator's page in real Chromium, the firmware behind it over real sockets.
import { readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { colourAt, STATUS_PATTERNS } from "../../led/patterns";
import type { Status } from "../../modules/device/status";
import { PageServer } from "../../sim/live/page-server";
import { TOUR } from "../../sim/live/tour";
import { css, seen } from "../../sim/page/light";
import { SIGHT_OF_STATUS } from "../../sim/world/led-observer";
import { PAGE_FOLDER } from "../../tools/start/build-page.mjs";
import { type OpenBrowser, openBrowser } from "../support/browser";
import { limit } from "../support/limit";
import { openPlace } from "../support/page-places";
import { type RunningPage, startPage } from "../support/running-page";
import { findChromium } from "../support/tools";
import { LONG } from "../support/volume";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const chromium = findChromium();
const SCENE_LIMIT_MS = limit(120_000);

describe.runIf(chromium)("The page", () => {
  let running: RunningPage;
  let restarted: PageServer | undefined;
  let browser: OpenBrowser;
  let page: Page;
  const complaints: string[] = [];
  const strangers: string[] = [];

  beforeAll(async () => {
    [running, browser] = await Promise.all([startPage(), openBrowser(chromium!)]);
    page = await open(1440, 900);
  }, limit(60_000));

  afterAll(async () => {
    await browser?.close();
    await restarted?.close();
    await running?.close();
  });

  async function open(width: number, height: number, still = false): Promise<Page> {
    const context = await browser.context({
      viewport: { width, height },
      reducedMotion: still ? "reduce" : "no-preference",
    });
    const opened = await context.newPage();
    opened.on("pageerror", (error) => complaints.push(error.message));
    opened.on("console", (message) => {
      if (message.type() === "error" || message.type() === "warning") complaints.push(message.text());
    });
    opened.on("request", (request) => {
      if (!["127.0.0.1", ""].includes(new URL(request.url()).hostname)) strangers.push(request.url());
    });
    await opened.goto(running.server.url);
    await opened.waitForSelector("[data-led]");
    return opened;
  }

  const play = async (id: string): Promise<void> => {
    await openPlace(page, "tour");
    await page.click(`[data-scene="${id}"]`);
    await page.waitForSelector(`[data-scene="${id}"][data-done="false"]`);
    await page.waitForSelector(`[data-scene="${id}"][data-done="true"]`, { timeout: SCENE_LIMIT_MS });
  };

  /** The lamp's colours over a whole pulse, as the browser has computed them. */
  const lampColours = (of: Page): Promise<string[]> =>
    of.evaluate(`new Promise((resolve) => {
      const lamp = document.querySelector("[data-led]");
      const colours = [];
      const end = performance.now() + 2200;
      const look = () => {
        colours.push(getComputedStyle(lamp).backgroundColor);
        if (performance.now() < end) requestAnimationFrame(look);
        else resolve(colours);
      };
      look();
    })`);

  /** Every colour that the table's pattern has within its two seconds. */
  function tableColours(status: Status): Set<string> {
    const colours = new Set<string>();
    for (let ms = 0; ms < 2_000; ms++) colours.add(css(seen(colourAt(STATUS_PATTERNS[status], ms, 100))));
    return colours;
  }

  async function expectLamp(status: Status): Promise<void> {
    const sight = SIGHT_OF_STATUS[status];
    await page.waitForSelector(`[data-sight="${sight}"]`, { timeout: SCENE_LIMIT_MS });
    const colours = await lampColours(page);
    const table = tableColours(status);
    expect(
      colours.filter((colour) => !table.has(colour)),
      sight,
    ).toEqual([]);
    // A pulse goes through many of them, a steady light has one.
    const different = new Set(colours).size;
    if (sight.startsWith("solid")) expect(different, sight).toBe(1);
    else expect(different, sight).toBeGreaterThan(15);
  }

  const hop = (name: string) =>
    page.locator(`[data-hop="${name}"]`).evaluate((element) => element.getAttribute("data-state"));

  test(
    "From the start to solid blue: every hop good, TLS named, the lamp's colour the table's",
    async () => {
      await expectLamp("online");
      for (const name of ["device", "router", "internet", "dns", "sntp", "broker"])
        expect(await hop(name), name).toBe("good");
      expect(await page.textContent(".secured")).toMatch(/^TLSv1\.[23], TLS_/);
    },
    limit(30_000),
  );

  test(
    "The plot holds the readings that the cloud got",
    async () => {
      await expect
        .poll(() => running.show.state.counts.readings, { timeout: limit(15_000) })
        .toBeGreaterThanOrEqual(5);
      await page.waitForTimeout(300);
      let got: { unixSeconds?: number; values: { co2?: number } }[] = [];
      running.show.subscribe((event) => {
        if (event.t === "hello") got = [...event.readings];
      })();
      const data: number[][] = await page.evaluate(
        'document.querySelector(".plot").uplot.data.map((column) => [...column])',
      );
      const plotted = data[0]!.map((x, i) => `${x} ${data[1]![i]}`);
      // One from before the clock was set has no place in a plot: where the computer is busy, that is the first.
      const dated = got.filter(({ unixSeconds }) => unixSeconds !== undefined);
      const expected = dated.map(({ unixSeconds, values }) => `${unixSeconds} ${values.co2}`);
      // What arrived while the two were read may be in one of them only.
      expect(plotted.length).toBeGreaterThanOrEqual(4);
      expect(expected.slice(0, plotted.length)).toEqual(plotted.slice(0, expected.length));
    },
    limit(20_000),
  );

  test("A message opens to its bytes, its text and its readings", async () => {
    await openPlace(page, "messages");
    const summary = page.locator(".messages summary", { hasText: "telemetry" }).first();
    await summary.click();
    const text = await page.locator(".messages details[open]").first().textContent();
    expect(text).toMatch(/as it came\s*[0-9a-f]{48}/);
    expect(text).toContain('"epoch":"');
    expect(text).toContain('"values":{');
  });

  test(
    "A setting that is refused says why where it was set",
    async () => {
      await page.getByLabel("Desired settings").fill('{"ledBrightness":400,"colour":1}');
      await page.getByRole("button", { name: "Set", exact: true }).click();
      await page.waitForSelector('[data-answer="config/desired"][data-look="failed"]', {
        timeout: limit(15_000),
      });
      expect(await page.textContent('[data-answer="config/desired"]')).toMatch(
        /^refused.*ledBrightness, out-of-range: it is outside.*colour, unknown-key/,
      );
    },
    limit(30_000),
  );

  test(
    "The plot names a value with its unit and time, keeps its zoom when a reading arrives, and saves what is seen",
    async () => {
      await openPlace(page, "cloud");
      const scale = (): Promise<{ min: number; max: number; length: number }> =>
        page.evaluate(`(() => {
          const { scales, data } = document.querySelector(".plot").uplot;
          return { min: scales.x.min, max: scales.x.max, length: data[0].length };
        })()`);
      const { x, y, width, height } = (await page.locator(".plot .u-over").boundingBox())!;
      const whole = await scale();
      await page.mouse.move(x + width * 0.3, y + height / 2);
      await page.mouse.down();
      await page.mouse.move(x + width * 0.99, y + height / 2, { steps: 4 });
      await page.mouse.up();
      await page.waitForSelector('[data-do="zoom-out"]');
      await expect.poll(async () => (await scale()).min).toBeGreaterThan(whole.min);
      const zoomed = await scale();
      await expect
        .poll(async () => (await scale()).length, { timeout: limit(15_000) })
        .toBeGreaterThan(zoomed.length);
      expect(await scale()).toMatchObject({ min: zoomed.min, max: zoomed.max });
      await page.focus(".plot");
      await page.keyboard.press("ArrowLeft");
      await page.waitForSelector('[data-hover*=" ppm · "]');
      expect(await page.getAttribute(".plot", "aria-valuetext")).toMatch(/^\d+ ppm · .*\d:\d\d/);
      const [download] = await Promise.all([page.waitForEvent("download"), page.click('[data-do="csv"]')]);
      const lines = readFileSync(await download.path(), "utf8")
        .trimEnd()
        .split("\r\n");
      expect(lines[0]).toMatch(/^time,epoch,seq,.*co2 \(ppm\)/);
      const shown = lines.slice(1).map((line) => Date.parse(line.split(",")[0]!) / 1_000);
      expect(shown.length).toBeGreaterThan(0);
      expect(Math.min(...shown)).toBeGreaterThanOrEqual(Math.floor(zoomed.min));
      expect(Math.max(...shown)).toBeLessThanOrEqual(zoomed.max);
      await page.click('[data-do="zoom-out"]');
    },
    limit(60_000),
  );

  test.runIf(LONG)(
    "One click cuts the power; the lamp goes dark and comes back",
    async () => {
      await openPlace(page, "device");
      await page.click('[data-do="power"]');
      await page.waitForSelector('[data-sight="dark"]');
      expect(new Set(await lampColours(page))).toEqual(new Set(["rgb(0, 0, 0)"]));
      await page.click('[data-do="power"]');
      await page.waitForSelector('[data-sight="solid blue"]');
    },
    limit(30_000),
  );

  test(
    "The tour lights the hop that fails, with the firmware's reason, and putting it right mends it",
    async () => {
      await play("mac-filter");
      expect(await hop("router")).toBe("failed");
      expect(await page.textContent(".says")).toContain("rejected");
      // Broken where it fails, and nowhere else.
      expect(await page.locator(".break").count()).toBe(1);
      await page.click('[data-do="mend"]');
      await page.waitForSelector('[data-hop="router"][data-state="good"]', { timeout: SCENE_LIMIT_MS });
    },
    limit(60_000),
  );

  test.runIf(LONG)(
    "From step to step by one button, and on a narrow page the list makes way for what there is to watch",
    async () => {
      const narrow = await open(390, 844);
      const list = narrow.locator(".tour");
      expect(await list.isVisible()).toBe(false);
      await openPlace(narrow, "tour");
      await narrow.click('[data-scene="success"]');
      // The step before, whose Next leads elsewhere, stands until the new scene is set.
      await narrow.waitForSelector('[data-scene="success"][aria-current="step"][data-done="true"]', {
        state: "attached",
        timeout: SCENE_LIMIT_MS,
      });
      expect(await list.isVisible()).toBe(false);
      await narrow.click('[data-do="next"]');
      await narrow.waitForSelector('[data-scene="led-offline"][aria-current="step"]', { state: "attached" });
      await narrow.context().close();
    },
    limit(60_000),
  );

  test.runIf(LONG)(
    "Of two scenes that are asked for at once the later one plays",
    async () => {
      const { show } = running;
      await Promise.all(["mac-filter", "success"].map((id) => show.act({ do: "scene", id })));
      expect(show.state.scene).toBe("success");
      await page.waitForSelector('[data-scene="success"][data-done="true"]', {
        state: "attached",
        timeout: SCENE_LIMIT_MS,
      });
    },
    limit(60_000),
  );

  test.runIf(LONG)(
    "In setup mode the lamp pulses yellow as the table has it, and the phone shows the portal",
    async () => {
      await play("setup");
      await expectLamp("setup");
      await openPlace(page, "phone");
      await page.click('[data-do="phone"]');
      await page.frameLocator(".handset iframe").locator("#password").waitFor();
      await page.click('[data-do="phone"]');
      await page.waitForSelector(".handset iframe", { state: "detached" });
    },
    limit(60_000),
  );

  test(
    "It has no serious fault of access, wide or narrow, light or dark, and nothing sticks out",
    async () => {
      for (const [width, height] of [
        [1440, 900],
        [390, 844],
      ] as const) {
        await page.setViewportSize({ width, height });
        // What a place holds stays in it, also after the page has become narrower.
        await page.waitForTimeout(500);
        // All that can be open, at once.
        await page.evaluate(
          `document.querySelectorAll(".panel, .panel > div").forEach((each) => (each.hidden = false))`,
        );
        const burst = await page.evaluate(`[...document.querySelectorAll(".place, .canvas")]
        .filter((place) => place.scrollWidth > place.clientWidth).map(({ className }) => className)`);
        expect(burst, `${width}`).toEqual([]);
        for (const colorScheme of ["light", "dark"] as const) {
          await page.emulateMedia({ colorScheme });
          // axe comes from the test, past the page's policy, which lets in scripts of its own only.
          const findings =
            await page.evaluate(`${AXE};axe.run(document, { resultTypes: ["violations"] }).then(
          ({ violations }) => violations
            .filter(({ impact }) => impact === "serious" || impact === "critical")
            .map(({ id, nodes }) => id + ": " + nodes.map(({ html }) => html).join(" | ")))`);
          expect(findings, `${width} ${colorScheme}`).toEqual([]);
          expect(await page.evaluate("document.documentElement.scrollWidth")).toBeLessThanOrEqual(width);
        }
      }
      await page.reload();
      await page.emulateMedia({ colorScheme: "light" });
      await page.setViewportSize({ width: 1440, height: 900 });
    },
    limit(60_000),
  );

  test(
    "By keyboard alone a scene is played and the button is held",
    async () => {
      // The thing is touched with Enter, and the keyboard goes on in what that opens.
      await page.focus('[data-place="device"]');
      await page.keyboard.press("Enter");
      await expect.poll(() => page.evaluate("document.activeElement.id")).toBe("panel");
      await page.focus('[data-do="hold"]');
      await page.keyboard.down(" ");
      await expect.poll(() => running.show.state.device.buttonHeld).toBe(true);
      await page.keyboard.up(" ");
      await expect.poll(() => running.show.state.device.buttonHeld).toBe(false);
      await page.focus('[data-do="power"]');
      await page.keyboard.press("Enter");
      await expect.poll(() => running.show.state.device.on).toBe(false);
      await page.keyboard.press("Escape");
      await expect.poll(() => page.evaluate("document.activeElement.dataset.place")).toBe("device");
      await page.focus('[data-scene="success"]');
      await page.keyboard.press("Enter");
      await page.waitForSelector('[data-scene="success"][aria-current="step"]');
    },
    limit(30_000),
  );

  test.runIf(LONG)(
    "A release of another board is sent by keyboard, and refused in words; the plug waits at its place",
    async () => {
      await page.waitForSelector('[data-sight="solid blue"]', { timeout: SCENE_LIMIT_MS });
      await openPlace(page, "firmware");
      await page.waitForSelector('[data-running="10"]');
      await page.focus('[data-do="plug"]');
      await page.keyboard.press(" ");
      await expect.poll(() => running.show.state.firmware.plugAt).toBe(50);
      await page.focus(".plug input[type=range]");
      await page.keyboard.press("ArrowRight");
      await expect.poll(() => running.show.state.firmware.plugAt).toBe(51);
      await page.focus('[data-do="plug"]');
      await page.keyboard.press(" ");
      await expect.poll(() => running.show.state.firmware.plugAt).toBeUndefined();
      await page.focus('[data-release="other-board"]');
      await page.keyboard.press("Enter");
      await page.waitForSelector('[data-update="failed"]', { timeout: limit(15_000) });
      expect(await page.textContent(".firmware .verdict")).toMatch(
        /Refused.*release 11.*another board.*wrong-board/,
      );
    },
    limit(60_000),
  );

  test(
    "The certificate tells its days, and is renewed by keyboard over real TLS: the new one is on trial",
    async () => {
      await page.waitForSelector('[data-sight="solid blue"]', { timeout: SCENE_LIMIT_MS });
      await openPlace(page, "identity");
      await page.waitForSelector('[data-identity="current"][data-source="factory"]');
      expect(await page.getAttribute(".identity output", "data-days")).toMatch(/^39[67]$/);
      expect(await page.textContent(".identity .facts")).toContain("the factory's authorities");
      await page.focus('.identity [data-do="renew"]');
      await page.keyboard.press("Enter");
      await page.waitForSelector('[data-identity="trial"][data-source="renewed"]', {
        timeout: limit(15_000),
      });
      expect(await page.textContent(".identity .verdict")).toContain("On trial");
      await page.waitForSelector('[data-sight="solid blue"]', { timeout: SCENE_LIMIT_MS });
      if (LONG)
        await page.waitForSelector('[data-identity="current"][data-source="renewed"]', {
          timeout: limit(90_000),
        });
    },
    limit(150_000),
  );

  test.runIf(LONG)(
    "With reduced motion the light stands still, and its pulse is a word",
    async () => {
      const still = await open(390, 844, true);
      await openPlace(page, "tour");
      await page.click('[data-scene="led-joining"]');
      await still.waitForSelector('[data-sight="pulse white"]', { timeout: SCENE_LIMIT_MS });
      expect(new Set(await lampColours(still)).size).toBeLessThanOrEqual(2);
      await still.context().close();
    },
    limit(60_000),
  );

  test.runIf(LONG)(
    "In the virtual world a day takes a minute, outages and all, and no reading is missing",
    async () => {
      await page.getByRole("button", { name: /^Virtual/ }).click();
      await page.getByRole("button", { name: "a day a minute" }).click();
      await page.getByLabel("outages").click();
      const start = running.show.state.unixMs;
      const hours = (): number => (running.show.state.unixMs - start) / 3_600_000;
      await expect.poll(hours, { timeout: limit(600_000), interval: 500 }).toBeGreaterThan(LONG ? 24 : 1);
      expect(running.show.state.counts.readings).toBeGreaterThan(LONG ? 1_000 : 20);
      expect(running.show.state.outages.length).toBeGreaterThan(LONG ? 4 : -1);
      // How long a frame takes on a page that has had a day of messages.
      const frames: number[] = await page.evaluate(`new Promise((resolve) => {
      const lengths = [];
      let last = performance.now();
      const frame = () => {
        const now = performance.now();
        lengths.push(now - last);
        last = now;
        if (lengths.length < 60) requestAnimationFrame(frame);
        else resolve(lengths.sort((a, b) => a - b));
      };
      requestAnimationFrame(frame);
    })`);
      // The log has followed all of it to its end.
      const behind = await page.evaluate<number>(`(() => {
        const { scrollHeight, scrollTop, clientHeight } = document.querySelector(".log");
        return scrollHeight - scrollTop - clientHeight;
      })()`);
      expect(behind).toBeLessThan(100);
      const items = await page.locator(".messages li, .log li").count();
      console.log(
        `after ${hours().toFixed(1)} virtual hours: ${running.show.state.counts.messages} messages, ${items} list items, ` +
          `frame ${frames[30]!.toFixed(0)} ms (median), ${frames[57]!.toFixed(0)} ms (95 %)`,
      );
      expect(items).toBeLessThanOrEqual(330);
      expect(frames[30]).toBeLessThan(100);
      await page.getByLabel("outages").click();
      await page.getByRole("button", { name: "a minute a second" }).click();
      await expect.poll(() => running.show.state.counts.missing, { timeout: limit(60_000) }).toBe(0);
      await page.getByRole("button", { name: /^Real/ }).click();
      await page.waitForSelector('[data-hop="broker"][data-state="good"]', { timeout: limit(30_000) });
    },
    limit(700_000),
  );

  test.runIf(LONG)(
    "The tour from start to end, each light as the table has it",
    async () => {
      for (const { id, goal } of TOUR) {
        // On the clock on the wall a release that never gets blue takes a quarter of an hour, and each trial of a
        // certificate minutes: those play on virtual time (identity-scenes.test.ts).
        if (id === "portal" || id === "update-never-blue" || id.startsWith("identity-")) continue;
        await play(id);
        const status = (Object.keys(SIGHT_OF_STATUS) as Status[]).find(
          (each) => SIGHT_OF_STATUS[each] === goal.sight,
        )!;
        await expectLamp(status);
        const { reason, powerCycle } = goal;
        // A router that was power-cycled has nothing to complain of.
        if (reason && !powerCycle) expect(await page.textContent(".hops"), id).toContain(reason);
      }
    },
    limit(900_000),
  );

  test.runIf(LONG)(
    "With the phone in its frame the device is set up and comes online",
    async () => {
      await openPlace(page, "tour");
      await page.click('[data-scene="portal"]');
      await openPlace(page, "phone");
      await page.click('[data-do="phone"]', { timeout: SCENE_LIMIT_MS });
      const portal = page.frameLocator(".handset iframe");
      await portal.getByText("Home").click({ timeout: SCENE_LIMIT_MS });
      await portal.locator("#password").fill("correct horse");
      await portal.locator("#go").click();
      await page.waitForSelector('[data-scene="portal"][data-done="true"]', {
        state: "attached",
        timeout: SCENE_LIMIT_MS,
      });
      for (const name of ["router", "internet", "dns", "sntp", "broker"])
        await page.waitForSelector(`[data-hop="${name}"][data-state="good"]`);
    },
    limit(300_000),
  );

  test("It is under 200 KB compressed, asks nothing of the world outside, and has complained of nothing", () => {
    const files = readdirSync(PAGE_FOLDER, { recursive: true, withFileTypes: true }).filter((each) =>
      each.isFile(),
    );
    const bytes = files
      .map((each) => gzipSync(readFileSync(join(each.parentPath, each.name))).length)
      .reduce((sum, each) => sum + each, 0);
    console.log(`the page takes ${(bytes / 1024).toFixed(1)} KiB compressed`);
    expect(bytes).toBeLessThan(200_000);
    expect(strangers).toEqual([]);
    expect(complaints).toEqual([]);
  });

  test(
    "A simulator that is gone leaves no blue light, and the page finds it when it is back",
    async () => {
      await page.waitForSelector('[data-sight="solid blue"]', { timeout: SCENE_LIMIT_MS });
      const { port } = running.server;
      await running.server.close();
      await page.getByRole("alert").waitFor({ timeout: limit(15_000) });
      expect(await page.textContent(".sight")).toContain("unknown");
      expect(await page.textContent(".says")).toContain("gone");
      const grey = await page.evaluate(
        'getComputedStyle(document.querySelector("[data-led]")).backgroundColor',
      );
      expect(grey).toBe("rgb(123, 132, 144)");
      expect(await page.locator('[data-state="good"]').count()).toBe(0);
      restarted = await PageServer.start({ show: running.show, folder: PAGE_FOLDER, port });
      await page.waitForSelector('[data-sight="solid blue"]', { timeout: limit(30_000) });
      expect(await page.getByRole("alert").count()).toBe(0);
    },
    limit(60_000),
  );
});
