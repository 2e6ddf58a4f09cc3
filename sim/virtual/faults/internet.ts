import { TLS_FAILURE_WORDS } from "../../../modules/network/link-failure";
import type { TlsFailure } from "../../../modules/network/socket";
import type { DnsServerFault } from "../../world/dns-server";
import type { TcpService } from "../../world/gateway";
import { CLOUD_ADDRESS, CLOUD_HOST, TIME_ADDRESSES } from "../../world/names";
import { OUTBOUND_PORTS, type OutboundPort } from "../../world/router";
import type { SntpServerOptions } from "../../world/sntp-server";
import { atBoot, atReconnect, atRejoin, type Fault } from "./fault";

const DAY_MS = 86_400_000;

const PATHS: readonly Fault[] = [
  {
    name: "internet-away",
    what: "The provider's line is dead: packets vanish behind the router.",
    begin: ({ world }) =>
      world.change(({ gateway }) => {
        gateway.internet = false;
      }),
    end: ({ world }) =>
      world.change(({ gateway }) => {
        gateway.internet = true;
      }),
    during: ["pulse blue"],
  },
  {
    name: "cable-out",
    what: "The router has lost its line and says so.",
    begin: ({ world }) =>
      world.change(({ routers }) => {
        routers[0]!.internet = false;
      }),
    end: ({ world }) =>
      world.change(({ routers }) => {
        routers[0]!.internet = true;
      }),
    during: ["pulse blue"],
  },
];

const FILTERS = (Object.keys(OUTBOUND_PORTS).map(Number) as OutboundPort[]).map((port): Fault => {
  const block = ({ world }: Parameters<Fault["begin"]>[0], blocked: boolean): void =>
    world.change(({ routers }) => {
      routers[0]!.blockedPorts = routers[0]!.blockedPorts.filter((each) => each !== port);
      if (blocked) routers[0]!.blockedPorts.push(port);
    });
  return {
    name: `filter-${port}`,
    what: `A firewall drops port ${port} (${OUTBOUND_PORTS[port]}), and the device has to join anew.`,
    begin: atRejoin((world) => block(world, true)),
    end: (world) => block(world, false),
    during: [port === 53 || port === 8883 ? "pulse blue" : "solid blue"],
    ...(port === 8883 && { verdict: "firewall-8883" as const }),
  };
});

const DNS_WORDS = {
  silent: "does not answer",
  "server-failure": "says that it cannot",
  "no-such-name": "says that no name exists",
  "wrong-id": "answers with another id",
  "wrong-question": "answers another question",
  truncated: "answers with nothing but the sign that there is more",
  malformed: "answers with half a message",
} as const satisfies Record<DnsServerFault, string>;

const NAMES = [
  ...(Object.keys(DNS_WORDS) as DnsServerFault[]).map(
    (fault): Fault => ({
      name: `dns-${fault}`,
      what: `The name server ${DNS_WORDS[fault]}.`,
      begin: atRejoin(({ faults }) => {
        faults.dns = fault;
      }),
      end: ({ faults }) => void delete faults.dns,
      during: ["pulse blue"],
    }),
  ),
  {
    name: "dns-wrong",
    what: "The name server sends every name to a host that refuses connections.",
    begin: atRejoin(({ faults }) => {
      faults.dnsHijack = "192.0.2.66";
    }),
    end: ({ faults }) => void delete faults.dnsHijack,
    during: ["pulse blue"],
    verdict: "broker-down",
  } satisfies Fault,
];

