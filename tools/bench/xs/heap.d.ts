/** JSON of the engine's counters (heap.c). @param collect garbage first */
export declare function heap(collect: boolean): string;
/** Prints everything in the heap (census.c). */
export declare function census(): void;
