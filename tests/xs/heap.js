/** Collects garbage, then: bytes of the heap in use, slots and chunks. */
export default function heapUsed() {
  return native("xs_test_heap_used").call(this);
}
