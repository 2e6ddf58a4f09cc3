// modules/credentials/native on mbedTLS, under AddressSanitizer and UBSan, beside the Node twin: one verdict on each case.
import "reflect-metadata";
import { execFileSync } from "node:child_process";
import { createPrivateKey, createPublicKey, X509Certificate } from "node:crypto";
import * as x509 from "@peculiar/x509";
import { beforeAll, describe, expect, it } from "vitest";
import {
  CREDENTIAL_FAULTS,
  type Credential,
  type CredentialFault,
} from "../../modules/credentials/credential-tools";
import type { TlsIdentity } from "../../modules/network/socket";
import { nodeCredentials } from "../../sim/device/node-credentials";
import { limit } from "../support/limit";
import { type CertificateRecipe, type Issued, issue } from "../support/test-pki";
import { FULL, FUZZ_CASES, LONG, SEED } from "../support/volume";
import { buildCredentialDriver, MBEDTLS_VERSION } from "../tls/support/engine-driver";

const LIMIT_MS = LONG ? 1_800_000 : 60_000;
const NAME = "aerolink-02005e102030";
const node = nodeCredentials(() => Date.now());

interface Case {
  readonly what: string;
  readonly fault: CredentialFault | undefined;
  readonly candidate: Credential;
  readonly present: TlsIdentity;
  readonly dated?: boolean;
}

let cases: Case[];
let good: Case;

const authority = (commonName: string, more: Partial<CertificateRecipe> = {}) =>
  issue({ commonName, authority: true, usage: "client", ...more });
const device = (issuer: Issued, more: Partial<CertificateRecipe> = {}) =>
  issue({ commonName: NAME, issuer, usage: "client", ...more });
const credential = (leaf: Issued, ...above: Issued[]): Credential => ({
  privateKey: leaf.key,
  certificateChain: [leaf.der, ...above.map(({ der }) => der)],
});

beforeAll(async () => {
  const broker = await issue({ commonName: "Broker CA", authority: true, usage: "server" });
  const devices = await authority("Devices CA");
  const next = await authority("Next devices CA");
  const twin = await authority("Devices CA");
  const root = await authority("Root", { usage: "none" });
  const [one, two] = [
    await authority("First below", { issuer: root }),
    await authority("Second below", { issuer: root }),
  ];
  const present: TlsIdentity = {
    ...credential(await device(devices)),
    certificateAuthorities: [broker.der],
  };
  const below: TlsIdentity = { ...credential(await device(one), one), certificateAuthorities: [broker.der] };
  const told: TlsIdentity = { ...present, certificateAuthorities: [broker.der, next.der] };
  const fine = credential(await device(devices), devices);
  const other = await device(devices);
  const expired = credential(await device(devices, { validFromDays: -40, validForDays: 30 }), devices);
  const early = credential(await device(devices, { validFromDays: 2 }), devices);
  const stranger = await device(devices, { usage: "server" });
  const long = await authority("x".repeat(1_500), { issuer: devices });
  const longer = await authority("y".repeat(1_500), { issuer: long });
  const server = await device(broker);
  const weak = await authority("Weak", { key: "RSA-1024" });
  const cut = fine.certificateChain[0]!.subarray(0, 100);
  const rows: [string, CredentialFault | undefined, Credential, TlsIdentity?, boolean?][] = [
    ["by the authority that issued the present one", undefined, fine],
    ["below an authority that the device was told of", undefined, credential(await device(next)), told],
    ["that shows that authority", undefined, credential(await device(next), next), told],
    [
      "by a sister of its authority below a root that it shows",
      undefined,
      credential(await device(two), two, root),
      below,
    ],
    ["by the same authority below that root", undefined, credential(await device(one), one), below],
    ["that is no certificate", "unreadable", { ...fine, certificateChain: [new Uint8Array([0x30, 0])] }],
    ["of none", "unreadable", { ...fine, certificateChain: [] }],
    ["that is cut", "unreadable", { ...fine, certificateChain: [cut] }],
    [
      "with something that is no certificate behind it",
      "unreadable",
      { ...fine, certificateChain: [...fine.certificateChain, cut] },
    ],
    ["longer than the engine sends", "too-long", credential(await device(longer), longer, long, devices)],
    ["for another key", "wrong-key", { ...fine, privateKey: other.key }],
    ["for the key of before", "wrong-key", { ...fine, certificateChain: present.certificateChain }],
    [
      "for a key of another kind",
      "wrong-key",
      credential(await device(devices, { key: "RSA-2048" }), devices),
    ],
    [
      "in another's name",
      "wrong-name",
      credential(await device(devices, { commonName: `${NAME}0` }), devices),
    ],
    [
      "in a name that differs in case",
      "wrong-name",
      credential(await device(devices, { commonName: NAME.toUpperCase() }), devices),
    ],
    ["for servers", "wrong-usage", credential(stranger, devices)],
    ["for anything", undefined, credential(await device(devices, { usage: "any" }), devices)],
    ["without a purpose", undefined, credential(await device(devices, { usage: "none" }), devices)],
    ["below the broker's authority, which is for servers", "wrong-usage", credential(server, broker)],
    ["by an authority that nobody knows", "unknown-authority", credential(await device(next), next)],
    ["by another authority of the same name", "unknown-authority", credential(await device(twin), twin)],
    ["that does not show its authority", "unknown-authority", credential(await device(devices))],
    [
      "below a sister whose root it does not show",
      "unknown-authority",
      credential(await device(two), two),
      below,
    ],
    ["by a device", "unknown-authority", credential(await device(other), other, devices)],
    [
      "by itself",
      "unknown-authority",
      credential(await issue({ commonName: NAME, usage: "client" }), devices),
    ],
    ["that has expired", "expired", expired],
    ["that has expired, by a clock that does not know", undefined, expired, present, false],
    ["that is not valid yet", "not-yet-valid", early],
    ["that is not valid yet, by a clock that does not know", undefined, early, present, false],
    ["signed with SHA-1", "weak-certificate", credential(await device(devices, { hash: "SHA-1" }), devices)],
    [
      "below a weak authority",
      "weak-certificate",
      credential(await device(weak)),
      { ...present, certificateAuthorities: [weak.der] },
    ],
  ];
  cases = rows.map(([what, fault, candidate, of = present, dated = true]) => ({
    what,
    fault,
    candidate,
    present: of,
    dated,
  }));
  good = cases[0]!;
}, limit(60_000));

