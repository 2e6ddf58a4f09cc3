import { LONG } from "../../support/volume";
import type { TlsCase } from "../cases";
import {
  certificate,
  der,
  dns,
  ia5,
  inDays,
  type KeyKind,
  keyUsage,
  netscapeType,
  policies,
  type Recipe,
  requireExplicitPolicy,
  type SigningKind,
  unknownExtension,
  usage,
} from "../support/certificates";
import { HOST } from "../support/pki";
import { below, type Outcome, odd, under } from "./odd";

const ANY_POLICY = "2.5.29.32.0";

export const EXTENSIONS = [
  odd("unknown-ca", "extension: unknown and critical, the server's", () =>
    under({ extensions: [unknownExtension(true)] }),
  ),
  odd("accepted", "extension: unknown, the server's", () => under({ extensions: [unknownExtension(false)] })),
  odd("unknown-ca", "extension: unknown and critical, an intermediate's", () =>
    below([{}, { extensions: [unknownExtension(true)] }]),
  ),
  odd("unusable", "extension: unknown and critical, the anchor's", () =>
    below([{ extensions: [unknownExtension(true)] }]),
  ),
  odd("unknown-ca", "extension: a policy is demanded and there is none", () =>
    below([{}, { extensions: [requireExplicitPolicy()] }]),
  ),
  odd("unknown-ca", "extension: a policy, critically", () =>
    under({ extensions: [policies("1.3.6.1.4.1.55555.2", true)] }),
  ),
  odd("accepted", "extension: a policy", () => under({ extensions: [policies("1.3.6.1.4.1.55555.2")] })),
  odd("accepted", "extension: any policy, critically", () =>
    under({ extensions: [policies(ANY_POLICY, true)] }),
  ),
];

const utc = (text: string) => der(0x17, ia5(text));
const late = der(0x18, ia5("99991231235959Z"));
const dated = (outcome: Outcome, what: string, dates: Pick<Recipe, "from" | "until">) =>
  odd(outcome, `date: ${what}`, () => under(dates));

export const DATES = [
  dated("accepted", "until the end of 9999", { until: late }),
  dated("accepted", "until 2050, where GeneralizedTime begins", { until: new Date("2050-01-01T00:00:00Z") }),
  dated("expired", "begins after it ends", { from: inDays(10), until: inDays(-10) }),
  dated("expired", "until 1950", { from: utc("500101000000Z"), until: utc("500102000000Z") }),
  dated("accepted", "from 1950", { from: utc("500101000000Z") }),
  dated("not-yet-valid", "from 2049", { from: utc("491231235959Z"), until: late }),
  odd("expired", "date: an expired anchor", () => below([{ from: inDays(-9), until: inDays(-2) }])),
  odd("not-yet-valid", "date: an intermediate of next week", () => below([{}, { from: inDays(5) }])),
];

const signed = (outcome: Outcome, signing: SigningKind, ca: KeyKind = "P-256") =>
  odd(outcome, `algorithm: a server signed with ${signing}`, () => under({ signing }, { key: ca }));
const keyed = (outcome: Outcome, key: KeyKind) =>
  odd(outcome, `algorithm: a server with ${key}`, () => under({ key }));

