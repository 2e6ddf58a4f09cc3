import Timer from "timer";
import { type Check, describe, type Suite, type Tests } from "./tests";

const DEFAULT_LIMIT_MS = 2_000;

interface Case {
  readonly name: string;
  readonly limitMs: number;
  readonly body: (check: Check, done: () => void) => void;
}

/**
 * Runs suites on XS, one test after another, each from a turn of its own. Lines go to `print`, TAP-like; at the end
 * `onEnd` learns whether there were tests and all passed.
 */
export class Runner {
  #cases: Case[] = [];
  #suite = "";
  #passed = 0;
  #failed = 0;
  #print: (line: string) => void;
  #onStart: (name: string) => void;
  #onEnd: (passed: boolean) => void;

  constructor(options: {
    print(line: string): void;
    onStart(name: string): void;
    onEnd(passed: boolean): void;
  }) {
    this.#print = options.print;
    this.#onStart = options.onStart;
    this.#onEnd = options.onEnd;
  }

  add(name: string, suite: Suite): void {
    this.#suite = name;
    const tests: Tests = {
      test: (title, body) =>
        this.#add(title, DEFAULT_LIMIT_MS, (check, done) => {
          body(check);
          done();
        }),
      later: (title, body, limitMs = DEFAULT_LIMIT_MS) => this.#add(title, limitMs, body),
    };
    suite(tests);
  }

  /** Starts; `only`, when given, keeps the tests whose full name contains it. */
  run(only = ""): void {
    this.#cases = this.#cases.filter(({ name }) => name.includes(only));
    if (this.#cases.length === 0) this.#print(`# no test has "${only}" in its name`);
    this.#next(0);
  }

  #add(title: string, limitMs: number, body: Case["body"]): void {
    this.#cases.push({ name: `${this.#suite}: ${title}`, limitMs, body });
  }

  #next(index: number): void {
    const current = this.#cases[index];
    if (!current) {
      this.#print(`# ${this.#passed} passed, ${this.#failed} failed`);
      this.#onEnd(this.#failed === 0 && this.#passed > 0);
      return;
    }
    this.#onStart(current.name);
    runCase(current, (failure) => {
      if (failure === undefined) {
        this.#passed += 1;
        this.#print(`ok ${index + 1} - ${current.name}`);
      } else {
        this.#failed += 1;
        this.#print(`not ok ${index + 1} - ${current.name}\n  # ${failure}`);
      }
      Timer.set(() => this.#next(index + 1));
    });
  }
}

function runCase(test: Case, onEnd: (failure: string | undefined) => void): void {
  const cleanups: (() => void)[] = [];
  let ended = false;
  const end = (failure?: string): void => {
    if (ended) return;
    ended = true;
    Timer.clear(limit);
    while (cleanups.length) cleanups.pop()?.();
    onEnd(failure);
  };
  const limit = Timer.set(() => end(`not done after ${test.limitMs} ms`), test.limitMs);
  try {
    test.body(makeCheck(end, cleanups), () => end());
  } catch (error) {
    end(`threw ${error}`);
  }
}

function makeCheck(fail: (failure: string) => void, cleanups: (() => void)[]): Check {
  return {
    equal(actual, expected, what = "value") {
      const [got, wanted] = [describe(actual), describe(expected)];
      if (got !== wanted) fail(`${what}: ${got}, expected ${wanted}`);
    },
    ok(condition, what) {
      if (!condition) fail(what);
    },
    throws(body, what = "call") {
      try {
        body();
      } catch {
        return;
      }
      fail(`${what}: did not throw`);
    },
    fail,
    cleanup: (action) => cleanups.push(action),
  };
}
