import type { DnsServerFault, DnsZoneEntry } from "../world/dns-server";
import type { Services, TcpService } from "../world/gateway";
import { CLOUD_ADDRESS, TIME_ADDRESSES } from "../world/names";
import { nameServer, simulatedZone } from "../world/real-services";
import type { Scheduler } from "../world/scheduler";
import { answerSntp, type SntpServerOptions } from "../world/sntp-server";
import { TCP_WINDOW } from "../world/wire";
import { standInServer, type TlsVerdict, type Validity } from "./tls-stand-in";
import type { VirtualPki } from "./virtual-pki";

/** What can go wrong in the virtual internet. Read at each step, so a change acts at once. */
export interface InternetFaults {
  dns?: DnsServerFault;
  /** Address that every name gets. */
  dnsHijack?: string;
  sntp?: SntpServerOptions;
  /** In place of `sntp`, for the time server of this address. */
  sntpOf?: Readonly<Record<string, SntpServerOptions>>;
  /** What a TLS opening of the broker, or of port 443, ends in; `ok`: under the clock of the device. */
  brokerTls?: TlsVerdict;
  webTls?: TlsVerdict;
}

/** What the servers ask of their world, at each step. */
export interface InternetOf {
  readonly time: Scheduler;
  readonly unixMs: number;
  readonly broker: TcpService;
  readonly brokerValidity: Validity;
  /** Certificates that are looked at; absent: the broker lets everybody in, and is trusted by everybody. */
  readonly pki?: VirtualPki | undefined;
  readonly faults: InternetFaults;
  readonly zoneExtra: Readonly<Record<string, DnsZoneEntry>>;
}

/** Names, time and the broker, and a sign-in page where a router has one. */
export function virtualInternet(world: InternetOf): Services {
  const zone = simulatedZone();
  const broker = standInServer(world.broker, (_host, certificate) => {
    const verdict = world.faults.brokerTls ?? "ok";
    if (verdict !== "ok") return verdict;
    return world.pki ? world.pki.verdict(certificate, world.unixMs) : world.brokerValidity;
  });
  const signIn = standInServer(quietServer(world.time), () => "unknown-ca");
  return {
    nameServer: nameServer(() => {
      const { dns: fault, dnsHijack: hijack } = world.faults;
      const records = { ...zone.records, ...world.zoneExtra };
      return { records, ...(fault && { fault }), ...(hijack && { hijack }) };
    }),
    udp: new Map(
      TIME_ADDRESSES.map((address) => [
        `${address}:123`,
        (request, _from, answer) => {
          const { sntp, sntpOf } = world.faults;
          const reply = answerSntp(request, world.unixMs, sntpOf?.[address] ?? sntp);
          if (reply) answer(reply);
        },
      ]),
    ),
    tcp: new Map([[`${CLOUD_ADDRESS}:8883`, broker]]),
    signInPage: signIn,
  };
}

/** Accepts and says nothing. */
function quietServer(time: Scheduler): TcpService {
  return {
    connect: (callbacks) => {
      time.set(() => callbacks.onOpen(TCP_WINDOW), 20);
      return { remoteAddress: "", remotePort: 0, send() {}, close() {} };
    },
  };
}
