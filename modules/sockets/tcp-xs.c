/* `embedded:io/socket/tcp` (tcp.js). */
#include "sockets-xs.h"

static uint8_t byte_format(xsMachine *the, uint8_t format) {
    if (format != kIOFormatNumber && format != kIOFormatBuffer)
        xsRangeError("unimplemented");
    return format;
}

/* Takes the connection out of another TCP. */
static sockets_socket *given_up(xsMachine *the, xsSlot *object) {
    host_socket *from = sockets_xs_of(the, object, &SOCKETS_XS_TCP);
    sockets_socket *socket = from->socket;

    if (!socket)
        xsUnknownError("invalid from");
    from->socket = NULL;
    return socket;
}

/* (options), or nothing: a socket that a listener gives its connection. */
void xs_sockets_tcp(xsMachine *the) {
    sockets_place to = {0};
    host_socket *self;
    bool from;
    uint8_t format = kIOFormatBuffer;

    if (xsmcArgc == 0) {
        sockets_xs_attach(the, &SOCKETS_XS_TCP);
        return;
    }
    xsmcVars(2);
    format = byte_format(the, builtinInitializeFormat(the, format));
    from = xsmcHas(xsArg(0), xsID_from);
    if (from)
        xsmcGet(xsVar(1), xsArg(0), xsID_from);
    else {
        xsmcGet(xsVar(0), xsArg(0), xsID_address);
        to.address = sockets_xs_address(the, &xsVar(0));
        xsmcGet(xsVar(0), xsArg(0), xsID_port);
        to.port = sockets_xs_port(the, &xsVar(0));
    }
    sockets_xs_meet(the);
    self = sockets_xs_attach(the, &SOCKETS_XS_TCP);
    xsTry {
        self->format = format;
        sockets_xs_callbacks(the, self);
        builtinInitializeTarget(the);
        if (from) {
            self->socket = given_up(the, &xsVar(1));
            sockets_xs_release(the, &xsVar(1), &SOCKETS_XS_TCP);
        } else
            sockets_xs_check(the, sockets_connect(&self->socket, to));
        if (xsmcHas(xsArg(0), xsID_nodelay)) {
            xsmcGet(xsVar(0), xsArg(0), xsID_nodelay);
            sockets_set_nodelay(self->socket, xsmcTest(xsVar(0)));
        }
    }
    xsCatch {
        sockets_xs_release(the, &xsThis, &SOCKETS_XS_TCP);
        xsThrow(xsException);
    }
    sockets_own(self->socket, self);
}

void xs_sockets_tcp_close(xsMachine *the) {
    sockets_xs_release(the, &xsThis, &SOCKETS_XS_TCP);
}

/* (), (count) or (buffer) */
void xs_sockets_tcp_read(xsMachine *the) {
    sockets_socket *socket = sockets_xs_socket(the, &SOCKETS_XS_TCP);
    host_socket *self = sockets_xs_of(the, &xsThis, &SOCKETS_XS_TCP);
    size_t available = sockets_readable(socket);
    xsIntegerValue wanted = (xsIntegerValue)available;
    xsUnsignedValue size;
    uint8_t value;
    void *bytes = NULL;

    if (available == 0)
        return;
    if (self->format == kIOFormatNumber) {
        sockets_read(socket, &value, 1);
        xsmcSetInteger(xsResult, value);
        return;
    }
    if (xsmcArgc > 0 && xsmcTypeOf(xsArg(0)) == xsReferenceType) {
        xsmcGetBufferWritable(xsArg(0), &bytes, &size);
        wanted = (xsIntegerValue)size;
    } else if (xsmcArgc > 0)
        wanted = xsmcToInteger(xsArg(0));
    if (wanted <= 0 || (size_t)wanted > available)
        xsUnknownError("invalid");
    if (bytes)
        xsmcSetInteger(xsResult, wanted);
    else
        bytes = xsmcSetArrayBuffer(xsResult, NULL, wanted);
    sockets_read(socket, bytes, (size_t)wanted);
}

/* (bytes or number); what may still be written, `undefined` to a stream that has ended */
void xs_sockets_tcp_write(xsMachine *the) {
    bool number = sockets_xs_of(the, &xsThis, &SOCKETS_XS_TCP)->format == kIOFormatNumber;
    uint8_t value = number ? (uint8_t)xsmcToInteger(xsArg(0)) : 0;
    /* Not before: the argument's conversion may have closed it. */
    sockets_socket *socket = sockets_xs_socket(the, &SOCKETS_XS_TCP);
    void *bytes = &value;
    xsUnsignedValue count = 1;
    sockets_error error;

    if (!number)
        xsmcGetBufferReadable(xsArg(0), &bytes, &count);
    error = sockets_write(socket, bytes, count);
    if (error == SOCKETS_CLOSED)
        return;
    sockets_xs_check(the, error);
    xsmcSetInteger(xsResult, (xsIntegerValue)sockets_room(socket));
}

static void get_address(xsMachine *the, bool (*of)(const sockets_socket *, sockets_place *)) {
    sockets_place place;

    if (of(sockets_xs_socket(the, &SOCKETS_XS_TCP), &place))
        sockets_xs_set_address(the, &xsResult, place.address);
}

void xs_sockets_tcp_get_remote_address(xsMachine *the) {
    get_address(the, sockets_remote);
}

void xs_sockets_tcp_get_local_address(xsMachine *the) {
    get_address(the, sockets_local);
}

void xs_sockets_tcp_get_remote_port(xsMachine *the) {
    sockets_place place;

    if (sockets_remote(sockets_xs_socket(the, &SOCKETS_XS_TCP), &place))
        xsmcSetInteger(xsResult, place.port);
}

void xs_sockets_tcp_get_format(xsMachine *the) {
    builtinGetFormat(the, sockets_xs_of(the, &xsThis, &SOCKETS_XS_TCP)->format);
}

void xs_sockets_tcp_set_format(xsMachine *the) {
    sockets_xs_of(the, &xsThis, &SOCKETS_XS_TCP)->format = byte_format(the, builtinSetFormat(the));
}
