/* `embedded:io/socket/listener` and `udp` (listener.js, udp.js): what is bound to one port, address and interface. */
#include "sockets-xs.h"

#define INTERFACE_SIZE 8

/* Any address where none is given. This and what follows: in xsVar(0). */
static uint32_t address_option(xsMachine *the) {
    xsmcGet(xsVar(0), xsArg(0), xsID_address);
    return xsmcTest(xsVar(0)) ? sockets_xs_address(the, &xsVar(0)) : 0;
}

/* The text of `interface`, NULL without one. */
static const char *interface_option(xsMachine *the, char text[INTERFACE_SIZE]) {
    xsmcGet(xsVar(0), xsArg(0), xsID_interface);
    if (!xsmcTest(xsVar(0)))
        return NULL;
    if (c_strlen(xsmcToString(xsVar(0))) >= INTERFACE_SIZE)
        xsRangeError("invalid interface");
    xsmcToStringBuffer(xsVar(0), text, INTERFACE_SIZE);
    return text;
}

/* The options of what is bound: at one port, address and interface. */
static void open_bound(xsMachine *the, const xsHostHooks *hooks, uint8_t format,
                       sockets_error (*open)(sockets_socket **, sockets_place, const char *)) {
    char text[INTERFACE_SIZE];
    const char *interface;
    sockets_place at;
    host_socket *self;

    xsmcVars(1);
    if (builtinInitializeFormat(the, format) != format)
        xsRangeError("unimplemented");
    at.port = 0;
    if (xsmcHas(xsArg(0), xsID_port)) {
        xsmcGet(xsVar(0), xsArg(0), xsID_port);
        at.port = sockets_xs_port(the, &xsVar(0));
    }
    at.address = address_option(the);
    interface = interface_option(the, text);
    sockets_xs_meet(the);
    self = sockets_xs_attach(the, hooks);
    xsTry {
        self->format = format;
        sockets_xs_callbacks(the, self);
        builtinInitializeTarget(the);
        sockets_xs_check(the, open(&self->socket, at, interface));
    }
    xsCatch {
        sockets_xs_release(the, &xsThis, hooks);
        xsThrow(xsException);
    }
    sockets_own(self->socket, self);
}

void xs_sockets_listener(xsMachine *the) {
    open_bound(the, &SOCKETS_XS_LISTENER, kIOFormatSocketTCP, sockets_listen);
}

void xs_sockets_listener_close(xsMachine *the) {
    sockets_xs_release(the, &xsThis, &SOCKETS_XS_LISTENER);
}

/* Whether there is a connection, which waits for `give`. */
void xs_sockets_listener_accept(xsMachine *the) {
    host_socket *self = sockets_xs_of(the, &xsThis, &SOCKETS_XS_LISTENER);

    if (!self->accepted)
        self->accepted = sockets_accept(self->socket);
    xsmcSetBoolean(xsResult, self->accepted != NULL);
}

/* (TCP without a connection) */
void xs_sockets_listener_give(xsMachine *the) {
    host_socket *self = sockets_xs_of(the, &xsThis, &SOCKETS_XS_LISTENER);
    host_socket *to = sockets_xs_of(the, &xsArg(0), &SOCKETS_XS_TCP);

    to->socket = self->accepted;
    self->accepted = NULL;
    sockets_own(to->socket, to);
    xsResult = xsArg(0);
}

void xs_sockets_listener_get_port(xsMachine *the) {
    sockets_place place;

    if (sockets_local(sockets_xs_socket(the, &SOCKETS_XS_LISTENER), &place))
        xsmcSetInteger(xsResult, place.port);
}

void xs_sockets_udp(xsMachine *the) {
    open_bound(the, &SOCKETS_XS_UDP, kIOFormatBuffer, sockets_open_datagrams);
}

void xs_sockets_udp_close(xsMachine *the) {
    sockets_xs_release(the, &xsThis, &SOCKETS_XS_UDP);
}

void xs_sockets_udp_read(xsMachine *the) {
    sockets_socket *socket = sockets_xs_socket(the, &SOCKETS_XS_UDP);
    sockets_place from;
    uint8_t *bytes = c_malloc(SOCKETS_DATAGRAM_MAX + 1);
    int length = sockets_receive(socket, bytes, &from);

    if (length >= 0) {
        xsTry {
            xsmcVars(1);
            xsmcSetArrayBuffer(xsResult, bytes, length);
            xsmcSetInteger(xsVar(0), from.port);
            xsmcSet(xsResult, xsID_port, xsVar(0));
            sockets_xs_set_address(the, &xsVar(0), from.address);
            xsmcSet(xsResult, xsID_address, xsVar(0));
        }
        xsCatch {
            c_free(bytes);
            xsThrow(xsException);
        }
    }
    c_free(bytes);
}

/* (bytes, address, port) */
void xs_sockets_udp_write(xsMachine *the) {
    sockets_place to = {.address = sockets_xs_address(the, &xsArg(1)), .port = sockets_xs_port(the, &xsArg(2))};
    /* Not before: an argument's conversion may have closed it. */
    sockets_socket *socket = sockets_xs_socket(the, &SOCKETS_XS_UDP);
    xsUnsignedValue count;
    void *bytes;

    xsmcGetBufferReadable(xsArg(0), &bytes, &count);
    sockets_xs_check(the, sockets_send(socket, bytes, count, to));
}
