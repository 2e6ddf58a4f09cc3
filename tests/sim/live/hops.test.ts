import { expect, test } from "vitest";
import { afterLine, NO_HOPS } from "../../../sim/live/hops";
import type { HopName, Hops } from "../../../sim/live/protocol";

const BOOT = "device: simulated board, firmware 0.1.0, boot 1 after power-on";
const JOINED = 'wifi: "Home" joined on channel 6: 192.168.50.23';
const TIME = "clock: clock set by 0.pool.ntp.org, round trip 1 ms";
const UP = "mqtt: connected, session new";

function after(...lines: string[]): Hops {
  let hops = NO_HOPS;
  for (const line of lines) {
    const [room, ...text] = line.split(": ");
    hops = afterLine(hops, room!, text.join(": "));
  }
  return hops;
}

const states = (hops: Hops) => Object.values(hops).map(({ state }) => state);

test("A boot that ends online turns every hop good, one after another", () => {
  expect(states(after(BOOT))).toEqual(["good", "idle", "idle", "idle", "idle", "idle"]);
  expect(states(after(BOOT, "monitor: joining"))).toEqual(["good", "trying", "idle", "idle", "idle", "idle"]);
  expect(after(BOOT, "monitor: joining", JOINED)).toMatchObject({
    router: { state: "good" },
    internet: { state: "trying" },
  });
  const lines = [BOOT, "monitor: joining", JOINED, TIME, "cloud: connecting to b:8883 (198.51.100.10)", UP];
  expect(states(after(...lines))).toEqual(Array(6).fill("good"));
});

test.each<[string, HopName, string]>([
  ['wifi: "Home" wrong-password (4WAY_HANDSHAKE_TIMEOUT, -52 dBm)', "router", "wrong-password"],
  ['wifi: "Home" not-found', "router", "not-found"],
  ['wifi: "A \\"name\\"" rejected (ASSOC_FAIL)', "router", "rejected"],
  ['wifi: "Guest" captive-portal', "internet", "captive-portal"],
  ["cloud: no-internet (connect-timeout); next attempt in 2 s", "internet", "no-internet"],
  ["cloud: dns-blocked (no-answer); next attempt in 2 s", "dns", "dns-blocked"],
  ["cloud: name-not-found (no-such-name); next attempt in 2 s", "dns", "name-not-found"],
  ["cloud: firewall-8883 (connect-timeout); next attempt in 2 s", "broker", "firewall-8883"],
  ["cloud: cloud-tls (expired); next attempt in 2 s", "broker", "cloud-tls"],
  [
    "cloud: refused-not-authorised (refused-not-authorised); next attempt in 2 s",
    "broker",
    "refused-not-authorised",
  ],
])("%s is lit at the %s", (line, hop, reason) => {
  const hops = after(BOOT, "monitor: joining", JOINED, line);
  expect(hops[hop]).toMatchObject({ state: "failed", reason });
  expect(Object.values(hops).filter(({ state }) => state === "failed")).toHaveLength(1);
});

test("A failure of the network has words for a person", () => {
  expect(after(BOOT, 'wifi: "Home" rejected').router.says).toContain("MAC filter");
  expect(after(BOOT, "cloud: cloud-tls (expired); next attempt in 2 s").broker.says).toContain("expired");
});

test("A time that is not given is a warning: the device goes on", () => {
  const hops = after(BOOT, JOINED, "device: sntp-blocked: going on with an estimated time", UP);
  expect(hops.sntp).toMatchObject({ state: "warning", reason: "sntp-blocked" });
  expect(hops.broker.state).toBe("good");
});

test("What failed stays lit while it is tried again, and goes out when it works", () => {
  const failed = [BOOT, "monitor: joining", 'wifi: "Home" wrong-password'];
  expect(after(...failed, "monitor: offline", "monitor: joining").router.state).toBe("failed");
  expect(after(...failed, "monitor: offline", JOINED).router).toEqual({ state: "good" });
});

test("A connection that is lost is being tried again, with its reason", () => {
  const hops = after(BOOT, JOINED, UP, "cloud: connection to the broker lost: ping-timeout");
  expect(hops.broker).toEqual({ state: "trying", reason: "ping-timeout" });
  expect(states(after(BOOT, JOINED, UP, "wifi: association-lost (200)"))).toEqual([
    "good",
    "trying",
    "idle",
    "idle",
    "idle",
    "idle",
  ]);
});

test("In setup mode nothing but the device is on the way", () => {
  expect(states(after(BOOT, JOINED, UP, "monitor: setup"))).toEqual(["good", ...Array(5).fill("idle")]);
});

test("Setup mode that ends on the connection it has made leaves every hop good", () => {
  const attempt = [
    JOINED,
    TIME,
    "cloud: connecting to b:8883 (198.51.100.10)",
    UP,
    "setup: attempt 1 online",
  ];
  const end = ["monitor: joining", "monitor: connecting", "monitor: online"];
  expect(states(after(BOOT, "monitor: setup", ...attempt, ...end))).toEqual(Array(6).fill("good"));
});

test("Lines that say nothing of the way change nothing", () => {
  const hops = after(BOOT, JOINED, UP);
  expect(afterLine(hops, "settings", "bootCount = 2")).toBe(hops);
  expect(afterLine(hops, "wifi", "scan: no answer")).toBe(hops);
});
