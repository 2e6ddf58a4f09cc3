// What phones and computers do when they join the access point, against the unchanged firmware: their question before
// success, which must lead to the portal, and after it, when it must be answered with what the system takes for the
// internet. After public descriptions and sources, not after recordings:
// - iOS, macOS: support.apple.com/102285; the assistant (user agent CaptiveNetworkSupport) asks in HTTP/1.0 and opens
//   its window when the answer is not "Success". Older hosts: the lists that makers of hotspots publish.
// - Android: NetworkMonitor.java (packages/modules/NetworkStack): DNS, HTTPS and HTTP probes side by side; a status of
//   200-399 other than 204 is a portal, and the window opens where Location says; a private address is none. Makers
//   change its URLs in settings_global (captive_portal_http_url). ChromeOS: shill, portal_detector.cc.
// - Windows: learn.microsoft.com/windows-server/networking/ncsi; the browser is then opened at /redirect. Edge: its
//   privacy whitepaper, "Navigation error tips".
// - Firefox: CaptiveDetect.sys.mjs and network.connectivity-service.* (modules/libpref).
// - Kindle: ctrl.blog/entry/network-connection-http-checks.
// - Linux: NetworkManager, nm-connectivity.c (the header, else the beginning of the body, else 204 where no body is
//   wanted), with the [connectivity] section that each distribution ships; ConnMan, wispr.c.
// - Steam: the client's connectivity log, and SteamOS's recovery tools.
import dnsPacket from "dns-packet";
import { beforeAll, describe, expect, test } from "vitest";
import { VirtualWorld } from "../../sim/virtual/virtual-world";
import { buildFirmware } from "../support/firmware";
import { limit } from "../support/limit";
import { type Answer, answerOf, connect, get, join } from "../support/phone-client";

type Reply = Answer & { readonly text: string };
type Rule = (answer: Reply) => boolean;

const noContent: Rule = ({ status }) => status === 204;
const page =
  (wanted: string): Rule =>
  ({ status, body }) =>
    status === 200 && body === wanted;
const success: Rule = ({ status, body }) =>
  status === 200 && /<TITLE>Success<\/TITLE>.*<BODY>Success<\/BODY>/s.test(body);
const networkManager =
  (response = "NetworkManager is online"): Rule =>
  ({ status, head, body }) =>
    /\r\nX-NetworkManager-Status: online(\r\n|$)/i.test(head) ||
    (response === "" ? status === 204 : body.startsWith(response));
const connMan: Rule = ({ status, head }) =>
  status === 200 && /\r\nX-ConnMan-Status: online(\r\n|$)/.test(head);

interface System {
  /** What it asks for: host and path, and the lines that it adds. */
  readonly asks: readonly (readonly [url: string, ...lines: string[]])[];
  readonly online: Rule;
  /** Names beside those of its questions; no address is wanted. */
  readonly names?: readonly (readonly [name: string, type: dnsPacket.RecordType])[];
  readonly method?: string;
  readonly version?: string;
  /** What it opens for the person; else what it asked for first. */
  readonly opens?: string;
  /** Tries TLS on port 443 as well, which must fail at once, not after a time limit. */
  readonly https?: boolean;
}

const APPLE_AGENT = "User-Agent: CaptiveNetworkSupport-481.100.4 wispr";
const ANDROID_AGENT =
  "User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/60.0.3112.32 Safari/537.36";
const NCSI_AGENT = "User-Agent: Microsoft NCSI";

const android = (...hosts: string[]): System => ({
  asks: hosts.map((host) => [
    host.includes("/") ? host : `${host}/generate_204`,
    ANDROID_AGENT,
    "Connection: close",
    "Accept-Encoding: gzip",
  ]),
  online: noContent,
  https: true,
});
const apple = (url: string, version = "1.0"): System => ({
  asks: [[url, "Connection: close", APPLE_AGENT]],
  online: success,
  version,
});
const linux = (url: string, response?: string): System => ({
  asks: [[url, "Accept: */*", "Connection: close"]],
  online: networkManager(response),
});

