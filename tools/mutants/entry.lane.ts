import { expect, it } from "vitest";

// Vitest wants a suite to start its runner with; the runner (worker.mjs) goes on from here.
it("begins", () => {
  expect(globalThis).toHaveProperty("__mutant");
});
