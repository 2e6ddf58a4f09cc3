import type { HttpResponse } from "./http-response";

/**
 * How operating systems ask whether a network leads to the internet. In setup mode every probe is answered with the
 * way to the portal; after success with what its system takes for "online", so that a phone stays calm for the last
 * seconds. Paths only: they do not collide, and systems change hosts more often.
 *
 * Sources: Apple, "Use captive Wi-Fi networks" (support.apple.com/102285) and the page itself; Android,
 * NetworkMonitor (packages/modules/NetworkStack) and its default captive portal URLs; Microsoft, "NCSI overview"
 * (learn.microsoft.com/windows-server/networking/ncsi); Mozilla, captivedetect.canonicalURL and
 * network.connectivity-service (modules/libpref); Kindle and others: ctrl.blog/entry/network-connection-http-checks;
 * NetworkManager.conf(5), section connectivity.
 */
interface Probe {
  readonly system: string;
  readonly path: string;
  /** The body of its "online"; none: 204. */
  readonly online?: string;
  readonly type?: string;
  readonly extra?: string;
}

const APPLE = "<HTML><HEAD><TITLE>Success</TITLE></HEAD><BODY>Success</BODY></HTML>";
const HTML = "text/html";
const TEXT = "text/plain";

export const OS_PROBES: readonly Probe[] = Object.freeze(
  [
    { system: "iOS, macOS", path: "/hotspot-detect.html", online: APPLE, type: HTML },
    { system: "iOS, macOS", path: "/library/test/success.html", online: APPLE, type: HTML },
    { system: "Android, ChromeOS", path: "/generate_204" },
    { system: "Android, ChromeOS", path: "/gen_204" },
    { system: "Windows", path: "/connecttest.txt", online: "Microsoft Connect Test", type: TEXT },
    { system: "Windows 8 and before", path: "/ncsi.txt", online: "Microsoft NCSI", type: TEXT },
    {
      system: "Firefox",
      path: "/canonical.html",
      online: '<meta http-equiv="refresh" content="0;url=https://support.mozilla.org/kb/captive-portal"/>',
      type: HTML,
    },
    { system: "Firefox", path: "/success.txt", online: "success\n", type: TEXT },
    {
      system: "Kindle",
      path: "/kindle-wifi/wifistub.html",
      online:
        "<html><head><title>Kindle</title></head><body>81ce4465-7167-4dcb-835b-dcc9e44c112a</body></html>",
      type: HTML,
    },
    {
      system: "NetworkManager",
      path: "/check_network_status.txt",
      online: "NetworkManager is online\n",
      type: TEXT,
      extra: "X-NetworkManager-Status: online",
    },
  ] as const,
  true,
);

/** What the probe at `path` takes for the internet; `undefined`: no probe. */
export function onlineAnswer(path: string): HttpResponse | undefined {
  const probe = OS_PROBES.find((each) => each.path === path);
  if (!probe) return undefined;
  const { online, type, extra } = probe;
  if (online === undefined) return { status: 204 };
  return {
    status: 200,
    ...(type !== undefined && { type }),
    ...(extra !== undefined && { extra }),
    body: [online],
  };
}
