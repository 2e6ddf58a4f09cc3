import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { whyUnusable, whyWeak } from "../../tools/x509/identity";
import { judgeServer } from "../../tools/x509/judge";
import { limit } from "../support/limit";
import { FULL, LONG, SEED } from "../support/volume";
import {
  address,
  authority,
  constraints,
  dns,
  type Made,
  names,
  netscapeType,
  policies,
  server,
  unknownExtension,
  usage,
} from "./support/certificates";
import { MBEDTLS_VERSION } from "./support/engine-driver";
import { EngineJudge, type JudgedChain } from "./support/judges";
import { bodyOf, createRandom, mutate, mutateValue, signAgain } from "./support/mutations";
import { HOST } from "./support/pki";

const CHANGED = FULL ? 100_000 : LONG ? 40_000 : 1_000;
const SIGNED = LONG ? 20_000 : 1_000;
const BATCH = 500;
const LIMIT_MS = LONG ? 900_000 : 60_000;

/** A chain with everything in it that is judged: anchor, intermediate and server, from above. */
function makeLine(): readonly [Made, Made, Made] {
  const anchor = authority({
    name: "Anchor",
    extensions: [constraints({ permitted: [dns("example.test")] })],
  });
  const middle = authority({
    name: "Middle",
    issuer: anchor,
    pathLength: 0,
    extensions: [
      usage("serverAuth", "clientAuth"),
      constraints({
        permitted: [dns("test"), address(10, 0, 0, 0, 255, 0, 0, 0)],
        excluded: [dns("evil.example.test")],
      }),
    ],
  });
  const leaf = server({
    issuer: middle,
    names: [dns("other.example.test"), dns(HOST), address(10, 1, 2, 3)],
    extensions: [policies("1.3.6.1.4.1.55555.2"), netscapeType(0x40)],
  });
  return [anchor, middle, leaf];
}

/** The host's reading is 2.28's. 4.x takes a BIT STRING of no bits, and finds the usage wrong where 2.28 finds no certificate. */
const part = (host: string, engine: string): boolean =>
  MBEDTLS_VERSION?.startsWith("2.") || host === "accepted" || engine === "accepted" ? host !== engine : false;

const judgeOnHost = (chain: JudgedChain): string => judgeServer({ ...chain, now: Date.now() }) ?? "accepted";

