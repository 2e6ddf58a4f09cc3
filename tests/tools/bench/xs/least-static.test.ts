import { describe, expect, it, test } from "vitest";
import { leastStatic } from "../../../../tools/bench/xs/least-static";

const KB = 1_024;

describe("the least static heap", () => {
  const between = [32 * KB, 128 * KB] as const;

  it.each([33, 34, 64, 86, 127, 128])("is found where it is %i KB", async (least) => {
    for (const abreast of [1, 3, 4, 10]) {
      const lives = async (bytes: number) => bytes >= least * KB;
      expect(await leastStatic({ lives, between, abreast })).toBe(least * KB);
    }
  });

  test("Where even the largest does not do, there is none", async () => {
    expect(await leastStatic({ lives: async () => false, between, abreast: 4 })).toBe(
      Number.POSITIVE_INFINITY,
    );
  });

  test("Never more are tried at once than asked for, and none twice", async () => {
    const tried: number[] = [];
    let now = 0;
    let most = 0;
    const lives = async (bytes: number) => {
      tried.push(bytes);
      most = Math.max(most, ++now);
      await Promise.resolve();
      now--;
      return bytes >= 86 * KB;
    };
    await leastStatic({ lives, between, abreast: 4 });
    expect(most).toBe(4);
    expect(new Set(tried).size).toBe(tried.length);
  });

  test("A larger number that did not do outweighs a smaller one that did", async () => {
    const lives = async (bytes: number) => bytes >= 100 * KB || bytes === 51 * KB;
    expect(await leastStatic({ lives, between, abreast: 4 })).toBe(100 * KB);
  });
});
