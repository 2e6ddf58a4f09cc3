import { describe, expect, it } from "vitest";
import { main } from "../../../tools/test/replay-fault";

async function replay(...args: string[]): Promise<{ code: number; lines: string[] }> {
  const lines: string[] = [];
  return { code: await main(args, (line) => lines.push(line)), lines };
}

describe("npm run replay", () => {
  it("says the same line by line for the same seed, and another thing for another", async () => {
    const [first, again, other] = [
      await replay("router-away", "--seed", "7"),
      await replay("router-away", "--seed", "7"),
      await replay("router-away", "--seed", "8"),
    ];
    expect(first.code).toBe(0);
    expect(first.lines.length).toBeGreaterThan(20);
    expect(again).toEqual(first);
    expect(other.lines.slice(0, -1)).not.toEqual(first.lines.slice(0, -1));
    expect(first.lines.at(-1)).toMatch(
      /^router-away, seed 7, sensors one: \d+ readings arrived, \d+ .* 0 found$/,
    );
  });

  it.each([
    [[]],
    [["router-away"]],
    [["router-away", "--seed", "x"]],
    [["no-such-fault", "--seed", "7"]],
    [["soak", "router-away", "--seed", "7"]],
    [["router-away", "--days", "3", "--seed", "7"]],
    [["router-away", "--seed", "7", "--sensors", "five"]],
    [["--nonsense"]],
  ])("explains itself to %j", async (args) => {
    const { code, lines } = await replay(...args);
    expect(code).toBe(2);
    expect(lines.join("\n")).toContain("usage: npm run replay -- FAULT");
    expect(lines.join("\n")).toContain("router-away");
  });
});
