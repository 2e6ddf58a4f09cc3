import type { SocketFailure } from "../../modules/network/socket";
import type { Issued } from "../support/test-pki";
import type { Pki } from "./support/pki";
import type { ServerPlan } from "./support/servers";
import { CHAINS, ROLLOVERS } from "./table/chains";
import { ALGORITHMS, DATES, EXTENSIONS, FLIGHTS, SERIALS, USAGES } from "./table/details";
import { NAMES as ODD_NAMES } from "./table/names";

export interface TlsCase {
  readonly name: string;
  /** `unusable`: the opening throws for our own identity. */
  readonly outcome: "accepted" | "unusable" | SocketFailure;
  readonly server: (pki: Pki) => ServerPlan;
  /** Our chain, leaf first; empty: no client certificate. The test device's when not given. */
  readonly client?: (pki: Pki) => readonly Issued[];
  /** Trust anchors; the test CA and the RSA one when not given. */
  readonly anchors?: (pki: Pki) => readonly Pick<Issued, "der">[];
  readonly host?: string;
  /** The protocol that is offered by ALPN; none when not given. */
  readonly alpn?: string;
  /** What the engine or the machine must have for the case to say anything. */
  readonly needs?: readonly Need[];
}

/**
 * Of the engine: TLS 1.3; P-224 (mbedTLS 4 reads no certificate with it); messages of the handshake over several
 * records (mbedTLS 2.28.3 puts none together). Of the machine: the openssl command.
 */
export type Need = "tls1.3" | "P-224" | "reassembly" | "openssl";

type More = Omit<TlsCase, "name" | "outcome" | "server">;

const accepted = (name: string, server: TlsCase["server"], more: More = {}): TlsCase => ({
  name,
  outcome: "accepted",
  server,
  ...more,
});
const refused =
  (outcome: SocketFailure) =>
  (name: string, server: TlsCase["server"], more: More = {}): TlsCase => ({ name, outcome, server, ...more });

const unknownCa = refused("unknown-ca");
const wrongName = refused("wrong-name");
const weak = refused("weak-certificate");
const protocol = refused("protocol");
const clientRefused = refused("client-certificate-refused");

const tls = (...chain: Issued[]) => ({ kind: "tls", chain }) as const;
const tls13 = (...chain: Issued[]) => ({ kind: "tls", chain, version: "TLSv1.3" }) as const;
const raw = (answer: ArrayLike<number>) => (): ServerPlan => ({ kind: "raw", answer });
const record = (type: number, ...bytes: number[]) => [type, 3, 3, 0, bytes.length, ...bytes];
const clearAlert = (level: "warning" | "fatal", description: number) =>
  record(21, level === "fatal" ? 2 : 1, description);

const MQTT_AT_AWS = "x-amzn-mqtt-ca";

const ACCEPTED = [
  accepted(
    "a server that speaks the protocol that ALPN offers, and would not talk without",
    (pki) => ({ ...tls(pki.leaf), alpn: ["h2", MQTT_AT_AWS] }),
    { alpn: MQTT_AT_AWS },
  ),
  accepted("the same in TLS 1.3", (pki) => ({ ...tls13(pki.leaf), alpn: ["h2", MQTT_AT_AWS] }), {
    alpn: MQTT_AT_AWS,
    needs: ["tls1.3"],
  }),
  accepted("a server that knows no ALPN", (pki) => tls(pki.leaf), { alpn: MQTT_AT_AWS }),
  accepted("a P-256 key against a P-256 server", (pki) => tls(pki.leaf)),
  accepted("an RSA-2048 key against a P-256 server", (pki) => tls(pki.leaf), {
    client: (pki) => [pki.rsaClient],
  }),
  accepted("a P-256 key against an RSA-2048 server", (pki) => tls(pki.rsaLeaf)),
  accepted("an RSA-2048 key against an RSA-2048 server of an RSA CA", (pki) => tls(pki.leafOfRsaCa), {
    client: (pki) => [pki.rsaClient],
  }),
  accepted("no client certificate where none is demanded", (pki) => ({ ...tls(pki.leaf), open: true }), {
    client: () => [],
  }),
  accepted("a chain with one intermediate", (pki) => tls(pki.leafOfIntermediate, pki.intermediate)),
  accepted("a server that sends its CA as well", (pki) => tls(pki.leaf, pki.ca)),
  accepted("a chain with certificates that nobody needs, larger than any buffer of ours", (pki) =>
    tls(
      pki.leafOfIntermediate,
      pki.intermediate,
      pki.rsaCa,
      pki.rsaLeaf,
      pki.rsaClient,
      pki.leafOfRsaCa,
      pki.sha1,
    ),
  ),
  accepted("a client chain with an intermediate", (pki) => tls(pki.leaf), {
    client: (pki) => [pki.clientOfIntermediate, pki.intermediate],
  }),
  accepted("a wildcard of one label", (pki) => tls(pki.wildcard)),
  accepted("a name in another letter case", (pki) => tls(pki.upperCase)),
  accepted("the last of several names", (pki) => tls(pki.secondName)),
  accepted("an IPv4 address", (pki) => tls(pki.ipv4), { host: "127.0.0.1" }),
  accepted("no extended key usage", (pki) => tls(pki.forUnsaid)),
  accepted("records split into single bytes", (pki) => ({ ...tls(pki.leaf), chunkBytes: 1 })),
  accepted("TLS 1.3", (pki) => tls13(pki.leaf), { needs: ["tls1.3"] }),
  accepted("TLS 1.3 with RSA-2048 keys", (pki) => tls13(pki.rsaLeaf), {
    client: (pki) => [pki.rsaClient],
    needs: ["tls1.3"],
  }),
];

