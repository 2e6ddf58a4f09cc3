import { expect, test } from "vitest";
import { LINK_FAILURE_WORDS, TLS_FAILURE_WORDS } from "../../modules/network/link-failure";
import type { Attempt } from "../../provisioning/attempt";
import { homePage } from "../../provisioning/home-page";
import { barsOf, lineOf, listNetworks, MOST_LISTED, strongestChannel } from "../../provisioning/network-list";
import type { PortalView } from "../../provisioning/portal";
import { SCRIPT } from "../../provisioning/script";
import { statusPage } from "../../provisioning/status-page";
import { JOIN_FAILURE_WORDS } from "../../provisioning/strings";
import { STYLE } from "../../provisioning/style";
import type { JoinFailureReason } from "../../wifi/join-failure";
import type { AccessPointInfo, Security } from "../../wifi/radio";

const scan = (ssid: string | undefined, rssi = -50, security: Security = "wpa2"): AccessPointInfo => ({
  ssid,
  ssidBytes: ssid === undefined ? Uint8Array.of(0xff, 0xfe, 0x41) : new TextEncoder().encode(ssid),
  bssid: "02:00:5e:00:00:01",
  channel: -rssi % 13,
  rssi,
  security,
});

const hex = (text: string): string => Buffer.from(text).toString("hex");

const MAC = "02:00:5e:10:20:30";
const view = (changes: Partial<PortalView> = {}): PortalView => ({
  deviceId: "aerolink-02005e102030",
  mac: MAC,
  firmware: "0.1.0",
  accessPoint: "Aerolink-102030",
  address: "198.19.80.1",
  networks: [],
  more: 0,
  searching: false,
  saved: [],
  lastFailure: undefined,
  lastCloudFailure: undefined,
  attempt: undefined,
  ...changes,
});

test("A name of 32 bytes that are not UTF-8 is shown in hex, greyed, with the reason", () => {
  const ssidBytes = Uint8Array.from({ length: 32 }, (_, i) => 0x80 + i);
  const networks = listNetworks([{ ...scan(undefined), ssidBytes }, scan("a\0b", -60)]).listed;
  expect(networks.map(({ way }) => way)).toEqual(["ssid-not-text", "ssid-not-text"]);
  const page = homePage(view({ networks })).join("");
  expect(page).toContain(`disabled><b>${Buffer.from(ssidBytes).toString("hex")}<small>the name is not text`);
  expect(page.match(/name="net"/g)).toHaveLength(1);
});

test("A device without an identity says so first", () => {
  const page = homePage(view({ deviceId: "" })).join("");
  expect(page).toContain('<div class="note bad"><h2>This device has no identity</h2>');
  expect(page.indexOf("no identity")).toBeLessThan(page.indexOf("Choose a Wi-Fi network"));
  expect(homePage(view()).join("")).not.toContain("no identity");
});

test("One line a name and kind of security, with its strongest access point; what can be joined first", () => {
  const { listed, more } = listNetworks([
    scan("Twice", -80),
    scan("Corp", -30, "enterprise"),
    scan("Twice", -60, "wpa2-wpa3"),
    scan("Twice", -50, "open"),
    scan("Mixed", -40, "enterprise"),
    scan("Mixed", -70),
    scan("Old", -75, "wep"),
    scan("Old", -76, "wpa"),
    scan("", -20),
  ]);
  expect(listed.map(({ ssid, rssi, way }) => [ssid, rssi, way])).toEqual([
    ["Twice", -50, "open"],
    ["Twice", -60, "wpa2"],
    ["Mixed", -70, "wpa2"],
    ["Old", -75, "wep"],
    ["Old", -76, "wpa"],
    ["Corp", -30, "enterprise"],
    ["Mixed", -40, "enterprise"],
  ]);
  for (const { ssid, way, value } of listed) expect(value).toBe(`${hex(ssid!)}.${way}`);
  expect(more).toBe(0);
});

test("A typed name is what is listed by it, and a password never leads to the open twin", () => {
  const { listed } = listNetworks([
    scan("Home", -40, "open"),
    scan("Home", -60),
    scan("Guest", -60, "open"),
    scan("Corp", -30, "enterprise"),
  ]);
  const way = (ssid: string, withPassword: boolean) => lineOf(listed, ssid, withPassword)?.way;
  expect(way("Home", true)).toBe("wpa2");
  expect(way("Home", false)).toBe("wpa2");
  expect(way("Guest", false)).toBe("open");
  expect(way("Guest", true)).toBeUndefined();
  expect(way("Corp", true)).toBeUndefined();
  expect(way("Attic", true)).toBeUndefined();
});

