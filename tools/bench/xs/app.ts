import { type ChildProcessByStdio, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";

/** What the engine says (heap.c). Slots are counted, chunks are bytes. */
export interface Heap {
  /** Bytes of one. */
  readonly slotBytes: number;
  readonly slotsKept: number;
  readonly slotsHeld: number;
  readonly chunksKept: number;
  readonly chunksHeld: number;
  /** Deepest so far, slots. */
  readonly stack: number;
  /** Alive at the fullest moment since the figures before; 0 without `peakStep`. */
  readonly slotsPeak: number;
  readonly chunksPeak: number;
}

/** Bytes alive. */
export const kept = ({ slotsKept, slotBytes, chunksKept }: Heap): number =>
  slotsKept * slotBytes + chunksKept;
/** Bytes taken from the system. */
export const held = ({ slotsHeld, slotBytes, chunksHeld }: Heap): number =>
  slotsHeld * slotBytes + chunksHeld;
/** Bytes alive at the fullest moment. */
export const peak = ({ slotsPeak, slotBytes, chunksPeak }: Heap): number =>
  slotsPeak * slotBytes + chunksPeak;

export interface AppOptions {
  readonly host: string;
  /** What the host is started with: nothing, or an emulator. */
  readonly run: readonly string[];
  readonly application: string;
  /** Where it runs: its flash is there. */
  readonly folder: string;
  /** Bytes that a peak may be too low by (peak.c); absent: no peaks, and no collections but XS's own. */
  readonly peakStep?: number | undefined;
  /** With `peakStep`: a census is printed when so many bytes are alive for the first time. */
  readonly censusAt?: number | undefined;
  /** Bytes of a heap that does not grow (static-heap.c). */
  readonly staticBytes?: number | undefined;
}

const LIMIT_MS = 120_000;
const POLL_MS = 10;

/** An application of tools/bench/xs under way: its lines, and the figures among them. */
export class App {
  readonly lines: string[] = [];
  readonly figures = new Map<string, Heap>();
  /** Slots; the engine forgets its own mark each second, when it prints its instruments. */
  #deepest = 0;
  #stackColumn = -1;
  #child: ChildProcessByStdio<Writable, Readable, Readable>;

  constructor({ host, run, application, folder, peakStep, censusAt, staticBytes }: AppOptions) {
    const [command = host, ...rest] = [...run, host, application];
    const env = { ...process.env };
    if (peakStep !== undefined) env.XS_BENCH_PEAK = String(peakStep);
    if (censusAt !== undefined) env.XS_BENCH_CENSUS_AT = String(censusAt);
    if (staticBytes !== undefined) env.XS_BENCH_STATIC = String(staticBytes);
    this.#child = spawn(command, rest, { cwd: folder, stdio: "pipe", env });
    // Written to after its end, which `until` tells.
    this.#child.stdin.on("error", () => {});
    createInterface(this.#child.stderr).on("line", (line) => this.lines.push(line));
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
    const [{ slotBytes } = { slotBytes: 16 }] = this.figures.values();
    if (line.startsWith("instruments key")) this.#stackColumn = columns.indexOf("Stack used");
    else this.#deepest = Math.max(this.#deepest, Number(columns[this.#stackColumn]) / slotBytes);
  }

  /** Its end by an abort of the engine included. */
  get ended(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null;
  }

  /** @throws with its lines, when it ends before or takes too long */
  async until(what: string, done: () => boolean, limitMs = LIMIT_MS): Promise<void> {
    for (const end = Date.now() + limitMs; !done(); ) {
      if (this.ended || Date.now() > end) throw new Error(`never: ${what}\n${this.lines.join("\n")}`);
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
  }

  untilStatus(status: string): Promise<void> {
    return this.until(status, () => this.lines.includes(`info monitor: ${status}`));
  }

  /** A line for the application's `screen.onMessage`. */
  send(line: string): void {
    this.#child.stdin.write(`${line}\n`);
  }

  /** @param how "!": garbage is collected first */
  async heap(at: string, how: "" | "!" = "!"): Promise<Heap> {
    this.figures.delete(at);
    this.send(`${at}${how}`);
    await this.until(at, () => this.figures.has(at));
    return this.figures.get(at)!;
  }

  /** Everything in the heap, as census.c prints it. */
  census(): Promise<string[]> {
    this.send("census");
    return this.untilCensus();
  }

  /** A census that comes of itself (`censusAt`). */
  async untilCensus(): Promise<string[]> {
    await this.until("census", () => this.lines.includes("@end"));
    return this.lines.filter((line) => line.startsWith("@"));
  }

  async stop(): Promise<void> {
    if (this.ended) return;
    this.#child.kill("SIGKILL");
    await once(this.#child, "exit");
  }
}
