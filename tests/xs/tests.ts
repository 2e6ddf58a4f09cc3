/**
 * What a suite of tests knows of the runner under it, so that one source runs on XS (runner.ts) and on Node
 * (tests/support/contract.ts). A suite is a function that names its tests.
 */
export type Suite = (tests: Tests) => void;

export interface Tests {
  /** A test that ends when `body` returns. */
  test(name: string, body: (check: Check) => void): void;
  /** A test that ends when `done` is called, or fails after `limitMs` (default 2 s). */
  later(name: string, body: (check: Check, done: () => void) => void, limitMs?: number): void;
}

/**
 * The first check that fails is the test's failure and ends it; nothing is thrown, since an exception out of a
 * callback would end the engine.
 */
export interface Check {
  /** Same value, arrays and plain objects by their contents. */
  equal(actual: unknown, expected: unknown, what?: string): void;
  ok(condition: unknown, what: string): void;
  throws(body: () => void, what?: string): void;
  fail(what: string): void;
  /** Run at the end of the test, whatever its outcome; the last one added runs first. */
  cleanup(action: () => void): void;
}

/** `value` as text in which equal contents give equal text: what {@link Check.equal} compares and shows. */
export function describe(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value);
  if (typeof value === "bigint") return `${value}n`;
  if (typeof value === "function") return "function";
  if (Object.is(value, -0)) return "-0";
  if (typeof value !== "object" || value === null) return String(value);
  if (value instanceof ArrayBuffer) return describe(new Uint8Array(value));
  if (value instanceof Uint8Array) return `bytes ${Array.from(value, hex).join("")}`;
  if (Array.isArray(value)) return `[${value.map(describe).join(", ")}]`;
  const members = Object.entries(value).map(([key, member]) => `${key}: ${describe(member)}`);
  return `{${members.sort().join(", ")}}`;
}

function hex(byte: number): string {
  return byte.toString(16).padStart(2, "0");
}
