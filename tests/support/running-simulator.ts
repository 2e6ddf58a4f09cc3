// Runs the unchanged firmware in a worker, TLS and all, against real servers on loopback.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { DecodedReading } from "../../cloud/payload/decode-telemetry";
import { Simulator, type SimulatorOptions } from "../../sim/simulator/simulator";
import type { Sight } from "../../sim/world/led-observer";
import { limit } from "./limit";

export interface Running {
  readonly simulator: Simulator;
  /** Where the board's storage is. */
  readonly folder: string;
  readonly log: string[];
  readonly readings: DecodedReading[];
  readonly crashes: Error[];
  /** The light as it is this moment; `undefined`: it was never lit. */
  colour(): { readonly r: number; readonly g: number; readonly b: number } | undefined;
  close(): Promise<void>;
}

const running = new Set<Running>();

/** For `afterEach`: a test that failed leaves no worker behind. */
export async function closeAll(): Promise<void> {
  await Promise.all([...running].map((each) => each.close()));
}

export async function start(options: Partial<SimulatorOptions> = {}): Promise<Running> {
  const folder = mkdtempSync(join(tmpdir(), "aerolink-"));
  const log: string[] = [];
  const readings: DecodedReading[] = [];
  const crashes: Error[] = [];
  let colour: ReturnType<Running["colour"]>;
  const simulator = await Simulator.create({
    folder,
    networks: [{ ssid: "Home", password: "correct horse" }],
    onTrace: (line) => log.push(line),
    onBatch: (batch) => readings.push(...batch),
    onCrash: (error) => crashes.push(error),
    onLed: (seen) => {
      colour = seen;
    },
    ...options,
  });
  simulator.world.powerOn();
  const each: Running = {
    simulator,
    folder,
    log,
    readings,
    crashes,
    colour: () => colour,
    async close() {
      running.delete(each);
      await simulator.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
  running.add(each);
  return each;
}

export async function until(
  what: string,
  done: () => boolean,
  each: Running,
  limitMs = 100_000,
): Promise<void> {
  const end = performance.now() + limitMs;
  while (!done()) {
    if (each.crashes[0]) throw each.crashes[0];
    if (performance.now() > end) throw new Error(`never: ${what}\n${each.log.join("\n")}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/**
 * Holds the button as a person does: until the light answers. By a clock of ours a busy machine's firmware may see less of
 * the hold than there was.
 */
export async function holdForSetup(each: Running): Promise<void> {
  const { world } = each.simulator;
  world.pressButton(true);
  await until("a light that answers the button", () => isYellow(each.colour()), each, limit(30_000));
  world.pressButton(false);
}

const isYellow = (colour: ReturnType<Running["colour"]>): boolean => colour?.b === 0 && colour.g > 0;

export const seen = (each: Running, sight: Sight, limitMs?: number): Promise<void> =>
  until(sight, () => each.simulator.sight === sight, each, limitMs);

/** Sequence numbers up to the highest that arrived which did not. */
export function missing(readings: readonly DecodedReading[]): number[] {
  const seqs = new Set(readings.map(({ seq }) => seq));
  return Array.from({ length: Math.max(0, ...seqs) }, (_, i) => i + 1).filter((seq) => !seqs.has(seq));
}
