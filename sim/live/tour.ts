// The application note as a guided tour: each row of its table and each answer of its FAQ that a device can show.

import type { UpdateState } from "../../tools/cloud/protocol";
import type { Network } from "../../wifi/network";
import { findIdentityScene, type IdentityScene } from "../scenes/identity-scenes";
import { findScenario, HOME } from "../scenes/scenarios";
import { findUpdateScene } from "../scenes/update-scenes";
import type { Sight } from "../world/led-observer";
import { homeRouter, type Router } from "../world/router";
import type { ReleaseKind } from "./release-kinds";

/** A signal below this is put right, to one that nobody complains of. */
const WEAK_DBM = -80;
const GOOD_DBM = -60;

/** What must have been seen since the scene was set, all of it. */
export interface Goal {
  readonly sight?: Sight;
  /** A word of the firmware's log. */
  readonly reason?: string;
  /** The cloud got at least so many readings. */
  readonly readings?: number;
  /** The device booted again after a power cut, came back, and no reading is missing. */
  readonly survivesCut?: true;
  /** The device answered a message of the cloud. */
  readonly answered?: true;
  /** A release is sent once the device is online, and this is what it says of it in the end. */
  readonly update?: {
    readonly send: ReleaseKind;
    readonly plugAt?: number;
    readonly ends: UpdateState["state"];
  };
  /** What is done with certificates once the device is online (sim/scenes/identity-scenes.ts). */
  readonly identity?: IdentityScene;
  /** The router is switched off and on once the reason has been said, and works again. */
  readonly powerCycle?: true;
}

export interface Scene {
  readonly id: string;
  readonly group: (typeof GROUPS)[number];
  /** What the button says. */
  readonly title: string;
  /** What to watch. */
  readonly watch: string;
  readonly goal: Goal;
  routers(mac: string): Router[];
  readonly networks: readonly Network[];
  /** Something is still wrong in the room at the end, that {@link mend} puts right. */
  readonly mends: boolean;
}

export const GROUPS = [
  "The light",
  "FAQ 1: solid white, no Wi-Fi",
  "FAQ 2: Wi-Fi, but no internet",
  "FAQ 3–5, 8: how data moves",
  "Supported, and not",
  "And beyond the note",
  "Updates over the air",
  "Certificates that change",
] as const;

type Setting = Omit<Scene, "mends">;

const home = (changes: Partial<Router> = {}) => ({
  routers: () => [homeRouter(changes)],
  networks: [HOME],
});

/** A scene that the command line and the tests play too. */
function scenario(name: string, group: Scene["group"], title: string, watch: string): Setting {
  const { routers, networks, ends, reason } = findScenario(name)!;
  const goal: Goal = { sight: ends, ...(reason !== undefined && { reason }) };
  return { id: name, group, title, watch, goal, routers, networks };
}

/** A scene of updates that the command line plays too. */
function update(name: string, title: string, watch: string): Setting {
  const { send, plugAt, ends } = findUpdateScene(name)!;
  const goal: Goal = { update: { send, ends, ...(plugAt !== undefined && { plugAt }) }, sight: "solid blue" };
  return { id: name, group: UPDATES, title, watch, goal, ...home() };
}

/** A scene of certificates. */
function identity(name: string, title: string, watch: string): Setting {
  const scene = findIdentityScene(name)!;
  return {
    id: name,
    group: CERTIFICATES,
    title,
    watch,
    goal: { identity: scene, sight: "solid blue" },
    ...home(),
  };
}

const [LIGHT, FAQ1, FAQ2, DATA, SUPPORTED, BEYOND, UPDATES, CERTIFICATES] = GROUPS;

