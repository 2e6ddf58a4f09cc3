import { answerDns, type DnsZone } from "./dns-server";
import type { Services, UdpService } from "./gateway";
import { loopbackService } from "./loopback";
import { CLOUD_ADDRESS, CLOUD_HOST, TIME_ADDRESSES, TIME_HOSTS } from "./names";
import { answerSntp } from "./sntp-server";

/** The simulated internet's names: the cloud host, the usual time servers, and any that a test adds. */
export function simulatedZone(cloudHost = CLOUD_HOST): DnsZone {
  const records: Record<string, { a: string[] }> = { [cloudHost.toLowerCase()]: { a: [CLOUD_ADDRESS] } };
  TIME_HOSTS.forEach((host, i) => {
    records[host] = { a: [TIME_ADDRESSES[i]!] };
  });
  return { records };
}

/** A name server in the router: without its cable it answers SERVFAIL, as home routers do. */
export function nameServer(zone: () => DnsZone): UdpService {
  return (query, { internet }, answer) => {
    const reply = answerDns(query, internet ? zone() : { ...zone(), fault: "server-failure" });
    if (reply) answer(reply);
  };
}

/** A time server by `now`, Unix milliseconds. */
export function timeServer(now: () => number): UdpService {
  return (request, _from, answer) => {
    const reply = answerSntp(request, now());
    if (reply) answer(reply);
  };
}

/** Of the way from the update server, 1 Mbit/s: an update is to be seen on its way. */
const DOWNLINK_BYTES_PER_SECOND = 125_000;

/** The internet in real time: names and time answered here, TLS by real servers on loopback ports. */
export function realServices(options: {
  cloudHost?: string;
  brokerHost?: string;
  brokerPort(): number | undefined;
  webPort(): number | undefined;
  signInPort(): number | undefined;
}): Services {
  const zone = simulatedZone(options.cloudHost);
  return {
    nameServer: nameServer(() => zone),
    udp: new Map(TIME_ADDRESSES.map((address) => [`${address}:123`, timeServer(() => Date.now())])),
    tcp: new Map([
      [`${CLOUD_ADDRESS}:8883`, loopbackService(options.brokerPort, options.brokerHost)],
      [`${CLOUD_ADDRESS}:443`, loopbackService(options.webPort, undefined, DOWNLINK_BYTES_PER_SECOND)],
    ]),
    signInPage: loopbackService(options.signInPort),
  };
}