it("What is issued is judged on Node as it should be", () => {
  const judged = cases.map(({ what, candidate, present, dated = true }) => [
    what,
    node.judge(candidate, present, dated),
  ]);
  expect(judged).toEqual(cases.map(({ what, fault }) => [what, fault]));
});

describe.skipIf(!MBEDTLS_VERSION)(`on mbedTLS ${MBEDTLS_VERSION}`, () => {
  let driver: string;
  beforeAll(() => {
    driver = buildCredentialDriver();
  }, limit(120_000));
  const run = (...lines: string[]): string[] =>
    execFileSync(driver, { input: `${lines.join("\n")}\n`, encoding: "utf8", maxBuffer: 1 << 26 })
      .trim()
      .split("\n");
  const hex = (...bytes: Uint8Array[]): string => Buffer.concat(bytes).toString("hex") || "-";
  const words = ({ candidate, present }: Case): string =>
    [
      hex(candidate.privateKey),
      hex(...candidate.certificateChain),
      hex(...present.certificateAuthorities),
      hex(...present.certificateChain),
    ].join(" ");

  it("What is issued is judged as on Node", () => {
    const faults = run(...cases.map((each) => `judge ${words(each)} ${each.dated === false ? 0 : 1}`));
    expect(faults.map((fault, i) => [cases[i]!.what, CREDENTIAL_FAULTS[Number(fault)]])).toEqual(
      cases.map(({ what, fault }) => [what, fault]),
    );
  });

  it("A key is a new one each time, and of the form that an identity has", () => {
    const keys = run("key", "key").map((text) => Buffer.from(text, "hex"));
    expect(new Set(keys.map(String)).size).toBe(2);
    for (const key of keys) {
      const parsed = createPrivateKey({ key, format: "der", type: "pkcs8" });
      expect(parsed.asymmetricKeyDetails).toEqual({ namedCurve: "prime256v1" });
      expect(parsed.export({ format: "der", type: "pkcs8" })).toEqual(key);
    }
  });

  it.each(["C", "Node"])(
    "A request by %s is signed by its key, in the name of the certificate",
    async (engine) => {
      const certificate = good.present.certificateChain[0]!;
      for (let i = 0; i < 12; i++) {
        const key =
          engine === "C" ? Buffer.from(run("key")[0]!, "hex") : Buffer.from(node.newKey() as Uint8Array);
        const request =
          engine === "C"
            ? Buffer.from(run(`request ${hex(key)} ${hex(certificate)}`)[0]!, "hex")
            : Buffer.from(node.requestFor(key, certificate)!);
        const parsed = new x509.Pkcs10CertificateRequest(request);
        expect(Buffer.from(parsed.rawData).equals(request)).toBe(true);
        expect(await parsed.verify()).toBe(true);
        expect(parsed.subject).toBe(`CN=${NAME}`);
        const wanted = createPublicKey(createPrivateKey({ key, format: "der", type: "pkcs8" }));
        expect(Buffer.from(parsed.publicKey.rawData)).toEqual(wanted.export({ format: "der", type: "spki" }));
        expect(request.length).toBeLessThan(300);
      }
    },
  );

  it("A request is not made with another's key, or in the name of nothing", () => {
    const [key, certificate] = [good.candidate.privateKey, good.present.certificateChain[0]!];
    const other = Buffer.from(key);
    other[10]! ^= 1;
    expect(
      run(
        `request ${hex(key.subarray(0, 137))} ${hex(certificate)}`,
        `request ${hex(other)} ${hex(certificate)}`,
        `request ${hex(key)} ${hex(certificate.subarray(0, 200))}`,
        `request ${hex(key)} -`,
        `request - ${hex(certificate)}`,
      ),
    ).toEqual(["-", "-", "-", "-", "-"]);
  });

  it("A name of any length that a certificate has is asked for, until it is too long for the message", async () => {
    const root = await authority("Root");
    const lengths: (number | undefined)[] = [];
    for (const length of [1, 20, 40, 60, 64, 100, 300, 900, 1_300]) {
      const { der, key } = await issue({ commonName: "n".repeat(length), issuer: root, usage: "client" });
      const text = run(`request ${hex(key)} ${hex(der)}`)[0]!;
      const request = Buffer.from(text === "-" ? "" : text, "hex");
      lengths.push(request.length || undefined);
      if (request.length > 0) expect(await new x509.Pkcs10CertificateRequest(request).verify()).toBe(true);
    }
    expect(lengths.at(-1)).toBeUndefined();
    expect(lengths.slice(0, -1).every((length) => length! > 150 && length! <= 1_400)).toBe(true);
  });

  it("Dates are those of Node", () => {
    const ders = cases.flatMap(({ candidate }) => candidate.certificateChain);
    const dates = run(...ders.map((der) => `dates ${hex(der)}`));
    const wanted = ders.map((der) => {
      const validity = node.validity(der);
      return validity ? `${validity.fromMs / 1000} ${validity.untilMs / 1000}` : "-";
    });
    expect(dates).toEqual(wanted);
    expect(wanted).toContain("-");
    expect(new X509Certificate(ders[0]!).subject).toBe(`CN=${NAME}`);
  });

  it(
    "Nothing that is mutated is accepted, and does no harm",
    () => {
      const count = FULL ? FUZZ_CASES : LONG ? 40_000 : 1_000;
      // An authority that is shown need not be whole: it is its key that counts.
      const [result] = run(
        `fuzz ${words(cases[1]!)} ${count} ${SEED}`,
        `fuzz ${words(good)} ${count} ${SEED}`,
      );
      if (LONG) console.log(`chains, seed ${SEED}, ${count}: ${result}`);
      const [accepted, unchanged] = result!.split(" ").map(Number);
      expect(accepted).toBe(0);
      expect(unchanged).toBeLessThan(count / 10);
    },
    LIMIT_MS,
  );

  it(
    "Whichever allocation fails, it is refused, and nothing leaks",
    () => {
      const [refused] = run(`memory ${words(good)} ${LONG ? 1 : 97}`);
      expect(Number(refused)).toBeGreaterThan(30);
    },
    LIMIT_MS,
  );
});
