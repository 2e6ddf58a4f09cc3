// Every page of the portal in Chromium on a small phone, light and dark, before axe.
import { mkdirSync } from "node:fs";
import { createRequire } from "node:module";
import type { AxeResults } from "axe-core";
import { expect, test } from "vitest";
import type { Attempt, AttemptStage } from "../../provisioning/attempt";
import { homePage } from "../../provisioning/home-page";
import { listNetworks } from "../../provisioning/network-list";
import type { PortalView } from "../../provisioning/portal";
import { statusPage } from "../../provisioning/status-page";
import { CREDENTIALS_FAULT_WORDS, JOIN_FAILURE_WORDS } from "../../provisioning/strings";
import { type SupportDesk, supportPage } from "../../provisioning/support-page";
import type { JoinFailureReason } from "../../wifi/join-failure";
import type { JoinFailure } from "../../wifi/join-round";
import type { AccessPointInfo, Security } from "../../wifi/radio";
import { limit } from "../support/limit";
import { CHROMIUM, launch } from "../support/portal";

const AXE = createRequire(import.meta.url).resolve("axe-core/axe.min.js");
/** Where `AEROLINK_SCREENSHOTS=folder` leaves what a person should look at. */
const SCREENSHOTS = process.env.AEROLINK_SCREENSHOTS;

const found = (ssid: string | undefined, rssi: number, security: Security = "wpa2"): AccessPointInfo => ({
  ssid,
  ssidBytes: ssid === undefined ? new Uint8Array(32).fill(0xfe) : new TextEncoder().encode(ssid),
  bssid: "02:00:5e:00:00:01",
  channel: 1,
  rssi,
  security,
});

const VIEW: PortalView = {
  deviceId: "aerolink-02005e102030",
  mac: "02:00:5e:10:20:30",
  firmware: "0.1.0",
  accessPoint: "Aerolink-102030",
  address: "198.19.80.1",
  networks: listNetworks([
    found("Home", -45),
    found("Old printer", -60, "wep"),
    found('Caf\u00e9 \u{1F32C} "quotes" </script>', -66, "wpa2-wpa3"),
    found("Guests", -72, "open"),
    found("Office", -50, "enterprise"),
    found(undefined, -70),
    found("W".repeat(32), -80),
  ]).listed,
  more: 0,
  searching: false,
  saved: [],
  lastFailure: undefined,
  lastCloudFailure: undefined,
  attempt: undefined,
};

const failure = (reason: JoinFailureReason): JoinFailure => ({
  ssid: "Home",
  reason,
  number: 15,
  name: "15 4WAY_HANDSHAKE_TIMEOUT",
  rssi: -52,
  uptimeMs: 0,
});
const status = (stage: AttemptStage, more: Partial<Attempt> = {}): string[] =>
  statusPage({ ...VIEW, saved: ["Home"] }, { id: 7, ssid: "Home", stage, ...more });

const SUPPORT: SupportDesk = {
  deviceId: VIEW.deviceId,
  diagnostics: () => ({
    firmware: "0.1.0",
    release: 7,
    board: "AirGradient ONE",
    boot: 12,
    reset: "power-on",
    clock: { uptimeMs: 100_000_000, unixMs: 1_796_000_000_000, quality: "synced" },
    heap: { free: 81_234, lowest: 40_960 },
    network: { mac: VIEW.mac, address: "192.168.1.23", channel: 6, rssi: -61 },
    sensors: {
      model: "SCD41 + PMS5003",
      fault: "PMS5003: not found",
      reports: [
        { model: "SCD41", serial: "a1b2c3d4e5f6", fault: null, age: 3, quantities: ["co2", "temperature"] },
        { model: "PMS5003", serial: null, fault: "not found", age: null, quantities: [] },
      ],
      corrected: { temperature: -1.5 },
    },
    journal: {
      epoch: "81a65729",
      formatted: undefined,
      written: 4711,
      acknowledged: 4_700,
      pending: 11,
      dropped: 0,
      torn: 0,
      kept: 0,
    },
    failures: { "wrong-password": 1, "not-found": 1, "cloud-tls": 1, expired: 1, "message-refused": 1 },
    lastFailure: "message-refused",
    recentFailures: [
      { reason: "wrong-password", detail: "15 4WAY_HANDSHAKE_TIMEOUT", atMs: 7_000_000 },
      { reason: "not-found", detail: undefined, atMs: 90_000_000 },
      { reason: "cloud-tls", detail: "expired", atMs: 95_000_000 },
      { reason: "message-refused", detail: undefined, atMs: 99_900_000 },
    ],
    commands: { run: 3, refused: 0, dropped: 0 },
    certificate: { expires: 1_830_000_000, daysLeft: 393 },
    connects: 2,
    settingFaults: [],
    crash: 'task "xs" <main> & pc 0x42001234',
  }),
};

