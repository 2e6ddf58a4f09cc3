// Answers of the renewal service and trust lists: each fault with its reason, and whatever else comes is refused.
import { afterEach, beforeAll, beforeEach, describe, expect, it, test, vi } from "vitest";
import { Renewal } from "../../../modules/credentials/renewal";
import { parseRenewalAnswer } from "../../../modules/credentials/renewal-answer";
import type { RenewalParts } from "../../../modules/credentials/renewal-parts";
import { TRUST_TYPE, TrustLists } from "../../../modules/credentials/trust-lists";
import type { RenewedParts } from "../../../modules/identity/fields";
import type { Identity } from "../../../modules/identity/identity";
import { nodeCredentials } from "../../../sim/device/node-credentials";
import { nodeSignatures } from "../../../sim/device/node-signatures";
import { SeededRandom } from "../../../sim/virtual/virtual-time";
import { createKey } from "../../../tools/pki/keys";
import { limit } from "../../support/limit";
import { DAY_MS, issueFor, renewableDevice } from "../../support/renewal-service";
import { makeSigner, signJws } from "../../support/signed-release";
import { FUZZ_CASES, LONG, SEED } from "../../support/volume";

const NOW = Date.UTC(2026, 10, 23);
const OLD = { fromMs: NOW - 300 * DAY_MS, untilMs: NOW + 97 * DAY_MS };
const FRESH = { fromMs: NOW - DAY_MS, untilMs: NOW + 396 * DAY_MS };
/** Judging takes Node milliseconds. */
const MOST_JUDGED = 20_000;
const signer = makeSigner();
const stranger = makeSigner();
const text = (value: object | string) =>
  new TextEncoder().encode(typeof value === "string" ? value : JSON.stringify(value));

let made: Awaited<ReturnType<typeof renewableDevice>>;
let key: Uint8Array;
let request: Uint8Array;
let good: { id: string; certificates: string[] };
const tools = nodeCredentials(() => NOW);
beforeAll(async () => {
  made = await renewableDevice(OLD);
  key = await createKey();
  request = tools.requestFor(key, made.identity.certificateChain[0]!)!;
  const csr = Buffer.from(request).toString("base64url");
  good = { id: "01010101", certificates: await issueFor(csr, made.devices, FRESH) };
});
beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** A device whose random bytes are all 1. */
class Rig {
  readonly begun: RenewedParts[] = [];
  readonly published: string[] = [];
  readonly evidence: number[] = [];
  readonly renewal: Renewal;
  readonly trustLists: TrustLists;
  readonly credentials: { trial: "certificate" | "authorities" | undefined };
  wait: "broker-trial" | undefined;

  constructor(identity: Identity = made.identity, list = 3, keys = [signer.publicKey]) {
    const credentials = {
      ...{ identity, list, trial: undefined as Rig["credentials"]["trial"], store: {} },
      begin: (parts: RenewedParts) => {
        this.begun.push(parts);
        this.credentials.trial = parts.privateKey ? "certificate" : "authorities";
        return true;
      },
    };
    this.credentials = credentials;
    const parts = {
      board: {
        credentials: { ...tools, newKey: () => key, requestFor: () => request, validity: () => OLD },
        signatures: nodeSignatures,
        canUse: () => true,
        trustedUntil: () => FRESH.untilMs,
        randomBytes: (count: number) => new Uint8Array(count).fill(1),
      },
      clock: { uptimeMs: 0, unixMs: NOW, quality: "synced" },
      credentials,
      build: { updateKeys: keys },
      timeKeeper: { evidence: (unixMs: number) => this.evidence.push(unixMs) },
      logs: { room: () => ({ info() {}, warn() {} }) },
    } as unknown as RenewalParts;
    const options = {
      publishRequest: (payload: string) => this.published.push(payload) > 0,
      speaksAgainst: () => this.wait,
      onState() {},
    };
    this.renewal = new Renewal(parts, options);
    this.trustLists = new TrustLists(parts, options);
  }

  /** Has asked. */
  asked(): this {
    this.renewal.ask();
    vi.advanceTimersByTime(1);
    expect(this.renewal.state).toBe("requested");
    return this;
  }
}