const CHAIN = [
  unknownCa("another CA", (pki) => tls(pki.leafOfOtherCa)),
  unknownCa("a CA of the same name", (pki) => tls(pki.leafOfImpostor)),
  unknownCa("a self-signed leaf", (pki) => tls(pki.selfSigned)),
  unknownCa("a self-signed leaf with the genuine CA appended", (pki) => tls(pki.selfSigned, pki.ca)),
  unknownCa("another CA's leaf with the genuine chain appended", (pki) =>
    tls(pki.leafOfOtherCa, pki.intermediate, pki.ca),
  ),
  unknownCa("a leaf issued by a leaf", (pki) => tls(pki.leafOfLeaf, pki.leaf)),
  unknownCa("a missing intermediate", (pki) => tls(pki.leafOfIntermediate)),
  unknownCa("a leaf that is its own anchor", (pki) => tls(pki.leaf), { anchors: (pki) => [pki.leaf] }),
  unknownCa("a self-signed leaf that is its own anchor", (pki) => tls(pki.selfSigned), {
    anchors: (pki) => [pki.selfSigned],
  }),
  refused("expired")("an expired leaf", (pki) => tls(pki.expired)),
  refused("expired")("an expired intermediate", (pki) => tls(pki.leafOfOldIntermediate, pki.oldIntermediate)),
  refused("expired")("an expired leaf of another name", (pki) => tls(pki.expiredAndMisnamed)),
  refused("not-yet-valid")("a leaf of next week", (pki) => tls(pki.future)),
];

const NAMES = [
  wrongName("another name", (pki) => tls(pki.otherName)),
  wrongName("a matching common name without a SAN", (pki) => tls(pki.commonNameOnly)),
  wrongName("a wildcard for two labels", (pki) => tls(pki.wildcard), { host: "a.broker.example.test" }),
  wrongName("a wildcard for no label", (pki) => tls(pki.wildcard), { host: "example.test" }),
  wrongName("half a label of wildcard", (pki) => tls(pki.partialWildcard)),
  wrongName("a wildcard over a top-level domain", (pki) => tls(pki.wideWildcard), { host: "broker.test" }),
  wrongName("a lone asterisk", (pki) => tls(pki.wildcardOfAll), { host: "broker" }),
  wrongName("a NUL behind the right name", (pki) => tls(pki.withNul)),
  wrongName("an address as dNSName", (pki) => tls(pki.ipv4AsDns), { host: "127.0.0.1" }),
  wrongName("another address", (pki) => tls(pki.otherIpv4), { host: "127.0.0.1" }),
  wrongName("an IPv6 address that begins with ours", (pki) => tls(pki.ipv6), { host: "127.0.0.1" }),
  wrongName("a server named by address only", (pki) => tls(pki.otherIpv4)),
];

const WEAK_OR_MISUSED = [
  refused("wrong-usage")("the usage of a client", (pki) => tls(pki.forClients)),
  refused("wrong-usage")("any extended key usage", (pki) => tls(pki.forAny)),
  wrongName("the usage of a client and another name", (pki) => tls(pki.misnamedForClients)),
  weak("a SHA-1 signature", (pki) => tls(pki.sha1)),
  weak("an RSA key of 1,024 bits", (pki) => tls(pki.rsa1024)),
  weak("a CA with an RSA key of 1,024 bits", (pki) => tls(pki.leafOfWeakCa), {
    anchors: (pki) => [pki.weakCa],
  }),
];