export const ALGORITHMS = [
  signed("weak-certificate", "RSA, MD5", "RSA-2048"),
  signed("weak-certificate", "RSA, SHA-1", "RSA-2048"),
  signed("weak-certificate", "ECDSA, SHA-1"),
  signed("weak-certificate", "ECDSA, SHA-224"),
  signed("accepted", "ECDSA, SHA-512"),
  signed("unknown-ca", "ECDSA, SHA3-256"),
  signed("accepted", "RSA-PSS, SHA-256", "RSA-2048"),
  signed("weak-certificate", "RSA-PSS, SHA-1", "RSA-2048"),
  odd("weak-certificate", "algorithm: an intermediate signed with RSA, SHA-1", () =>
    below([{ key: "RSA-2048" }, { signing: "RSA, SHA-1" }]),
  ),
  odd("weak-certificate", "algorithm: an intermediate signed with RSA, MD5", () =>
    below([{ key: "RSA-2048" }, { signing: "RSA, MD5" }]),
  ),
  odd("accepted", "algorithm: an anchor that signed itself with SHA-1", () =>
    below([{ key: "RSA-2048", signing: "RSA, SHA-1" }]),
  ),
  odd("accepted", "algorithm: an anchor that signed itself with RSA-PSS", () =>
    below([{ key: "RSA-2048", signing: "RSA-PSS, SHA-256" }]),
  ),
  // These never get to be judged: their server finds no suite, since we offer none for such keys.
  keyed("protocol", "P-192"),
  keyed("protocol", "P-224"),
  keyed("protocol", "secp256k1"),
  keyed("protocol", "brainpoolP256r1"),
  keyed("protocol", "Ed25519"),
  keyed("unknown-ca", "P-256, explicit"),
  keyed("accepted", "P-384"),
  keyed("accepted", "P-521"),
  keyed("accepted", "RSA-3072"),
  keyed("accepted", "RSA-2048, e=3"),
  keyed("weak-certificate", "RSA-2040"),
  keyed("weak-certificate", "RSA-1024"),
  ...(["P-224", "secp256k1", "brainpoolP256r1", "RSA-1024"] as const).flatMap((key) => {
    const more = key === "P-224" ? ({ needs: ["P-224"] } as const) : {};
    return [
      odd("weak-certificate", `algorithm: an intermediate with ${key}`, () => below([{}, { key }]), more),
      odd("weak-certificate", `algorithm: an anchor with ${key}`, () => below([{ key }]), more),
    ];
  }),
  odd("unknown-ca", "algorithm: an intermediate with Ed25519", () => below([{}, { key: "Ed25519" }])),
  odd("unusable", "algorithm: an anchor with Ed25519", () => below([{ key: "Ed25519" }])),
  // A key of 4,096 bits takes a second to make.
  ...(["P-384", "P-521", LONG ? "RSA-4096" : "RSA-3072"] as const).map((key) =>
    odd("accepted", `algorithm: anchor and server with ${key}`, () => under({ key }, { key })),
  ),
];

const used = (outcome: Outcome, what: string, ...uses: Uint8Array[]) =>
  odd(outcome, `usage: ${what}`, () => under({ uses }));
const plain = () => keyUsage("digitalSignature");

export const USAGES = [
  // Their server finds no suite: it may not sign.
  used("protocol", "a key for agreement only", keyUsage("keyAgreement"), usage("serverAuth")),
  used("protocol", "a key for encipherment only", keyUsage("keyEncipherment"), usage("serverAuth")),
  used("protocol", "a key for non-repudiation only", keyUsage("nonRepudiation"), usage("serverAuth")),
  used("accepted", "no word on the key", usage("serverAuth")),
  used("accepted", "client and server", plain(), usage("clientAuth", "serverAuth")),
  used("wrong-usage", "mail", plain(), usage("emailProtection")),
  used("wrong-usage", "server-gated crypto only", plain(), usage("serverGatedCrypto")),
  used("wrong-usage", "Netscape's client", plain(), netscapeType(0x80)),
  used("accepted", "Netscape's server", plain(), netscapeType(0x40)),
  odd("wrong-usage", "usage: an authority of Netscape's for mail only", () =>
    below([{}, { extensions: [netscapeType(0x02)] }]),
  ),
];

const numbered = (what: string, ...serial: number[]) =>
  odd("accepted", `serial: ${what}`, () => under({ serial }));

export const SERIALS = [
  numbered("0", 0),
  numbered("below 0", 0x85),
  numbered("of 30 bytes", ...new Array<number>(30).fill(0x42)),
];

/** What the wire brings beside certificates. */
export const FLIGHTS = [
  odd("accepted", "flight: the server has another certificate for another name", () => under({}), {
    server: { otherwise: certificate({ name: "other", extensions: [] }) },
  }),
  odd("accepted", "flight: X25519 only", () => under({}), {
    server: { groups: "X25519", open: true },
    client: () => [],
  }),
  odd("accepted", "flight: P-384 only for the exchange", () => under({}), {
    server: { groups: "P-384", open: true },
    client: () => [],
  }),
  ...[512, 4096].map((recordBytes): TlsCase => {
    const { chain, anchors } = below([{}, {}, {}, {}, {}]);
    return {
      name: `flight: records of ${recordBytes} bytes`,
      outcome: "accepted",
      server: () => ({ kind: "openssl", chain, version: "TLSv1.2", recordBytes }),
      anchors: () => anchors,
      needs: recordBytes < 1024 ? ["openssl", "reassembly"] : ["openssl"],
    };
  }),
  odd("accepted", "flight: a name in the certificate that the server was not asked for", () =>
    under({ names: [dns("zzz.example.test"), dns(HOST)] }),
  ),
];
