import { expect, it } from "vitest";
import { findTool } from "../support/tools";
import { MBEDTLS_VERSION } from "./support/engine-driver";
import { countInstructions } from "./support/instructions";

const VALGRIND = MBEDTLS_VERSION && findTool("valgrind");

it.skipIf(!VALGRIND)(
  "a resumed handshake takes at most 2 % of a full one, in instructions",
  async () => {
    const { full, resumed, longestStep, once } = await countInstructions("P-256");
    expect(resumed / full).toBeLessThan(0.02);
    // The figures are of what they say: P-256 takes millions, and no step is longer than the whole.
    expect(resumed).toBeGreaterThan(100_000);
    expect(once).toBeGreaterThan(resumed);
    expect(longestStep).toBeGreaterThan(resumed);
    expect(longestStep).toBeLessThan(full);
  },
  120_000,
);
