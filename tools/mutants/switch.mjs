// Which mutant is on, in the worker where the suites run: the instrumented text asks for it by number.

/** Rounds of loops that a test may take with a mutant, above tenfold what it takes without. */
const SPARE_ROUNDS = 5_000;

// Vitest may read this file twice.
globalThis.__mutation ??= {
  /** The mutant that is on; 0: none. */
  active: 0,
  /** Mutants that were reached while none is on, or undefined: nobody asks. */
  reached: undefined,
  rounds: 0,
  mostRounds: Number.POSITIVE_INFINITY,
  /** An endless loop was ended. */
  endless: false,
};
export const mutation = globalThis.__mutation;

globalThis.__mutant = (id) => {
  if (id === mutation.active) return true;
  mutation.reached?.add(id);
  return false;
};

globalThis.__mutantRound = () => {
  if (++mutation.rounds <= mutation.mostRounds) return;
  mutation.endless = true;
  throw new Error("a loop without an end");
};

/** Counts anew, for one test that takes so many rounds without a mutant. */
export function allowRounds(usual) {
  mutation.rounds = 0;
  mutation.mostRounds = usual * 10 + SPARE_ROUNDS;
}
