// What phones and computers do when they join the access point, step by step, against the unchanged firmware.
// After public descriptions, not after recordings:
// - iOS, macOS: support.apple.com/102285; the assistant (user agent CaptiveNetworkSupport) asks in HTTP/1.0 and opens
//   its window when the answer is not "Success".
// - Android: NetworkMonitor.java (packages/modules/NetworkStack): DNS, HTTPS and HTTP probes side by side; a status of
//   200-399 other than 204 is a portal, and the window opens where Location says. ChromeOS: shill, portal_detector.cc.
// - Windows: learn.microsoft.com/windows-server/networking/ncsi; the browser is then opened at /redirect.
// - Firefox: CaptiveDetect.sys.mjs and network.connectivity-service.* (modules/libpref).
// - Kindle: ctrl.blog/entry/network-connection-http-checks.
import dnsPacket from "dns-packet";
import { beforeAll, describe, expect, test } from "vitest";
import { VirtualWorld } from "../../sim/virtual/virtual-world";
import { buildFirmware } from "../support/firmware";
import { type Answer, answerOf, connect, get, join } from "../support/phone-client";

interface Device {
  /** Names that it looks up, and with which types. */
  readonly names: readonly [name: string, ...types: dnsPacket.RecordType[]][];
  /** Its probes, as sent. */
  readonly probes: readonly { readonly request: readonly string[]; readonly online: RegExp }[];
  /** What it opens for the person when a probe did not end as it likes. */
  readonly opens: readonly string[];
  /** Tries TLS on port 443 as well, which must fail at once, not after a time limit. */
  readonly https?: boolean;
}

const APPLE_AGENT = "User-Agent: CaptiveNetworkSupport-481.100.4 wispr";
const ANDROID_AGENT =
  "User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/60.0.3112.32 Safari/537.36";
const APPLE_ONLINE = /^HTTP\/1\.1 200 .*<TITLE>Success<\/TITLE>.*<BODY>Success<\/BODY>/s;
const NO_CONTENT = /^HTTP\/1\.1 204 /;

const DEVICES: Record<string, Device> = {
  "an iPhone": {
    names: [["captive.apple.com", "A", "AAAA"]],
    probes: [
      {
        request: [
          "GET /hotspot-detect.html HTTP/1.0",
          "Host: captive.apple.com",
          "Connection: close",
          APPLE_AGENT,
        ],
        online: APPLE_ONLINE,
      },
    ],
    opens: [
      "GET /hotspot-detect.html HTTP/1.1",
      "Host: captive.apple.com",
      "Upgrade-Insecure-Requests: 1",
      "User-Agent: Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/22A",
    ],
  },
  "an old iPad": {
    names: [["www.apple.com", "A"]],
    probes: [
      {
        request: ["GET /library/test/success.html HTTP/1.0", "Host: www.apple.com", APPLE_AGENT],
        online: APPLE_ONLINE,
      },
    ],
    opens: ["GET / HTTP/1.1", "Host: www.apple.com"],
  },
  "an Android phone": {
    names: [
      ["www.google.com", "A", "AAAA"],
      ["connectivitycheck.gstatic.com", "A", "AAAA"],
    ],
    https: true,
    probes: [
      {
        request: [
          "GET /generate_204 HTTP/1.1",
          ANDROID_AGENT,
          "Host: connectivitycheck.gstatic.com",
          "Connection: close",
          "Accept-Encoding: gzip",
        ],
        online: NO_CONTENT,
      },
      {
        request: ["GET /gen_204 HTTP/1.1", ANDROID_AGENT, "Host: www.google.com", "Connection: close"],
        online: NO_CONTENT,
      },
      {
        request: [
          "GET /generate_204 HTTP/1.1",
          ANDROID_AGENT,
          "Host: play.googleapis.com",
          "Connection: close",
        ],
        online: NO_CONTENT,
      },
    ],
    opens: ["GET /generate_204 HTTP/1.1", "Host: connectivitycheck.gstatic.com", "X-Requested-With: x"],
  },
  "a Chromebook": {
    names: [["www.gstatic.com", "A", "AAAA"]],
    https: true,
    probes: [
      {
        request: ["GET /generate_204 HTTP/1.1", "Host: www.gstatic.com", "Connection: close"],
        online: NO_CONTENT,
      },
    ],
    opens: ["GET /generate_204 HTTP/1.1", "Host: www.gstatic.com"],
  },
  "a Windows computer": {
    names: [
      ["www.msftconnecttest.com", "A", "AAAA"],
      ["ipv6.msftconnecttest.com", "AAAA"],
      ["dns.msftncsi.com", "A"],
    ],
    probes: [
      {
        request: [
          "GET /connecttest.txt HTTP/1.1",
          "Connection: Close",
          "User-Agent: Microsoft NCSI",
          "Host: www.msftconnecttest.com",
        ],
        online: /^HTTP\/1\.1 200 .*\r\n\r\nMicrosoft Connect Test$/s,
      },
      {
        request: [
          "GET /ncsi.txt HTTP/1.1",
          "Connection: Close",
          "User-Agent: Microsoft NCSI",
          "Host: www.msftncsi.com",
        ],
        online: /^HTTP\/1\.1 200 .*\r\n\r\nMicrosoft NCSI$/s,
      },
    ],
    opens: ["GET /redirect HTTP/1.1", "Host: www.msftconnecttest.com", "Upgrade-Insecure-Requests: 1"],
  },
  Firefox: {
    names: [["detectportal.firefox.com", "A", "AAAA"]],
    probes: [
      {
        request: [
          "GET /canonical.html HTTP/1.1",
          "Host: detectportal.firefox.com",
          "Cache-Control: no-cache",
          "Connection: keep-alive",
        ],
        online:
          /^HTTP\/1\.1 200 .*<meta http-equiv="refresh" content="0;url=https:\/\/support\.mozilla\.org/s,
      },
      {
        request: ["GET /success.txt?ipv4 HTTP/1.1", "Host: detectportal.firefox.com"],
        online: /^HTTP\/1\.1 200 .*\r\n\r\nsuccess\n$/s,
      },
    ],
    opens: ["GET /canonical.html HTTP/1.1", "Host: detectportal.firefox.com"],
  },
  "a Kindle": {
    names: [["spectrum.s3.amazonaws.com", "A"]],
    probes: [
      {
        request: ["GET /kindle-wifi/wifistub.html HTTP/1.1", "Host: spectrum.s3.amazonaws.com"],
        online: /^HTTP\/1\.1 200 .*81ce4465-7167-4dcb-835b-dcc9e44c112a/s,
      },
    ],
    opens: ["GET /kindle-wifi/wifistub.html HTTP/1.1", "Host: spectrum.s3.amazonaws.com"],
  },
};

