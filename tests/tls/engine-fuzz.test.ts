import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { limit } from "../support/limit";
import { issue } from "../support/test-pki";
import { LONG, SEED } from "../support/volume";
import { buildWithEngine, MBEDTLS_VERSION, run } from "./support/engine-driver";

const HOST = "broker.example.test";
/** Handshakes cost milliseconds each, so they have volumes of their own. */
const VOLUMES = LONG
  ? { handshakes: 2_000, certificates: 100_000, records: 100_000 }
  : { handshakes: 100, certificates: 500, records: 500 };
const LIMIT_MS = LONG ? 1_200_000 : 30_000;

interface Outcome {
  readonly accepted: number;
  readonly harmless: number;
}

describe.skipIf(!MBEDTLS_VERSION)(
  `the TLS engine on mbedTLS ${MBEDTLS_VERSION}, under AddressSanitizer`,
  () => {
    let fuzzer: string;
    let folder: string;
    beforeAll(() => {
      fuzzer = buildWithEngine("engine-fuzz", { sanitized: true });
      folder = mkdtempSync(join(tmpdir(), "aerolink-fuzz-"));
    }, limit(120_000));
    afterAll(() => rmSync(folder, { recursive: true, force: true }));

    it.each(Object.entries(VOLUMES))(
      "takes no harm from mutated %s and accepts none",
      async (kind, count) => {
        const ca = await issue({ commonName: "Test CA", authority: true });
        const leaf = await issue({ commonName: "server", issuer: ca, dns: ["other.example.test", HOST] });
        const file = (name: string, bytes: Uint8Array) => {
          writeFileSync(join(folder, name), bytes);
          return join(folder, name);
        };
        const [line] = await run(fuzzer, [
          ...[kind, String(count), String(SEED), HOST],
          ...[file("authority", ca.der), file("leaf", leaf.der), file("key", leaf.key)],
        ]);
        const { accepted, harmless } = JSON.parse(line!) as Outcome;
        if (LONG) console.log(`TLS fuzz, seed ${SEED}, ${count} ${kind}: ${line}`);
        expect(accepted).toBe(0);
        expect(harmless).toBeLessThan(count / 2);
      },
      LIMIT_MS,
    );
  },
);
