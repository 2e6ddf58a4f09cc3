/* The TLS engine as a host object of XS (engine.js). What a script passes is checked here; bounds are the engine's. */
#include "engine.h"
#include "mc.xs.h"
#include "xsHost.h"
#include "xsmc.h"

/* Sessions are a few hundred bytes, or about 1.5 KB with the peer's certificate in them. */
#define SESSION_MAX 3072

void xs_tls_engine_destructor(void *data) {
    tls_engine_free(data);
}

/* Throws for an object that is not an engine and for one that is closed. */
static tls_engine *engine_of(xsMachine *the) {
    tls_engine *engine = xsmcGetHostDataValidate(xsThis, (void *)xs_tls_engine_destructor);

    if (!engine)
        xsUnknownError("closed");
    return engine;
}

static void set_boolean(xsMachine *the, bool value) {
    xsmcSetBoolean(xsResult, value);
}

static void set_size(xsMachine *the, size_t value) {
    xsmcSetInteger(xsResult, (xsIntegerValue)value);
}

/* The bytes of argument 0; they may move at the next allocation on the XS heap. */
static uint8_t *bytes_argument(xsMachine *the, size_t *length) {
    void *bytes;
    xsUnsignedValue count;

    if (xsmcArgc < 1)
        xsTypeError("no bytes");
    xsmcGetBufferReadable(xsArg(0), &bytes, &count);
    *length = count;
    return bytes;
}

/* Argument 0 as a number of bytes, at most what is `available`. */
static size_t count_argument(xsMachine *the, size_t available) {
    xsIntegerValue wanted;

    if (xsmcArgc < 1)
        xsTypeError("no count");
    wanted = xsmcToInteger(xsArg(0));
    if (wanted < 0)
        xsRangeError("negative count");
    return (size_t)wanted < available ? (size_t)wanted : available;
}

void xs_tls_engine(xsMachine *the) {
    tls_engine *engine = tls_engine_new();

    if (!engine)
        xsUnknownError("no memory");
    xsmcSetHostData(xsThis, engine);
}

void xs_tls_engine_close(xsMachine *the) {
    if (!xsmcGetHostData(xsThis))
        return;
    tls_engine_free(engine_of(the));
    xsmcSetHostData(xsThis, NULL);
}

void xs_tls_engine_add_authority(xsMachine *the) {
    size_t length;
    uint8_t *der = bytes_argument(the, &length);
    set_boolean(the, tls_engine_add_authority(engine_of(the), der, length));
}

void xs_tls_engine_add_certificate(xsMachine *the) {
    size_t length;
    uint8_t *der = bytes_argument(the, &length);
    set_boolean(the, tls_engine_add_certificate(engine_of(the), der, length));
}

void xs_tls_engine_set_key(xsMachine *the) {
    size_t length;
    uint8_t *der = bytes_argument(the, &length);
    set_boolean(the, tls_engine_set_key(engine_of(the), der, length));
}

void xs_tls_engine_start(xsMachine *the) {
    tls_engine *engine = engine_of(the);
    void *session = NULL;
    xsUnsignedValue length = 0;
    char host[256];
    char alpn[256];

    if (xsmcArgc < 1)
        xsTypeError("no host");
    if (xsmcArgc > 2 && xsmcTypeOf(xsArg(2)) != xsUndefinedType) {
        xsmcToStringBuffer(xsArg(2), alpn, sizeof alpn);
        if (!tls_engine_set_alpn(engine, alpn)) {
            set_boolean(the, false);
            return;
        }
    }
    xsmcToStringBuffer(xsArg(0), host, sizeof host);
    if (xsmcArgc > 1 && xsmcTypeOf(xsArg(1)) != xsUndefinedType)
        xsmcGetBufferReadable(xsArg(1), &session, &length);
    set_boolean(the, tls_engine_start(engine, host, session, length));
}

void xs_tls_engine_room(xsMachine *the) {
    set_size(the, tls_engine_room(engine_of(the)));
}

void xs_tls_engine_feed(xsMachine *the) {
    size_t length;
    uint8_t *ciphertext = bytes_argument(the, &length);
    set_size(the, tls_engine_feed(engine_of(the), ciphertext, length));
}

void xs_tls_engine_outgoing(xsMachine *the) {
    set_size(the, tls_engine_outgoing(engine_of(the)));
}

void xs_tls_engine_take(xsMachine *the) {
    tls_engine *engine = engine_of(the);
    size_t count = count_argument(the, tls_engine_outgoing(engine));
    tls_engine_take(engine, xsmcSetArrayBuffer(xsResult, NULL, (xsIntegerValue)count), count);
}

void xs_tls_engine_step(xsMachine *the) {
    xsmcSetInteger(xsResult, tls_engine_step(engine_of(the)));
}

void xs_tls_engine_is_open(xsMachine *the) {
    set_boolean(the, tls_engine_is_open(engine_of(the)));
}

void xs_tls_engine_failure(xsMachine *the) {
    xsmcSetInteger(xsResult, tls_engine_failure(engine_of(the)));
}

void xs_tls_engine_valid_from(xsMachine *the) {
    xsmcSetNumber(xsResult, (xsNumberValue)tls_engine_valid_from(engine_of(the)));
}

void xs_tls_engine_trusted_until(xsMachine *the) {
    xsmcSetNumber(xsResult, (xsNumberValue)tls_engine_trusted_until(engine_of(the)));
}

void xs_tls_engine_readable(xsMachine *the) {
    set_size(the, tls_engine_readable(engine_of(the)));
}

void xs_tls_engine_read(xsMachine *the) {
    tls_engine *engine = engine_of(the);
    size_t count = count_argument(the, tls_engine_readable(engine));
    tls_engine_read(engine, xsmcSetArrayBuffer(xsResult, NULL, (xsIntegerValue)count), count);
}

void xs_tls_engine_write(xsMachine *the) {
    size_t length;
    uint8_t *plaintext = bytes_argument(the, &length);
    set_size(the, tls_engine_write(engine_of(the), plaintext, length));
}

void xs_tls_engine_say_goodbye(xsMachine *the) {
    tls_engine_close(engine_of(the));
}

void xs_tls_engine_resumed(xsMachine *the) {
    set_boolean(the, tls_engine_resumed(engine_of(the)));
}

void xs_tls_engine_save_session(xsMachine *the) {
    tls_engine *engine = engine_of(the);
    uint8_t *session = c_malloc(SESSION_MAX);
    size_t length;

    if (!session)
        return;
    length = tls_engine_save_session(engine, session, SESSION_MAX);
    if (length > 0)
        xsmcSetArrayBuffer(xsResult, session, (xsIntegerValue)length);
    c_memset(session, 0, SESSION_MAX);
    c_free(session);
}