const SYSTEMS: Record<string, System> = {
  "an iPhone": apple("captive.apple.com/hotspot-detect.html"),
  "a Mac": apple("captive.apple.com/", "1.1"),
  "an old iPad": apple("www.apple.com/library/test/success.html"),
  "an iPhone of 2014": apple("www.thinkdifferent.us/library/test/success.html"),
  "an Android phone": android(
    "connectivitycheck.gstatic.com",
    "www.google.com/gen_204",
    "play.googleapis.com",
  ),
  "an Android 4.4": android("clients3.google.com"),
  "a Samsung": android("connectivitycheck.gstatic.com", "connectivitycheck.samsungdm.com"),
  "a Huawei": android("connectivitycheck.platform.hicloud.com"),
  "a Xiaomi": android("connect.rom.miui.com"),
  "an Oppo or OnePlus": android("conn1.oppomobile.com"),
  "a vivo": android("wifi.vivo.com.cn"),
  GrapheneOS: android("connectivitycheck.grapheneos.network"),
  "/e/OS": android("204.ecloud.global/"),
  "a Fire tablet": android("fireoscaptiveportal.com"),
  "a Chromebook": android("www.gstatic.com"),
  "Chrome on a computer": android("www.gstatic.com"),
  "Edge on a computer": android("edge.microsoft.com/captiveportal/generate_204"),
  "Windows 11": {
    asks: [["www.msftconnecttest.com/connecttest.txt", "Connection: Close", NCSI_AGENT]],
    online: page("Microsoft Connect Test"),
    names: [["ipv6.msftconnecttest.com", "AAAA"]],
    opens: "www.msftconnecttest.com/redirect",
  },
  "Windows 8": {
    asks: [["www.msftncsi.com/ncsi.txt", "Connection: Close", NCSI_AGENT]],
    online: page("Microsoft NCSI"),
  },
  Firefox: {
    asks: [["detectportal.firefox.com/canonical.html", "Cache-Control: no-cache", "Connection: keep-alive"]],
    online: page(
      '<meta http-equiv="refresh" content="0;url=https://support.mozilla.org/kb/captive-portal"/>',
    ),
  },
  "Firefox's second question": {
    asks: [["detectportal.firefox.com/success.txt?ipv4"]],
    online: page("success\n"),
    opens: "detectportal.firefox.com/canonical.html",
  },
  "a Kindle": {
    asks: [["spectrum.s3.amazonaws.com/kindle-wifi/wifistub.html"]],
    online: ({ status, body }) => status === 200 && body.includes("81ce4465-7167-4dcb-835b-dcc9e44c112a"),
  },
  "a Steam Deck": { asks: [["test.steampowered.com/204"]], online: noContent, method: "HEAD" },
  Debian: linux("network-test.debian.org/nm"),
  Ubuntu: linux("connectivity-check.ubuntu.com./", ""),
  Fedora: linux("fedoraproject.org/static/hotspot.txt", "OK"),
  "Arch Linux": linux("ping.archlinux.org/nm-check.txt"),
  openSUSE: linux("conncheck.opensuse.org/"),
  GNOME: linux("nmcheck.gnome.org/check_network_status.txt"),
  "KDE neon": linux("networkcheck.kde.org/", "OK"),
  "elementary OS": linux("elementary.io/generate_204", ""),
  "ConnMan (Sailfish, cars)": { asks: [["ipv4.connman.net/online/status.html"]], online: connMan },
};

let built: Awaited<ReturnType<typeof buildFirmware>>;
/** What each was answered, before and after success. */
const before: Record<string, readonly Reply[]> = {};
const after: Record<string, readonly Reply[]> = {};
let virtual: VirtualWorld;

beforeAll(async () => {
  built = await buildFirmware();
  virtual = openPortal();
  for (const [name, system] of Object.entries(SYSTEMS))
    before[name] = [...system.asks, [system.opens ?? system.asks[0]![0]] as const].map((each) =>
      ask(system, each),
    );
}, limit(30_000));

