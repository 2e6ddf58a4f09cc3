import type { Resolution, ResolveOptions } from "../modules/names/dns-client";
import type { Parts } from "./parts";

export type NameQuery = Omit<ResolveOptions, "servers">;

/** By the name servers of the network that the device is on. */
export function resolve({ dns, nameServers }: Parts, query: NameQuery): Resolution {
  return dns.resolve({ ...query, servers: nameServers });
}