const SETTINGS: readonly Setting[] = [
  {
    id: "setup",
    group: LIGHT,
    title: "Pulse yellow: setup mode",
    watch: "A new device knows no network. It opens its own access point.",
    goal: { sight: "pulse yellow" },
    ...home(),
    networks: [],
  },
  {
    id: "led-joining",
    group: LIGHT,
    title: "Pulse white: joining Wi-Fi",
    watch: "The router takes its time with an address, so that you can see the light while it joins.",
    goal: { sight: "pulse white" },
    ...home({ dhcp: false }),
  },
  {
    id: "led-connecting",
    group: LIGHT,
    title: "Pulse blue: reaching the cloud",
    watch: "Wi-Fi is there, the router's cable is out: the device keeps knocking.",
    goal: { sight: "pulse blue" },
    ...home({ internet: false }),
  },
  {
    id: "success",
    group: LIGHT,
    title: "Solid blue: all is well",
    watch: "Every hop turns green, and the first reading arrives within 5 s of solid blue.",
    goal: { sight: "solid blue", readings: 1 },
    ...home(),
  },
  {
    id: "led-offline",
    group: LIGHT,
    title: "Solid white: no connection",
    watch: "The router is switched off. The device keeps looking for it.",
    goal: { sight: "solid white", reason: "not-found" },
    ...home({ on: false }),
  },
  scenario("5ghz-only", FAQ1, "Is it 2.4 GHz?", "The board cannot hear 5 GHz: no network of that name."),
  scenario("enterprise", FAQ1, "Is it WPA2-Personal?", "The router asks for WPA2-Enterprise."),
  scenario("wrong-password", FAQ1, "Is the password right?", "Someone has changed the router's password."),
  scenario("mac-filter", FAQ1, "Is there a MAC filter?", "The router admits listed devices only."),
  scenario(
    "guest-network",
    FAQ1,
    "Is it a guest network?",
    "A sign-in page answers in the cloud's place: a short pulse blue, then solid white.",
  ),
  scenario(
    "no-internet",
    FAQ2,
    "Does the router have internet?",
    "The note knows a solid blue here. This device does not lie: pulse blue.",
  ),
  {
    id: "power-cycle",
    group: FAQ2,
    title: "Power-cycle the router",
    watch:
      "The router has lost its line. It is switched off and on: solid blue by itself, nobody touched the device.",
    goal: { reason: "no-internet", powerCycle: true, sight: "solid blue" },
    ...home({ internet: false }),
  },
  scenario("firewall-53", FAQ2, "Firewall: DNS 53", "Without names there is no way to the cloud."),
  scenario("firewall-123", FAQ2, "Firewall: SNTP 123", "It goes on with an estimated time, and says so."),
  scenario("firewall-443", FAQ2, "Firewall: HTTPS 443", "Readings pass all the same."),
  scenario("firewall-8883", FAQ2, "Firewall: MQTT 8883", "Port 443 answers, 8883 does not: a firewall."),
  {
    id: "two-ways",
    group: DATA,
    title: "3. Can the cloud speak to it?",
    watch: "Once it is online, the cloud sends a command, and the device answers it.",
    goal: { sight: "solid blue", answered: true },
    ...home(),
  },
  {
    id: "pushed",
    group: DATA,
    title: "4, 5, 8. Pushed by MQTT, in TLS, compressed",
    watch: "Nobody asks. Three readings arrive: bytes on the wire, then the JSON they inflate to.",
    goal: { sight: "solid blue", readings: 3 },
    ...home(),
  },
  scenario("hotspot", SUPPORTED, "A phone's hotspot, a cellular modem", "A network as any other."),
  scenario("wpa-tkip", SUPPORTED, "WPA-TKIP", "Old and weak: joined because a person has allowed it."),
  scenario("wep", SUPPORTED, "WEP", "Older and weaker, and joined on the same condition."),
  scenario(
    "mac-listed",
    SUPPORTED,
    "A MAC filter that lists it",
    "The MAC from the label is on the router's list.",
  ),
  scenario(
    "ipv6-only",
    SUPPORTED,
    "IPv6 alone: not supported",
    "The device joins and waits 15 s for an IPv4 address in vain.",
  ),
  {
    id: "portal",
    group: BEYOND,
    title: "Set it up with a phone",
    watch: "Join with the phone, choose Home, type the router's password: the page says how it goes.",
    goal: { sight: "solid blue", readings: 1 },
    ...home(),
    networks: [],
  },
  {
    id: "power-cut",
    group: BEYOND,
    title: "A power cut loses nothing",
    watch: "Online, the plug is pulled and put back. No number is missing among the readings.",
    goal: { survivesCut: true, sight: "solid blue" },
    ...home(),
  },
  update(
    "update-good",
    "A good release",
    "It is loaded while readings flow, tried, and kept after a minute of blue.",
  ),
  update(
    "update-crashes",
    "A release that crashes",
    "It dies at its first step. The old one is back, and says so.",
  ),
  update(
    "update-never-blue",
    "A release that never gets blue",
    "It gives up after 15 minutes, and an hour later again: play it in the virtual world, and turn its clock up.",
  ),
  update("update-plug", "The plug pulled half-way", "What is in flash stays: it goes on where it was."),
  update("update-board", "A release of another board", "Refused before a byte is loaded."),
  update("update-older", "An older release", "Refused: what was mended stays mended."),
  identity(
    "identity-renewal",
    "A new certificate",
    "A new key in the device, a request over the session, a trial of a minute: kept.",
  ),
  identity(
    "identity-roll-over",
    "The broker's authority changes",
    "A signed list brings the new one beside the old one; then the broker moves, and the device with it.",
  ),
  identity(
    "identity-expired",
    "An authority that ends",
    "The broker shows one that has expired: pulse blue, and the reason, until it shows one that has not.",
  ),
  identity(
    "identity-rollback",
    "A certificate that is not let in",
    "The broker refuses the new one: after five minutes the old one is back. Play it in the virtual world.",
  ),
];

export const TOUR: readonly Scene[] = SETTINGS.map((each) => {
  const mac = "any";
  const mended = each.routers(mac);
  mend(mended, passwordsOf(each.networks), mac);
  const mends = JSON.stringify(mended) !== JSON.stringify(each.routers(mac));
  return { ...each, mends: mends && !each.goal.powerCycle };
});

export function findScene(id: string): Scene | undefined {
  return TOUR.find((scene) => scene.id === id);
}

/** By SSID, what the device was told. */
export function passwordsOf(networks: readonly Network[]): Map<string, string | undefined> {
  return new Map(networks.map(({ ssid, password }) => [ssid, password]));
}

/** Puts right whatever a scene made wrong, as a person would. `passwords`: by SSID, what the device was told. */
export function mend(
  routers: readonly Router[],
  passwords: ReadonlyMap<string, string | undefined>,
  mac: string,
): void {
  for (const router of routers) {
    router.on = true;
    if (router.rssi < WEAK_DBM) router.rssi = GOOD_DBM;
    router.channel ??= 6;
    router.dhcp = true;
    router.internet = true;
    delete router.signInPage;
    router.blockedPorts = [];
    if (!router.macFilter?.includes(mac)) delete router.macFilter;
    if (!passwords.has(router.ssid)) continue;
    const password = passwords.get(router.ssid);
    if (password === undefined) {
      router.security = "open";
      delete router.password;
    } else {
      if (router.security === "enterprise" || router.security === "open") router.security = "wpa2";
      router.password = password;
    }
  }
}
