import { afterEach, describe as group, it } from "vitest";
import { type Check, describe, type Suite } from "../xs/tests";

const DEFAULT_LIMIT_MS = 2_000;

/** Runs a suite of `tests/xs/` on Node, in real time: the same tests that hold on the real engine. */
export function runSuite(name: string, suite: Suite): void {
  group(name, () => {
    let cleanups: (() => void)[] = [];
    afterEach(() => {
      const all = cleanups.reverse();
      cleanups = [];
      for (const action of all) action();
    });

    const run = (body: (check: Check, done: () => void) => void, limitMs: number): Promise<void> =>
      new Promise((resolve, reject) => {
        const fail = (what: string): void => reject(new Error(what));
        const limit = setTimeout(() => fail(`not done after ${limitMs} ms`), limitMs);
        cleanups.push(() => clearTimeout(limit));
        body(makeCheck(fail, cleanups), resolve);
      });

    suite({
      test: (title, body) => {
        it(title, () =>
          run((check, done) => {
            body(check);
            done();
          }, DEFAULT_LIMIT_MS),
        );
      },
      later: (title, body, limitMs = DEFAULT_LIMIT_MS) => {
        it(title, () => run(body, limitMs));
      },
    });
  });
}

function makeCheck(fail: (what: string) => void, cleanups: (() => void)[]): Check {
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
