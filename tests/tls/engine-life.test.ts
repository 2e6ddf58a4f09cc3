import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { limit } from "../support/limit";
import { issue } from "../support/test-pki";
import { LONG } from "../support/volume";
import { buildWithEngine, MBEDTLS_VERSION, run } from "./support/engine-driver";
import { HOST } from "./support/pki";

/** Beyond the first hundred, every so many-th allocation of a full handshake fails. */
const STRIDE = LONG ? 97 : 3_001;
const LIMIT_MS = LONG ? 600_000 : 60_000;

interface OutOfMemory {
  readonly tried: number;
  readonly refused: number;
  readonly ended: number;
  readonly open: number;
  readonly unverified: number;
  readonly lost: number;
}

describe.skipIf(!MBEDTLS_VERSION)(`the life of TLS engines on mbedTLS ${MBEDTLS_VERSION}`, () => {
  let program: string;
  let folder: string;
  let files: string[];

  beforeAll(async () => {
    program = buildWithEngine("engine-life", { sanitized: true });
    folder = mkdtempSync(join(tmpdir(), "aerolink-life-"));
    const ca = await issue({ commonName: "Test CA", authority: true });
    const otherCa = await issue({ commonName: "Other CA", authority: true });
    const leaf = await issue({ commonName: "both", issuer: ca, dns: [HOST], usage: "none" });
    const other = await issue({ commonName: "both", issuer: otherCa, dns: [HOST], usage: "none" });
    files = [ca.der, leaf.der, leaf.key, other.der, other.key].map((der, i) => {
      writeFileSync(join(folder, String(i)), der);
      return join(folder, String(i));
    });
  }, limit(120_000));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const live = async (mode: string): Promise<unknown> =>
    JSON.parse((await run(program, [mode, HOST, ...files, String(STRIDE)]))[0]!);

  it("proves once that a key is its certificate's, again when either changes, and never trusts what failed", async () => {
    // What is said of the pair, and how many proofs it took.
    expect(await live("pairs")).toEqual([
      [true, 1], // the first identity
      [true, 0],
      [true, 1], // another
      [true, 0],
      [true, 1], // the first again
      [false, 1], // its certificate with the other's key
      [false, 1],
      [true, 0], // the first is still known
      [false, 1], // the other's certificate with its key
    ]);
  });

  it("may be freed after any step, and leaves nothing behind", async () => {
    const { cuts, lost } = (await live("cut")) as { cuts: number; lost: number };
    expect(cuts).toBeGreaterThan(10);
    expect(lost).toBe(0);
  });

  it("may be two at once, and one of them freed", async () => {
    expect(await live("two")).toEqual({ open: [1, 1], answered: 1 });
  });

  it(
    "ends whichever allocation fails, loses nothing, and opens to nobody that it has not verified",
    async () => {
      const rows = (await live("memory")) as OutOfMemory[];
      expect(rows).toHaveLength(6);
      const impostor = rows.slice(4);
      for (const row of rows) {
        expect(row).toMatchObject({ unverified: 0, lost: 0 });
        expect(row.tried).toBeGreaterThan(50);
        expect(row.refused).toBeGreaterThan(20);
        expect(row.ended).toBeGreaterThan(5);
      }
      for (const row of rows.slice(0, 4)) expect(row.open).toBeGreaterThan(0);
      for (const row of impostor) expect(row.open).toBe(0);
    },
    LIMIT_MS,
  );
});
