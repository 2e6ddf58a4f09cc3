/** Collects garbage, then: bytes of the heap in use, slots and chunks. */
export default function heapUsed(): number;