const WIRE = [
  protocol(
    "a server that knows ALPN, and not the protocol that is offered",
    (pki) => ({ ...tls(pki.leaf), alpn: ["h2"] }),
    {
      alpn: MQTT_AT_AWS,
    },
  ),
  protocol("TLS 1.1 only", (pki) => ({ ...tls(pki.leaf), version: "TLSv1.1" })),
  protocol("suites without forward secrecy only", (pki) => ({
    ...tls(pki.rsaLeaf),
    ciphers: "AES128-GCM-SHA256",
  })),
  protocol("CBC suites only", (pki) => ({ ...tls(pki.leaf), ciphers: "ECDHE-ECDSA-AES128-SHA" })),
  protocol("a fatal alert in clear before ServerHello", raw(clearAlert("fatal", 40))),
  protocol("unknown_ca in clear before ServerHello", raw(clearAlert("fatal", 48))),
  protocol("close_notify in clear before ServerHello", raw(clearAlert("warning", 0))),
  protocol("application data before ServerHello", raw(record(23, 1, 2, 3))),
  protocol("a malformed ServerHello", raw(record(22, 2, 0, 0, 2, 3, 3))),
  refused("plaintext")("a web server without TLS", raw(Buffer.from("HTTP/1.1 400 Bad Request\r\n\r\n"))),
  refused("plaintext")("a broker without TLS", raw([0x20, 2, 0, 0])),
  refused("closed")("a handshake cut off within the server's flight", (pki) => ({
    ...tls(pki.leaf),
    cutAfterBytes: 400,
  })),
  refused("closed")("a server that hangs up on the ClientHello", () => ({ kind: "raw", hangUp: true })),
  refused("handshake-timeout")("a silent server", () => ({ kind: "raw" })),
  refused("connect-refused")("a closed port", () => ({ kind: "none" })),
];

const CLIENT_CERTIFICATE = [
  clientRefused("no client certificate where one is demanded", (pki) => tls(pki.leaf), { client: () => [] }),
  clientRefused("no client certificate where one is demanded, TLS 1.3", (pki) => tls13(pki.leaf), {
    client: () => [],
    needs: ["tls1.3"],
  }),
  wrongName(
    "a server with another name, which does not want our certificate either",
    (pki) => tls(pki.otherName),
    {
      client: (pki) => [pki.clientOfOtherCa],
    },
  ),
  clientRefused("an alert about our certificate", (pki) => ({
    ...tls(pki.leaf),
    alertAfterClientFlight: clearAlert("fatal", 45),
  })),
  ...(["TLSv1.2", "TLSv1.3"] as const).flatMap((version) => {
    const needs: TlsCase["needs"] = version === "TLSv1.3" ? ["openssl", "tls1.3"] : ["openssl"];
    const server = (pki: Pki): ServerPlan => ({ kind: "openssl", chain: [pki.leaf], version });
    return [
      accepted(`OpenSSL takes our certificate, ${version}`, server, { needs }),
      clientRefused(`OpenSSL misses a certificate, ${version}`, server, { needs, client: () => [] }),
      clientRefused(`OpenSSL finds ours expired, ${version}`, server, {
        needs,
        client: (pki) => [pki.oldClient],
      }),
      clientRefused(`OpenSSL finds ours of another CA, ${version}`, server, {
        needs,
        client: (pki) => [pki.clientOfOtherCa],
      }),
    ];
  }),
];

/**
 * What a TLS client of ours accepts and refuses, and for which reason. Every engine runs the whole table:
 * node:tls on the host, mbedTLS in C, and the same on XS.
 */
export const TLS_CASES: readonly TlsCase[] = [
  ...ACCEPTED,
  ...CHAIN,
  ...NAMES,
  ...WEAK_OR_MISUSED,
  ...WIRE,
  ...CLIENT_CERTIFICATE,
  ...ODD_NAMES,
  ...CHAINS,
  ...ROLLOVERS,
  ...EXTENSIONS,
  ...DATES,
  ...ALGORITHMS,
  ...USAGES,
  ...SERIALS,
  ...FLIGHTS,
];
