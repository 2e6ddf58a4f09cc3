import type { HttpResponse } from "../http-response";

/**
 * How operating systems ask whether a network leads to the internet. In setup mode every question is answered with the
 * way to the portal; after success with what its system takes for "online", so that a phone stays calm for the last
 * seconds.
 *
 * By a part of host and path that says enough: makers change hosts more often than what they ask for, and the captive
 * DNS sends all of them here. Sources: Apple, "Use captive Wi-Fi networks" (support.apple.com/102285) and the page
 * itself; Android, NetworkMonitor (packages/modules/NetworkStack), its default URLs and those of makers
 * (connectivitycheck.platform.hicloud.com, connect.rom.miui.com, wifi.vivo.com.cn, conn1.oppomobile.com); Microsoft,
 * "NCSI overview" (learn.microsoft.com/windows-server/networking/ncsi) and "Microsoft Edge Privacy Whitepaper"
 * (edge.microsoft.com/captiveportal/generate_204); Valve (test.steampowered.com/204); Mozilla,
 * captivedetect.canonicalURL and network.connectivity-service (modules/libpref); Kindle:
 * ctrl.blog/entry/network-connection-http-checks.
 */
interface Probe {
  readonly sign: string;
  /** The body of its "online"; none: 204. */
  readonly online?: string;
}

const APPLE = "<HTML><HEAD><TITLE>Success</TITLE></HEAD><BODY>Success</BODY></HTML>";

export const OS_PROBES: readonly Probe[] = Object.freeze(
  [
    // Android, its makers, ChromeOS, Chromium, Edge, Steam, elementary OS.
    { sign: "204" },
    // iOS, macOS.
    { sign: "/hotspot-detect", online: APPLE },
    { sign: "/test/success.html", online: APPLE },
    { sign: "captive.apple.com", online: APPLE },
    // Windows, Xbox, Kobo; the second: Windows 8 and before.
    { sign: "/connecttest.txt", online: "Microsoft Connect Test" },
    { sign: "/ncsi.txt", online: "Microsoft NCSI" },
    // Firefox.
    {
      sign: "/canonical.html",
      online: '<meta http-equiv="refresh" content="0;url=https://support.mozilla.org/kb/captive-portal"/>',
    },
    { sign: "/success.txt", online: "success\n" },
    // Kindle.
    {
      sign: "/wifistub.html",
      online:
        "<html><head><title>Kindle</title></head><body>81ce4465-7167-4dcb-835b-dcc9e44c112a</body></html>",
    },
  ] as const,
  true,
);

/**
 * For the systems that look at the head alone, whatever host, path and body their makers chose: every Linux desktop
 * with NetworkManager (src/core/nm-connectivity.c, easy_header_cb) or ConnMan (src/wispr.c; with status 200).
 */
export const ONLINE_HEADERS = "X-NetworkManager-Status: online\r\nX-ConnMan-Status: online";

/** What the probe of `place`, host and path, takes for the internet; `undefined`: no probe with an answer of its own. */
export function onlineAnswer(place: string): HttpResponse | undefined {
  const probe = OS_PROBES.find(({ sign }) => place.includes(sign));
  if (!probe) return undefined;
  const { online } = probe;
  if (online === undefined) return { status: 204, extra: ONLINE_HEADERS };
  // None looks at the type.
  return { status: 200, type: "text/html", extra: ONLINE_HEADERS, body: [online] };
}
