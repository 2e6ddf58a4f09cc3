/* What chip.js asks of ESP-IDF 6.0: random bytes, free memory, the reason of the last reset, the last crash. */
#include "crash.h"
#include "esp_heap_caps.h"
#include "esp_random.h"
#include "esp_system.h"
#include "mc.xs.h"
#include "xsHost.h"
#include "xsmc.h"

#define RANDOM_MAX 1024

/* (count) */
void xs_chip_random_bytes(xsMachine *the) {
    xsIntegerValue count = xsmcToInteger(xsArg(0));

    if (count < 0 || count > RANDOM_MAX)
        xsRangeError("count");
    esp_fill_random(xsmcSetArrayBuffer(xsResult, NULL, count), (size_t)count);
}

void xs_chip_free_heap(xsMachine *the) {
    xsmcSetInteger(xsResult, (xsIntegerValue)heap_caps_get_free_size(MALLOC_CAP_DEFAULT));
}

void xs_chip_lowest_heap(xsMachine *the) {
    xsmcSetInteger(xsResult, (xsIntegerValue)heap_caps_get_minimum_free_size(MALLOC_CAP_DEFAULT));
}

void xs_chip_reset_reason(xsMachine *the) {
    xsmcSetInteger(xsResult, esp_reset_reason());
}

/* Undefined: none. */
void xs_chip_last_crash(xsMachine *the) {
    char line[CRASH_LINE];

    if (crash_line(line))
        xsmcSetString(xsResult, line);
}
