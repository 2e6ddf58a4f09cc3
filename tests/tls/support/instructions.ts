import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { issue, type KeyKind } from "../../support/test-pki";
import { buildWithEngine, run } from "./engine-driver";
import { HOST } from "./pki";
import { startServer } from "./servers";

export interface HandshakeInstructions {
  /** A full handshake of a device that has proven its key before. */
  readonly full: number;
  readonly resumed: number;
  /** What the first connection of a run took more than a later one: proving the key, gathering entropy. */
  readonly once: number;
}

/** Slow under valgrind, and slower on a busy machine. */
const LIMIT_MS = "120000";

/**
 * Instructions of the device's engine, counted by valgrind's callgrind: everything between the making of the engine
 * and its end (identity, handshake, a line there and back, goodbye). The server is Node's, another process.
 */
export function countInstructions(key: KeyKind): Promise<HandshakeInstructions> {
  return withDriver(key, async (count) => {
    const [first, full] = await count(2, false, "tls_engine_new", "tls_engine_free");
    const resumed = (await count(2, true, "tls_engine_new", "tls_engine_free"))[1];
    return { full: full!, resumed: resumed!, once: first! - full! };
  });
}

/** The longest call of `tls_engine_step` in a full handshake. */
export function countLongestStep(key: KeyKind): Promise<number> {
  return withDriver(key, async (count) =>
    Math.max(...(await count(1, false, "tls_engine_step", "tls_engine_step"))),
  );
}

type Count = (connections: number, resume: boolean, from: string, to: string) => Promise<number[]>;

async function withDriver<Result>(key: KeyKind, action: (count: Count) => Promise<Result>): Promise<Result> {
  const folder = mkdtempSync(join(tmpdir(), "aerolink-instructions-"));
  const ca = await issue({ commonName: "CA", authority: true, key });
  const leaf = await issue({ commonName: "server", issuer: ca, key, dns: [HOST] });
  const client = await issue({ commonName: "device", issuer: ca, key, usage: "client" });
  const files = [ca.der, client.der, client.key].map((der, i) => {
    writeFileSync(join(folder, String(i)), der);
    return join(folder, String(i));
  });
  const driver = buildWithEngine("engine-driver", { sanitized: false });
  const server = await startServer({ kind: "tls", chain: [leaf] }, [ca]);
  const count: Count = async (connections, resume, from, to) => {
    const out = mkdtempSync(join(folder, "callgrind-"));
    const lines = await run("valgrind", [
      ...["--quiet", "--tool=callgrind", `--callgrind-out-file=${join(out, "dump")}`],
      ...[`--zero-before=${from}`, `--dump-after=${to}`, driver],
      ...[String(server.port), HOST, LIMIT_MS, String(connections), resume ? "1" : "0"],
      ...[files[0]!, "--", files[1]!, "--", files[2]!],
    ]);
    const resumed = lines.map((line) => JSON.parse(line) as { outcome: string; resumed: boolean });
    if (resumed.some((each, i) => each.outcome !== "accepted" || each.resumed !== (resume && i > 0)))
      throw new Error(`not what was to be counted:\n${lines.join("\n")}`);
    return readDumps(out);
  };
  try {
    return await action(count);
  } finally {
    await server.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Instructions of each dump, in order. callgrind's last file, without a number, is what came after the last one. */
function readDumps(folder: string): number[] {
  const numbers = readdirSync(folder).flatMap((name) => /^dump\.(\d+)$/.exec(name)?.[1] ?? []);
  return numbers
    .map(Number)
    .sort((a, b) => a - b)
    .map((number) => {
      const total = /^totals: (\d+)$/m.exec(readFileSync(join(folder, `dump.${number}`), "utf8"))?.[1];
      if (!total) throw new Error(`callgrind: dump.${number} has no total`);
      return Number(total);
    });
}
