// Runs in vitest's worker, in place of its runner: tries the suites once as they are, remembers which test reaches
// which mutant, and then runs for each mutant the tests that reach it, quickest first, until one fails.
import { appendFileSync, readFileSync } from "node:fs";
import { getFn, startTests } from "@vitest/runner";
import { TestRunner, vi } from "vitest";
import { allowSteps, mutation } from "./switch.mjs";

/** A test may take this much longer with a mutant than without: others use the computer too. */
const SPARE_MS = 1_500;
/** Of the processor, for the tests of one mutant, and for one of them: with more they would rarely find more. */
const BUDGET_MS = 1_500;
const TEST_BUDGET_MS = 400;

/** One pass over some suites. */
class Pass extends TestRunner {
  /** Only these tests run; undefined: all. */
  only;
  /** Ends at the first failure. */
  bail = false;
  failed;
  /** What is known of a test by its id: how long it takes, its steps, the mutants that it reaches. */
  known = new Map();

  constructor(config, like) {
    super({ ...config, setupFiles: [] });
    this.moduleRunner = like.moduleRunner;
    this.__setTraces(like._otel);
  }

  onTaskUpdate() {}
  async onAfterRunSuite() {}
  onAfterRunFiles() {}

  async onBeforeRunTask(test) {
    if ((this.only && !this.only.has(test.id)) || (this.bail && this.failed)) test.mode = "skip";
    // Before the hooks, which take steps too: those of an endless mutant before are not theirs.
    allowSteps(this.known.get(test.id)?.steps ?? Number.POSITIVE_INFINITY);
    await super.onBeforeRunTask(test);
  }

  async runTask(test) {
    const usual = this.known.get(test.id);
    let timer;
    const late = new Promise((_, reject) => {
      const ms = usual ? usual.ms * 10 + SPARE_MS : 60_000;
      timer = setTimer(() => reject(new Error("took too long")), ms);
    });
    const fn = getFn(test);
    try {
      await Promise.race([fn(), late]);
    } finally {
      clearTimer(timer);
    }
    if (mutation.endless) throw new Error("it goes on without an end");
  }

  onAfterRunTask(test) {
    if (test.result?.state === "fail") this.failed ??= test;
  }
}
const { setTimeout: setTimer, clearTimeout: clearTimer } = globalThis;

/** Looks what each test reaches. */
class Look extends Pass {
  async onBeforeRunTask(test) {
    await super.onBeforeRunTask(test);
    mutation.reached = new Set();
    mutation.steps = 0;
    this.began = performance.now();
    this.cpu = process.cpuUsage();
  }

  onAfterRunTask(test) {
    super.onAfterRunTask(test);
    if (test.mode === "skip") return;
    this.known.set(test.id, {
      file: test.file.filepath,
      ms: performance.now() - this.began,
      cost: process.cpuUsage(this.cpu).user / 1_000,
      steps: mutation.steps,
      reached: mutation.reached,
      passed: test.result?.state === "pass",
      name: test.fullTestName ?? test.name,
      errors: test.result?.errors,
    });
    mutation.reached = undefined;
    this.onLooked(test);
  }
}

export default class MutantRunner extends TestRunner {
  async onAfterRunFiles(files) {
    await super.onAfterRunFiles(files);
    const job = JSON.parse(readFileSync(process.env.AEROLINK_MUTANTS, "utf8"));
    const say = (line) => appendFileSync(job.results, `${JSON.stringify(line)}\n`);
    let stray;
    const onStray = (error) => {
      stray ??= error;
    };
    const before = ["uncaughtException", "unhandledRejection"].map((event) => [
      event,
      process.listeners(event),
    ]);
    for (const [event] of before) {
      process.removeAllListeners(event);
      process.on(event, onStray);
    }

    const look = new Look(this.config, this);
    look.onLooked = (test) => say({ looked: test.name });
    await this.pass(look, job.suites);
    const tests = [...look.known].filter(([, { passed }]) => passed);
    for (const [, { passed, name, file, errors }] of look.known)
      if (!passed) say({ broken: name, suite: file, why: errors?.[0]?.message });
    say({ tests: tests.length, ms: tests.reduce((sum, [, { ms }]) => sum + ms, 0) });

    for (const id of job.mutants) {
      const by = affordable(tests.filter(([, { reached }]) => reached.has(id)));
      if (by.length === 0) {
        say({ id, result: "not reached" });
        continue;
      }
      say({ id, result: "begun" });
      stray = undefined;
      const trial = new Pass(this.config, this);
      trial.bail = true;
      trial.known = look.known;
      trial.only = new Set(by.map(([test]) => test));
      mutation.active = id;
      mutation.endless = false;
      const began = performance.now();
      await this.pass(trial, [...new Set(by.map(([, { file }]) => file))]);
      await new Promise((resolve) => setImmediate(resolve));
      mutation.active = 0;
      const ms = Math.round(performance.now() - began);
      const { failed } = trial;
      if (failed)
        say({
          id,
          result: "killed",
          by: failed.name,
          ms,
          why: failed.result.errors?.[0]?.message?.slice(0, 80),
        });
      else
        say(
          stray || mutation.endless
            ? { id, result: "killed", by: "an error outside of a test", ms }
            : { id, result: "survived", ms },
        );
    }
    for (const [event, listeners] of before) {
      process.removeAllListeners(event);
      for (const listener of listeners) process.on(event, listener);
    }
  }

  /** Suites are read anew in each pass, the modules that they import are not. */
  async pass(runner, suites) {
    for (const suite of suites) {
      if (runner.bail && runner.failed) return;
      for (const module of this.workerState.evaluatedModules.fileToModulesMap.get(suite) ?? []) {
        module.promise = undefined;
        module.exports = undefined;
        module.evaluated = false;
      }
      const [file] = await startTests([suite], runner);
      if (file.result?.errors?.length) runner.failed ??= file;
      vi.useRealTimers();
      vi.restoreAllMocks();
      vi.unstubAllGlobals();
      vi.unstubAllEnvs();
    }
  }
}

/** The cheapest tests that the budget has room for, and the cheapest one in any case. */
function affordable(tests) {
  let spent = 0;
  return tests
    .sort(([, a], [, b]) => a.cost - b.cost)
    .filter(([, { cost }], n) => {
      spent += cost;
      return n === 0 || (spent <= BUDGET_MS && cost <= TEST_BUDGET_MS);
    });
}
