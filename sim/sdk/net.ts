// The SDK's `net` (modules/network/net), as far as the firmware asks it.
import { machine } from "./machine";

const Net = {
  get(what: string): string | string[] | undefined {
    return what === "DNS" ? [...(machine()?.network.dnsServers() ?? [])] : undefined;
  },
};

export default Net;