const PAGES: Record<string, readonly string[]> = {
  home: homePage(VIEW),
  "home-empty": homePage({ ...VIEW, networks: [] }),
  "home-more": homePage({ ...VIEW, more: 24 }),
  "home-searching": homePage({ ...VIEW, networks: [], searching: true }),
  "home-saved": homePage({ ...VIEW, saved: ["Home", "W".repeat(32)], lastFailure: failure("rejected") }),
  "home-cloud": homePage({ ...VIEW, lastCloudFailure: "firewall-8883" }),
  "home-fault": homePage(VIEW, {
    fault: CREDENTIALS_FAULT_WORDS["password-too-long"],
    net: "other",
    name: "a",
  }),
  "home-again": homePage({
    ...VIEW,
    attempt: {
      id: 7,
      ssid: "Home",

      stage: "join-failed",
      joinFailure: failure("wrong-password"),
    },
  }),
  joining: status("joining"),
  connected: status("connected"),
  online: status("online"),
  unsaved: status("online", { unsaved: true }),
  ...Object.fromEntries(
    (Object.keys(JOIN_FAILURE_WORDS) as JoinFailureReason[]).map((reason) => [
      reason,
      status("join-failed", { joinFailure: failure(reason) }),
    ]),
  ),
  looking: status("looking", { joinFailure: failure("not-found"), meant: 'A "name" to </b> escape' }),
  odd: status("join-failed", { joinFailure: failure("wrong-password"), spaces: true }),
  "sign-in": status("cloud-failed", { cloudFailure: "captive-portal" }),
  "no-cloud": status("cloud-failed", { cloudFailure: "connack-timeout" }),
  over: statusPage(VIEW, undefined),
  support: supportPage(SUPPORT),
  "support-new": supportPage({
    deviceId: "",
    diagnostics: () => ({ ...SUPPORT.diagnostics(), recentFailures: [] }),
  }),
};

test.skipIf(!CHROMIUM)(
  "Every page can be read and used by everybody, in light and dark",
  async () => {
    if (SCREENSHOTS) mkdirSync(SCREENSHOTS, { recursive: true });
    const browser = await launch();
    for (const colorScheme of ["light", "dark"] as const) {
      const context = await browser.newContext({ viewport: { width: 360, height: 740 }, colorScheme });
      const page = await context.newPage();
      for (const [name, parts] of Object.entries(PAGES)) {
        await page.setContent(parts.join(""));
        // What scripts hide until it is needed is looked at too.
        await page.evaluate("document.querySelector('#lost')?.removeAttribute('hidden')");
        await page.addScriptTag({ path: AXE });
        const { violations } = (await page.evaluate("axe.run()")) as AxeResults;
        expect(
          violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" ")}`),
          `${name}, ${colorScheme}`,
        ).toEqual([]);
        const sideways = "document.documentElement.scrollWidth - document.documentElement.clientWidth";
        expect(await page.evaluate(sideways), name).toBe(0);
        if (SCREENSHOTS)
          await page.screenshot({ path: `${SCREENSHOTS}/page-${name}-${colorScheme}.png`, fullPage: true });
      }
      await context.close();
    }
    await browser.close();
  },
  limit(120_000),
);
