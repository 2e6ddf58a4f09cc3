// Which mutant is on, in the worker where the suites run: the instrumented text asks for it by number.

/** Steps that a test may take with a mutant, above tenfold what it takes without. */
const SPARE_STEPS = 20_000;

// Vitest may read this file twice.
globalThis.__mutation ??= {
  /** The mutant that is on; 0: none. */
  active: 0,
  /** Mutants that were reached while none is on, or undefined: nobody asks. */
  reached: undefined,
  steps: 0,
  mostSteps: Number.POSITIVE_INFINITY,
  /** Something endless was ended. */
  endless: false,
};
export const mutation = globalThis.__mutation;

globalThis.__mutant = (id) => {
  if (id === mutation.active) return true;
  mutation.reached?.add(id);
  return false;
};

globalThis.__mutantStep = () => {
  if (++mutation.steps <= mutation.mostSteps) return;
  mutation.endless = true;
  throw new Error("it goes on without an end");
};

/** Counts anew, for one test that takes so many steps without a mutant. */
export function allowSteps(usual) {
  mutation.steps = 0;
  mutation.mostSteps = usual * 10 + SPARE_STEPS;
}