test("There are 32 of them", () => {
  expect(Object.keys(SYSTEMS)).toHaveLength(32);
});

describe.each(Object.entries(SYSTEMS))("%s", (name, { asks, names = [], online, https }) => {
  test("finds the portal, by an address that is no private one", () => {
    for (const [url] of asks) {
      const host = url.split("/")[0]!;
      expect(lookUp(virtual, host, "A"), host).toEqual(["198.19.80.1"]);
      expect(lookUp(virtual, host, "AAAA"), host).toEqual([]);
    }
    for (const [host, type] of names) expect(lookUp(virtual, host, type), host).toEqual([]);
    if (https) expect(virtual.world.phone.connect(443, SILENT)).toBeUndefined();
    for (const answer of before[name]!) {
      expect(online(answer)).toBe(false);
      expect([answer.status, /^Location: (.*)$/m.exec(answer.head)?.[1]?.trim()]).toEqual([
        302,
        "http://198.19.80.1/",
      ]);
    }
  });
});

describe("after success", () => {
  beforeAll(() => {
    expect(get(virtual, "/")?.body).toContain("Choose a Wi-Fi network");
    const id = join(virtual, "Home", "correct horse");
    const done = (): boolean => get(virtual, `/status?attempt=${id}`)?.body.includes("All done") ?? false;
    expect(virtual.time.runUntil(done, 60_000)).toBe(true);
    for (const [name, system] of Object.entries(SYSTEMS))
      after[name] = system.asks.map((each) => ask(system, each));
  }, limit(30_000));

  test.each(Object.entries(SYSTEMS))("%s stays calm", (name, { online }) => {
    for (const answer of after[name]!) expect(online(answer), answer.text).toBe(true);
  });

  test("a person's own address says so", () => {
    expect(ask({ asks: [], online: noContent }, ["example.com/"]).body).toContain("All done");
  });
});

function openPortal(): VirtualWorld {
  const world = new VirtualWorld({ ...built, seed: 1, networks: [] });
  world.world.powerOn();
  expect(world.time.runUntil(() => world.world.phone.accessPoint !== undefined, 60_000)).toBe(true);
  world.run(50);
  return world;
}

function ask(
  { method = "GET", version = "1.1" }: System,
  [url, ...lines]: readonly [string, ...string[]],
): Reply {
  const slash = url.indexOf("/");
  const host = url.slice(0, slash);
  return send(virtual, [`${method} ${url.slice(slash)} HTTP/${version}`, `Host: ${host}`, ...lines]);
}

/** The addresses of `name`; fails when no answer comes. */
function lookUp(virtual: VirtualWorld, name: string, type: dnsPacket.RecordType): string[] {
  let answer: dnsPacket.DecodedPacket | undefined;
  const query = dnsPacket.encode({
    type: "query",
    id: 1,
    flags: dnsPacket.RECURSION_DESIRED,
    questions: [{ type, name }],
    additionals: [{ type: "OPT", name: ".", udpPayloadSize: 1232, flags: 0, options: [] } as never],
  });
  virtual.world.phone.send(53, new Uint8Array(query), (bytes) => {
    answer = dnsPacket.decode(Buffer.from(bytes));
  });
  virtual.run(100);
  expect(answer?.type, name).toBe("response");
  return (answer?.answers ?? []).map((each) => (each as { data: string }).data);
}

function send(virtual: VirtualWorld, lines: readonly string[]): Reply {
  const connection = connect(virtual)!;
  connection.send(`${lines.join("\r\n")}\r\n\r\n`);
  const answer = answerOf(virtual, connection);
  expect(answer, lines[0]).toBeDefined();
  return { ...answer!, text: connection.text };
}

const SILENT = { onOpen: () => {}, onWindow: () => {}, onData: () => {}, onEnd: () => {} };