let built: Awaited<ReturnType<typeof buildFirmware>>;
beforeAll(async () => {
  built = await buildFirmware();
});

function openPortal(): VirtualWorld {
  const virtual = new VirtualWorld({ ...built, seed: 1, networks: [] });
  virtual.world.powerOn();
  expect(virtual.time.runUntil(() => virtual.world.phone.accessPoint !== undefined, 60_000)).toBe(true);
  virtual.run(50);
  return virtual;
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

function send(virtual: VirtualWorld, lines: readonly string[]): Answer & { readonly text: string } {
  const connection = connect(virtual)!;
  connection.send(`${lines.join("\r\n")}\r\n\r\n`);
  const answer = answerOf(virtual, connection);
  expect(answer, lines[0]).toBeDefined();
  return { ...answer!, text: connection.text };
}

describe.each(Object.entries(DEVICES))("%s", (_, { names, probes, opens, https }) => {
  test("finds the portal, and its own sign of the internet after success", () => {
    const virtual = openPortal();
    for (const [name, ...types] of names)
      for (const type of types)
        expect(lookUp(virtual, name, type), `${name} ${type}`).toEqual(type === "A" ? ["198.19.80.1"] : []);
    if (https) expect(virtual.world.phone.connect(443, SILENT)).toBeUndefined();
    for (const { request, online } of probes) {
      const answer = send(virtual, request);
      expect(answer.text).not.toMatch(online);
      expect([answer.status, /^Location: (.*)$/m.exec(answer.head)?.[1]?.trim()]).toEqual([
        302,
        "http://198.19.80.1/",
      ]);
    }
    expect(send(virtual, opens).head).toContain("Location: http://198.19.80.1/\r\n");
    expect(get(virtual, "/")?.body).toContain("Choose a Wi-Fi network");

    const id = join(virtual, "Home", "correct horse");
    const done = (): boolean => get(virtual, `/status?attempt=${id}`)?.body.includes("All done") ?? false;
    expect(virtual.time.runUntil(done, 60_000)).toBe(true);
    for (const { request, online } of probes) expect(send(virtual, request).text).toMatch(online);
  });
});

const SILENT = { onOpen: () => {}, onWindow: () => {}, onData: () => {}, onEnd: () => {} };
