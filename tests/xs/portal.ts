import TextEncoder from "text/encoder";
import type { Diagnostics } from "../../modules/diagnostics/diagnostics";
import { formatDnsReply } from "../../provisioning/captive/dns-reply";
import { parseForm } from "../../provisioning/form";
import { RequestParser } from "../../provisioning/http-request";
import { formatHead } from "../../provisioning/http-response";
import { listNetworks } from "../../provisioning/network-list";
import type { Portal, PortalView } from "../../provisioning/portal";
import { respond } from "../../provisioning/routes";
import type { SupportDesk } from "../../provisioning/support-page";
import { digestOfDamage, hex } from "./digest";
import type { Tests } from "./tests";

const ADDRESS = "198.19.80.1";
const QUERY = hex("12 34 01 00 00 01 00 00 00 00 00 00 01 61 03 63 6f 6d 00 00 01 00 01");
/** HTTPS record, with EDNS. */
const MODERN_QUERY = hex(
  "12 34 01 00 00 01 00 00 00 00 00 01 01 61 00 00 41 00 01 00 00 29 04 d0 00 00 00 00 00 00",
);

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);
const bytes = (text: string): Uint8Array => new Uint8Array(encode(text));
const GET = bytes(`GET /status?attempt=7 HTTP/1.1\r\nHost: ${ADDRESS}\r\nAccept: text/html\r\n\r\n`);
const FORM = "net=486f6d65.wpa2&password=correct+horse%21";
const POST = bytes(
  `POST /join HTTP/1.1\r\nHost: ${ADDRESS}\r\nOrigin: http://${ADDRESS}\r\n` +
    `Content-Type: application/x-www-form-urlencoded\r\nContent-Length: ${FORM.length}\r\n\r\n${FORM}`,
);

const VIEW: PortalView = {
  deviceId: "aerolink-1",
  mac: "02:00:5e:10:20:30",
  firmware: "0.1.0",
  accessPoint: "Aerolink-102030",
  address: ADDRESS,
  networks: listNetworks([
    { ssid: "Home", ssidBytes: bytes("Home"), bssid: "", channel: 1, rssi: -50, security: "wpa2" },
    {
      ssid: "Caf\u00e9 \u{1F32C}",
      ssidBytes: bytes("Caf\u00e9 \u{1F32C}"),
      bssid: "",
      channel: 1,
      rssi: -60,
      security: "open",
    },
    { ssid: undefined, ssidBytes: hex("ff fe"), bssid: "", channel: 1, rssi: -70, security: "wpa2" },
  ]).listed,
  more: 2,
  searching: false,
  saved: ["</script>"],
  lastFailure: { ssid: "Old", reason: "rejected", number: 203, name: "ASSOC_FAIL", rssi: -70, uptimeMs: 0 },
  lastCloudFailure: undefined,
  attempt: undefined,
};

const DIAGNOSTICS: Diagnostics = {
  firmware: "0.1.0",
  release: 1,
  board: "board",
  boot: 3,
  reset: "power-on",
  clock: { uptimeMs: 3_700_000, unixMs: undefined, quality: "none" },
  heap: undefined,
  network: { mac: "02:00:5e:10:20:30", address: undefined, channel: undefined, rssi: undefined },
  sensors: { model: "SEN66", fault: undefined, reports: [], corrected: {} },
  journal: {
    epoch: "0",
    formatted: undefined,
    written: 1,
    acknowledged: 0,
    pending: 1,
    dropped: 0,
    torn: 0,
    kept: 0,
  },
  failures: { "cloud-tls": 1 },
  lastFailure: "cloud-tls",
  recentFailures: [{ reason: "cloud-tls", detail: "expired", atMs: 3_600_000 }],
  commands: { run: 0, refused: 0, dropped: 0 },
  certificate: { expires: null, daysLeft: null },
  connects: 0,
  settingFaults: [],
  crash: undefined,
};

/** What the setup page's parsers make of outside bytes, and what it says: on XS as on Node. */
export default function portal({ test, later }: Tests): void {
  test("a DNS query is answered with the one address, another type with no data", (check) => {
    const reply = formatDnsReply(QUERY, ADDRESS)!;
    check.equal(reply.subarray(reply.length - 4), hex("c6 13 50 01"));
    check.equal(formatDnsReply(MODERN_QUERY, ADDRESS)?.subarray(6, 12), hex("00 00 00 00 00 00"));
  });

  later("2,000 damaged DNS queries are answered as on Node", (check, done) => {
    const read = (query: Uint8Array) => formatDnsReply(query, ADDRESS);
    check.equal(digestOfDamage([QUERY, MODERN_QUERY], 2_000, read), 2519130343);
    done();
  });

  later("2,000 damaged requests are read as on Node", (check, done) => {
    const read = (request: Uint8Array) => new RequestParser().feed(request);
    check.equal(digestOfDamage([GET, POST], 2_000, read), 2781246131);
    done();
  });

  later("2,000 damaged forms are read as on Node", (check, done) => {
    const read = (body: Uint8Array) => {
      const form = parseForm(body);
      return form && [...form].map(([name, value]) => [...encode(name), 0, ...encode(value)]);
    };
    check.equal(digestOfDamage([bytes(FORM), bytes("a=%F0%9F%8C%AC&b=%22+%22")], 2_000, read), 3249198532);
    done();
  });

  later(
    "pages are what they are on Node, byte for byte",
    (check, done) => {
      const joined: unknown[] = [];
      const actions: Portal = {
        view: () => VIEW,
        join: (network) => joined.push(network),
        forget: () => {},
        moveUp: () => {},
        forgetTime: () => {},
        search: () => {},
        finish: () => true,
        joinMeant: () => undefined,
        visited: () => {},
      };
      const support: SupportDesk = { deviceId: "", diagnostics: () => DIAGNOSTICS };
      const seeds = [
        GET,
        POST,
        bytes("GET / HTTP/1.0\r\n\r\n"),
        bytes(`GET /support HTTP/1.1\r\nHost: ${ADDRESS}\r\n\r\n`),
        bytes(`GET / HTTP/1.1\r\nHost: ${ADDRESS}\r\n\r\n`),
      ];
      const read = (request: Uint8Array) => {
        const parsed = new RequestParser().feed(request);
        if (typeof parsed !== "object") return parsed;
        const response = respond({ portal: actions, broker: undefined, support }, parsed);
        return [formatHead(response), ...(response.body ?? [])].map((part) => encode(part));
      };
      check.equal(digestOfDamage(seeds, 40, read), 1_875_991_000);
      read(POST);
      check.equal(joined[joined.length - 1], { ssid: "Home", password: "correct horse!" });
      done();
    },
    5_000,
  );
}
