// The partition of what is renewed, its power cut at every byte of every operation: there is always one complete
// credential that has worked.
import { describe, expect, it } from "vitest";
import { silentLogger } from "../../../modules/base/logger";
import {
  CONFIRMED,
  type CredentialFlash,
  CredentialStore,
  TRIED,
} from "../../../modules/credentials/credential-store";
import { Credentials } from "../../../modules/credentials/credentials";
import { formatParts, type RenewedParts } from "../../../modules/identity/fields";
import { NorFlash, PowerCut, type Tear } from "../../../sim/device/nor-flash";
import { Flash } from "../../../sim/sdk/flash";
import { p256Pkcs8, sampleIdentity, sequence } from "../../support/identity";
import { seeded } from "../../support/journal-rig";
import { limit } from "../../support/limit";
import { FULL, LONG, SEED } from "../../support/volume";

/** Between two cuts, on average, less one: in what is only written, and where sectors are erased. */
const WRITTEN = LONG ? 0 : 4;
const ERASED = FULL ? 0 : LONG ? 8 : 97;
const BYTES = 3 * 4_096;
const FACTORY = sampleIdentity();
const certificate = (n: number, bytes = 60): RenewedParts => ({
  privateKey: p256Pkcs8(new Uint8Array(109).fill(n)),
  certificateChain: [sequence(new Uint8Array(bytes).fill(n)), sequence(new Uint8Array(40).fill(n))],
});
const authorities = (list: number): RenewedParts => ({
  list,
  certificateAuthorities: [sequence(new Uint8Array(70).fill(list)), sequence(new Uint8Array(50).fill(list))],
});

interface Step {
  readonly name: string;
  run(store: CredentialStore): unknown;
}
const put = (parts: RenewedParts): Step => ({
  name: parts.list === undefined ? "lay down a certificate" : "lay down authorities",
  run: (store) => store.put(parts.list === undefined ? "certificate" : "authorities", formatParts(parts)),
});
const tried: Step = { name: "try", run: (store) => store.mark(TRIED) };
const confirm: Step = { name: "confirm", run: (store) => store.mark(CONFIRMED) };
const drop: Step = { name: "give up", run: (store) => store.drop() };

/** Two renewals, a roll-over, a renewal and a roll-over that come to nothing, and again. */
const SCRIPT: Step[] = [
  ...[put(certificate(1)), tried, confirm, put(authorities(1)), tried, confirm],
  ...[put(certificate(2)), tried, confirm, put(certificate(3)), tried, drop],
  ...[
    put(authorities(2)),
    tried,
    tried,
    drop,
    put(authorities(3)),
    tried,
    confirm,
    put(certificate(4)),
    put(certificate(5)),
  ],
  ...[tried, confirm],
];

const storeOn = (chip: NorFlash): CredentialStore => new CredentialStore(new Flash(chip) as CredentialFlash);
const inForce = (chip: NorFlash): string =>
  (["certificate", "authorities"] as const)
    .map((kind) => Buffer.from(storeOn(chip).find(kind)?.fields ?? []).toString("hex"))
    .join();
/** Whom a device would be that boots now. */
const boot = (chip: NorFlash): Credentials =>
  new Credentials({
    factory: FACTORY,
    flash: new Flash(chip) as CredentialFlash,
    canUse: () => true,
    onSwitch() {},
    onEnd() {},
    log: silentLogger,
  });

describe.each<Tear>(["in-order", "scattered"])("A power cut, torn %s", (tear) => {
  it(
    "at any byte leaves what was in force, or what is now, and the device boots as one of these",
    () => {
      const random = seeded(SEED);
      const chip = (cells?: Uint8Array): NorFlash => {
        const made = new NorFlash({ byteLength: BYTES, random });
        if (cells) made.load(0, cells);
        return made;
      };
      const real = chip();
      let cuts = 0;
      for (const { name, run } of SCRIPT) {
        const before = real.cells.slice();
        const worked = real.power.worked;
        const old = inForce(real);
        run(storeOn(real));
        const now = inForce(real);
        const units = real.power.worked - worked;
        for (
          let cut = 0;
          cut < units;
          cut += 1 + Math.floor(random() * 2 * (units < 4_096 ? WRITTEN : ERASED))
        ) {
          const torn = chip(before);
          torn.cutAfter(cut, tear);
          try {
            run(storeOn(torn));
          } catch (error) {
            if (!(error instanceof PowerCut)) throw error;
          }
          torn.powerOn();
          cuts++;
          expect([old, now], `${name}, byte ${cut}`).toContain(inForce(torn));
          if (LONG && cut % 16 > 0) continue;
          const { identity } = boot(torn);
          const own = [identity.privateKey, ...identity.certificateChain].map((part) => part.at(-1));
          // Key and chain are of one renewal (or the factory's): never of two.
          expect(new Set(own).size, `${name}, byte ${cut}`).toBe(own[0] === 7 ? 2 : 1);
        }
      }
      expect(cuts).toBeGreaterThan(FULL ? 40_000 : LONG ? 4_000 : 300);
      if (LONG) console.log(`credentials, torn ${tear}, seed ${SEED}: ${cuts} cuts`);
      expect(inForce(real)).toBe(
        [certificate(5), authorities(3)]
          .map((parts) => Buffer.from(formatParts(parts)).toString("hex"))
          .join(),
      );
    },
    limit(LONG ? 1_200_000 : 60_000),
  );
});

