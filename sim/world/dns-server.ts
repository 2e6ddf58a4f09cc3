import packet, { type Answer, type Packet } from "dns-packet";

/** What a simulated name server knows and how it misbehaves. */
export interface DnsZone {
  /** Host name in lower case → its records. A name that is not here does not exist. */
  readonly records: Readonly<Record<string, DnsZoneEntry>>;
  /** Every question for an A record gets this address, as a sign-in page's DNS does. */
  readonly hijack?: string;
  readonly fault?: DnsServerFault;
}

export interface DnsZoneEntry {
  /** IPv4 addresses; none: the name exists without one. */
  readonly a?: readonly string[];
  readonly aaaa?: readonly string[];
  /** The name is an alias of this one. */
  readonly cname?: string;
  /** Default 300. */
  readonly ttlSeconds?: number;
}

export type DnsServerFault =
  | "silent"
  /** SERVFAIL: the server cannot reach the internet. */
  | "server-failure"
  /** NXDOMAIN for every name. */
  | "no-such-name"
  | "wrong-id"
  | "wrong-question"
  /** TC set and no records. */
  | "truncated"
  /** Cut in the middle of the answer. */
  | "malformed";

const FLAGS = {
  recursionDesired: packet.RECURSION_DESIRED,
  recursionAvailable: packet.RECURSION_AVAILABLE,
  truncated: packet.TRUNCATED_RESPONSE,
  serverFailure: 2,
  nameError: 3,
} as const;

/** The name server's reply to one datagram; `undefined` when it stays silent, as it does to what is no query. */
export function answerDns(query: Uint8Array, zone: DnsZone): Uint8Array | undefined {
  const asked = decode(query);
  const question = asked?.questions?.[0];
  if (!asked || !question || asked.type !== "query" || zone.fault === "silent") return undefined;
  const { answers, code } = lookUp(question.name.toLowerCase(), question.type, zone);
  const wrongQuestion = zone.fault === "wrong-question";
  const reply = packet.encode({
    type: "response",
    id: zone.fault === "wrong-id" ? (asked.id ?? 0) ^ 0x5555 : (asked.id ?? 0),
    flags:
      FLAGS.recursionDesired |
      FLAGS.recursionAvailable |
      code |
      (zone.fault === "truncated" ? FLAGS.truncated : 0),
    questions: wrongQuestion ? [{ ...question, name: "other.invalid" }] : [question],
    answers,
  });
  return new Uint8Array(zone.fault === "malformed" ? reply.subarray(0, reply.length - 3) : reply);
}

function lookUp(name: string, type: string, zone: DnsZone): { answers: Answer[]; code: number } {
  if (zone.fault === "server-failure") return { answers: [], code: FLAGS.serverFailure };
  if (zone.fault === "no-such-name") return { answers: [], code: FLAGS.nameError };
  if (zone.fault === "truncated") return { answers: [], code: 0 };
  if (zone.hijack !== undefined) {
    return { answers: type === "A" ? [{ type: "A", name, ttl: 0, data: zone.hijack }] : [], code: 0 };
  }
  const answers: Answer[] = [];
  for (let owner = name, hops = 0; hops <= 8; hops++) {
    const entry = Object.hasOwn(zone.records, owner) ? zone.records[owner] : undefined;
    if (!entry) return { answers, code: FLAGS.nameError };
    const ttl = entry.ttlSeconds ?? 300;
    if (entry.cname === undefined) {
      const addresses = type === "A" ? entry.a : type === "AAAA" ? entry.aaaa : undefined;
      for (const data of addresses ?? [])
        answers.push({ type: type as "A" | "AAAA", name: owner, ttl, data });
      break;
    }
    answers.push({ type: "CNAME", name: owner, ttl, data: entry.cname });
    owner = entry.cname.toLowerCase();
  }
  return { answers, code: 0 };
}

function decode(bytes: Uint8Array): Packet | undefined {
  try {
    return packet.decode(Buffer.from(bytes));
  } catch {
    return undefined; // not a DNS message: a server drops it
  }
}
