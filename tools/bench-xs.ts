import { type ChildProcessByStdio, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";
import { Aedes } from "aedes";
import mqtt from "mqtt";
import { FlashJournal } from "../modules/journal/flash-journal";
import { XsFlash } from "../sim/linked/xs-flash";
import { NorFlash } from "../sim/nor-flash";
import { Flash } from "../sim/sdk/flash";
import { SimulatedSensor } from "../sim/simulated-sensor";
import { SIMULATED_MAC } from "../sim/simulator";
import { Broker } from "../sim/world/broker";
import { decodeTelemetry } from "./cloud/decode-telemetry";
import { ensureDevelopmentPki } from "./pki/development";

/** What the engine says (tools/xs-bench/heap.c). Slots are counted, chunks are bytes. */
export interface Heap {
  readonly slotsKept: number;
  readonly slotsHeld: number;
  readonly chunksKept: number;
  readonly chunksHeld: number;
  /** Deepest so far, slots. */
  readonly stack: number;
}

export interface Row extends Heap {
  readonly what: string;
  readonly at: string;
}

/** Bytes of a slot on a 32-bit device, and on this computer. */
const SLOT_BYTES = 16;
const HOST_SLOT_BYTES = 32;

export const bytesKept = ({ slotsKept, chunksKept }: Heap): number => slotsKept * SLOT_BYTES + chunksKept;
export const bytesHeld = ({ slotsHeld, chunksHeld }: Heap): number => slotsHeld * SLOT_BYTES + chunksHeld;

const BACKLOG = 2_000;
const LIMIT_MS = 120_000;
/** The first batch is out, and what a session leaves behind has been collected. */
const SETTLE_MS = 4_000;

/** Builds of tools/xs-bench. */
export interface Applications {
  readonly host: string;
  readonly firmware: string;
  readonly session: string;
  readonly sdkClient: string;
}

/** @param plainPort the broker's that the two clients without TLS were built for */
export async function measure(applications: Applications, folder: string, plainPort: number): Promise<Row[]> {
  const { host, sdkClient, session } = applications;
  return [
    ...(await publishOnce("the SDK's MQTT client", sdkClient, host, plainPort)),
    ...(await publishOnce("our MQTT session", session, host, plainPort)),
    ...(await wholeFirmware(applications, folder)),
  ];
}

/** An application under way: its lines, and the figures among them. */
class Running {
  readonly lines: string[] = [];
  readonly figures = new Map<string, Heap>();
  /** Slots; the engine forgets its own mark each second, when it prints its instruments. */
  #deepest = 0;
  #stackColumn = -1;
  #child: ChildProcessByStdio<Writable, Readable, null>;

  constructor(host: string, application: string, folder: string) {
    this.#child = spawn(host, [application], { cwd: folder, stdio: ["pipe", "pipe", "inherit"] });
    createInterface(this.#child.stdout).on("line", (line) => {
      const match = /^# (\S+) (\{.*\})$/.exec(line);
      if (match) this.#note(match[1]!, JSON.parse(match[2]!) as Heap);
      else if (line.startsWith("instruments")) this.#instruments(line);
      else if (!line.startsWith('{"led"')) this.lines.push(line);
    });
  }

  #note(at: string, heap: Heap): void {
    this.#deepest = Math.max(this.#deepest, heap.stack);
    this.figures.set(at, { ...heap, stack: this.#deepest });
  }

  /** "instruments key: …,Stack used,…", then "instruments: …" with the values. */
  #instruments(line: string): void {
    const columns = line.slice(line.indexOf(":") + 1).split(",");
    if (line.startsWith("instruments key")) this.#stackColumn = columns.indexOf("Stack used");
    else this.#deepest = Math.max(this.#deepest, Number(columns[this.#stackColumn]) / HOST_SLOT_BYTES);
  }

  async until(what: string, done: () => boolean): Promise<void> {
    for (const end = Date.now() + LIMIT_MS; !done(); ) {
      if (this.#child.exitCode !== null || Date.now() > end)
        throw new Error(`never: ${what}\n${this.lines.join("\n")}`);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }

  async heap(at: string, how: "" | "!" = "!"): Promise<Heap> {
    this.figures.delete(at);
    this.#child.stdin.write(`${at}${how}\n`);
    await this.until(at, () => this.figures.has(at));
    return this.figures.get(at)!;
  }

  async stop(): Promise<void> {
    this.#child.kill("SIGKILL");
    await once(this.#child, "exit");
  }
}

/** CONNECT, two subscriptions, one publish at QoS 1 and its PUBACK, over plain TCP. */
async function publishOnce(what: string, application: string, host: string, port: number): Promise<Row[]> {
  const aedes = await Aedes.createBroker();
  const server = createServer((socket) => aedes.handle(socket));
  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  const running = new Running(host, application, process.cwd());
  try {
    await running.until("published", () => running.figures.has("published"));
    return ["online", "published"].map((at) => ({ what, at, ...running.figures.get(at)! }));
  } finally {
    await running.stop();
    await new Promise<void>((resolve) => aedes.close(() => server.close(() => resolve())));
  }
}

async function wholeFirmware({ host, firmware }: Applications, folder: string): Promise<Row[]> {
  const pki = await ensureDevelopmentPki(join(folder, "pki"), { mac: SIMULATED_MAC });
  const broker = await Broker.start({
    key: pki.broker.keyPem,
    certificateChain: pki.broker.certificatePem,
    certificateAuthority: pki.authorityPem,
  });
  const seqs = new Set<number>();
  const cloud = mqtt.connect(`mqtts://127.0.0.1:${broker.port}`, {
    ca: pki.authorityPem,
    key: pki.cloud.keyPem,
    cert: pki.cloud.certificatePem,
    clientId: "cloud",
  });
  cloud.on("connect", () => cloud.subscribe("aerolink/v1/+/telemetry", { qos: 1 }));
  cloud.on("message", (_topic, payload) => {
    for (const { seq } of decodeTelemetry(new Uint8Array(payload))) seqs.add(seq);
  });
  await new Promise<void>((resolve) => cloud.once("connect", () => resolve()));

  const board = (name: string, backlog: number): Running => {
    const cwd = join(folder, name);
    const flash = new XsFlash(join(cwd, "aerolink"));
    flash.writeIdentity(pki.identity);
    flash.tell([{ ssid: "Home", password: "correct horse" }], {
      brokerHost: "127.0.0.1",
      brokerPort: broker.port!,
      sntpServers: ["127.0.0.1"],
      samplingSeconds: 5,
    });
    rmSync(join(cwd, "aerolink/journal.flash"), { force: true });
    if (backlog > 0) writeFileSync(join(cwd, "aerolink/journal.flash"), journalWith(backlog));
    seqs.clear();
    return new Running(host, firmware, cwd);
  };
  const is = (running: Running, status: string) => running.lines.includes(`info monitor: ${status}`);
  const row = (at: string, heap: Heap): Row => ({ what: "the whole firmware, mutual TLS", at, ...heap });

  /** The heap at its fullest while the backlog goes out. */
  const drained = async (running: Running, how: "" | "!"): Promise<Heap> => {
    await running.until("online", () => is(running, "online"));
    let most = await running.heap("drain", how);
    for (const end = Date.now() + LIMIT_MS; seqs.size < BACKLOG; ) {
      if (Date.now() > end) throw new Error(`${seqs.size} of ${BACKLOG} readings arrived`);
      await new Promise((resolve) => setTimeout(resolve, 20));
      const heap = await running.heap("drain", how);
      if (bytesKept(heap) > bytesKept(most)) most = { ...heap };
      const { slotsHeld, chunksHeld, stack } = heap;
      most = { ...most, slotsHeld, chunksHeld, stack };
    }
    await running.stop();
    return most;
  };

  try {
    mkdirSync(folder, { recursive: true });
    const rows: Row[] = [];
    const first = board("calm", 0);
    await first.until("boot", () => first.figures.has("boot"));
    rows.push(row("boot", first.figures.get("boot")!));
    await first.until("joining", () => is(first, "joining"));
    rows.push(row("joining", await first.heap("joining")));
    await first.until("online", () => is(first, "online"));
    await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
    rows.push(row("online", await first.heap("online")));
    await first.stop();

    // In use: looked at with a collection each time. Held: left alone, since collections keep a heap small.
    const kept = await drained(board("backlog", BACKLOG), "!");
    const held = await drained(board("backlog", BACKLOG), "");
    const { slotsHeld, chunksHeld, stack } = held;
    rows.push(
      row(`draining ${BACKLOG.toLocaleString("en")} readings`, { ...kept, slotsHeld, chunksHeld, stack }),
    );
    return rows;
  } finally {
    await cloud.endAsync(true);
    await broker.close();
  }
}

/** The bytes of a journal partition that holds `count` readings, one a minute. */
function journalWith(count: number): Uint8Array {
  const chip = new NorFlash({ byteLength: 576 * 1024 });
  let minute = 0;
  const sensor = new SimulatedSensor({ seed: 1, now: () => minute * 60_000 });
  const journal = new FlashJournal({ flash: new Flash(chip, false), newEpoch: () => 0xa5a5a5a5 });
  while (journal.counts.pending < count) {
    minute++;
    const values = sensor.sample();
    if (values)
      journal.append(values, {
        boot: 1,
        uptimeSeconds: minute * 60,
        unixSeconds: 1_795_000_000 + minute * 60,
      });
  }
  return chip.cells;
}