it("What is in force is not written to but for marks, however often what is new comes to nothing", () => {
  const chip = new NorFlash({ byteLength: BYTES });
  const store = storeOn(chip);
  for (const parts of [certificate(1), authorities(1)]) {
    store.put(parts.list === undefined ? "certificate" : "authorities", formatParts(parts));
    store.mark(CONFIRMED);
  }
  const erases = [...chip.erases];
  const used = [store.find("certificate")!.sector, store.find("authorities")!.sector];
  for (let i = 0; i < 20; i++) {
    store.put(i % 2 ? "certificate" : "authorities", formatParts(i % 2 ? certificate(9) : authorities(9)));
    store.drop();
  }
  for (const sector of used) expect(chip.erases[sector]).toBe(erases[sector]);
  expect(chip.counts.unclearedBits).toBe(0);
});

it("Three boots may try a candidate, and then it is given up for good", () => {
  const chip = new NorFlash({ byteLength: BYTES });
  storeOn(chip).put("certificate", formatParts(certificate(1)));
  expect([1, 2, 3, 4, 5].map(() => boot(chip).trial)).toEqual([
    ...["certificate", "certificate", "certificate"],
    ...[undefined, undefined],
  ]);
  expect(boot(chip).identity).toEqual(FACTORY);
});

it("A mark that was torn is made again in another place", () => {
  const chip = new NorFlash({ byteLength: BYTES });
  const store = storeOn(chip);
  store.put("certificate", formatParts(certificate(1)));
  chip.cutAfter(5);
  expect(store.mark(CONFIRMED)).toBe(false);
  chip.powerOn();
  expect(store.find("certificate")).toBeUndefined();
  expect(store.mark(CONFIRMED)).toBe(true);
  expect(store.find("certificate")).toBeDefined();
  expect(chip.counts.unclearedBits).toBe(0);
});

it("What a candidate cannot be used for is the one before, and the factory's where there is none", () => {
  const chip = new NorFlash({ byteLength: BYTES });
  const store = storeOn(chip);
  store.put("certificate", formatParts(certificate(1)));
  const refusing = new Credentials({
    factory: FACTORY,
    flash: new Flash(chip) as CredentialFlash,
    canUse: ({ certificateChain }) => certificateChain === FACTORY.certificateChain,
    onSwitch() {},
    onEnd() {},
    log: silentLogger,
  });
  expect([refusing.identity, refusing.trial, refusing.isRenewed]).toEqual([FACTORY, undefined, false]);
  expect(storeOn(chip).find()).toBeUndefined();
});

it("What does not fit, and what the flash refuses, is not begun", () => {
  const chip = new NorFlash({ byteLength: BYTES });
  expect(storeOn(chip).put("certificate", new Uint8Array(3_997))).toBe(false);
  expect(storeOn(chip).put("certificate", new Uint8Array(3_996))).toBe(true);
  const broken = { read() {}, write() {}, eraseBlock() {} } as unknown as CredentialFlash;
  expect(new CredentialStore(broken).put("certificate", new Uint8Array(9))).toBe(false);
  const throws = () => {
    throw new Error("flash");
  };
  const dead = { read: throws, write: throws, eraseBlock: throws } as unknown as CredentialFlash;
  expect(new CredentialStore(dead).put("certificate", new Uint8Array(9))).toBe(false);
  expect(new CredentialStore(dead).find("certificate")).toBeUndefined();
  new CredentialStore(dead).drop();
});
