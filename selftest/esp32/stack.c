/* What stack.js asks of ESP-IDF 6.0: in it a stack's unit is a byte. */
#include "freertos/FreeRTOS.h"
#include "freertos/task.h"
#include "mc.xs.h"
#include "xsHost.h"
#include "xsmc.h"

void xs_stack_least(xsMachine *the) {
    xsmcSetInteger(xsResult, (xsIntegerValue)uxTaskGetStackHighWaterMark(NULL));
}
