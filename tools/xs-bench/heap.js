/** @param {boolean} collect garbage first */
export function heap(collect) {
  return native("xs_bench_heap").call(undefined, collect);
}
