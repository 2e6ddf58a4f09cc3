/* The device's key, request and judgement of an answer for XS (credential.js). What a script passes is checked there. */
#include "credential.h"
#include "mc.xs.h"
#include "xsHost.h"
#include "xsmc.h"

/* The bytes of an argument; they may move at the next allocation on the XS heap. */
static credential_bytes bytes_of(xsMachine *the, xsSlot *argument) {
    void *bytes;
    xsUnsignedValue length;

    xsmcGetBufferReadable(*argument, &bytes, &length);
    return (credential_bytes){bytes, length};
}

void xs_credential_new_key(xsMachine *the) {
    uint8_t key[CREDENTIAL_KEY];

    if (!credential_new_key(key))
        return;
    xsmcSetArrayBuffer(xsResult, key, sizeof key);
    c_memset(key, 0, sizeof key);
}

/* (key, certificate) */
void xs_credential_request(xsMachine *the) {
    uint8_t *request = c_malloc(CREDENTIAL_REQUEST_MAX);
    size_t length;

    if (!request)
        return;
    length = credential_request(bytes_of(the, &xsArg(0)), bytes_of(the, &xsArg(1)), request);
    if (length > 0)
        xsmcSetArrayBuffer(xsResult, request, (xsIntegerValue)length);
    c_free(request);
}

/* (key, chain, authorities, present, dated) */
void xs_credential_judge(xsMachine *the) {
    bool dated = xsmcToBoolean(xsArg(4));

    xsmcSetInteger(xsResult, credential_judge(bytes_of(the, &xsArg(0)), bytes_of(the, &xsArg(1)),
                                              bytes_of(the, &xsArg(2)), bytes_of(the, &xsArg(3)), dated));
}

/* (certificate, which): Unix seconds, 0 where there is no such date */
void xs_credential_date(xsMachine *the) {
    xsIntegerValue which = xsmcToInteger(xsArg(1));
    int64_t dates[2];
    bool good = credential_dates(bytes_of(the, &xsArg(0)), dates);

    xsmcSetNumber(xsResult, good ? (xsNumberValue)dates[which != 0] : 0);
}
