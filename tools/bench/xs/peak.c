/*
 * The most that is alive at once, inside turns too. With XS_BENCH_PEAK in the environment every allocation (the linker's
 * --wrap brings it here) that would go beyond the most seen alive so far first collects garbage: what is alive then,
 * and what is being allocated, is a new most, or there was room. So nothing is missed but what lives between two
 * allocations, and what XS allocates inside xsMemory.c and drops before the next one from elsewhere. XS_BENCH_PEAK is
 * the step: as many bytes beyond the most go unseen, and with 0 every byte counts. With XS_BENCH_CENSUS_AT, a census
 * is printed when so many bytes are alive for the first time.
 *
 * XS's own fuzzing (mxStress in xsMemory.c) collects at the same places.
 */
#include "xsAll.h"
#include "bench.h"

struct xs_bench_peak_t xs_bench_peak;

static long step = -1;
static long censusAt = -1;

__attribute__((constructor)) static void begin(void)
{
	const char *text = getenv("XS_BENCH_PEAK");
	if (text)
		step = atol(text);
	text = getenv("XS_BENCH_CENSUS_AT");
	if (text)
		censusAt = atol(text);
}

static txSize used(txMachine *the)
{
	return the->currentHeapCount * (txSize)sizeof(txSlot) + the->currentChunksSize;
}

static txSize most(void)
{
	return xs_bench_peak.slots * (txSize)sizeof(txSlot) + xs_bench_peak.chunks;
}

static void before(txMachine *the, txSize slots, txSize chunks)
{
	txSize more = slots * (txSize)sizeof(txSlot) + chunks;
	if (step < 0 || !(the->collectFlag & XS_COLLECTING_FLAG) || used(the) + more <= most() + step)
		return;
	xs_bench_peak.collections++;
	fxCollect(the, XS_COMPACT_FLAG | XS_ORGANIC_FLAG);
	if (used(the) + more > most()) {
		xs_bench_peak.slots = the->currentHeapCount + slots;
		xs_bench_peak.chunks = the->currentChunksSize + chunks;
		if (censusAt >= 0 && most() >= censusAt) {
			censusAt = -1;
			xs_bench_print(the);
		}
	}
}

/* With header and padding. */
static txSize chunkSize(txSize size)
{
	txSize unit = (txSize)sizeof(size_t);
	return (size + unit - 1) / unit * unit + (txSize)sizeof(txChunk);
}

txSlot *__real_fxNewSlot(txMachine *the);
txSlot *__wrap_fxNewSlot(txMachine *the)
{
	before(the, 1, 0);
	return __real_fxNewSlot(the);
}

txSlot *__real_fxDuplicateSlot(txMachine *the, txSlot *slot);
txSlot *__wrap_fxDuplicateSlot(txMachine *the, txSlot *slot)
{
	before(the, 1, 0);
	return __real_fxDuplicateSlot(the, slot);
}

void *__real_fxNewChunk(txMachine *the, txSize size);
void *__wrap_fxNewChunk(txMachine *the, txSize size)
{
	before(the, 0, chunkSize(size));
	return __real_fxNewChunk(the, size);
}

void *__real_fxNewGrowableChunk(txMachine *the, txSize size, txSize capacity);
void *__wrap_fxNewGrowableChunk(txMachine *the, txSize size, txSize capacity)
{
	before(the, 0, chunkSize(capacity));
	return __real_fxNewGrowableChunk(the, size, capacity);
}
