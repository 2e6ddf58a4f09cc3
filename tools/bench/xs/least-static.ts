/** Bytes: the searched number is a multiple of it. */
const STEP = 1_024;

export interface Search {
  /** Whether it works with so many bytes. */
  readonly lives: (bytes: number) => Promise<boolean>;
  /** Known not to do, and the most that is tried; multiples of 1,024. */
  readonly between: readonly [number, number];
  /** How many numbers are tried at once. */
  readonly abreast: number;
}

/** The least multiple of 1,024 with which it works, and with every larger one that was tried; `Infinity` where none does. */
export async function leastStatic({ lives, between, abreast }: Search): Promise<number> {
  const beyond = between[1] / STEP + 1;
  let [dead, alive] = [between[0] / STEP, beyond];
  while (alive - dead > 1) {
    const count = Math.min(abreast, alive - dead - 1);
    const [low, width] = [dead, alive - dead];
    const tries = Array.from({ length: count }, (_, i) => low + Math.round((width * (i + 1)) / (count + 1)));
    const results = await Promise.all(tries.map((each) => lives(each * STEP)));
    const firstAlive = results.lastIndexOf(false) + 1;
    if (firstAlive > 0) dead = tries[firstAlive - 1]!;
    if (firstAlive < count) alive = tries[firstAlive]!;
  }
  return alive === beyond ? Number.POSITIVE_INFINITY : alive * STEP;
}
