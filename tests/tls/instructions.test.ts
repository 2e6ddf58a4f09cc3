import { expect, it } from "vitest";
import { limit } from "../support/limit";
import { findTool } from "../support/tools";
import { LONG } from "../support/volume";
import { MBEDTLS_VERSION } from "./support/engine-driver";
import { countInstructions } from "./support/instructions";

/** In the long run: the count is the same each time. */
const VALGRIND = LONG && MBEDTLS_VERSION && findTool("valgrind");

it.skipIf(!VALGRIND)(
  "a resumed handshake takes at most 2 % of a full one, in instructions",
  async () => {
    const { full, resumed, once } = await countInstructions("P-256");
    expect(resumed / full).toBeLessThan(0.02);
    // The figures are of what they say: a handshake is more than nothing, and what is done once is P-256.
    expect(resumed).toBeGreaterThan(100_000);
    expect(once).toBeGreaterThan(resumed);
  },
  limit(180_000),
);
