import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { issue, type KeyKind } from "../../../tests/support/test-pki";
import { buildWithEngine, MBEDTLS_VERSION, run } from "../../../tests/tls/support/engine-driver";
import { startServer } from "../../../tests/tls/support/servers";

const HOST = "broker.example.test";
const CONNECTIONS = 100;

interface Connection {
  readonly ms: number;
  readonly peak: number;
  readonly session: number;
  readonly outcome: string;
  readonly resumed: boolean;
}

/** Prints a table of handshakes: the device's engine against node's server on loopback. */
export async function main(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "aerolink-bench-"));
  const driver = buildWithEngine("engine-driver", { sanitized: false });
  console.log(`mbedTLS ${MBEDTLS_VERSION}, ${CONNECTIONS} connections each, TLS 1.2`);
  console.log("| keys | handshake | median ms | 95 % ms | peak heap, bytes | session, bytes |");
  console.log("| --- | --- | --: | --: | --: | --: |");
  for (const key of ["P-256", "RSA-2048"] as const) await measure(driver, folder, key);
  rmSync(folder, { recursive: true });
}

async function measure(driver: string, folder: string, key: KeyKind): Promise<void> {
  const ca = await issue({ commonName: "CA", authority: true, key });
  const leaf = await issue({ commonName: "server", issuer: ca, key, dns: [HOST] });
  const client = await issue({ commonName: "device", issuer: ca, key, usage: "client" });
  const server = await startServer({ kind: "tls", chain: [leaf] }, [ca]);
  const file = (name: string, bytes: Uint8Array) => {
    writeFileSync(join(folder, name), bytes);
    return join(folder, name);
  };
  for (const resume of [0, 1]) {
    const lines = await run(driver, [
      ...[server.port, HOST, 10_000, CONNECTIONS, resume].map(String),
      file("ca", ca.der),
      ...["--", file("leaf", client.der), "--", file("key", client.key)],
    ]);
    // The first has nothing to resume; in both runs it also warms the server up.
    const connections = lines.slice(1).map((line) => JSON.parse(line) as Connection);
    if (connections.some(({ outcome, resumed }) => outcome !== "accepted" || resumed !== (resume === 1)))
      throw new Error(`not what was to be measured:\n${lines.join("\n")}`);
    const times = connections.map(({ ms }) => ms).sort((a, b) => a - b);
    const at = (share: number) => times[Math.floor(share * (times.length - 1))]!.toFixed(1);
    const peak = Math.max(...connections.map((each) => each.peak));
    const session = connections.at(-1)!.session || "";
    console.log(
      `| ${key} | ${resume ? "resumed" : "full"} | ${at(0.5)} | ${at(0.95)} | ${peak} | ${session} |`,
    );
  }
  await server.close();
}