test("The list is bounded, keeps the strongest, and the page says how many there is no room for", () => {
  const { listed, more } = listNetworks(Array.from({ length: 40 }, (_, i) => scan(`N${i}`, -90 + i)));
  expect(listed).toHaveLength(MOST_LISTED);
  expect(listed[0]!.ssid).toBe("N39");
  expect(more).toBe(40 - MOST_LISTED);
  expect(homePage(view({ networks: listed, more })).join("")).toContain("Weaker, not shown: 24<");
  expect(homePage(view({ networks: listed })).join("")).not.toContain("not shown");
});

test("A page that reloads by itself has no field in it, so nothing that is typed is lost", () => {
  const { listed: networks } = listNetworks([scan("Home")]);
  const searching = homePage(view({ networks, searching: true })).join("");
  expect(searching).toContain('<meta http-equiv="refresh"');
  expect(searching).not.toContain("<input");
  // Whoever has sent the form gets it back, search or not, and it stays.
  const refill = homePage(view({ networks, searching: true }), {
    fault: "x",
    net: "other",
    name: "Attic",
  }).join("");
  expect(refill).toContain('value="Attic"');
  expect(refill).not.toContain("http-equiv");
});

test("Bars and channel follow the strength", () => {
  expect([-40, -55, -60, -70, -90].map(barsOf)).toEqual([4, 4, 3, 2, 1]);
  expect(strongestChannel([])).toBeUndefined();
  expect(strongestChannel([scan("a", -80), scan("b", -44), scan("c", -60)])).toBe(44 % 13);
  for (const channel of [12, 13]) expect(strongestChannel([{ ...scan("a", -40), channel }])).toBe(11);
});

test.each([
  ["x", 16_384],
  // Every character of every name escaped: nobody's street, and still far below what a socket or a phone minds.
  ['"', 24_576],
])("The fullest page has a bound, with names of %s", (filler, most) => {
  const all = Array.from({ length: 40 }, (_, i) => scan(`N${i}`.padEnd(32, filler), -40, "wep"));
  const { listed: networks, more } = listNetworks(all);
  const page = homePage(
    view({
      networks,
      more,
      saved: ["1", "2", "3", "4"].map((each) => each.padEnd(32, filler)),
      lastFailure: {
        ssid: filler.repeat(32),
        reason: "rejected",
        number: 203,
        name: "ASSOC_FAIL",
        uptimeMs: 0,
      },
    }),
  ).join("");
  expect(new TextEncoder().encode(page).length).toBeLessThan(most);
});

test("Style and script end where they should, and load nothing", () => {
  for (const text of [STYLE, SCRIPT]) {
    expect(text).not.toMatch(/<\/|https?:|url\(|@import/);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: ASCII is what is meant
    expect(text).toMatch(/^[\x00-\x7e]*$/);
  }
});

test("Every failure has words and advice, and the MAC where a person has to give it to somebody", () => {
  const attempt = (changes: Partial<Attempt>): Attempt => ({
    id: 7,
    ssid: "Home",
    stage: "join-failed",
    ...changes,
  });
  for (const reason of Object.keys(JOIN_FAILURE_WORDS) as JoinFailureReason[]) {
    const page = statusPage(view(), attempt({ joinFailure: { ssid: "Home", reason, uptimeMs: 0 } })).join("");
    expect(page).toContain("What to do:");
    expect(page.includes(`<code>${MAC}</code>`), reason).toBe(reason === "rejected");
    expect(page).not.toContain("http-equiv");
  }
  for (const reason of [
    ...Object.keys(LINK_FAILURE_WORDS),
    ...Object.keys(TLS_FAILURE_WORDS),
    "connack-timeout",
  ]) {
    const page = statusPage(view(), attempt({ stage: "cloud-failed", cloudFailure: reason })).join("");
    expect(page).toContain("What to do:");
    expect(page.includes(`<code>${MAC}</code>`), reason).toBe(reason === "captive-portal");
    expect(page).toContain('http-equiv="refresh"');
  }
});

test("A cloud that was not reached before setup is the last problem of the first page", () => {
  const page = homePage(view({ lastCloudFailure: "firewall-8883" })).join("");
  expect(page).toContain("Last problem");
  expect(page).toContain("port 8883");
});
