// What the setup page weighs and how soon it shows: node tools/bench/setup-page.mjs
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { gzipSync } from "node:zlib";
import { chromium } from "playwright-core";
import { homePage } from "../../provisioning/home-page";
import { documentOf } from "../../provisioning/html";
import { listNetworks, MOST_LISTED } from "../../provisioning/network-list";
import type { PortalView } from "../../provisioning/portal";
import { SCRIPT } from "../../provisioning/script";
import { statusPage } from "../../provisioning/status-page";
import { STYLE } from "../../provisioning/style";

/** The slow links: kbit/s both ways, ms there and back. */
const LINKS = [
  { name: "Wi-Fi beside the device", kbits: 2_000, latencyMs: 20 },
  { name: "weak Wi-Fi", kbits: 250, latencyMs: 100 },
  { name: "barely Wi-Fi", kbits: 50, latencyMs: 300 },
] as const;
const RUNS = 9;

const encoder = new TextEncoder();
const view = (networks: number): PortalView => ({
  deviceId: "aerolink-02005e102030",
  mac: "02:00:5e:10:20:30",
  firmware: "0.1.0",
  accessPoint: "Aerolink-102030",
  address: "198.19.80.1",
  networks: listNetworks(
    Array.from({ length: networks }, (_, i) => ({
      ssid: `Neighbour network ${i}`.padEnd(32, "x").slice(0, 32),
      ssidBytes: encoder.encode(`Neighbour network ${i}`.padEnd(32, "x").slice(0, 32)),
      bssid: "02:00:5e:00:00:01",
      channel: 1,
      rssi: -40 - i,
      security: "wpa2",
    })),
  ).listed,
  more: 0,
  searching: false,
  saved: networks > 10 ? Array.from({ length: 4 }, (_, i) => `Saved ${i}`.padEnd(32, "x")) : [],
  lastFailure:
    networks > 10
      ? { ssid: "x".repeat(32), reason: "rejected", number: 203, name: "ASSOC_FAIL", uptimeMs: 0 }
      : undefined,
  lastCloudFailure: undefined,
  attempt: undefined,
});

const weigh = (parts: readonly string[]): string => {
  const bytes = encoder.encode(parts.join(""));
  return `${bytes.length.toLocaleString("en")} (${gzipSync(bytes).length.toLocaleString("en")})`;
};
const few = homePage(view(5));
console.log("| page | bytes (gzip would make it) |\n| --- | --: |");
console.log(`| five networks | ${weigh(few)} |`);
console.log(
  `| ${MOST_LISTED} networks with the longest names, four saved, a failure | ${weigh(homePage(view(40)))} |`,
);
const attempt = { id: 1, ssid: "Home", stage: "joining" } as const;
console.log(`| an attempt's status | ${weigh(statusPage(view(5), attempt))} |`);
console.log(`| of each: style | ${weigh([STYLE])} |\n| of each: script | ${weigh([SCRIPT])} |`);
console.log(
  `| of each: the rest of an empty page | ${weigh(documentOf([]).filter((part) => part !== STYLE && part !== SCRIPT))} |`,
);

/** One request a connection, as the device serves it. */
const server = createServer((_request, response) => {
  response.writeHead(200, { "content-type": "text/html; charset=utf-8", connection: "close" });
  response.end(few.join(""));
});
await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
const browser = await chromium.launch({
  executablePath: "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"],
});
console.log(
  "\n| link | kbit/s | round trip, ms | first contentful paint, ms (median) |\n| --- | --: | --: | --: |",
);
for (const { name, kbits, latencyMs } of LINKS) {
  const times: number[] = [];
  for (let run = 0; run < RUNS; run++) {
    const context = await browser.newContext({ viewport: { width: 360, height: 740 } });
    const tab = await context.newPage();
    const devtools = await context.newCDPSession(tab);
    await devtools.send("Network.enable");
    await devtools.send("Network.emulateNetworkConditions", {
      offline: false,
      latency: latencyMs,
      downloadThroughput: (kbits * 1000) / 8,
      uploadThroughput: (kbits * 1000) / 8,
    });
    await tab.goto(url);
    const paint = "performance.getEntriesByName('first-contentful-paint')[0]?.startTime";
    await tab.waitForFunction(paint);
    times.push((await tab.evaluate(paint)) as number);
    await context.close();
  }
  times.sort((a, b) => a - b);
  console.log(`| ${name} | ${kbits} | ${latencyMs} | ${Math.round(times[RUNS >> 1]!)} |`);
}
await browser.close();
server.close();
