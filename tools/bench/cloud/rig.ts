import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { deflateSync } from "node:zlib";
import { bundleTs } from "../../base/run-ts.mjs";
import type { IngestProcessOptions, IngestReport } from "./ingest-process";
import { findPostgres, type PostgresCluster, startPostgres } from "./postgres";
import { processorOf } from "./processor";
import { Publisher } from "./publisher";

const PUBLISHERS = 4;
const EPOCH = "5c0ffee1";
const BEGIN = Math.floor(Date.now() / 1000 / 86_400) * 86_400 - 86_400;

export const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** The computer's load of the last minute: others work here too. */
export const load = (): string => loadavg()[0]!.toFixed(1);

/** mosquitto on loopback, without TLS and with queues without end; nothing of it is kept. */
export class Rig {
  readonly url: string;
  readonly folder: string;
  readonly cluster: PostgresCluster | undefined;
  readonly publishers: Publisher[] = [];
  #broker: ChildProcess;
  #bundle: string;
  #payloads = new Map<number, Buffer>();

  private constructor(parts: {
    url: string;
    folder: string;
    broker: ChildProcess;
    bundle: string;
    cluster: PostgresCluster | undefined;
  }) {
    this.url = parts.url;
    this.folder = parts.folder;
    this.cluster = parts.cluster;
    this.#broker = parts.broker;
    this.#bundle = parts.bundle;
  }

  static async open(): Promise<Rig> {
    const folder = mkdtempSync(join(tmpdir(), "aerolink-bench-"));
    const port = await freePort();
    const conf = join(folder, "mosquitto.conf");
    writeFileSync(
      conf,
      `listener ${port} 127.0.0.1\nallow_anonymous true\nmax_queued_messages 0\nmax_inflight_messages 100\n`,
    );
    const program = execFileSync(
      "/bin/sh",
      ["-c", "command -v mosquitto || command -v /usr/sbin/mosquitto"],
      { encoding: "utf8" },
    );
    const broker = spawn(program.trim(), ["-c", conf], { stdio: "ignore" });
    const bin = findPostgres();
    const rig = new Rig({
      url: `mqtt://127.0.0.1:${port}`,
      folder,
      broker,
      bundle: await bundleTs("tools/bench/cloud/ingest-process.ts"),
      cluster: bin === undefined ? undefined : await startPostgres(bin),
    });
    for (let i = 0; i < PUBLISHERS; i++) rig.publishers.push(await Publisher.connect(port, `herd-${i}`));
    return rig;
  }

  /** The stores that there are here: name, and what an ingest opens. */
  stores(name: string): [string, string][] {
    const embedded: [string, string] = ["embedded", join(this.folder, `${name}.db`)];
    return this.cluster ? [["PostgreSQL", this.cluster.newDatabase()], embedded] : [embedded];
  }

  /** An ingest in a process of its own, that has subscribed. */
  async ingest(store: string, group: string, connections: number): Promise<RunningIngest> {
    const options: IngestProcessOptions = {
      store,
      url: this.url,
      name: `ingest-${group}`,
      group,
      protocolVersion: 5,
      connections,
    };
    const child = spawn(process.execPath, [this.#bundle, JSON.stringify(options)], {
      stdio: ["ignore", "inherit", "inherit", "ipc"],
    });
    const running = new RunningIngest(child);
    while ((running.last?.connected ?? 0) < connections) await sleep(50);
    await sleep(500); // SUBACK
    return running;
  }

  /** Message `n` of all: five readings of one of `devices`, as a device packs them. */
  publish(n: number, devices: number): void {
    const device = n % devices;
    const publisher = this.publishers[n % PUBLISHERS]!;
    publisher.publish(`aerolink/v1/bench-${device}/telemetry`, this.#payload(Math.floor(n / devices)));
  }

  /** Packed once: many devices say the same. */
  #payload(round: number): Buffer {
    const known = this.#payloads.get(round);
    if (known) return known;
    const column = (first: number): number[] => [first, (round % 7) - 3, 1, -2, 0];
    const seq = round * 5 + 1;
    const batch = {
      epoch: EPOCH,
      seq,
      time: [BEGIN + seq * 60, 60, 60, 60, 60],
      pm1: column(46),
      pm2_5: column(60),
      pm4: column(61),
      pm10: column(62),
      co2: column(612),
      temperature: column(2137),
      humidity: column(4706),
      voc: column(100),
      nox: column(1),
    };
    const payload = deflateSync(JSON.stringify(batch), { windowBits: 10 });
    this.#payloads.set(round, payload);
    return payload;
  }

  /** What the broker has not acknowledged to the herd. */
  get underWay(): number {
    return this.publishers.reduce((sum, { underWay }) => sum + underWay, 0);
  }

  get hasRoom(): boolean {
    return this.publishers.every(({ hasRoom }) => hasRoom);
  }

  /** Until the broker has all of it. */
  async taken(): Promise<void> {
    while (this.underWay > 0) await sleep(10);
  }

  /** Processor time so far, s: of the herd's process, the broker, and PostgreSQL with all its processes. */
  processors(): { herd: number; broker: number; postgres: number } {
    const { user, system } = process.cpuUsage();
    return {
      herd: (user + system) / 1e6,
      broker: processorOf(this.#broker.pid!),
      postgres: this.cluster ? processorOf(this.cluster.pid) : 0,
    };
  }

  async close(): Promise<void> {
    for (const each of this.publishers) each.close();
    this.#broker.kill();
    await this.cluster?.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

export class RunningIngest {
  readonly reports: IngestReport[] = [];
  #child: ChildProcess;

  constructor(child: ChildProcess) {
    this.#child = child;
    child.on("message", (report) => this.reports.push(report as IngestReport));
  }

  get last(): IngestReport | undefined {
    return this.reports.at(-1);
  }

  async close(): Promise<void> {
    const ended = new Promise((resolve) => this.#child.once("exit", resolve));
    this.#child.kill("SIGTERM");
    await Promise.race([ended, sleep(10_000)]);
    this.#child.kill("SIGKILL");
  }
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}
