/** Bytes: the searched number is a multiple of it. */
const STEP = 1_024;

export interface Search {
  /** Whether it works with so many bytes. */
  readonly lives: (bytes: number) => Promise<boolean>;
  /** Known not to do, and known to do; multiples of 1,024. */
  readonly between: readonly [number, number];
  /** How many numbers are tried at once. */
  readonly abreast: number;
}

/** The least multiple of 1,024 with which it works, and with every larger one that was tried. */
export async function leastStatic({ lives, between, abreast }: Search): Promise<number> {
  let [dead, alive] = [between[0] / STEP, between[1] / STEP];
  while (alive - dead > 1) {
    const count = Math.min(abreast, alive - dead - 1);
    const [low, width] = [dead, alive - dead];
    const tries = Array.from({ length: count }, (_, i) => low + Math.round((width * (i + 1)) / (count + 1)));
    const results = await Promise.all(tries.map((each) => lives(each * STEP)));
    const firstAlive = results.lastIndexOf(false) + 1;
    if (firstAlive > 0) dead = tries[firstAlive - 1]!;
    if (firstAlive < count) alive = tries[firstAlive]!;
  }
  return alive * STEP;
}
