#include "xsAll.h"

/* Of the machine's own counters (xsMemory.c), which are right after a collection. A slot has 32 bytes on 64-bit
   computers and 16 on a device; chunks hold strings and buffers. */
void xs_test_heap_used(txMachine *the) {
    fxCollectGarbage(the);
    fxInteger(the, mxResult, (txInteger)(the->currentHeapCount * sizeof(txSlot) + the->currentChunksSize));
}
