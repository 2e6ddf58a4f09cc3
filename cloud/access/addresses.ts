import { BlockList, isIP } from "node:net";

/** Addresses and networks (CIDR), of IPv4 and IPv6. */
export class AddressList {
  #list = new BlockList();
  readonly isEmpty: boolean;

  /** @throws RangeError */
  constructor(networks: readonly string[]) {
    for (const network of networks) this.#add(network);
    this.isEmpty = networks.length === 0;
  }

  has(address: string): boolean {
    const plain = plainAddress(address);
    const family = isIP(plain);
    return family !== 0 && this.#list.check(plain, family === 6 ? "ipv6" : "ipv4");
  }

  #add(network: string): void {
    const [address = "", bits, ...rest] = network.split("/");
    const family = isIP(address);
    const most = family === 6 ? 128 : 32;
    const length = bits === undefined ? most : /^\d{1,3}$/.test(bits) ? Number(bits) : Number.NaN;
    if (family === 0 || rest.length > 0 || !(length <= most))
      throw new RangeError(`${network}: an address, or a network as 192.0.2.0/24`);
    this.#list.addSubnet(address, length, family === 6 ? "ipv6" : "ipv4");
  }
}

/** An IPv4 address that an IPv6 socket tells (RFC 4291, section 2.5.5.2) is that IPv4 address; a zone is left out. */
function plainAddress(address: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address);
  return mapped ? mapped[1]! : address.replace(/%.*$/, "");
}

/**
 * Who asks. Each proxy appends the address that it was asked from, so the list is read from its end, as long as
 * those who wrote are proxies of ours: what stands before anybody can have written.
 */
export function callerAddress(peer: string, forwardedFor: string | undefined, proxies: AddressList): string {
  const hops = (forwardedFor ?? "").split(",").map((hop) => hop.trim());
  let address = plainAddress(peer);
  while (proxies.has(address)) {
    const before = hops.pop();
    if (before === undefined || isIP(plainAddress(before)) === 0) return address;
    address = plainAddress(before);
  }
  return address;
}

/**
 * What stands for one stranger where requests and guesses are counted: of IPv6 whoever has one address has the 2^64
 * others of its network, too (RFC 6177).
 */
export function strangerOf(address: string): string {
  const plain = plainAddress(address);
  if (isIP(plain) !== 6) return plain;
  const [before = "", after] = plain.toLowerCase().split("::");
  const head = before === "" ? [] : before.split(":");
  const tail = after === undefined || after === "" ? [] : after.split(":");
  // The last group may be written as an IPv4 address, which is two.
  const written = head.length + tail.length + (plain.includes(".") ? 1 : 0);
  const zeros = after === undefined ? [] : Array<string>(Math.max(0, 8 - written)).fill("0");
  const groups = [...head, ...zeros, ...tail].slice(0, 4);
  return `${groups.map((group) => Number.parseInt(group, 16).toString(16)).join(":")}::/64`;
}

const LOOPBACK = new AddressList(["127.0.0.0/8", "::1"]);

export const isLoopback = (address: string): boolean => LOOPBACK.has(address);
