import type { Logger } from "../modules/base/logger";
import { CaptiveDns, type UdpServerClass } from "./captive-dns";
import { type AcceptedTcpClass, HttpServer, type ListenerClass } from "./http-server";
import type { Portal } from "./portal";
import { respond } from "./routes";
import type { PortalServers } from "./setup-mode";

export interface OpenPortalOptions {
  readonly UDP: UdpServerClass;
  readonly Listener: ListenerClass;
  readonly TCP: AcceptedTcpClass;
  readonly ports: { readonly dns: number; readonly http: number };
  readonly log: Logger;
}

/** How the portal's two servers are opened: both, or none and an exception. */
export function openPortal({ UDP, Listener, TCP, ports, log }: OpenPortalOptions) {
  return (portal: Portal, address: string): PortalServers => {
    const dns = new CaptiveDns({ UDP, port: ports.dns, address });
    try {
      const http = new HttpServer({
        Listener,
        TCP,
        port: ports.http,
        address,
        respond: (request) => respond(portal, request),
        log,
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
