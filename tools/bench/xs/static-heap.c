/*
 * A heap of a fixed number of bytes, as the manifest's `creation.static` makes it on a device and the simulator does
 * not: stack, chunks and slots in one block, chunks from its beginning and slots from its end (what the SDK's
 * xs/platforms/mc/xsHosts.c does; this is written anew, on the interface of xsAll.h). XS_BENCH_STATIC is the number of
 * bytes; without it the simulator's own allocation runs.
 */
#include "xsAll.h"

static txByte *low;
static txByte *high;

void *__real_fxAllocateChunks(txMachine *the, txSize size);
void *__wrap_fxAllocateChunks(txMachine *the, txSize size)
{
	const char *text = low ? NULL : getenv("XS_BENCH_STATIC");
	if (text) {
		low = malloc(atol(text));
		high = low + atol(text);
	}
	if (!low)
		return __real_fxAllocateChunks(the, size);
	txBlock *block = the->firstBlock;
	if (!block) {
		if (high - low < size)
			return NULL;
		low += size;
		return low - size;
	}
	/* The block grows where it is, by what its free end does not have. fxGrowChunks takes an answer at the block's limit
	   for growth by `size`; what is held is counted as on a device, a header too much each time. */
	txSize payload = size - (txSize)sizeof(txBlock);
	txSize more = payload - (txSize)(block->limit - block->current);
	if (high - low < more)
		return NULL;
	low += more;
	block->limit = low - size;
	the->maximumChunksSize += more - payload;
	return block->limit;
}

txSlot *__real_fxAllocateSlots(txMachine *the, txSize count);
txSlot *__wrap_fxAllocateSlots(txMachine *the, txSize count)
{
	if (!low)
		return __real_fxAllocateSlots(the, count);
	txSize size = count * (txSize)sizeof(txSlot);
	the->growHeapDirection = -1;
	if (high - low < size && the->firstBlock) {
		/* The free end of the chunks is given up for slots. */
		fxCollect(the, XS_COMPACT_FLAG | XS_ORGANIC_FLAG);
		txBlock *block = the->firstBlock;
		the->maximumChunksSize -= (txSize)(block->limit - block->current);
		low = block->limit = block->current;
	}
	if (high - low < size)
		return NULL;
	high -= size;
	return (txSlot *)high;
}

/* The block is the machine's as long as it lives, which is as long as the process does. */
void __real_fxFreeChunks(txMachine *the, void *chunks);
void __wrap_fxFreeChunks(txMachine *the, void *chunks)
{
	if (!low)
		__real_fxFreeChunks(the, chunks);
}

void __real_fxFreeSlots(txMachine *the, void *slots);
void __wrap_fxFreeSlots(txMachine *the, void *slots)
{
	if (!low)
		__real_fxFreeSlots(the, slots);
}