describe("An answer", () => {
  it("that is good is tried, once", () => {
    const rig = new Rig().asked();
    rig.renewal.take(text(good));
    rig.renewal.take(text(good));
    expect(rig.begun).toHaveLength(1);
    expect(rig.begun[0]!.privateKey).toEqual(key);
    expect(JSON.parse(rig.published[0]!).id).toBe("01010101");
  });

  it.each<[string, (answer: typeof good) => object | string]>([
    ["bad-answer", () => ""],
    ["bad-answer", () => "[]"],
    ["bad-answer", ({ id }) => ({ id })],
    ["bad-answer", ({ id }) => ({ id, certificates: [] })],
    ["bad-answer", ({ id }) => ({ id, certificates: ["+/=="] })],
    ["bad-answer", ({ id }) => ({ id, certificates: [""] })],
    [
      "bad-answer",
      ({ id, certificates }) => ({ id, certificates: [...certificates, ...certificates, "AA"] }),
    ],
    ["bad-answer", (answer) => ({ ...answer, error: "busy" })],
    ["bad-answer", ({ id }) => ({ id, error: "whatever" })],
    ["bad-answer", ({ id, certificates }) => ({ id, certificates, more: "x".repeat(4_096) })],
    ["bad-answer", ({ certificates }) => ({ id: 1, certificates })],
    ...["unknown-device", "busy", "rate", "name", "key", "refused"].map(
      (error): [string, (answer: typeof good) => object] => [error, ({ id }) => ({ id, error })],
    ),
    ["unreadable", ({ id }) => ({ id, certificates: ["MAA"] })],
    ["unknown-authority", ({ id, certificates }) => ({ id, certificates: [certificates[0]] })],
  ])("is refused as %s, and nothing is tried", (reason, of) => {
    const rig = new Rig().asked();
    rig.renewal.take(text(of(good)));
    expect([rig.renewal.state, rig.renewal.reason, rig.begun]).toEqual(["refused", reason, []]);
  });

  it("to another request is passed over, and so is one to none", () => {
    const rig = new Rig();
    rig.renewal.take(text(good));
    expect(rig.renewal.state).toBe("current");
    rig.asked();
    rig.renewal.take(text({ ...good, id: "02020202" }));
    expect([rig.renewal.state, rig.begun]).toEqual(["requested", []]);
  });

  it("that comes in the trial of a broker is not tried", () => {
    const rig = new Rig().asked();
    rig.wait = "broker-trial";
    rig.renewal.take(text(good));
    expect([rig.renewal.reason, rig.begun]).toEqual(["interrupted", []]);
  });

  it("tells how long to wait, a week at most", () => {
    const parsed = (retryAfter: unknown) =>
      (parseRenewalAnswer(text({ id: "01010101", error: "busy", retryAfter })) as { retryAfterMs: number })
        .retryAfterMs;
    expect([60, 1e12, -1, "60", null].map(parsed)).toEqual([60_000, 7 * DAY_MS, 0, 0, 0]);
  });

  it(
    "that is mutated is never tried unless it says the same",
    () => {
      const random = new SeededRandom(SEED);
      const whole = text(good);
      const leaf = good.certificates[0]!;
      let tried = 0;
      for (let i = 0; i < FUZZ_CASES; i++) {
        const payload = mutate(whole, random);
        const parsed = parseRenewalAnswer(payload);
        // What the long run judges beyond this, C judges (tests/credentials/).
        if (parsed === "bad-answer" || i > MOST_JUDGED) continue;
        const rig = new Rig().asked();
        rig.renewal.take(payload);
        for (const { privateKey, certificateChain } of rig.begun) {
          tried++;
          expect(privateKey, `seed ${SEED}, ${i}`).toBe(key);
          expect(Buffer.from(certificateChain![0]!).toString("base64url"), `seed ${SEED}, ${i}`).toBe(leaf);
        }
        vi.clearAllTimers();
      }
      // What shows an authority is not signed: another letter in it may leave it what it was.
      expect(tried).toBeLessThan(FUZZ_CASES / 4);
    },
    limit(LONG ? 1_200_000 : 60_000),
  );
});

function mutate(bytes: Uint8Array, random: SeededRandom): Uint8Array {
  const copy = [...bytes];
  for (let changes = 1 + random.below(3); changes > 0; changes--) {
    const at = random.below(copy.length);
    const kind = random.below(5);
    if (kind === 0) copy[at]! ^= 1 << random.below(8);
    else if (kind === 1) copy[at] = random.below(256);
    else if (kind === 2) copy.splice(at, 1 + random.below(8));
    else if (kind === 3) copy.splice(at, 0, random.below(256));
    else copy.length = at + 1;
  }
  return Uint8Array.from(copy);
}

