import { type ChildProcessWithoutNullStreams, execFileSync, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { issue, type KeyKind } from "../../../tests/support/test-pki";
import { type RunningServer, startServer } from "../../../tests/tls/support/servers";
import { BUILD, findSdk, ROOT } from "../../base/sdk.mjs";
import { buildHost } from "../../xs/host/build.mjs";

const HOST = "broker.example.test";
const CONNECTIONS = 30;
/** The SDK's TLS has no P-256 client keys. */
const CONTENDERS = [
  ["sdk", "RSA-2048"],
  ["ours", "RSA-2048"],
  ["ours", "P-256"],
] as const;

/** Prints the device's TLS socket beside the SDK's own: one XS application, one server, full handshakes. */
export async function main(): Promise<void> {
  const sdk = findSdk();
  if (sdk?.platform !== "lin") return console.log("beside the SDK's TLS: skipped, no Moddable SDK for Linux");
  const certificates = join(BUILD, "tls/certificates");
  rmSync(certificates, { recursive: true, force: true });
  mkdirSync(certificates, { recursive: true });
  const server = await prepare(certificates);

  const out = join(BUILD, "xs-tls-bench");
  mkdirSync(out, { recursive: true });
  const manifest = join(ROOT, "tools/bench/tls/sdk-bench/manifest.json");
  const build = spawnSync("mcconfig", ["-m", "-p", "lin", "-t", "build", "-o", out, manifest], {
    env: sdk.env,
    encoding: "utf8",
  });
  if (build.status !== 0) throw new Error(`mcconfig: ${build.stdout}${build.stderr}`);
  const counter = join(out, "heap-count.so");
  execFileSync("gcc", ["-O2", "-shared", "-fPIC", join(ROOT, "tools/bench/tls/heap-count.c"), "-o", counter]);
  const command = [buildHost(sdk, out), join(out, "bin/lin/mc/release/sdk-bench/mc.so")] as const;

  console.log(`XS on x86-64, ${CONNECTIONS} connections each, TLS 1.2, full handshakes`);
  console.log("| TLS | key | median ms | 95 % ms | peak heap, bytes |");
  console.log("| --- | --- | --: | --: | --: |");
  const times = new Map<string, number[]>(CONTENDERS.map((contender) => [contender.join(" "), []]));
  const application = start(command);
  await application.line();
  // By turns, so that a busy machine is busy for all; the first of each warms up.
  for (let i = 0; i <= CONNECTIONS; i++)
    for (const [whose, key] of CONTENDERS) {
      const ms = await open(application, whose, key, server.port);
      if (i > 0) times.get(`${whose} ${key}`)!.push(ms);
    }
  await application.stop();
  for (const [whose, key] of CONTENDERS) {
    const sorted = times.get(`${whose} ${key}`)!.sort((a, b) => a - b);
    const at = (share: number) => sorted[Math.floor(share * (sorted.length - 1))];
    const peak = await peakOf(command, counter, whose, key, server.port);
    console.log(`| ${whose} | ${key} | ${at(0.5)} | ${at(0.95)} | ${peak} |`);
  }
  await server.close();
}

/** A P-256 server of a P-256 authority, and a device's certificate for each kind of key. */
async function prepare(folder: string): Promise<RunningServer> {
  // The SDK's TLS wants key identifiers, and the authority in the server's chain.
  const ca = await issue({ commonName: "CA", authority: true, keyIdentifiers: true });
  const leaf = await issue({ commonName: "server", issuer: ca, dns: [HOST], keyIdentifiers: true });
  writeFileSync(join(folder, "ca.der"), ca.der);
  for (const key of ["RSA-2048", "P-256"] as const) {
    const client = await issue({ commonName: "device", issuer: ca, key, usage: "client" });
    writeFileSync(join(folder, `${key}-device.der`), client.der);
    writeFileSync(join(folder, `${key}-key.der`), client.key);
  }
  return startServer({ kind: "tls", chain: [leaf, ca] }, [ca]);
}

interface Application {
  readonly child: ChildProcessWithoutNullStreams;
  line(): Promise<string>;
  stop(): Promise<void>;
}

function start([host, application]: readonly [string, string], env: NodeJS.ProcessEnv = {}): Application {
  const child = spawn(host, [application], { env: { ...process.env, ...env } });
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  return {
    child,
    line: async () => (await lines.next()).value ?? "the application ended",
    stop: async () => {
      child.kill();
      await once(child, "exit");
    },
  };
}

async function open(
  { child, line }: Application,
  whose: string,
  key: KeyKind,
  port: number,
): Promise<number> {
  child.stdin.write(`${whose} ${key} ${port}\n`);
  const answer = await line();
  if (!/^\d+$/.test(answer)) throw new Error(`${whose}, ${key}: ${answer}`);
  return Number(answer);
}

/** What a fresh application allocates at most for its first connection, XS's heap included. */
async function peakOf(
  command: readonly [string, string],
  counter: string,
  whose: string,
  key: KeyKind,
  port: number,
): Promise<number> {
  const application = start(command, { LD_PRELOAD: counter });
  await application.line();
  let said = "";
  application.child.stderr.setEncoding("utf8").on("data", (text: string) => {
    said += text;
  });
  application.child.kill("SIGUSR1");
  await open(application, whose, key, port);
  application.child.kill("SIGUSR2");
  await once(application.child.stderr, "data");
  await application.stop();
  return Number(said);
}
