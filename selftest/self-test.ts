import Time from "time";
import Timer from "timer";

export type Verdict =
  | "ok"
  | "failed"
  /** Only a person can tell: look. */
  | "look"
  /** It needs what this build or this board does not have. */
  | "skipped";

export interface Step {
  readonly name: string;
  /** Longer than this is a failure. */
  readonly limitMs: number;
  /** Said before it begins, where a person has something to do. */
  readonly ask?: string;
  /** `end`: once, now or later. Returns what ends it early, if there is something to end. */
  run(end: (verdict: Verdict, text: string) => void): (() => void) | undefined;
}

export interface SelfTestOptions {
  readonly title: string;
  readonly steps: readonly Step[];
  /** One line each. */
  print(line: string): void;
  /** All lines of the report, the first of which is the title. */
  onEnd(report: readonly string[]): void;
}

/**
 * Walks through `steps`, one after the other, each from a turn of its own and no longer than its limit; what a step throws
 * is its failure. At the end the report comes once more, in one piece to copy.
 */
export class SelfTest {
  #options: SelfTestOptions;
  #report: string[];

  constructor(options: SelfTestOptions) {
    this.#options = options;
    this.#report = [options.title];
  }

  start(): void {
    this.#options.print(this.#options.title);
    this.next(0);
  }

  private next(index: number): void {
    Timer.set(() => {
      const step = this.#options.steps[index];
      if (step) this.run(step, () => this.next(index + 1));
      else this.finish();
    }, 0);
  }

  private run(step: Step, then: () => void): void {
    const { ask } = step;
    if (ask !== undefined) this.#options.print(`> ${ask}`);
    const start = Time.ticks;
    let stop: (() => void) | undefined;
    let over = false;
    const end = (verdict: Verdict, text: string): void => {
      if (over) return;
      over = true;
      Timer.clear(limit);
      stop?.();
      const line = `${step.name.padEnd(9)} ${verdict.padEnd(8)} ${text} (${Time.delta(start)} ms)`;
      this.#report.push(line);
      this.#options.print(line);
      then();
    };
    const limit = Timer.set(() => end("failed", `nothing within ${step.limitMs} ms`), step.limitMs);
    try {
      stop = step.run(end);
    } catch (error) {
      end("failed", String(error));
    }
    if (over) stop?.();
  }

  private finish(): void {
    const { print } = this.#options;
    print("---- report, to copy");
    for (const line of this.#report) print(line);
    print("---- end");
    this.#options.onEnd(this.#report);
  }
}
