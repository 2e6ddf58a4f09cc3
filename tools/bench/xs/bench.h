/* What the C files of this folder know of each other. */

/* The heap at its fullest since the machine began; only where XS_BENCH_PEAK asks for it (peak.c). */
extern struct xs_bench_peak_t {
	txSize slots;
	txSize chunks;
	txSize collections;
} xs_bench_peak;

/* Prints everything in the heap; garbage was collected just before (census.c). */
void xs_bench_print(txMachine *the);
