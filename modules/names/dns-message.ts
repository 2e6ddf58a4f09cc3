import { formatName, readName } from "./dns-name";

/** RFC 1035 4.1.1, 3.2.2 and 3.2.4. */
export const DNS_HEADER_LENGTH = 12;
export const DNS_TYPE_A = 1;
export const DNS_TYPE_CNAME = 5;
export const DNS_CLASS_IN = 1;

const RESPONSE = 0x8000;
const OPCODE = 0x7800;
const TRUNCATED = 0x0200;
const RECURSION_DESIRED = 0x0100;
const RESPONSE_CODE = 0x000f;
const NAME_ERROR = 3;

/** Longest message that is looked at. We offer no EDNS, so 512 is what a server may send (RFC 1035 4.2.1). */
export const MAX_DNS_MESSAGE = 1500;
/** Aliases followed; more is a loop or a mistake. */
const MAX_ALIASES = 8;
/** Addresses kept of one answer. */
const MAX_ADDRESSES = 4;

export interface DnsQuestion {
  readonly name: string;
  readonly type: number;
  readonly class: number;
  /** Offset of the first byte after the question. */
  readonly end: number;
}

export interface DnsAnswer {
  /** One to four dotted quads, in the server's order. */
  readonly addresses: readonly string[];
  /** The least of the records that led here. */
  readonly ttlSeconds: number;
}

/** Why a message holds no address for us. */
export type DnsFault =
  /** The name does not exist (NXDOMAIN). */
  | "no-such-name"
  /** The name exists and has no IPv4 address that could be connected to: IPv6 only, or a filter's 0.0.0.0. */
  | "no-address"
  /** The server could not or would not find out (SERVFAIL, REFUSED and the like). */
  | "server-failure"
  /** Not a well-formed message. */
  | "malformed"
  /** Well-formed so far, and not the answer to our question. */
  | "not-ours"
  /** Cut short before the first address; TCP, which would have it, is not among the ports that we ask for. */
  | "truncated";

interface DnsRecord {
  readonly owner: string;
  readonly ttlSeconds: number;
  /** An address, or the name that `owner` is an alias of. */
  readonly address?: string;
  readonly alias?: string;
}

/** A recursive query for the IPv4 addresses of `name`. Throws RangeError for a bad id or host name. */
export function formatQuery(id: number, name: string): Uint8Array {
  if (!Number.isInteger(id) || id < 0 || id > 0xffff) throw new RangeError("id");
  const wireName = formatName(name);
  const bytes = new Uint8Array(DNS_HEADER_LENGTH + wireName.length + 4);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, id);
  view.setUint16(2, RECURSION_DESIRED);
  view.setUint16(4, 1);
  bytes.set(wireName, DNS_HEADER_LENGTH);
  view.setUint16(bytes.length - 4, DNS_TYPE_A);
  view.setUint16(bytes.length - 2, DNS_CLASS_IN);
  return bytes;
}

/** The question at `offset`; `undefined` when it is malformed. */
export function readQuestion(bytes: Uint8Array, offset: number): DnsQuestion | undefined {
  const name = readName(bytes, offset);
  if (!name || name.end + 4 > bytes.length) return undefined;
  const { end } = name;
  return { name: name.name, type: uint16(bytes, end), class: uint16(bytes, end + 2), end: end + 4 };
}

/** The addresses that a message gives in answer to `formatQuery(id, name)`, through aliases, or why there are none. */
export function parseDnsAnswer(bytes: Uint8Array, id: number, name: string): DnsAnswer | DnsFault {
  if (bytes.length < DNS_HEADER_LENGTH || bytes.length > MAX_DNS_MESSAGE) return "malformed";
  const flags = uint16(bytes, 2);
  if (uint16(bytes, 0) !== id || (flags & (RESPONSE | OPCODE)) !== RESPONSE) return "not-ours";
  const code = flags & RESPONSE_CODE;
  const questions = uint16(bytes, 4);
  // Servers that refuse may leave the question out.
  if (questions === 0 && code !== 0 && code !== NAME_ERROR) return "server-failure";
  if (questions !== 1) return "not-ours";
  const question = readQuestion(bytes, DNS_HEADER_LENGTH);
  if (!question) return "malformed";
  const asked = name.toLowerCase();
  if (question.name !== asked || question.type !== DNS_TYPE_A || question.class !== DNS_CLASS_IN) {
    return "not-ours";
  }
  if (code === NAME_ERROR) return "no-such-name";
  if (code !== 0) return "server-failure";

  const records: DnsRecord[] = [];
  const whole = readRecords(bytes, question.end, uint16(bytes, 6), records);
  const truncated = (flags & TRUNCATED) !== 0;
  if (!whole && !truncated) return "malformed";
  return follow(records, asked) ?? (truncated ? "truncated" : "no-address");
}

/** Adds the A and CNAME records of the answer section. False: a record is malformed or cut off. */
function readRecords(bytes: Uint8Array, offset: number, count: number, records: DnsRecord[]): boolean {
  let at = offset;
  for (let i = 0; i < count; i++) {
    const owner = readName(bytes, at);
    if (!owner || owner.end + 10 > bytes.length) return false;
    const { end } = owner;
    const data = end + 10;
    at = data + uint16(bytes, end + 8);
    if (at > bytes.length) return false;
    if (uint16(bytes, end + 2) !== DNS_CLASS_IN) continue;
    // A TTL with its top bit set counts as zero (RFC 2181 8).
    const ttlSeconds = Math.max(0, (uint16(bytes, end + 4) << 16) | uint16(bytes, end + 6));
    const type = uint16(bytes, end);
    if (type === DNS_TYPE_A) {
      if (at - data !== 4) return false;
      const address = `${bytes[data]}.${bytes[data + 1]}.${bytes[data + 2]}.${bytes[data + 3]}`;
      // "This network", multicast and reserved (RFC 6890): nothing there to connect to. Filters answer 0.0.0.0.
      if (bytes[data] !== 0 && bytes[data]! < 224) records.push({ owner: owner.name, ttlSeconds, address });
    } else if (type === DNS_TYPE_CNAME) {
      const alias = readName(bytes, data);
      if (alias?.end !== at) return false;
      records.push({ owner: owner.name, ttlSeconds, alias: alias.name });
    }
  }
  return true;
}

function follow(records: readonly DnsRecord[], name: string): DnsAnswer | undefined {
  let owner = name;
  let ttlSeconds = 0x7fffffff;
  for (let aliases = 0; aliases <= MAX_ALIASES; aliases++) {
    const addresses: string[] = [];
    let alias: DnsRecord | undefined;
    for (const record of records) {
      if (record.owner !== owner) continue;
      if (record.alias !== undefined) alias ??= record;
      else if (addresses.length < MAX_ADDRESSES) {
        addresses.push(record.address!);
        ttlSeconds = Math.min(ttlSeconds, record.ttlSeconds);
      }
    }
    if (addresses.length > 0) return { addresses, ttlSeconds };
    if (!alias) return undefined;
    owner = alias.alias!;
    ttlSeconds = Math.min(ttlSeconds, alias.ttlSeconds);
  }
  return undefined;
}

function uint16(bytes: Uint8Array, offset: number): number {
  return (bytes[offset]! << 8) | bytes[offset + 1]!;
}
