/** @param {boolean} collect garbage first */
export function heap(collect) {
  return native("xs_bench_heap").call(undefined, collect);
}

/** Prints everything in the heap (census.c). */
export function census() {
  native("xs_bench_census").call(undefined);
}
