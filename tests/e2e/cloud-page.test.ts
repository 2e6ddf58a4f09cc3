// The cloud's page in real Chromium, over the real server and an embedded store. The other browsers are below.
import { readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { People } from "../../cloud/access/people";
import { buildCloudPage, CLOUD_PAGE_FOLDER } from "../../tools/start/build-page.mjs";
import { type OpenBrowser, openBrowser } from "../support/browser";
import { ACME } from "../support/cloud-api";
import { type CloudPage, fillFleet, measure, startCloudPage } from "../support/cloud-page";
import { limit } from "../support/limit";
import { manifestOf } from "../support/offers";
import { OIDC_CLIENT, type OidcProvider, startOidcProvider } from "../support/oidc";
import { findChromium, findTool } from "../support/tools";
import { LONG } from "../support/volume";
import { type DrivenBrowser, openFirefox, openWebKit } from "../support/webdriver";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const chromium = findChromium();
const KITCHEN = "aerolink-02005e102030";
const EVIL = `<img src=x onerror="window.harmed=1"><script>window.harmed=1</script>`;

/** Several pages of the API. */
const MANY = LONG ? 10_000 : 1_200;

const now = (): number => Math.floor(Date.now() / 1000);

describe.runIf(chromium)("The cloud's page", () => {
  let cloud: CloudPage;
  let browser: OpenBrowser;
  let page: Page;
  const complaints: string[] = [];
  const strangers: string[] = [];

  beforeAll(async () => {
    [cloud, browser] = await Promise.all([startCloudPage(), openBrowser(chromium!)]);
    await fillFleet(cloud.store);
    await cloud.store.devices.add({ id: "evil", account: ACME, friendlyName: EVIL }, now());
    page = await open(cloud.url);
  }, limit(90_000));

  afterAll(async () => {
    await browser?.close();
    await cloud?.close();
  });

  async function open(url: string): Promise<Page> {
    const context = await browser.context({ viewport: { width: 1440, height: 900 }, acceptDownloads: true });
    const opened = await context.newPage();
    opened.on("pageerror", (error) => complaints.push(error.message));
    opened.on("console", (message) => {
      if (message.type() === "error" || message.type() === "warning") complaints.push(message.text());
    });
    opened.on("request", (request) => {
      if (!["127.0.0.1", ""].includes(new URL(request.url()).hostname)) strangers.push(request.url());
    });
    await opened.goto(url);
    return opened;
  }

  const names = (): Promise<string[]> => page.locator(".row .name strong").allTextContents();

  async function toDevice(id = KITCHEN): Promise<void> {
    await page.goto(`${cloud.url}/#/device/${encodeURIComponent(id)}`);
    await page.waitForSelector("h1");
  }

  /** Times that the first plot shows. */
  const seen = (): Promise<{ from: number; to: number }> =>
    page.evaluate(
      `(({ min, max }) => ({ from: min, to: max }))(document.querySelector(".plot").uplot.scales.x)`,
    );

  test("It says that no sign-in is needed on this computer, and lists the fleet by what needs attention", async () => {
    await page.waitForSelector(".row");
    expect(await page.textContent(".who")).toContain("no sign-in needed");
    expect(await names()).toEqual([
      "Workshop",
      "Cellar",
      "Classroom 1a",
      "Meeting room 2",
      "Bedroom",
      EVIL,
      "Still in its box",
      "Kitchen",
      "Roof",
    ]);
    const row = (name: string): Promise<string | null> =>
      page.locator(".row", { hasText: name }).textContent();
    expect(await row("Workshop")).toMatch(
      /^WorkshopIndoorsPM2\.5 \d\d\.\d.µg\/m³Unhealthy[23] min ago0\.1\.0$/,
    );
    expect(await row("Roof")).toMatch(/Outdoors · 52\.52° N, 13\.4[01]° E/);
    expect(await row("Cellar")).toContain("Not connected; last heard 3 h ago");
    const lights = await page
      .locator(".row .light")
      .evaluateAll((all) => all.map((each) => each.getAttribute("aria-label")));
    expect(lights[0]).toBe("Light: solid blue, Wi-Fi and cloud connected");
    expect(lights[1]).toBe("Light: not blue, not connected to the cloud");
  });

  test("A name that is HTML is shown as it is, and does nothing", async () => {
    await page.locator(".row", { hasText: "onerror" }).click();
    await page.waitForSelector(".cards");
    expect(await page.textContent("h1")).toBe(EVIL);
    expect(await page.evaluate("window.harmed")).toBeUndefined();
    expect(await page.textContent("main")).toContain("Nothing has been measured yet");
    await page.goBack();
    await page.waitForSelector(".row");
  });

  test("Searching and filtering by keyboard leave what was meant", async () => {
    await page.getByLabel("Search devices").focus();
    await page.keyboard.type("outdoors 0.2");
    await expect.poll(names).toEqual(["Roof"]);
    await page.getByLabel("Search devices").fill("");
    await page.getByLabel(/Not connected/).focus();
    await page.keyboard.press(" ");
    await expect.poll(names).toEqual(["Cellar"]);
    await page.getByLabel(/^All/).check();
  });

  test("A deep link shows a device: values, what they mean and by whom, and its history with the gap shaded", async () => {
    await toDevice();
    await page.waitForSelector(".plot .u-over");
    expect(await page.textContent(".title")).toMatch(
      /Kitchen.*Solid blue: Wi-Fi and cloud connected.*Indoors.*measured/,
    );
    expect(await page.locator("article.value h3").allTextContents()).toEqual([
      "PM2.5",
      "CO₂",
      "PM10",
      "Temperature",
      "Humidity",
      "VOC index",
    ]);
    await expect
      .poll(() => page.locator('article[data-quantity="mcpm2x5"]').textContent())
      .toMatch(/Air Quality Index of 24 hours: \d+/);
    expect(await page.textContent(".sources")).toMatch(
      /US EPA.*Health and Safety Executive.*EN 16798-1.*Sensirion/,
    );
    expect(await page.textContent(".gaps summary")).toContain("One gap");
    expect(await page.textContent(".gaps")).toMatch(/nothing for 6[0-2] min/);
    // The gap is another colour than the paper beside it.
    const shades: number[][] = await page.evaluate(`(() => {
      const { ctx, bbox, valToPos } = document.querySelector(".plot").uplot;
      const row = ctx.getImageData(0, bbox.top + 3, ctx.canvas.width, 1).data;
      const at = (secondsAgo) => Math.round(valToPos(Date.now() / 1000 - secondsAgo, "x", true)) * 4;
      return [7.3, 12.4].map((hours) => [...row.slice(at(hours * 3600), at(hours * 3600) + 4)]);
    })()`);
    expect(shades[0]![3]).toBe(255);
    expect(shades[0]).not.toEqual(shades[1]);
  });

  test("A key reads a value with its unit and time, and the other plot follows", async () => {
    await page.focus('[data-quantity="mcpm2x5"] .plot');
    await page.keyboard.press("End");
    await page.keyboard.press("ArrowLeft");
    const said = (name: string): Promise<string | null> =>
      page.textContent(`[data-quantity="${name}"] output`);
    await expect.poll(() => said("mcpm2x5")).toMatch(/^\d+ \w+ \d{4}, \d\d:\d\d:\d\d · \d+\.\d.µg\/m³$/);
    await expect.poll(() => said("co2_ppm")).toMatch(/·.*ppm$/);
    await page.hover(".plot >> nth=0", { position: { x: 500, y: 80 } });
    await expect.poll(() => said("mcpm2x5")).toMatch(/µg\/m³$/);
  });

  test("A zoom stays when readings come, and Escape leads back; without it the view follows them", async () => {
    const plot = (await page.locator(".plot .u-over").first().boundingBox())!;
    await page.mouse.move(plot.x + plot.width * 0.5, plot.y + 60);
    await page.mouse.down();
    await page.mouse.move(plot.x + plot.width * 0.6, plot.y + 60, { steps: 4 });
    await page.mouse.up();
    await page.mouse.move(5, 5);
    await page.getByRole("button", { name: "Back to the last day" }).waitFor();
    await expect.poll(async () => (await seen()).to - (await seen()).from).toBeLessThan(10_000);
    const zoomed = await seen();
    const { values } = { values: () => ({ co2: 3_333, pm2_5: 3 }) };
    await measure(cloud.store, {
      id: KITCHEN,
      from: now(),
      to: now() + 1,
      everySeconds: 1,
      seq: 50_000,
      values,
    });
    await expect
      .poll(() => page.locator('article[data-quantity="co2_ppm"]').textContent(), { timeout: limit(20_000) })
      .toContain("3,333");
    expect(await page.locator('article[data-quantity="co2_ppm"]').textContent()).toContain(
      "Unacceptable: air the room",
    );
    expect(await seen()).toEqual(zoomed);
    await page.focus(".plot >> nth=0");
    await page.keyboard.press("Escape");
    await expect.poll(async () => (await seen()).to).toBeGreaterThan(now() - 30);
    await expect.poll(() => page.textContent('[data-quantity="co2_ppm"] output')).toContain("highest 3,333");
  });

  test("CSV is of the time and the quantities that are seen, each value of it", async () => {
    await page.getByRole("button", { name: "Zoom in" }).click();
    await page.getByRole("button", { name: "Back to the last day" }).waitFor();
    await page.locator(".chips").getByLabel("CO₂").uncheck({ force: true });
    await page.locator(".chips").getByLabel("Humidity").check({ force: true });
    await page.waitForSelector('[data-quantity="rh"] .plot');
    await page.waitForTimeout(300);
    const drawn: [number[], number[], number[]] =
      await page.evaluate(`[...document.querySelectorAll(".plot")].flatMap(({ uplot }, i) => {
      const there = uplot.data[3].flatMap((value, j) => value === null ? [] : [j]);
      return i === 0 ? [there.map((j) => uplot.data[0][j]), there.map((j) => uplot.data[3][j])] : [there.map((j) => uplot.data[3][j])];
    })`);
    const [download] = await Promise.all([
      page.waitForEvent("download"),
      page.getByText("CSV of what is seen").click(),
    ]);
    const [head, ...lines] = readFileSync(await download.path(), "utf8")
      .trim()
      .split("\r\n");
    expect(head).toBe("cloud_account_id,cloud_device_id,cloud_timestamp,timestamp,mcpm2x5,rh");
    const cells = lines.map((line) => line.split(","));
    expect(cells.map((each) => Date.parse(each[3]!) / 1000)).toEqual(drawn[0]);
    expect(cells.map((each) => Number(each[4]))).toEqual(drawn[1]);
    expect(cells.map((each) => Number(each[5]))).toEqual(drawn[2]);
  });

  test("Each range is shown, a year of it within a moment", async () => {
    for (const range of ["Hour", "Week", "Month", "Year"]) {
      await page.locator(".history .choice").getByLabel(range).check({ force: true });
      const length = { Hour: 3_600, Week: 604_800, Month: 2_592_000, Year: 31_536_000 }[range]!;
      await expect
        .poll(async () => (await seen()).to - (await seen()).from, { timeout: limit(5_000) })
        .toBe(length);
    }
    expect(await page.textContent(".below")).toContain("A point is the mean of 12 h");
  });

  test("Settings, commands and diagnostics go to the device, and its answers are said", async () => {
    for (const name of ["settings", "commands", "health", "firmware", "place"])
      await page.click(`[data-card="${name}"] summary`);
    await page.getByLabel("LED brightness").fill("40");
    await page.getByRole("button", { name: "Set one setting" }).click();
    await page.getByText("The device has taken them.").waitFor();
    expect(cloud.devices.asked.at(-1)).toEqual({ device: KITCHEN, settings: { ledBrightness: 40 } });

    await page.getByLabel("Flash the light: Seconds").fill("7");
    await page.getByRole("button", { name: "Send: Flash the light" }).click();
    await page.locator('[data-command="identify"] + .outcome', { hasText: "Done." }).waitFor();
    expect(cloud.devices.asked.at(-1)).toEqual({ device: KITCHEN, name: "identify", args: { seconds: 7 } });

    const before = cloud.devices.asked.length;
    await page.getByRole("button", { name: "Send: Restart" }).click();
    await page.getByText("Restart the device?").waitFor();
    expect(cloud.devices.asked).toHaveLength(before);
    await page.getByRole("button", { name: "Yes" }).click();
    await page.getByText("The device refused: busy.").waitFor();

    await page.getByRole("button", { name: "Ask for counts and failures" }).click();
    await page.locator('[data-card="health"]', { hasText: "firewall-8883 2×" }).waitFor();
  });

  test("An update is offered from its manifest, and a name is kept", async () => {
    const manifest = manifestOf();
    await page.getByLabel("Signed manifest").fill(manifest);
    await page.getByRole("button", { name: "Offer 0.3.0 (release 12)" }).click();
    await page.getByText("It is offered.").waitFor();
    expect(cloud.devices.asked.at(-1)).toEqual({ device: KITCHEN, manifest });
    await page.getByLabel("Name", { exact: true }).fill("Kitchen & hall");
    await page.getByRole("button", { name: "Keep" }).click();
    await expect.poll(() => page.textContent("h1")).toBe("Kitchen & hall");
    await page.getByLabel("Name", { exact: true }).fill("Kitchen");
    await page.getByRole("button", { name: "Keep" }).click();
    await expect.poll(() => page.textContent("h1")).toBe("Kitchen");
  });

  test("A certificate is renewed, and a release rolled out in stages, paused and ended", async () => {
    await page.click('[data-card="certificate"] summary');
    await page.getByRole("button", { name: "Renew now" }).click();
    await page.getByText("The device has been asked.").waitFor();
    expect(cloud.devices.asked.at(-1)).toEqual({ device: KITCHEN, name: "renew-certificate" });

    await page.getByRole("link", { name: "Updates and certificates" }).click();
    await page.getByRole("button", { name: "Renew the certificate of Bedroom" }).waitFor();
    await page.getByRole("button", { name: "New rollout" }).click();
    await page.getByLabel("Signed manifest").fill(manifestOf({ boards: ["esp32"] }));
    await page.getByRole("textbox", { name: /^Stages/ }).fill("30, 100");
    await page.getByRole("button", { name: "Begin with 0.3.0 (release 12)" }).click();
    await page.waitForSelector('.rollout[data-state="running"]');
    expect(await page.textContent(".rollout .stages")).toMatch(/^30 %.*100 %/);
    await page.getByText("Its devices").click();
    await page.waitForSelector(".rollout-devices li");
    await page.getByRole("button", { name: "Pause" }).click();
    await page.waitForSelector('.rollout[data-state="paused"]');
    await page.getByRole("button", { name: "Go on" }).click();
    await page.waitForSelector('.rollout[data-state="running"]');
    await page.getByRole("button", { name: "End", exact: true }).click();
    await page.getByRole("button", { name: "Yes" }).click();
    await page.waitForSelector('.rollout[data-state="ended"]');
  });

  test(
    "It has no fault of access, wide or narrow, light or dark, open or closed, and nothing sticks out",
    async () => {
      for (const address of ["/", `/#/device/${KITCHEN}`, `/#/device/aerolink-02005e102035`, "/#/care"]) {
        await page.goto(`${cloud.url}${address}`);
        await page.reload();
        await page.waitForSelector("h1");
        for (const card of await page.locator(".card > summary").all()) await card.click();
        await page.waitForTimeout(400);
        for (const width of [1440, 390])
          for (const colorScheme of ["light", "dark"] as const) {
            // In the short run one of the schemes at each width.
            if (!LONG && (colorScheme === "dark") === (width === 1440)) continue;
            await page.setViewportSize({ width, height: 900 });
            await page.emulateMedia({ colorScheme });
            const findings =
              await page.evaluate(`${AXE};axe.run(document, { resultTypes: ["violations"] }).then(
              ({ violations }) => violations.map(({ id, nodes }) => id + ": " + nodes.map(({ html }) => html).join(" | ")))`);
            expect(findings, `${address} ${width} ${colorScheme}`).toEqual([]);
            expect(
              await page.evaluate("document.documentElement.scrollWidth"),
              `${address} ${width}`,
            ).toBeLessThanOrEqual(width);
          }
      }
      await page.emulateMedia({ colorScheme: "light" });
      await page.setViewportSize({ width: 1440, height: 900 });
    },
    limit(120_000),
  );

  test("For whom nothing should move nothing moves", async () => {
    await page.goto(`${cloud.url}/#/device/aerolink-02005e102035`);
    await page.waitForSelector(".lights");
    const moving = (): Promise<number> => page.evaluate("document.getAnimations().length");
    expect(await moving()).toBeGreaterThan(0);
    await page.emulateMedia({ reducedMotion: "reduce" });
    expect(await moving()).toBe(0);
    await page.emulateMedia({ reducedMotion: "no-preference" });
  });

  test("By keyboard alone one gets from the fleet to a device and back", async () => {
    await page.goto(`${cloud.url}/#/`);
    await page.waitForSelector(".row");
    await page.locator(".row", { hasText: "Kitchen" }).focus();
    await page.keyboard.press("Enter");
    await expect.poll(() => page.textContent("h1")).toBe("Kitchen");
    expect(await page.evaluate("document.activeElement.id")).toBe("main");
    expect(await page.title()).toBe("Kitchen – Aerolink");
    await page.getByRole("link", { name: "Devices" }).focus();
    await page.keyboard.press("Enter");
    await page.waitForSelector(".row");
  });

  test("A device that is not there is said to be not there", async () => {
    await toDevice("nobody");
    await page.getByText("This account has no device that is called nobody.").waitFor();
  });

  test("Its files are small, come compressed under names that change with them, and open in no other page", async () => {
    const folder = await buildCloudPage();
    const files = ["index.html", ...readdirSync(join(folder, "assets")).map((name) => `assets/${name}`)];
    const bytes = files.reduce(
      (sum, file) => sum + gzipSync(readFileSync(join(CLOUD_PAGE_FOLDER, file))).length,
      0,
    );
    expect(bytes).toBeLessThan(100_000);
    const html = await (await fetch(cloud.url)).text();
    expect(html).not.toMatch(/<style|<script(?![^>]*\bsrc=)|\son\w+=|style=/);
    const home = await fetch(cloud.url);
    expect(home.headers.get("content-security-policy")).toMatch(
      /default-src 'none'; script-src 'self'; style-src 'self'/,
    );
    expect(home.headers.get("cache-control")).toBe("no-cache");
    const script = files.find((file) => file.endsWith(".js"))!;
    expect(script).toMatch(/-[\w-]{8}\.js$/);
    const asset = await fetch(`${cloud.url}/${script}`, { headers: { "accept-encoding": "gzip" } });
    expect(asset.headers.get("content-encoding")).toBe("gzip");
    expect(asset.headers.get("cache-control")).toContain("immutable");
    for (const path of [
      "/assets/..%2findex.html",
      "/assets/%2e%2e/index.html",
      "/assets/nothing.js",
      "/assets/..%5c..%5cpackage.json",
      "/index.html",
    ])
      expect((await fetch(`${cloud.url}${path}`)).status, path).toBe(404);
  });

  test("Nothing was asked of a stranger, and nothing complained", () => {
    expect(strangers).toEqual([]);
    // What the browser says of the device that is not there.
    expect(complaints.filter((text) => !/status of 404/.test(text))).toEqual([]);
  });

  test(
    "When the cloud goes away the page says so and keeps what it knows; when it is back it goes on",
    async () => {
      const own = await startCloudPage();
      const away = await open(own.url);
      try {
        await own.store.devices.add({ id: "one", account: ACME, friendlyName: "Lonely" }, now());
        await away.reload();
        await away.waitForSelector(".row");
        await own.stop();
        await away.evaluate(`document.dispatchEvent(new Event("visibilitychange"))`);
        await away.getByText("The cloud does not answer.").waitFor({ timeout: limit(20_000) });
        expect(await away.textContent(".row strong")).toBe("Lonely");
        await own.start();
        await away
          .getByText("The cloud does not answer.")
          .waitFor({ state: "detached", timeout: limit(20_000) });
        await own.store.devices.change({ fleet: true }, "one", { friendlyName: "Found again" }, now());
        await away.evaluate(`document.dispatchEvent(new Event("visibilitychange"))`);
        await expect
          .poll(() => away.textContent(".row strong"), { timeout: limit(20_000) })
          .toBe("Found again");
      } finally {
        await away.close();
        await own.close();
      }
    },
    limit(60_000),
  );

  test("An account without devices is told how one comes", async () => {
    const own = await startCloudPage();
    const empty = await open(own.url);
    await empty.getByText("No device yet").waitFor();
    await empty.close();
    await own.close();
  });

  test.runIf(LONG)(
    "Thousands of devices are listed without holding the page up",
    async () => {
      const own = await startCloudPage();
      const many = await open("about:blank");
      try {
        await own.addDevices(MANY);
        await many.goto(own.url);
        await many
          .getByText(MANY.toLocaleString("en"), { exact: false })
          .first()
          .waitFor({ timeout: limit(30_000) });
        expect(await many.locator(".row").count()).toBe(60);
        const longest: number = await many.evaluate(`new Promise((resolve) => {
          let longest = 0;
          let last = performance.now();
          const end = last + 1500;
          const look = () => {
            const now = performance.now();
            longest = Math.max(longest, now - last);
            last = now;
            if (now < end) requestAnimationFrame(look); else resolve(longest);
          };
          look();
          const search = document.querySelector("input[type=search]");
          search.value = "${String(MANY - 1).padStart(6, "0")}";
          search.dispatchEvent(new Event("input", { bubbles: true }));
        })`);
        expect(longest).toBeLessThan(limit(400));
        await expect.poll(() => many.locator(".row").count()).toBe(1);
      } finally {
        await many.close();
        await own.close();
      }
    },
    limit(120_000),
  );

  test("Whoever has not signed in sees a plain page, and is told where nobody can", async () => {
    const own = await startCloudPage({ isLocal: false });
    const out = await open(own.url);
    await out.getByRole("link", { name: "Sign in" }).click();
    await out.getByText("Nobody can sign in here").waitFor();
    expect(await out.locator(".row").count()).toBe(0);
    await out.close();
    await own.close();
  });

  test("A person signs in with a second factor, may look and not change, and signs out", async () => {
    const later: { provider?: OidcProvider } = {};
    const own = await startCloudPage({
      isLocal: false,
      people: (url) =>
        new People({
          // It is known once the provider knows our address.
          issuer: { toString: () => later.provider!.issuer } as unknown as string,
          clientId: OIDC_CLIENT.id,
          clientSecret: OIDC_CLIENT.secret,
          redirect: `${url}/sign-in/callback`,
          secondFactor: { claim: "amr", values: ["mfa"] },
          account: { claim: "account" },
          scopes: ["api:read:device"],
          insecure: true,
        }),
    });
    const provider = await startOidcProvider(`${own.url}/sign-in/callback`);
    later.provider = provider;
    provider.person = { accountId: "ann", amr: ["pwd", "mfa"], claims: { account: ACME } };
    const person = await open(own.url);
    try {
      await own.store.devices.add({ id: "one", account: ACME, friendlyName: "Hers" }, now());
      await person.getByRole("link", { name: "Sign in" }).click();
      await person.waitForSelector(".row");
      expect(await person.textContent(".who .name")).toBe("ann");
      await person.click(".row");
      await person.click('[data-card="commands"] summary');
      await person.getByText("that needs the right “api:write:command”").waitFor();
      await person.getByRole("button", { name: "Sign out" }).click();
      await person.getByRole("link", { name: "Sign in" }).waitFor();
      await person.reload();
      await person.getByRole("link", { name: "Sign in" }).waitFor();
    } finally {
      await person.close();
      await own.close();
      await provider.close();
    }
  });
});

const BROWSERS: readonly [name: string, tool: string, open: (path: string) => Promise<DrivenBrowser>][] = [
  ["Firefox", "firefox-esr", openFirefox],
  ["WebKitGTK", "WebKitWebDriver", openWebKit],
];

for (const [name, tool, openIt] of BROWSERS) {
  const path = LONG ? findTool(tool) : undefined;
  test.runIf(path)(
    `In ${name} the cloud's page lists the fleet, draws a device's history and sends a command`,
    async () => {
      const cloud = await startCloudPage();
      let browser: DrivenBrowser | undefined;
      try {
        await fillFleet(cloud.store);
        browser = await openIt(path!);
        console.log(browser.version);
        const text = (selector: string): string =>
          `(document.querySelector(${JSON.stringify(selector)})?.textContent ?? "")`;
        await browser.go(cloud.url);
        await browser.until(`document.querySelectorAll(".row").length === 8`);
        await browser.click('.row[href$="102030"]');
        await browser.until(`document.querySelector(".plot")?.uplot?.data[0].length > 1000`);
        await browser.until(`${text(".gaps summary")}.includes("One gap")`);
        await browser.click('[data-card="commands"] summary');
        await browser.until(`document.querySelector('[data-command="ping"] button')`);
        await browser.click('[data-command="ping"] button');
        await browser.until(`${text('[data-command="ping"] + .outcome')}.includes("Done")`);
        expect(cloud.devices.asked.at(-1)).toMatchObject({ name: "ping" });
      } finally {
        await browser?.close();
        await cloud.close();
      }
    },
    limit(120_000),
  );
}
