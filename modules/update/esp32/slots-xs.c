/* What slots.js asks of slots.h. */
#include "mc.xs.h"
#include "slots.h"
#include "xsHost.h"
#include "xsmc.h"

void xs_slots_are_two(xsMachine *the) {
    xsmcSetBoolean(xsResult, slots_are_two());
}

void xs_slots_running(xsMachine *the) {
    xsmcSetInteger(xsResult, slots_running());
}

void xs_slots_other(xsMachine *the) {
    xsmcSetInteger(xsResult, slots_other());
}

void xs_slots_forget(xsMachine *the) {
    xsmcSetBoolean(xsResult, slots_forget());
}

void xs_slots_activate(xsMachine *the) {
    xsmcSetInteger(xsResult, slots_activate());
}

void xs_slots_confirm(xsMachine *the) {
    xsmcSetBoolean(xsResult, slots_confirm());
}

void xs_slots_reject(xsMachine *the) {
    xsmcSetBoolean(xsResult, slots_reject());
}