const SNTP: readonly { name: string; what: string; sntp: SntpServerOptions; lies?: true }[] = [
  { name: "sntp-silent", what: "do not answer", sntp: { fault: "silent" } },
  { name: "sntp-denied", what: "refuse the device for good (kiss-o'-death DENY)", sntp: { kiss: "DENY" } },
  { name: "sntp-limited", what: "ask to be asked less (kiss-o'-death RATE)", sntp: { kiss: "RATE" } },
  { name: "sntp-unset", what: "do not know the time themselves", sntp: { fault: "unsynchronised" } },
  { name: "sntp-forged", what: "do not bring the request's mark back", sntp: { fault: "wrong-origin" } },
  { name: "sntp-zero", what: "answer with no time at all", sntp: { fault: "zero-time" } },
  { name: "sntp-short", what: "answer with half a message", sntp: { fault: "short" } },
  { name: "sntp-lie-back", what: "all say that it is 1970", sntp: { lieMs: -56 * 365.25 * DAY_MS } },
  { name: "sntp-lie-ahead", what: "are all a day ahead", sntp: { lieMs: DAY_MS }, lies: true },
];

const TIMES = [
  ...SNTP.map(
    ({ name, what, sntp, lies }): Fault => ({
      name,
      what: `The device restarts, and the time servers ${what}.`,
      begin: atBoot(({ faults }) => {
        faults.sntp = sntp;
      }),
      end: ({ faults }) => void delete faults.sntp,
      during: ["solid blue"],
      time: lies ? "all-lie" : "some-fail",
    }),
  ),
  {
    name: "sntp-one-liar",
    what: "One of three time servers is an hour ahead, and the device has to join anew.",
    begin: atRejoin(({ faults }) => {
      faults.sntpOf = { [TIME_ADDRESSES[0]]: { lieMs: 3_600_000 } };
    }),
    end: ({ faults }) => void delete faults.sntpOf,
    during: ["solid blue"],
    time: "some-fail",
  } satisfies Fault,
];

const TLS = [
  ...(Object.keys(TLS_FAILURE_WORDS) as TlsFailure[]).map(
    (reason): Fault => ({
      name: `tls-${reason}`,
      what: `TLS with the broker ends in \`${reason}\`.`,
      begin: atReconnect(({ faults }) => {
        faults.brokerTls = reason === "handshake-timeout" ? "silent" : reason;
      }),
      end: ({ faults }) => void delete faults.brokerTls,
      during: ["pulse blue"],
    }),
  ),
  {
    name: "tls-reset",
    what: "TCP is reset when TLS begins.",
    begin: atReconnect(({ faults }) => {
      faults.brokerTls = "reset";
    }),
    end: ({ faults }) => void delete faults.brokerTls,
    during: ["pulse blue"],
  } satisfies Fault,
];

/** Answers no TCP opening. */
const SILENT: TcpService = { connect: () => ({ remoteAddress: "", remotePort: 0, send() {}, close() {} }) };
const DEAD_ADDRESS = "198.51.100.99";

const ADDRESSES = (["silent", "refusing"] as const).map(
  (kind): Fault => ({
    name: `address-${kind}`,
    what: `Of the broker's two addresses the first is ${kind}, and the device has to join anew.`,
    begin: atRejoin((world) => {
      world.zoneExtra[CLOUD_HOST] = { a: [DEAD_ADDRESS, CLOUD_ADDRESS] };
      if (kind === "silent") world.services.tcp.set(`${DEAD_ADDRESS}:8883`, SILENT);
    }),
    end: (world) => {
      delete world.zoneExtra[CLOUD_HOST];
      world.services.tcp.delete(`${DEAD_ADDRESS}:8883`);
    },
    during: ["solid blue"],
  }),
);

const HOSTS: readonly Fault[] = [
  ...ADDRESSES,
  {
    name: "host-refuses",
    what: "The broker is down, and its host refuses port 443 too.",
    begin: atReconnect((world) => {
      world.broker.faults.down = true;
      world.services.tcp.delete(`${CLOUD_ADDRESS}:443`);
    }),
    end: (world) => {
      delete world.broker.faults.down;
      world.openWeb();
    },
    during: ["pulse blue"],
    verdict: "broker-down",
  },
];

/** Faults between router and broker: lines, firewalls, names, time, TLS. */
export const INTERNET_FAULTS: readonly Fault[] = [...PATHS, ...HOSTS, ...FILTERS, ...NAMES, ...TIMES, ...TLS];
