// Commands and settings from the page's cloud place, in real Chromium: over TLS to the firmware, and its answer back
// in the list of messages. In the long run only.
import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { COMMANDS } from "../../modules/commands/command-table";
import { SETTING_KEYS, SETTINGS } from "../../modules/configuration/settings-table";
import type { Message } from "../../sim/live/protocol";
import { CLOUD_HOST } from "../../sim/world/names";
import { type OpenBrowser, openBrowser } from "../support/browser";
import { limit } from "../support/limit";
import { openPlace } from "../support/page-places";
import { type RunningPage, startPage } from "../support/running-page";
import { faultsOf } from "../support/schemas";
import { findChromium } from "../support/tools";
import { LONG } from "../support/volume";

const chromium = findChromium();
const LIMIT_MS = limit(60_000);

describe.runIf(LONG && chromium)("The page's cloud place", () => {
  let running: RunningPage;
  let browser: OpenBrowser;
  let page: Page;
  const messages: Message[] = [];

  beforeAll(async () => {
    [running, browser] = await Promise.all([startPage(), openBrowser(chromium!)]);
    running.show.subscribe((event) => {
      if (event.t === "message") messages.push(event.message);
    });
    page = await (await browser.context({ viewport: { width: 1440, height: 900 } })).newPage();
    await page.goto(running.server.url);
    await sight("solid blue");
    await openPlace(page, "messages");
  }, LIMIT_MS * 2);

  afterAll(async () => {
    await browser?.close();
    await running?.close();
  });

  const sight = (wanted: string) => page.waitForSelector(`[data-sight="${wanted}"]`, { timeout: LIMIT_MS });

  /** The device's next message of a topic after `act`, which the page must show too. */
  async function answerTo(
    topic: "command/result" | "config/reported",
    act: () => Promise<void>,
  ): Promise<unknown> {
    const seen = messages.length;
    await act();
    const next = () => messages.slice(seen).find((message) => message.topic === topic);
    await expect.poll(next, { timeout: LIMIT_MS }).toBeDefined();
    const { text } = next()!;
    const value = JSON.parse(text);
    expect(faultsOf(topic.replace("/", "-"), value)).toBe("");
    const shown = page.locator(".messages li", { hasText: topic }).first();
    await expect.poll(() => shown.textContent(), { timeout: limit(10_000) }).toContain(text.slice(0, 40));
    return value;
  }

  const command = (name: string, args?: object) =>
    answerTo("command/result", async () => {
      await page.getByLabel("Command").selectOption(name);
      if (args) await page.getByLabel("Arguments").fill(JSON.stringify(args));
      await page.getByRole("button", { name: "Send" }).click();
    });

  const configure = (settings: object) =>
    answerTo("config/reported", async () => {
      await page.getByLabel("Desired settings").fill(JSON.stringify(settings));
      await page.getByRole("button", { name: "Set", exact: true }).click();
    });

  test(
    "Every setting of the cloud's is applied, and one that is wrong refuses all of them",
    async () => {
      const good = {
        brokerHost: CLOUD_HOST,
        brokerPort: 8_883,
        mqttVersion: 4,
        brokerAlpn: "",
        brokerUser: "",
        topicPrefix: "aerolink/v1/{id}",
        clientId: "{id}",
        keepAliveSeconds: 30,
        homeAssistant: false,
        sntpServers: ["0.pool.ntp.org"],
        samplingSeconds: 1,
        readingsPerBatch: 3,
        publishSeconds: 60,
        compression: "zlib",
        temperatureOffset: -150,
        humidityOffset: 200,
        co2Offset: 10,
        altitude: 520,
        co2SelfCalibration: false,
        pmCorrection: "epa-2021",
        ledBrightness: 50,
        logLevel: "debug",
        updates: "automatic",
        updateHost: "",
      };
      const keys = SETTING_KEYS.filter((key) => SETTINGS[key].access === "cloud");
      expect([...Object.keys(good), "brokerPassword"].sort()).toEqual([...keys].sort());
      expect(await configure(good)).toMatchObject({ state: "applied", settings: good });
      const bad = Object.fromEntries(keys.map((key) => [key, null]));
      expect(await configure({ ...bad, colour: "red" })).toMatchObject({
        state: "refused",
        errors: { ...Object.fromEntries(keys.map((key) => [key, "wrong-type"])), colour: "unknown-key" },
        settings: good,
      });
    },
    limit(120_000),
  );

  test("What is no JSON object cannot be sent", async () => {
    for (const text of ["{", "[]", "null", "7"]) {
      await page.getByLabel("Arguments").fill(text);
      expect(await page.getByRole("button", { name: "Send" }).isDisabled(), text).toBe(true);
      await page.getByLabel("Desired settings").fill(text);
      expect(await page.getByRole("button", { name: "Set", exact: true }).isDisabled(), text).toBe(true);
    }
  });

  test(
    "Every command has its answer, and wrong arguments have their error",
    async () => {
      const names = Object.keys(COMMANDS);
      expect(await page.getByLabel("Command").locator("option").allTextContents()).toEqual(names);
      for (const name of names)
        expect(await command(name, { nonsense: 1 }), name).toMatchObject({ ok: false, error: "bad-args" });
      expect(await command("ping")).toMatchObject({ ok: true, result: { boot: 1 } });
      expect(await command("identify", { seconds: 1 })).toMatchObject({ ok: true });
      expect(await command("read-now")).toMatchObject({ ok: true, result: { seq: expect.any(Number) } });
      expect(await command("get-diagnostics")).toMatchObject({ ok: true, result: { boot: 1 } });
      expect(await command("forget-network", { ssid: "Elsewhere" })).toMatchObject({ error: "not-found" });
      expect(await command("restart")).toMatchObject({ ok: true, result: { boot: 2 } });
      await sight("solid blue");
      expect(await command("forget-network")).toMatchObject({ ok: false, error: "in-use" });
      expect(await command("setup-mode")).toMatchObject({ ok: true });
      await sight("pulse yellow");
    },
    limit(300_000),
  );
});