describe.skipIf(!MBEDTLS_VERSION)(
  `one judgement of certificates: the host's and mbedTLS ${MBEDTLS_VERSION}`,
  () => {
    let engine: EngineJudge;
    beforeAll(() => {
      engine = new EngineJudge({ sanitized: false });
    }, limit(120_000));
    afterAll(() => engine.close());

    /** Both judge `count` chains; the places where they part, and what they said. */
    async function compare(count: number, next: () => JudgedChain) {
      const differences: string[] = [];
      const outcomes: Record<string, number> = {};
      for (let left = count; left > 0; left -= BATCH) {
        const chains = Array.from({ length: Math.min(BATCH, left) }, next);
        const answers = await engine.judge(chains);
        for (const [i, chain] of chains.entries()) {
          const host = judgeOnHost(chain);
          outcomes[host] = (outcomes[host] ?? 0) + 1;
          const sent = chain.sent.map((der) => Buffer.from(der).toString("hex")).join(",");
          if (part(host, answers[i]!)) differences.push(`host ${host}, engine ${answers[i]}: ${sent}`);
        }
      }
      if (LONG) console.log(`TLS judgement, seed ${SEED}: ${JSON.stringify(outcomes)}`);
      return { differences, outcomes };
    }

    it("accepts the chain that is mutated below", async () => {
      const [anchor, middle, leaf] = makeLine();
      const chain = { host: HOST, anchors: [anchor.der], sent: [leaf.der, middle.der] };
      expect([judgeOnHost(chain), ...(await engine.judge([chain]))]).toEqual(["accepted", "accepted"]);
    });

    it(
      `accepts none of ${CHANGED} chains with a certificate that was changed after it was signed`,
      async () => {
        const [anchor, middle, leaf] = makeLine();
        const random = createRandom(SEED);
        const next = (): JudgedChain => {
          for (;;) {
            const at = random(2);
            const genuine = [leaf.der, middle.der];
            const changed = (random(2) ? mutate : mutateValue)(genuine[at]!, random);
            // Bytes behind a certificate are not part of it.
            if (changed.subarray(0, genuine[at]!.length).equals(genuine[at]!)) continue;
            const sent = genuine.map((der, i) => (i === at ? new Uint8Array(changed) : der));
            return { host: HOST, anchors: [anchor.der], sent };
          }
        };
        const { differences, outcomes } = await compare(CHANGED, next);
        expect(differences.slice(0, 5)).toEqual([]);
        expect(outcomes.accepted).toBeUndefined();
      },
      LIMIT_MS,
    );

    it(
      `says the same of ${SIGNED} chains whose authority signed what nobody should sign`,
      async () => {
        const [anchor, middle, leaf] = makeLine();
        const random = createRandom(SEED + 1);
        const next = (): JudgedChain => {
          const ofLeaf = random(3) > 0;
          const [made, issuer] = ofLeaf ? [leaf, middle] : [middle, anchor];
          const changed = signAgain(
            (random(4) ? mutateValue : mutate)(bodyOf(made), random),
            issuer.privateKey,
          );
          const sent = ofLeaf ? [changed, middle.der] : [leaf.der, changed];
          return { host: HOST, anchors: [anchor.der], sent };
        };
        const { differences, outcomes } = await compare(SIGNED, next);
        expect(differences.slice(0, 5)).toEqual([]);
        expect(Object.keys(outcomes)).toEqual(
          expect.arrayContaining(["accepted", "unknown-ca", "wrong-name"]),
        );
      },
      LIMIT_MS,
    );

    it("says the same of credentials of our own, by the rules that npm run identity tries", async () => {
      const ca = authority();
      const leafWith = (recipe: Parameters<typeof server>[0]) => server({ issuer: ca, ...recipe });
      const padding = names(
        ...Array.from({ length: 48 }, (_, i) => dns(`name-${i}.of.something.example.test`)),
      );
      const longNames = [authority({ extensions: [padding] }), authority({ extensions: [padding] })];
      const plain = leafWith({});
      const tried: [what: string, chain: Made[], key: Uint8Array][] = [
        ["a P-256 key", [plain], plain.key],
        ["a key that is another's", [plain], leafWith({}).key],
        ["no key at all", [plain], Uint8Array.of(0x30, 0)],
        ["a chain of 2 KB", [plain, longNames[0]!], plain.key],
        ["a chain of more than 4 KB", [plain, ...longNames], plain.key],
        ["an intermediate with Ed25519", [plain, authority({ key: "Ed25519" })], plain.key],
        ["something critical", [plain, authority({ extensions: [unknownExtension(true)] })], plain.key],
        ["critical name constraints", [plain, authority({ extensions: [constraints({}, true)] })], plain.key],
      ];
      const engineSays = await engine.takesOwn(
        tried.map(([, chain, key]) => ({ chain: chain.map(({ der }) => der), key })),
      );
      const hostSays = tried.map(([, chain, privateKey]) => {
        const certificateChain = chain.map(({ der }) => der);
        const fault = whyUnusable({ certificateAuthorities: [], certificateChain, privateKey });
        return fault === undefined ? "accepted" : "unusable";
      });
      const word = (answers: readonly string[]) => tried.map(([what], i) => `${what}: ${answers[i]}`);
      expect(word(hostSays)).toEqual(word(engineSays));
      expect(hostSays.filter((said) => said === "accepted")).toHaveLength(2);
    });

    it("says the same of authorities, by the rules that npm run identity tries", async () => {
      const kinds: Parameters<typeof authority>[0][] = [
        {},
        { key: "P-384" },
        { key: "RSA-2048" },
        { key: "RSA-1024" },
        { key: "Ed25519" },
        { key: "brainpoolP256r1" },
        { key: "secp256k1" },
        { extensions: [usage("clientAuth")] },
        { extensions: [usage("clientAuth", "serverAuth")] },
        { extensions: [unknownExtension(true)] },
        { extensions: [constraints({ permitted: [dns("example.test")] }, true)] },
        { version: 1 },
      ];
      const anchors = kinds.map((kind) => authority(kind));
      const answers = await engine.judge(
        anchors.map((issuer) => ({
          host: HOST,
          anchors: [issuer.der],
          sent: [server({ issuer, names: [dns(HOST)] }).der],
        })),
      );
      expect(anchors.map(({ der }) => whyWeak(der) === undefined)).toEqual(
        answers.map((said) => said === "accepted"),
      );
    });
  },
);
