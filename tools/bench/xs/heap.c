/* What XS says of its own heap; with MODINSTRUMENTATION (mcconfig -i) also how deep its stack has been. */
#include "xsAll.h"
#include "xs.h"
#include "bench.h"

/* heap(collect): JSON. `kept`: in use (after a collection: alive); `held`: taken from the system for it; `peak`: alive
   at the fullest moment since the call before. */
void xs_bench_heap(xsMachine *the)
{
	char text[320];
	if (xsTest(xsArg(0)))
		xsCollectGarbage();
	if (the->stackPeak > the->stack)
		the->stackPeak = the->stack;
	snprintf(text, sizeof text,
		"{\"slotBytes\":%d,\"slotsKept\":%d,\"slotsHeld\":%d,\"chunksKept\":%d,\"chunksHeld\":%d,\"stack\":%d,"
		"\"slotsPeak\":%d,\"chunksPeak\":%d,\"collections\":%d}",
		(int)sizeof(txSlot), (int)the->currentHeapCount, (int)the->maximumHeapCount, (int)the->currentChunksSize,
		(int)the->maximumChunksSize, (int)(the->stackTop - the->stackPeak), (int)xs_bench_peak.slots,
		(int)xs_bench_peak.chunks, (int)xs_bench_peak.collections);
	memset(&xs_bench_peak, 0, sizeof xs_bench_peak);
	xsResult = xsString(text);
}