describe("A trust list", () => {
  const listOf = (over: object = {}) => ({
    ...{ v: 1, list: 4, iat: NOW / 1000 },
    authorities: [Buffer.from(made.broker.certificate).toString("base64url")],
    ...over,
  });
  const jws = (payload: object | string, header: object = {}, by = signer) =>
    text(
      signJws(by, typeof payload === "string" ? payload : JSON.stringify(payload), {
        typ: TRUST_TYPE,
        ...header,
      }),
    );
  const told = (payload: Uint8Array, rig = new Rig()): Rig => {
    rig.trustLists.take(payload);
    return rig;
  };

  test("that is newer is tried, and is evidence of the time", () => {
    const rig = told(jws(listOf()));
    expect(rig.begun).toMatchObject([{ list: 4 }]);
    expect(Buffer.from(rig.begun[0]!.certificateAuthorities![0]!)).toEqual(
      Buffer.from(made.broker.certificate),
    );
    expect([rig.trustLists.reason, rig.evidence]).toEqual([undefined, [NOW]]);
  });

  test("that is in force already changes nothing", () => {
    const rig = told(jws(listOf({ list: 3 })));
    expect([rig.begun, rig.trustLists.reason]).toEqual([[], undefined]);
  });

  test.each<[string, () => Uint8Array]>([
    ["not-newer", () => jws(listOf({ list: 2 }))],
    ["wrong-type", () => jws(listOf(), { typ: "aerolink-manifest+jwt" })],
    ["wrong-alg", () => jws(listOf(), { alg: "none" })],
    ["unknown-header", () => jws(listOf(), { crit: ["x"] })],
    ["bad-signature", () => jws(listOf(), {}, stranger)],
    ["not-signed", () => text("a.b.c")],
    ["too-long", () => text("x".repeat(4_097))],
    ["list-version", () => jws(listOf({ v: 2 }))],
    ["bad-list", () => jws(listOf({ v: "1" }))],
    ["bad-list", () => jws("[]")],
    ["bad-list", () => jws(listOf({ list: 0 }))],
    ["bad-list", () => jws(listOf({ list: 2 ** 32 }))],
    ["bad-list", () => jws(listOf({ iat: undefined }))],
    ["bad-list", () => jws(listOf({ authorities: [] }))],
    ["bad-list", () => jws(listOf({ authorities: ["AAAA"] }))],
    ["bad-list", () => jws(listOf({ authorities: Array(5).fill("MAA") }))],
  ])("is refused as %s", (reason, of) => {
    const rig = told(of());
    expect([rig.trustLists.reason, rig.begun, rig.evidence]).toEqual([reason, [], []]);
  });

  test("is refused where this firmware knows nobody's key", () => {
    expect(told(jws(listOf()), new Rig(made.identity, 3, [])).trustLists.reason).toBe("no-keys");
  });

  test("waits while something is on trial, and is tried after it", () => {
    const rig = new Rig();
    rig.wait = "broker-trial";
    told(jws(listOf()), rig);
    expect(rig.begun).toEqual([]);
    rig.wait = undefined;
    vi.advanceTimersByTime(60_000);
    expect(rig.begun).toHaveLength(1);
  });

  test("whose trial failed is tried again after an hour, six, and a day; the same told again hastens nothing", () => {
    const rig = told(jws(listOf()));
    const hours = [1, 6, 24, 24];
    for (const [i, pause] of hours.entries()) {
      rig.credentials.trial = undefined;
      rig.trustLists.trialEnded(false);
      expect(rig.trustLists.reason).toBe("trial-failed");
      vi.advanceTimersByTime((pause - 0.1) * 3_600_000);
      expect(rig.begun).toHaveLength(i + 1);
      vi.advanceTimersByTime(0.2 * 3_600_000);
      expect(rig.begun).toHaveLength(i + 2);
    }
  });

  test(
    "that is mutated is never tried",
    () => {
      const random = new SeededRandom(SEED);
      const whole = jws(listOf());
      for (let i = 0; i < FUZZ_CASES; i++) {
        const payload = mutate(whole, random);
        const rig = told(payload);
        if (Buffer.compare(payload, whole) !== 0) expect(rig.begun, `seed ${SEED}, ${i}`).toEqual([]);
        vi.clearAllTimers();
      }
    },
    limit(LONG ? 1_200_000 : 60_000),
  );
});
