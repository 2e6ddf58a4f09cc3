import type { AccessPoint } from "../wifi/access-point";
import type { BrokerDesk } from "./broker-page";
import { CaptiveDns, type UdpServerClass } from "./captive/captive-dns";
import { type AcceptedTcpClass, HttpServer, type ListenerClass } from "./http-server";
import type { Portal } from "./portal";
import { respond } from "./routes";
import type { PortalServers } from "./setup-options";
import type { SupportDesk } from "./support-page";

export interface OpenPortalOptions {
  readonly UDP: UdpServerClass;
  readonly Listener: ListenerClass;
  readonly TCP: AcceptedTcpClass;
  readonly accessPoint: Pick<AccessPoint, "ports" | "interface">;
  /** Absent: the device has no identity, and so no cloud. */
  readonly broker?: BrokerDesk | undefined;
  readonly support: SupportDesk;
}

/** How the portal's two servers are opened: both, or none and an exception. */
export function openPortal({ UDP, Listener, TCP, accessPoint, broker, support }: OpenPortalOptions) {
  const { ports } = accessPoint;
  return (portal: Portal, address: string): PortalServers => {
    const dns = new CaptiveDns({ UDP, port: ports.dns, address, interface: accessPoint.interface });
    try {
      const http = new HttpServer({
        Listener,
        TCP,
        port: ports.http,
        address,
        interface: accessPoint.interface,
        respond: (request) => respond({ portal, broker, support }, request),
      });
      return {
        close: () => {
          http.close();
          dns.close();
        },
      };
    } catch (error) {
      dns.close();
      throw error;
    }
  };
}
