/* What XS says of its own heap; with MODINSTRUMENTATION (mcconfig -i) also how deep its stack has been. */
#include "xsAll.h"
#include "xs.h"

/* heap(collect): JSON. `kept`: in use (after a collection: alive); `held`: taken from the system for it. */
void xs_bench_heap(xsMachine *the)
{
	char text[160];
	if (xsTest(xsArg(0)))
		xsCollectGarbage();
	if (the->stackPeak > the->stack)
		the->stackPeak = the->stack;
	snprintf(text, sizeof text, "{\"slotsKept\":%d,\"slotsHeld\":%d,\"chunksKept\":%d,\"chunksHeld\":%d,\"stack\":%d}",
		(int)the->currentHeapCount, (int)the->maximumHeapCount, (int)the->currentChunksSize,
		(int)the->maximumChunksSize, (int)(the->stackTop - the->stackPeak));
	xsResult = xsString(text);
}
